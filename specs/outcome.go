package specs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// mostEvidence is how many judgements of a requirement a record keeps.
const mostEvidence = 6

// worst orders verdicts: of a requirement's specs, the one that stands first here speaks for it.
var worst = []reports.Verdict{
	reports.Error, reports.Fail, reports.Stale, reports.Warn, reports.NotRun, reports.Indeterminate, reports.Expected, reports.Blocked,
	reports.Pass, reports.Info, reports.NotTestable, reports.NotDeclared,
}

// Outcome projects a session onto the record: its requirements, exchanges, counts and verdict. The caller fills in what
// the session does not know: which run it was, and against what.
func (s *Session) Outcome(family *catalog.Family, env *Env, deviations []fixtures.Deviation, filtered bool) *reports.Run {
	return s.outcome(family, env, deviations, filtered, keptOfBody)
}

// outcome is the record with most of each answer's body.
func (s *Session) outcome(family *catalog.Family, env *Env, deviations []fixtures.Deviation, filtered bool, most int) *reports.Run {
	s.block(deviations)
	fates := s.excuse(deviations)
	p := projection{env: env, most: most, recorder: newRecorder(env), byTrial: map[*exchange.Exchange]string{}}
	run := &reports.Run{Schema: reports.Schema, Requirements: []reports.Requirement{}, Exchanges: []reports.Exchange{}, Load: []reports.Load{}, End: true}
	for _, requirement := range family.In(env.Profile) {
		planned := slices.ContainsFunc(s.Specs, func(spec *Spec) bool { return spec.Requirement.ID == requirement.ID })
		if !planned && (filtered || requirement.Unjudged == "") {
			continue
		}
		run.Requirements = append(run.Requirements, p.requirement(requirement, family, s, fates))
	}
	run.Exchanges = p.exchanges
	run.Conclude()
	s.stop(run)
	env.secrets().Record(run)
	return run
}

// block finds the judgements that only say that something more basic does not hold: a MUST or a SHOULD, for whoever departs
// from a SHOULD must not come out as breaking a MUST. A known deviation that was not judged, in a run that was cut short or
// by its filter, does not hold either.
func (s *Session) block(deviations []fixtures.Deviation) {
	failed := map[string]bool{}
	for _, d := range deviations {
		judged := slices.ContainsFunc(s.trialsOf(d.ID), func(t *Trial) bool { return t.departs() || t.verdict == reports.Pass })
		failed[d.ID] = failed[d.ID] || !judged && d.Under != fixtures.UnderLoad
	}
	for _, t := range s.Trials {
		if id := t.spec.Requirement.ID; t.departs() && (t.buildsOn == "" || t.buildsOn == id) {
			failed[id] = true
		}
	}
	for _, t := range s.Trials {
		if t.departs() && t.buildsOn != t.spec.Requirement.ID && failed[t.buildsOn] {
			t.verdict, t.reason = reports.Blocked, "it builds on "+t.buildsOn+", which does not hold: "+t.reason
		}
	}
}

func (t *Trial) departs() bool { return t.verdict == reports.Fail || t.verdict == reports.Warn }

// stop says why the session is not whole, where it is not.
func (s *Session) stop(run *reports.Run) {
	switch {
	case s.Stopped != nil:
		run.Stop(s.Stopped.Cause, s.Stopped.Reason)
	case s.SeedError != nil && run.Verdict == reports.Conformant:
		run.Verdict, run.Reason = reports.Incomplete, "not all could be seeded: "+s.SeedError.Error()
	}
	absences := s.absences()
	for i, a := range absences {
		if i == mostAbsences {
			run.Target.Notes = append(run.Target.Notes, fmt.Sprintf("the target was gone %d more times", len(absences)-i))
			break
		}
		if a.String() != run.Reason {
			run.Target.Notes = append(run.Target.Notes, a.String())
		}
	}
}

// cutTo is x with most bytes of its answer.
func cutTo(most int, x *exchange.Exchange) *exchange.Exchange {
	if x.Response == nil || len(x.Response.Body) <= most {
		return x
	}
	short, response := *x, *x.Response
	response.Body = response.Body[:most]
	short.Response = &response
	return &short
}

// mostAbsences is how many times that the target was gone a record lists.
const mostAbsences = 12

func (s *Session) absences() []Absence {
	if s.link == nil {
		return nil
	}
	s.link.mu.Lock()
	defer s.link.mu.Unlock()
	return slices.Clone(s.link.Away)
}

// projection turns trials into the record's parts.
type projection struct {
	env       *Env
	most      int // of each answer's body
	recorder  *recorder
	exchanges []reports.Exchange
	byTrial   map[*exchange.Exchange]string
}

