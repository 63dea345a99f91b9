package specs

import (
	"slices"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// Planned is the record of specs of which none has run.
func Planned(planned []*Spec, family *catalog.Family, env *Env, filtered bool) *reports.Run {
	return (&Session{Specs: planned, Stopped: unfinished}).Outcome(family, env, nil, filtered)
}

// Changed is the part of the record that a spec which has just ended has changed: its requirement as it stands now, and
// those that build on it. The session is as it was.
func (e Event) Changed(family *catalog.Family, env *Env, deviations []fixtures.Deviation) *reports.Run {
	now := *e.session
	now.Stopped = unfinished
	now.Trials = make([]*Trial, len(e.session.Trials))
	changed := []string{e.Spec.Requirement.ID}
	for i, t := range e.session.Trials {
		trial := *t
		now.Trials[i] = &trial
		if t.buildsOn == e.Spec.Requirement.ID {
			changed = append(changed, t.spec.Requirement.ID)
		}
	}
	part := *family
	part.Requirements = slices.DeleteFunc(slices.Clone(family.Requirements), func(r catalog.Requirement) bool {
		return !slices.Contains(changed, r.ID)
	})
	return now.outcome(&part, env, deviations, true, loggedOfBody)
}

// loggedOfBody is how much of an answer's body the log of a run shows. Less than the record does: evidence is logged anew with
// each spec of its requirement.
const loggedOfBody = 2 * keptMargin

// unfinished is what a session is while it runs: what is not judged so far may still be.
var unfinished = &Stopped{reports.CauseInterrupted, "interrupted"}
