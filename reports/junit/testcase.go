package junit

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/parley-im/parley/reports"
)

// textLimit is how many bytes of each text of the target a case shows.
const textLimit = 4 << 10

// casesOf are the cases of one endpoint. Names are unique in it: CI servers fold cases of one name together.
func casesOf(endpoint reports.Endpoint, run *reports.Run, exchanges map[string]*reports.Exchange) []testcase {
	var cases []testcase
	class := run.Target.API + "." + run.Target.Profile + "." + endpoint.Name
	named := map[string]int{}
	for _, r := range endpoint.Requirements {
		for _, c := range casesOfRequirement(r, exchanges) {
			c.Class = class
			named[c.Name]++
			if n := named[c.Name]; n > 1 {
				c.Name = fmt.Sprintf("%s (%d)", c.Name, n)
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// casesOfRequirement makes a case of each spec. Where no spec carries the requirement's own verdict (it has no spec, or
// a deviation overlays it), a case stands for the requirement itself, so that its verdict is never lost.
func casesOfRequirement(r reports.Requirement, exchanges map[string]*reports.Exchange) []testcase {
	var cases []testcase
	said := false
	for _, spec := range r.Specs {
		verdict := overlay(r, spec.Verdict)
		said = said || verdict == r.Verdict
		c := testcase{Name: r.ID + " " + spec.Title, Time: seconds(spec.DurationMS / 1000)}
		c.judge(r, spec.Title, verdict, spec.Reason, exchanges)
		cases = append(cases, c)
	}
	if !said {
		c := testcase{Name: r.ID + " " + r.Statement}
		c.judge(r, "", r.Verdict, r.Reason, exchanges)
		cases = append(cases, c)
	}
	return cases
}

// overlay is a spec's verdict with the known deviations laid over it.
func overlay(r reports.Requirement, verdict reports.Verdict) reports.Verdict {
	if r.Verdict == reports.Expected && (verdict == reports.Fail || verdict == reports.Warn) {
		return reports.Expected
	}
	return verdict
}

func (c *testcase) judge(r reports.Requirement, spec string, verdict reports.Verdict, reason string, exchanges map[string]*reports.Exchange) {
	reason, _ = reports.Cut(cmp.Or(reason, verdict.Meaning()), textLimit)
	message := r.ID + " " + r.Level + ": " + r.Statement
	switch verdict {
	case reports.Pass:
		if r.Flaky {
			c.Out = "known deviation, which passes this time: " + r.Deviation
		}
	case reports.Fail:
		c.Failure = &result{Message: message, Type: r.Level, Text: details(r, spec, reason, exchanges)}
	case reports.Stale:
		c.Failure = &result{Message: "stale known deviation: " + r.Deviation, Type: string(verdict), Text: details(r, spec, reason, exchanges)}
	case reports.Warn, reports.Info:
		c.Out = string(verdict) + ": " + message + "\n" + details(r, spec, reason, exchanges)
	case reports.Expected:
		c.Skipped = &result{Message: "known deviation: " + r.Deviation}
		c.Out = details(r, spec, reason, exchanges)
	case reports.NotDeclared, reports.NotTestable, reports.Blocked, reports.Indeterminate, reports.NotRun:
		c.Skipped = &result{Message: string(verdict) + ": " + reason}
	default:
		c.Error = &result{Message: reason, Type: string(verdict), Text: details(r, spec, reason, exchanges)}
	}
}

// details is what a developer needs to act: the most telling evidence of the spec, and the command that repeats it.
func details(r reports.Requirement, spec, reason string, exchanges map[string]*reports.Exchange) string {
	var b strings.Builder
	line := func(label, text string) {
		if text == "" {
			return
		}
		kept, left := reports.Cut(text, textLimit)
		fmt.Fprintf(&b, "%-10s%s", label, kept)
		if left > 0 {
			fmt.Fprintf(&b, " … %d bytes more in report.json", left)
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	line("reason", reason)
	if e, ok := evidenceOf(r, spec); ok {
		line("expected", e.Expected)
		line("got", e.Got)
		line("observed", e.Observed)
		line("seen", strings.Join(e.Seen, "\n          "))
		for _, x := range e.Earlier(exchanges) {
			line("before", command(x))
		}
		if x := exchanges[e.Exchange]; x != nil {
			line("exchange", x.Summary())
			line("repeat", command(x))
		}
	}
	line("document", r.Document)
	return b.String()
}

// command is whole or not there: half a command would do something else.
func command(x *reports.Exchange) string {
	if len(x.Curl) > textLimit {
		return "the command is long: see exchange " + x.ID + " in report.json"
	}
	return x.Curl
}

// evidenceOf is the first evidence of the spec; the requirement's first where spec is empty.
func evidenceOf(r reports.Requirement, spec string) (reports.Evidence, bool) {
	for _, e := range r.Evidence {
		if spec == "" || e.Spec == spec {
			return e, true
		}
	}
	return reports.Evidence{}, false
}
