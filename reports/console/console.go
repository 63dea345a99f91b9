// Package console writes a record for a terminal or a pipe: what a person wants to know in ten seconds first, and what
// is wrong last and loud.
package console

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/parley-im/parley/reports"
)

// Options say how to write.
type Options struct {
	Colour bool
	Files  []string // where the reports are
}

// mostShown is how many failures are shown whole; the report has them all.
const mostShown = 12

// mostBody is how much of a body is shown.
const mostBody = 1200

type writer struct {
	bytes.Buffer
	colour bool
}

// Write writes the summary and whatever is wrong.
func Write(out io.Writer, run *reports.Run, o Options) error {
	w := &writer{colour: o.Colour}
	w.head(run)
	w.counts(run)
	for i := range run.Load {
		if l := &run.Load[i]; run.Counts.Planned > 0 && l.Verdict == reports.LoadMet {
			w.loadLine(l)
		} else {
			w.load(l)
		}
	}
	for _, file := range o.Files {
		fmt.Fprintf(w, "  report   %s\n", reports.Visible(file))
	}
	w.known(run)
	w.problems(run, reports.Warn, "SHOULD")
	w.problems(run, reports.Stale, "known deviations that are none any more")
	w.problems(run, reports.Error, "faults of parley itself: please report them")
	w.problems(run, reports.Fail, "MUST")
	w.last(run)
	_, err := out.Write(w.Bytes())
	return err
}

func (w *writer) head(run *reports.Run) {
	fmt.Fprintf(w, "\n%s\n", w.paint(verdictColour(run.Verdict), reports.Visible(run.Headline())))
	if run.Reason != "" {
		fmt.Fprintf(w, "  why      %s\n", reports.Visible(run.Reason))
	}
	for _, t := range run.All() {
		w.target(t)
	}
	fmt.Fprintf(w, "  run      %s, --rng %d, %s\n", run.Run.ID, run.Run.RNG, reports.Milliseconds(float64(run.Run.Took().Milliseconds())))
}

func (w *writer) target(t reports.Target) {
	server := ""
	if t.Server != "" {
		server = ", which calls itself " + reports.OneLine(t.Server)
	}
	fmt.Fprintf(w, "  target   %s%s\n           %s %s, %s, seeded by %s\n", reports.Visible(t.URL), reports.Visible(server),
		t.API, t.Profile, t.Consistency, t.SeedDriver)
	for _, note := range t.Notes {
		fmt.Fprintf(w, "           %s\n", reports.Visible(note))
	}
}

func (w *writer) counts(run *reports.Run) {
	for _, endpoint := range reports.Endpoints(run.Requirements) {
		var words []string
		for _, v := range reports.Verdicts {
			if n := len(reports.With(v, endpoint.Requirements)); n > 0 {
				words = append(words, w.paint(wordColour(v), fmt.Sprintf("%d %s", n, v)))
			}
		}
		fmt.Fprintf(w, "  %-52s %s\n", reports.Visible(endpoint.Name), strings.Join(words, ", "))
	}
}

// known lists the known deviations, a line each.
func (w *writer) known(run *reports.Run) {
	for _, list := range []struct {
		title string
		known []reports.Requirement
	}{
		{"known deviations", reports.With(reports.Expected, run.Requirements)},
		{"flaky deviations that pass this time", reports.FlakyPasses(run.Requirements)},
	} {
		if len(list.known) > 0 {
			fmt.Fprintf(w, "\n%s\n", w.paint(bold, fmt.Sprintf("%d %s", len(list.known), list.title)))
		}
		for _, r := range list.known {
			fmt.Fprintf(w, "  %-12s %-6s %s\n", r.ID, r.Level, reports.Visible(reports.OneLine(r.Deviation)))
		}
	}
}

func (w *writer) problems(run *reports.Run, v reports.Verdict, title string) {
	found := reports.With(v, run.Requirements)
	if len(found) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", w.paint(wordColour(v), fmt.Sprintf("%d %s · %s", len(found), v, title)))
	exchanges := run.ExchangesByID()
	for i, r := range found {
		if i < mostShown && v != reports.Warn {
			w.problem(r, exchanges)
			continue
		}
		reason, left := reports.Cut(reports.OneLine(r.Reason), 300)
		if left > 0 {
			reason += " …"
		}
		fmt.Fprintf(w, "  %-12s %-6s %s\n%21s%s\n", r.ID, r.Level, reports.Visible(r.Statement), "", reports.Visible(reason))
	}
}

