package htmlreport

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/reports"
)

// mostEvidence is how much evidence of a requirement the page shows.
const mostEvidence = 8

// conformance is the half of the page about what must be true.
type conformance struct {
	*reports.Run
	Symbol, Word string // of the verdict on the whole run
	Sentence     string
	Took         string
	Command      string
	Bar          []slice
	Wrong        []wrong
	Endpoints    []endpoint
	Levels       []string
}

// slice is one verdict's share of the bar, and its entry in the legend.
type slice struct {
	Verdict reports.Verdict
	Count   int
	From    int // what stands left of it
}

// wrong is what needs a reader, of one kind.
type wrong struct {
	Title        string
	Verdict      reports.Verdict
	Requirements []reports.Requirement
}

type endpoint struct {
	Name, Anchor string
	Counts       []slice
	Requirements []requirement
}

type requirement struct {
	reports.Requirement
	Evidence []evidence
	More     int // evidence that is not shown
}

func conformanceOf(run *reports.Run) conformance {
	c := conformance{
		Run: run, Took: took(run.Run), Command: strings.Join(run.Run.Argv, " "), Bar: slices(run.Counts),
		Wrong: wrongs(run.Requirements), Levels: levels(run.Requirements),
	}
	c.Word, c.Sentence, _ = strings.Cut(run.Headline(), ": ")
	c.Symbol = symbol(run.Verdict)
	exchanges := run.ExchangesByID()
	for i, e := range reports.Endpoints(run.Requirements) {
		view := endpoint{Name: e.Name, Anchor: "endpoint-" + strconv.Itoa(i+1), Counts: slices(e.Counts)}
		for _, r := range e.Requirements {
			view.Requirements = append(view.Requirements, requirementOf(r, exchanges))
		}
		c.Endpoints = append(c.Endpoints, view)
	}
	return c
}

func symbol(verdict string) string {
	switch verdict {
	case reports.Conformant:
		return reports.Pass.Symbol()
	case reports.NonConformant:
		return reports.Fail.Symbol()
	}
	return reports.Indeterminate.Symbol()
}

func took(h reports.Header) string {
	if d := h.Took(); d > 0 {
		return reports.Milliseconds(float64(d) / float64(time.Millisecond))
	}
	return ""
}

func slices(c reports.Counts) []slice {
	var all []slice
	from := 0
	for _, v := range reports.Verdicts {
		if n := c.Of(v); n > 0 {
			all = append(all, slice{v, n, from})
			from += n
		}
	}
	return all
}

func wrongs(requirements []reports.Requirement) []wrong {
	var all []wrong
	for _, kind := range []wrong{
		{Title: "Failures", Verdict: reports.Fail},
		{Title: "Stale deviations", Verdict: reports.Stale},
		{Title: "Faults of parley itself", Verdict: reports.Error},
		{Title: "Warnings", Verdict: reports.Warn},
		{Title: "Known deviations", Verdict: reports.Expected},
	} {
		if kind.Requirements = reports.With(kind.Verdict, requirements); len(kind.Requirements) > 0 {
			all = append(all, kind)
		}
	}
	return all
}

// levels are those that occur, hardest first.
func levels(requirements []reports.Requirement) []string {
	var found []string
	for _, level := range []string{"MUST", "SHOULD", "PROBE"} {
		for _, r := range requirements {
			if r.Level == level {
				found = append(found, level)
				break
			}
		}
	}
	return found
}

func requirementOf(r reports.Requirement, exchanges map[string]*reports.Exchange) requirement {
	view := requirement{Requirement: r}
	seen := map[string]bool{}
	for i, e := range r.Evidence {
		if i == mostEvidence {
			view.More = len(r.Evidence) - i
			break
		}
		shown := evidenceOf(e, exchanges, seen)
		if len(r.Specs) > 1 {
			shown.Title = e.Spec
		}
		view.Evidence = append(view.Evidence, shown)
	}
	return view
}

// BasisText is the requirement's basis in words.
func (r requirement) BasisText() string {
	switch r.Basis {
	case "D":
		return "the document says it"
	case "E":
		return "the document shows it in an example"
	case "I":
		return "inferred from what the endpoint is for"
	}
	return r.Basis
}

// moment is a time as people read it, or "unknown".
func moment(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2 January 2006, 15:04:05 UTC")
}

// BarText is the bar in words, for a screen reader.
func (c conformance) BarText() string {
	return fmt.Sprintf("Of %d planned statements: %s", c.Counts.Planned, c.Counts)
}