func (p *projection) requirement(r catalog.Requirement, family *catalog.Family, s *Session, fates []deviationFate) reports.Requirement {
	cited := r.CitationIn(p.env.Profile)
	source := family.Sources[cited.Document]
	out := reports.Requirement{
		ID: r.ID, Level: string(r.LevelIn(p.env.Profile)), Basis: string(r.Basis), Endpoint: r.Endpoint, Statement: r.Statement,
		Quote: cited.Quote, Gloss: cited.Gloss, Document: source.Title + " · " + source.Where,
		Specs: []reports.Spec{}, Evidence: []reports.Evidence{},
	}
	trials := s.trialsOf(r.ID)
	for _, t := range trials {
		out.Specs = append(out.Specs, reports.Spec{Title: t.spec.Title, Verdict: t.verdict, Reason: t.reason, DurationMS: t.durationMS()})
	}
	for _, spec := range s.Specs {
		if spec.Requirement.ID == r.ID && !slices.ContainsFunc(trials, func(t *Trial) bool { return t.spec == spec }) {
			out.Specs = append(out.Specs, reports.Spec{Title: spec.Title, Verdict: reports.NotRun, Reason: "interrupted before its turn"})
		}
	}
	out.Verdict, out.Reason = sum(out.Specs, r.Unjudged)
	if i := slices.IndexFunc(trials, func(t *Trial) bool { return t.cut }); i >= 0 && said(out.Verdict) && out.Verdict != reports.Fail && out.Verdict != reports.Warn {
		out.Verdict, out.Reason = reports.Indeterminate, fmt.Sprintf("%q was not judged, and may have failed: %s", trials[i].spec.Title, trials[i].reason)
	}
	p.deviate(&out, fates)
	p.evidence(&out, trials)
	return out
}

// sum is the verdict of a requirement: that of its worst spec, and why.
func sum(specs []reports.Spec, unjudged string) (reports.Verdict, string) {
	if len(specs) == 0 {
		return reports.NotTestable, "not yet judged: " + unjudged
	}
	at := slices.MinFunc(specs, func(a, b reports.Spec) int {
		return cmp.Compare(slices.Index(worst, a.Verdict), slices.Index(worst, b.Verdict))
	})
	var aside []string
	for _, spec := range specs {
		if !said(spec.Verdict) && said(at.Verdict) {
			aside = append(aside, fmt.Sprintf("%s: %q: %s", spec.Verdict, spec.Title, spec.Reason))
		}
	}
	reason := at.Reason
	if at.Verdict == reports.Info {
		reason = joinReasons(specs)
	}
	if len(aside) > 0 {
		reason = strings.TrimPrefix(reason+" ("+strings.Join(aside, "; ")+")", " ")
	}
	return at.Verdict, reason
}

// said tells whether a verdict says something of the target: a judgement, or an observation.
func said(v reports.Verdict) bool { return v.Judged() || v == reports.Info }

func joinReasons(specs []reports.Spec) string {
	var said []string
	for _, spec := range specs {
		if spec.Verdict == reports.Info && spec.Reason != "" {
			said = append(said, spec.Reason)
		}
	}
	return strings.Join(said, "; ")
}

func (p *projection) deviate(out *reports.Requirement, fates []deviationFate) {
	for _, fate := range fates {
		if fate.ID != out.ID {
			continue
		}
		out.Deviation = strings.TrimPrefix(out.Deviation+" "+fate.said(), " ")
		out.Flaky = out.Flaky || fate.Flaky
		if fate.stale() && !slices.Contains(notStale, out.Verdict) {
			out.Verdict = reports.Stale
			out.Reason = fmt.Sprintf("%s: the entry excuses what does not fail any more: delete it", where(fate.Deviation))
		}
	}
}

// notStale are the verdicts that say more than that an entry is stale: something is wrong, or may be.
var notStale = []reports.Verdict{reports.Fail, reports.Error, reports.NotRun, reports.Indeterminate}

// evidence keeps what speaks against the requirement first, then what speaks for it.
func (p *projection) evidence(out *reports.Requirement, trials []*Trial) {
	for _, wanted := range []bool{false, true} {
		for _, t := range trials {
			for i := len(t.findings) - 1; i >= 0; i-- {
				f := t.findings[i]
				if f.ok != wanted || len(out.Evidence) >= mostEvidence || wanted && i < len(t.findings)-1 && t.spec.Level != catalog.Probe {
					continue
				}
				out.Evidence = append(out.Evidence, reports.Evidence{
					Spec: t.spec.Title, Expected: f.expected, Got: f.got, Observed: f.observed,
					Seen: slices.Clone(f.seen), Before: p.all(f.before), Exchange: p.exchange(f.exchange),
				})
			}
		}
	}
}

func (s *Session) trialsOf(id string) []*Trial {
	var trials []*Trial
	for _, t := range s.Trials {
		if t.spec.Requirement.ID == id {
			trials = append(trials, t)
		}
	}
	slices.SortStableFunc(trials, func(a, b *Trial) int { return a.spec.number - b.spec.number })
	return trials
}

// all puts exchanges into the record, in their order.
func (p *projection) all(exchanges []*exchange.Exchange) []string {
	var ids []string
	for _, x := range exchanges {
		ids = append(ids, p.exchange(x))
	}
	return ids
}

// exchange puts x into the record once, and says by which id.
func (p *projection) exchange(x *exchange.Exchange) string {
	if x == nil {
		return ""
	}
	if id, ok := p.byTrial[x]; ok {
		return id
	}
	id := fmt.Sprintf("x%d", len(p.exchanges)+1)
	p.byTrial[x] = id
	p.exchanges = append(p.exchanges, p.recorder.exchange(id, cutTo(p.most, x)))
	return id
}