// problem shows one failure whole.
func (w *writer) problem(r reports.Requirement, exchanges map[string]*reports.Exchange) {
	fmt.Fprintf(w, "\n%s %s  %s\n", w.paint(bold, r.ID), r.Level, reports.Visible(r.Statement))
	if r.Quote != "" {
		fmt.Fprintf(w, "  document %s\n           %s\n", reports.Visible(reports.OneLine(r.Quote)), reports.Visible(r.Document))
	}
	if len(r.Evidence) == 0 {
		fmt.Fprintf(w, "  reason   %s\n", reports.Visible(reports.OneLine(r.Reason)))
		return
	}
	e := r.Evidence[0]
	fmt.Fprintf(w, "  spec     %s\n", reports.Visible(e.Spec))
	fmt.Fprintf(w, "  expected %s\n", reports.Visible(reports.OneLine(e.Expected)))
	fmt.Fprintf(w, "  got      %s\n", w.paint(red, reports.Visible(reports.OneLine(e.Got))))
	for _, seen := range e.Seen {
		fmt.Fprintf(w, "  seen     %s\n", reports.Visible(reports.OneLine(seen)))
	}
	if r.Verdict == reports.Stale {
		fmt.Fprintf(w, "  reason   %s\n", reports.Visible(reports.OneLine(r.Reason)))
	}
	for _, x := range e.Earlier(exchanges) {
		body, _ := reports.Cut(reports.OneLine(x.Request.Body.Text), 160)
		fmt.Fprintf(w, "  before   %s\n           %s\n", reports.Visible(x.Summary()), w.paint(dim, reports.Visible(body)))
	}
	if x := exchanges[e.Exchange]; x != nil {
		w.exchange(x)
	}
}

func (w *writer) exchange(x *reports.Exchange) {
	fmt.Fprintf(w, "  exchange %s\n", reports.Visible(x.Summary()))
	w.body("sent", x.Request.Body)
	if x.Response != nil {
		w.body("answer", x.Response.Body)
	}
	fmt.Fprintf(w, "  repeat   %s\n", reports.Visible(x.Curl))
}

func (w *writer) body(what string, b reports.Body) {
	text, base := b.Text, ""
	if b.Base64 != "" {
		text, base = b.Base64, " (base64)"
	}
	shown, left := reports.Cut(reports.OneLine(text), mostBody)
	if left > 0 {
		shown += fmt.Sprintf(" … (%d bytes in all)", b.Bytes)
	}
	if shown == "" {
		shown = "an empty body"
	}
	fmt.Fprintf(w, "  %-8s %s%s\n", what, w.paint(dim, reports.Visible(shown)), base)
}

// last repeats the verdict where the eye ends up, after a long list of failures.
func (w *writer) last(run *reports.Run) {
	if run.Counts.Fail+run.Counts.Stale+run.Counts.Error+run.Counts.Warn == 0 && run.Verdict == reports.Conformant {
		return
	}
	fmt.Fprintf(w, "\n%s\n", w.paint(verdictColour(run.Verdict), reports.Visible(run.Headline())))
}

// Exchange writes one exchange alone.
func Exchange(out io.Writer, x reports.Exchange, colour bool) {
	w := &writer{colour: colour}
	w.exchange(&x)
	_, _ = out.Write(w.Bytes()) // nobody reads a terminal that is gone
}

const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (w *writer) paint(code, text string) string {
	if !w.colour || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func verdictColour(verdict string) string {
	switch verdict {
	case reports.Conformant:
		return bold + ";" + green
	case reports.NonConformant:
		return bold + ";" + red
	}
	return bold + ";" + yellow
}

func wordColour(v reports.Verdict) string {
	switch v {
	case reports.Pass:
		return green
	case reports.Fail, reports.Error:
		return red
	case reports.Warn, reports.Stale, reports.Expected, reports.Indeterminate, reports.NotRun:
		return yellow
	case reports.Info:
		return cyan
	}
	return dim
}
