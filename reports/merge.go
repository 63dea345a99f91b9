package reports

import (
	"cmp"
	"slices"
)

// Merge is one record of several that were made with one command: the same run against a target of each API. Exchanges get
// the API before their id, requirements and targets stand one after the other, and the worst verdict speaks for all. Of
// one record it is that record.
func Merge(runs []*Run) *Run {
	if len(runs) == 1 {
		return runs[0]
	}
	whole := &Run{Schema: Schema, Verdict: Conformant, Requirements: []Requirement{}, Exchanges: []Exchange{}, Load: []Load{}, End: true}
	for i, run := range runs {
		if i == 0 {
			whole.Run, whole.Target = run.Run, run.Target
		}
		whole.Run.Ended = run.Run.Ended
		whole.Targets = append(whole.Targets, run.Target)
		whole.Requirements = append(whole.Requirements, prefixed(run)...)
		for _, x := range run.Exchanges {
			x.ID = run.Target.API + "-" + x.ID
			whole.Exchanges = append(whole.Exchanges, x)
		}
		for _, l := range run.Load {
			l.Samples = slices.Clone(l.Samples)
			for i := range l.Samples {
				l.Samples[i].Exchange = run.Target.API + "-" + l.Samples[i].Exchange
			}
			whole.Load = append(whole.Load, l)
		}
		if worse(run.Verdict, whole.Verdict) {
			whole.Verdict, whole.Reason = run.Verdict, cmp.Or(run.Reason, whole.Reason)
		}
		if run.Cause != "" {
			whole.Stop(run.Cause, run.Reason)
		}
	}
	whole.Counts = Count(whole.Requirements)
	return whole
}

// prefixed are the requirements of a run with the exchanges under their new ids, and with the API before the endpoint.
func prefixed(run *Run) []Requirement {
	rename := func(id string) string {
		if id == "" {
			return ""
		}
		return run.Target.API + "-" + id
	}
	var all []Requirement
	for _, r := range run.Requirements {
		r.Evidence = slices.Clone(r.Evidence)
		for i := range r.Evidence {
			e := &r.Evidence[i]
			e.Exchange = rename(e.Exchange)
			e.Before = slices.Clone(e.Before)
			for j := range e.Before {
				e.Before[j] = rename(e.Before[j])
			}
		}
		r.Endpoint = run.Target.API + " · " + r.Endpoint
		all = append(all, r)
	}
	return all
}

// All are the targets of the run: usually one.
func (r *Run) All() []Target {
	if len(r.Targets) == 0 {
		return []Target{r.Target}
	}
	return r.Targets
}
