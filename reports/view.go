package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Endpoint is the requirements of one endpoint, in the record's order.
type Endpoint struct {
	Name         string
	Counts       Counts
	Requirements []Requirement
}

// Endpoints groups requirements by endpoint, each where it first occurs.
func Endpoints(requirements []Requirement) []Endpoint {
	var endpoints []Endpoint
	at := map[string]int{}
	for _, r := range requirements {
		name := cmp.Or(r.Endpoint, "no endpoint")
		i, ok := at[name]
		if !ok {
			i = len(endpoints)
			at[name] = i
			endpoints = append(endpoints, Endpoint{Name: name})
		}
		endpoints[i].Requirements = append(endpoints[i].Requirements, r)
	}
	for i := range endpoints {
		endpoints[i].Counts = Count(endpoints[i].Requirements)
	}
	return endpoints
}

// With are the requirements that got this verdict.
func With(v Verdict, requirements []Requirement) []Requirement {
	var found []Requirement
	for _, r := range requirements {
		if r.Verdict == v {
			found = append(found, r)
		}
	}
	return found
}

// Earlier are the exchanges that led to a judgement, oldest first.
func (e Evidence) Earlier(exchanges map[string]*Exchange) []*Exchange {
	var earlier []*Exchange
	for _, id := range e.Before {
		if x := exchanges[id]; x != nil {
			earlier = append(earlier, x)
		}
	}
	return earlier
}

// ExchangesByID finds the exchange that an Evidence names.
func (r *Run) ExchangesByID() map[string]*Exchange {
	byID := make(map[string]*Exchange, len(r.Exchanges))
	for i := range r.Exchanges {
		byID[r.Exchanges[i].ID] = &r.Exchanges[i]
	}
	return byID
}

// Headline is what the run found, in one sentence without a full stop.
func (r *Run) Headline() string {
	if r.Counts.Planned == 0 && len(r.Load) > 0 {
		return loadHeadline(r.Verdict, r.Reason, r.Load)
	}
	return r.conformance() + loadWord(r.Load)
}

func (r *Run) conformance() string {
	c, t := r.Counts, r.tally()
	judged := number(c.Judged, "judged statement")
	known, of := number(t.mustDeviates+t.othersDeviate, "known deviation"), number(t.othersDeviate, "known SHOULD deviation")
	switch {
	case r.Verdict == NonConformant:
		return fmt.Sprintf("Non-conformant: %d of %s %s", c.Fail, judged, verb(c.Fail, "fails", "fail")) + r.also(known)
	case r.Verdict != Conformant && t.mustJudged == 0:
		return fmt.Sprintf("Incomplete: %d of %s judged, none of them a MUST", c.Judged, number(t.asked, "statement")) + r.also(known)
	case r.Verdict != Conformant:
		return fmt.Sprintf("Incomplete: %d of %s judged, %d %s", c.Judged, number(t.asked, "statement"), c.Fail, verb(c.Fail, "fails", "fail")) + r.also(known)
	case t.mustDeviates > 0:
		return fmt.Sprintf("Conformant but for %s: no other MUST fails among %s", number(t.mustDeviates, "known deviation"), judged) + r.also(of)
	}
	return "Conformant: no MUST fails among " + judged + r.also(of)
}

// also is what a headline must not leave out beside the failures.
func (r *Run) also(known string) string {
	c := r.Counts
	parts := []string{number(c.Warn, "warning"), known, number(len(FlakyPasses(r.Requirements)), "flaky deviation") + " passed", number(c.Stale, "stale deviation"), number(c.Error, "fault") + " of parley itself"}
	if r.Cause != "" && r.Verdict == NonConformant {
		parts = append(parts, "the run was cut short")
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.HasPrefix(s, "0 ") })
	if len(parts) == 0 {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
}

// number is a count of things: 1 warning, 2 warnings.
func number(n int, noun string) string { return fmt.Sprintf("%d %s", n, plural(n, noun)) }

func plural(n int, noun string) string { return verb(n, noun, noun+"s") }

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Took is how long the run lasted, 0 where the record does not say.
func (h Header) Took() time.Duration {
	if h.Started.IsZero() || h.Ended.Before(h.Started) {
		return 0
	}
	return h.Ended.Sub(h.Started)
}

// Summary is the exchange in one line: POST http://127.0.0.1:5001/conversation/sync → 200, 512 bytes.
func (x *Exchange) Summary() string {
	s := x.Request.Method + " " + x.Request.URL
	why := strings.TrimPrefix(x.Error, s+": ") // errors of exchanges name the call, as this line does
	if x.Response == nil {
		return s + " → no answer: " + cmp.Or(strings.TrimPrefix(why, "no answer: "), "the record does not say why")
	}
	s += fmt.Sprintf(" → %d, %d bytes", x.Response.Status, x.Response.Body.Bytes)
	if why != "" {
		s += ", " + why
	}
	return s
}

// Milliseconds is a duration of ms milliseconds as people read it: 0.4 ms, 12 ms, 3.2 s, 2 min 5 s.
func Milliseconds(ms float64) string {
	switch {
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 60_000:
		return fmt.Sprintf("%.1f s", ms/1000)
	}
	s := int64(ms / 1000)
	return fmt.Sprintf("%d min %d s", s/60, s%60)
}
