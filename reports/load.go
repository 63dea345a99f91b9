package reports

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// AddLoad puts a load scenario into the record. What came of it is part of the verdict on the whole run: a threshold that
// was missed makes a run that conforms non-conformant, and a measurement that tells nothing makes it incomplete.
func (r *Run) AddLoad(l Load) {
	r.Load = append(r.Load, l)
	verdict, reason := l.outcome()
	if !worse(verdict, r.Verdict) {
		return
	}
	r.Verdict, r.Reason = verdict, reason
}

// outcome is what a scenario says of the whole run, and why.
func (l Load) outcome() (verdict, reason string) {
	switch {
	case l.Verdict == LoadMet && l.Sent == 0 && l.Capacity == nil:
		return Incomplete, "the load scenario " + l.Title() + " sent nothing"
	case l.Verdict == LoadMet:
		return Conformant, ""
	case l.Verdict == LoadMissed:
		return NonConformant, "the load scenario " + l.Title() + " " + l.missed()
	}
	if len(l.Reasons) > 0 {
		return Incomplete, "the load scenario " + l.Title() + " is inconclusive: " + l.Reasons[0]
	}
	return Incomplete, "the load scenario " + l.Title() + " is inconclusive"
}

// missed says which conditions did not hold.
func (l Load) missed() string {
	var conditions []string
	for _, t := range l.Thresholds {
		if !t.Met {
			conditions = append(conditions, fmt.Sprintf("%s (it was %.4g)", t.Condition, t.Value))
		}
	}
	switch {
	case len(conditions) > 0 && l.Errors > 0:
		return "missed " + strings.Join(conditions, ", ") + ": " + l.failures()
	case len(conditions) > 0:
		return "missed " + strings.Join(conditions, ", ")
	case l.Capacity != nil:
		return "found no rate within " + l.Capacity.SLO + ": " + l.Capacity.Reason
	}
	return "missed a threshold"
}

// failures says how many requests failed, how, and when.
func (l Load) failures() string {
	var how []string
	for _, class := range slices.Sorted(maps.Keys(l.ErrorClass)) {
		how = append(how, fmt.Sprintf("%s, %d times", class, l.ErrorClass[class]))
	}
	text := fmt.Sprintf("%d of %d requests failed (%s)", l.Errors, l.Sent, strings.Join(how, "; "))
	from, to := -1.0, 0.0
	for _, row := range l.Series {
		if row.Errors > 0 {
			if from < 0 {
				from = row.AtS
			}
			to = row.AtS + row.ForS
		}
	}
	if from < 0 {
		return text
	}
	return text + fmt.Sprintf(", between %.0f s and %.0f s after it began", math.Floor(from), math.Ceil(to))
}

// Title is the scenario with its API, where the record says which.
func (l Load) Title() string { return strings.TrimSpace(l.API + " " + l.Scenario) }

// UseText is what the target used; empty where nobody could tell.
func (l Load) UseText() string {
	var parts []string
	if l.TargetCPU != nil {
		parts = append(parts, fmt.Sprintf("%.1f µs of CPU a request", *l.TargetCPU))
	}
	if l.TargetMemory > 0 {
		parts = append(parts, fmt.Sprintf("at most %.1f MiB of memory", float64(l.TargetMemory)/(1<<20)))
	}
	return strings.Join(parts, ", ")
}

// Broken are the requirements that answers broke under load, with how many answers each: wrong ones first.
func (l Load) Broken() []LoadBroken {
	details := map[string]string{}
	for _, s := range l.Samples {
		details[s.ID] = s.Detail
	}
	var all []LoadBroken
	for _, kind := range []struct {
		how    LoadHow
		counts map[string]int64
	}{{LoadViolates, l.Violations}, {LoadWarns, l.Warnings}, {LoadDeviates, l.Expected}} {
		for _, id := range slices.Sorted(maps.Keys(kind.counts)) {
			all = append(all, LoadBroken{id, kind.how, kind.counts[id], details[id]})
		}
	}
	return all
}

// LoadBroken is one requirement that answers broke under load.
type LoadBroken struct {
	ID     string
	How    LoadHow
	Count  int64
	Detail string // of the first
}

// LoadHow is how much an answer that breaks a requirement is worth.
type LoadHow string

// The ways in which an answer breaks a requirement.
const (
	LoadViolates LoadHow = "violates"             // a MUST: the answer is wrong
	LoadWarns    LoadHow = "a warning"            // a SHOULD: it counts as correct
	LoadDeviates LoadHow = "as a known deviation" // excused: it counts as correct
)

// headline is what the load of a run found, in one sentence, where the run was nothing but load.
func loadHeadline(verdict, reason string, all []Load) string {
	var parts []string
	searched := false
	for _, l := range all {
		if l.Capacity != nil {
			searched = true
			parts = append(parts, fmt.Sprintf("%s within %s: %s", l.Title(), l.Capacity.SLO, l.Capacity.Reason))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s: %.1f correct answers a second, %d wrong, %d failed", l.Title(), l.Throughput, l.Violating, l.Errors))
	}
	bore := strings.Join(parts, "; ")
	switch {
	case searched:
		return "Capacity: " + bore
	case verdict == Conformant:
		return "Thresholds met: " + bore
	case verdict == NonConformant:
		return "Threshold missed: " + bore
	}
	if reason == "" {
		reason = bore
	}
	return "Incomplete: " + reason
}

// loadWord is what a headline about conformance says of the load that came after.
func loadWord(all []Load) string {
	counts := map[string]int{}
	for _, l := range all {
		counts[l.Verdict]++
	}
	switch {
	case len(all) == 0:
		return ""
	case counts[LoadMissed] > 0:
		return "; under load a threshold was missed"
	case counts[LoadMet] == len(all):
		return "; under load every threshold was met"
	}
	return "; the load could not be measured"
}
