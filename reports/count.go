package reports

import (
	"fmt"
	"strings"
)

// Count is how many requirements got which verdict. A word that is none of Verdicts counts as Error, so that the
// sums always hold.
func Count(requirements []Requirement) Counts {
	var c Counts
	for _, r := range requirements {
		c.Planned++
		if r.Judged() {
			c.Judged++
		}
		*c.slot(r.Verdict)++
	}
	return c
}

// Of is the number of requirements with this verdict; 0 for a word that is none of Verdicts.
func (c Counts) Of(v Verdict) int {
	if !v.Known() {
		return 0
	}
	return *c.slot(v)
}

func (c *Counts) slot(v Verdict) *int {
	switch v {
	case Pass:
		return &c.Pass
	case Fail:
		return &c.Fail
	case Warn:
		return &c.Warn
	case Info:
		return &c.Info
	case Expected:
		return &c.Expected
	case Stale:
		return &c.Stale
	case NotDeclared:
		return &c.NotDeclared
	case NotTestable:
		return &c.NotTestable
	case Blocked:
		return &c.Blocked
	case Indeterminate:
		return &c.Indeterminate
	case NotRun:
		return &c.NotRun
	}
	return &c.Error
}

// String lists the words that occur: "57 pass, 2 fail, 1 not-run".
func (c Counts) String() string {
	var parts []string
	for _, v := range Verdicts {
		if n := c.Of(v); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	if len(parts) == 0 {
		return "nothing planned"
	}
	return strings.Join(parts, ", ")
}

// Known tells whether the word is one of Verdicts.
func (v Verdict) Known() bool {
	for _, word := range Verdicts {
		if v == word {
			return true
		}
	}
	return false
}

// Symbol is a single character that stands beside the word, so that no reader depends on colour.
func (v Verdict) Symbol() string {
	switch v {
	case Pass:
		return "✓"
	case Fail:
		return "✗"
	case Warn:
		return "▲"
	case Info:
		return "i"
	case Expected:
		return "≈"
	case Stale:
		return "↺"
	case NotDeclared:
		return "–"
	case NotTestable:
		return "○"
	case Blocked:
		return "⊘"
	case Indeterminate:
		return "?"
	case NotRun:
		return "·"
	}
	return "!"
}

// Meaning is the word in one short sentence, for legends.
func (v Verdict) Meaning() string {
	switch v {
	case Pass:
		return "holds"
	case Fail:
		return "a MUST does not hold"
	case Warn:
		return "a SHOULD does not hold"
	case Info:
		return "observed, judged by nobody"
	case Expected:
		return "fails, as the known deviations say"
	case Stale:
		return "stands among the known deviations, but passes"
	case NotDeclared:
		return "the target lacks a capability"
	case NotTestable:
		return "a prerequisite is missing"
	case Blocked:
		return "what it builds on failed"
	case Indeterminate:
		return "judged, without a clear answer"
	case NotRun:
		return "interrupted before its turn"
	}
	return "a fault of parley itself"
}

// FlakyPasses are the requirements that hold this time, and stand among the known deviations as those that do so now and then.
func FlakyPasses(requirements []Requirement) []Requirement {
	var found []Requirement
	for _, r := range requirements {
		if r.Flaky && r.Verdict == Pass {
			found = append(found, r)
		}
	}
	return found
}
