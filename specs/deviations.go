package specs

import (
	"fmt"
	"path"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// A deviation's fate, once the suite has run.
type deviationFate struct {
	fixtures.Deviation
	failing, passing int
	// open is how many specs that it speaks of were not judged: what has not failed so far may still fail.
	open int
}

func matchesSpec(d fixtures.Deviation, spec *Spec) bool {
	if d.ID != spec.Requirement.ID || d.Under == fixtures.UnderLoad {
		return false
	}
	if d.Spec == "" || d.Spec == spec.Title {
		return true
	}
	ok, err := path.Match(d.Spec, spec.Title)
	return err == nil && ok
}

// CheckDeviations refuses, before anything is sent, what cannot match: an id that the catalogue does not have, or
// that does not belong to the profile, or a spec title that no spec has.
func CheckDeviations(deviations []fixtures.Deviation, family *catalog.Family, all []*Spec, profile string) []error {
	var problems []error
	for _, d := range deviations {
		requirement, known := family.Get(d.ID)
		switch {
		case !known:
			problems = append(problems, fmt.Errorf("%s: no requirement %q%s", where(d), d.ID, fixtures.DidYouMean(d.ID, ids(family))))
		case !requirement.In(profile):
			problems = append(problems, fmt.Errorf("%s: %s does not belong to profile %s", where(d), d.ID, profile))
		case d.Under != fixtures.UnderLoad && !anySpec(all, d):
			problems = append(problems, fmt.Errorf("%s: no spec of %s is called %q", where(d), d.ID, d.Spec))
		}
	}
	return problems
}

func ids(family *catalog.Family) []string {
	all := make([]string, len(family.Requirements))
	for i, r := range family.Requirements {
		all[i] = r.ID
	}
	return all
}

// where is the line of the file that the entry stands in.
func where(d fixtures.Deviation) string { return fmt.Sprintf("%s:%d", d.File, d.Line) }

func anySpec(all []*Spec, d fixtures.Deviation) bool {
	for _, spec := range all {
		if matchesSpec(d, spec) {
			return true
		}
	}
	return false
}

// excuse overlays the known deviations on what the trials came to: a failure that an entry names becomes expected.
func (s *Session) excuse(deviations []fixtures.Deviation) []deviationFate {
	fates := make([]deviationFate, len(deviations))
	for i, d := range deviations {
		fate := &fates[i]
		fate.Deviation, fate.open = d, s.speaksOf(d)
		for _, t := range s.Trials {
			if !matchesSpec(d, t.spec) {
				continue
			}
			switch t.verdict {
			case reports.Fail, reports.Warn, reports.Expected:
				fate.failing++
				t.verdict = reports.Expected
			case reports.Pass, reports.Info:
				fate.passing++
			}
		}
		fate.open -= fate.failing + fate.passing
		if s.Stopped != nil {
			fate.open++
		}
	}
	return fates
}

// speaksOf is how many specs of the profile the entry speaks of, selected or not.
func (s *Session) speaksOf(d fixtures.Deviation) int {
	n := 0
	if len(s.Specs) > 0 {
		for _, spec := range s.Specs[0].suite {
			n += one(matchesSpec(d, spec))
		}
	}
	return n
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// stale tells whether what the entry excuses was judged and does not fail any more.
func (f deviationFate) stale() bool {
	return f.passing > 0 && f.failing == 0 && f.open == 0 && !f.Flaky
}

// said is what the record says of the entry.
func (f deviationFate) said() string {
	if f.Flaky {
		return fmt.Sprintf("%s Now and then only: %s", f.Does, f.Reason)
	}
	return f.Does
}
