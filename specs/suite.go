// Package specs is what must be true: the statements of the catalogue as Ginkgo specs over raw exchanges.
//
// It knows fixtures (where to test), reports (what to write down) and the catalogue. It knows no family: each
// registers its specs by a function call, so that a process can run several suites, one after the other.
package specs

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// specTimeout bounds one attempt at a spec on a target that is slow without being silent; nodeTimeout bounds all of them, with
// the waiting in between.
const (
	specTimeout = 3 * time.Minute
	nodeTimeout = 15 * time.Minute
)

// unseededLimit is how many specs in a row may fail to be seeded before the seeding counts as failed, and silentLimit how many
// may get no answer from a target that answers other requests.
const (
	unseededLimit = 4
	silentLimit   = 4
)

// How long a run may spend on attempts that trouble got hold of, where these are many.
const (
	mostLost      = time.Minute
	mostLostTimes = 20
)

// Event is one spec that ended, for whoever shows progress.
type Event struct {
	Spec        *Spec
	Verdict     reports.Verdict
	Reason      string
	Done, Total int

	session *Session
}

// Session is one suite run: what was selected, and what came of it.
type Session struct {
	Specs  []*Spec
	Trials []*Trial // those that ran, in the order of running
	// Stopped says why it ended before all was judged; nil: it did not.
	Stopped *Stopped
	// SeedError is the first failure to seed.
	SeedError *fixtures.SeedError

	kept             int64 // bytes of answers that the trials keep as evidence
	link             *Link
	unseeded, silent int           // specs in a row
	lost             time.Duration // spent on attempts that ran again
	lostTimes        int
}

// evidenceLimit is how much of answers a session keeps as evidence, beyond which they are cut short: a report of more
// helps nobody, and a target decides how long its answers are.
const evidenceLimit = 32 << 20

// oneAtATime guards Ginkgo's package state.
var oneAtATime sync.Mutex

// Run runs the selected specs against env, in an order that env.RNG decides: those that restart the target
// after the ordinary ones, destructive ones last. It returns what it has when ctx ends. report may be nil.
func Run(ctx context.Context, selected []*Spec, env *Env, report func(Event)) *Session {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	if env.Clock == nil {
		env.Clock = clock.Real{}
	}
	session := &Session{Specs: selected, link: env.link()}
	ctx, end := Bound(ctx, env, env.MaxTime, fmt.Sprintf("the time for the whole suite was over after %s (--max-time)", env.MaxTime))
	defer end()
	globals.Reset()
	formatter.ColorableStdOut = io.Discard
	formatter.ColorableStdErr = io.Discard
	var failed silentT
	gomega.RegisterFailHandler(ginkgo.Fail)
	session.declare(ctx, env, report)
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.RandomSeed, suite.RandomizeAllSpecs = env.RNG, true
	suite.Timeout = 24 * time.Hour // the caller's context bounds the run
	suite.EmitSpecProgress = false
	reporter.NoColor, reporter.Succinct = true, true
	ginkgo.RunSpecs(&failed, "parley", suite, reporter)
	if cause := context.Cause(ctx); cause != nil && session.Stopped == nil {
		session.Stopped = session.inTime(stopped(cause), env)
	}
	return session
}

// inTime says how long the whole suite would take, where its time was over: at the pace of what was run.
func (s *Session) inTime(why *Stopped, env *Env) *Stopped {
	run := len(slices.DeleteFunc(slices.Clone(s.Trials), func(t *Trial) bool { return t.verdict == reports.NotRun }))
	if why.Cause != reports.CauseTime || run == 0 {
		return why
	}
	whole := env.MaxTime * time.Duration(len(s.Specs)) / time.Duration(run)
	return &Stopped{why.Cause, fmt.Sprintf("%s: %d of %d specs have run, and all of them would take some %s", why.Reason, run, len(s.Specs),
		whole.Round(time.Second))}
}

// Bound is a context that the link of env may end, and that ends after limit (0: it does not). Its cause then is a Stopped.
func Bound(ctx context.Context, env *Env, limit time.Duration, over string) (context.Context, func()) {
	ctx, stop := context.WithCancelCause(ctx)
	release := func() {}
	if limit > 0 {
		ctx, release = context.WithTimeoutCause(ctx, limit, &Stopped{reports.CauseTime, over})
	}
	env.link().endsWith(func(why *Stopped) { stop(why) })
	return ctx, func() { release(); stop(nil) }
}

// stopped is why a run ended; whatever parley did not do itself somebody else did.
func stopped(cause error) *Stopped {
	if why := stopOf(cause); why != nil {
		return why
	}
	return &Stopped{reports.CauseInterrupted, "interrupted"}
}

// silentT takes Ginkgo's word that the suite failed; the verdict is in the trials.
type silentT struct{}

func (*silentT) Fail() {}

// declare builds Ginkgo's tree: a container an endpoint, a node a spec.
func (s *Session) declare(ctx context.Context, env *Env, report func(Event)) {
	for _, endpoint := range Endpoints(s.Specs) {
		ginkgo.Describe(endpoint, func() {
			for _, spec := range s.Specs {
				if spec.Requirement.Endpoint == endpoint {
					s.declareSpec(ctx, env, spec, report)
				}
			}
		})
	}
}

func (s *Session) declareSpec(ctx context.Context, env *Env, spec *Spec, report func(Event)) {
	priority := ginkgo.SpecPriority(0)
	switch {
	case spec.Destructive:
		priority = ginkgo.SpecPriority(-2)
	case spec.restarts:
		priority = ginkgo.SpecPriority(-1)
	}
	body := func(specCtx ginkgo.SpecContext) {
		trial := s.try(ctx, specCtx, env, spec)
		if report != nil {
			report(Event{Spec: spec, Verdict: trial.verdict, Reason: trial.reason, Done: len(s.Trials), Total: len(s.Specs), session: s})
		}
		ginkgo.AddReportEntry(spec.Requirement.ID, string(trial.verdict), ginkgo.ReportEntryVisibilityNever)
		switch trial.verdict {
		case reports.Fail, reports.Error:
			ginkgo.Fail(trial.reason)
		case reports.Pass, reports.Info, reports.Warn:
		default:
			ginkgo.Skip(trial.reason)
		}
	}
	ginkgo.It(spec.Requirement.ID+": "+spec.Title, ginkgo.Label(spec.Labels()...), priority, ginkgo.NodeTimeout(nodeTimeout), body)
}

func (s *Session) try(run context.Context, spec ginkgo.SpecContext, env *Env, what *Spec) *Trial {
	trial := s.attempts(run, spec, env, what)
	s.settle(trial)
	s.Trials = append(s.Trials, trial)
	if trial.seedError != nil && s.SeedError == nil {
		s.SeedError = trial.seedError
	}
	return trial
}

// settle keeps of a trial that has ended what its verdict needs.
func (s *Session) settle(trial *Trial) {
	most := keptOfBody
	if s.kept > evidenceLimit {
		most = 2 * keptMargin
	}
	s.kept += trial.settle(most)
}

// attempts tries the spec: once, or where trouble got hold of it again, as trouble.go has it.
func (s *Session) attempts(run, spec context.Context, env *Env, what *Spec) *Trial {
	var all []attempt
	for {
		began := s.link.env.Clock.Now()
		hits, absences := s.link.mark()
		trial := s.attempt(run, spec, env, what, len(all))
		if trial.verdict == reports.NotRun || trial.verdict == reports.NotDeclared || run.Err() != nil {
			return trial
		}
		all = append(all, s.link.met(hits, absences))
		against := trial.departs() || trial.verdict == reports.NotTestable
		if len(all[len(all)-1].hits) == 0 || !against || !s.again(run, trial, all, hits, absences) {
			s.count(trial, all[len(all)-1].hits)
			return trial
		}
		s.lose(s.link.env.Clock.Now().Sub(began), all[len(all)-1].hits[0])
	}
}

// lose ends the run of a target that is there and breaks off again and again: most of the time would go into running specs
// afresh.
func (s *Session) lose(d time.Duration, h hit) {
	if s.lost, s.lostTimes = s.lost+d, s.lostTimes+1; s.lost >= mostLost && s.lostTimes >= mostLostTimes {
		s.link.end(reports.CauseGone, fmt.Sprintf("the target comes and goes: %d attempts at specs had to be made again, which took %s: %s", s.lostTimes,
			s.lost.Round(time.Second), h.what))
	}
}

func (s *Session) attempt(run, spec context.Context, env *Env, what *Spec, number int) *Trial {
	ctx, cancel := context.WithTimeoutCause(run, specTimeout, fmt.Errorf("the spec took longer than %s", specTimeout))
	defer cancel()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer context.AfterFunc(spec, func() { end(context.Cause(spec)) })()
	trial := newTrial(ctx, env, what, number)
	switch {
	case run.Err() != nil:
		trial.verdict, trial.reason = reports.NotRun, stopped(context.Cause(run)).Reason
	case what.Destructive && !env.Destructive:
		trial.verdict, trial.reason = reports.NotDeclared, "destructive inputs are only sent with --destructive"
	default:
		trial.run()
	}
	return trial
}

// again tells whether a spec that trouble got hold of must run afresh. Where it must not, its verdict is the last one.
func (s *Session) again(run context.Context, trial *Trial, all []attempt, hits, absences int) bool {
	there := s.link.await(run)
	last := &all[len(all)-1]
	last.away = s.link.met(hits, absences).away
	what := last.hits[0].what
	if trial.spec.Destructive || trial.spec.restarts {
		return false
	}
	alone, enough := tried(all)
	switch {
	case !there:
		trial.verdict, trial.reason = reports.NotRun, "the target went away during it: "+what
	case !enough:
		return s.link.env.Clock.Sleep(run, rand.N(time.Duration(len(all))*restMost)) == nil
	case repeats(alone):
		trial.reason += fmt.Sprintf(" (in each of %d attempts)", len(all))
	default:
		trial.verdict, trial.reason = reports.NotRun, fmt.Sprintf("trouble got hold of it in each of %d attempts, and the target was gone in %d of them: %s",
			len(all), len(all)-len(alone), what)
	}
	return false
}

// restMost is the most that is rested before the second attempt, and so much more before each further one: what comes and goes
// by itself is not met in step.
const restMost = 300 * time.Millisecond

// count ends the run where specs come to nothing one after the other.
func (s *Session) count(trial *Trial, hits []hit) {
	trial.cut = trial.verdict == reports.NotTestable && (trial.seedError != nil || len(hits) > 0)
	if trial.seedError == nil {
		s.unseeded = 0
	} else if s.unseeded++; s.unseeded >= unseededLimit {
		s.link.end(reports.CauseUnseeded, fmt.Sprintf("the seeding failed for %d specs in a row: %v", s.unseeded, trial.seedError))
	}
	if len(hits) == 0 || trial.spec.Destructive || said(trial.verdict) && !trial.departs() {
		s.silent = 0
	} else if s.silent++; s.silent >= silentLimit && trial.seedError == nil {
		s.link.end(reports.CauseSlow, fmt.Sprintf("requests of %d specs in a row were left without an answer, each in every attempt, while others were answered: %s",
			s.silent, hits[0].what))
	}
}

// Alive asks the target for anything at all: every HTTP status is an answer. It tries for some two seconds, since a
// server may be about to come back.
func Alive(ctx context.Context, env *Env) error {
	var last error
	for range 4 {
		call, cancel := context.WithTimeout(ctx, min(env.Timeout, 5*time.Second))
		header := http.Header{}
		env.authorize(header)
		x := exchange.Do(call, env.link().doer, exchange.Request{Method: http.MethodGet, URL: env.URL, Header: header}, 1<<20, false)
		cancel()
		if x.Response != nil {
			return nil
		}
		last = x.Err
		if env.Clock.Sleep(ctx, 500*time.Millisecond) != nil {
			return last
		}
	}
	return last
}

// Endpoints are the endpoints of specs, in the order in which they first stand.
func Endpoints(specs []*Spec) []string {
	var endpoints []string
	for _, spec := range specs {
		if !slices.Contains(endpoints, spec.Requirement.Endpoint) {
			endpoints = append(endpoints, spec.Requirement.Endpoint)
		}
	}
	return endpoints
}

// Select are the specs that a filter keeps, in Ginkgo's label language: "MUST && !destructive", "WK-SYNC-08 || clearUnread",
// "/WK-DEL/". An empty filter keeps all; one that keeps none is an error.
func Select(specs []*Spec, filter string) ([]*Spec, error) {
	if strings.TrimSpace(filter) == "" {
		return specs, nil
	}
	keep, err := types.ParseLabelFilter(filter)
	if err != nil {
		return nil, fmt.Errorf("--filter %q cannot be read: %s", filter, firstLine(err.Error()))
	}
	var kept []*Spec
	for _, spec := range specs {
		if keep(spec.Labels()) {
			kept = append(kept, spec)
		}
	}
	if len(kept) == 0 {
		return nil, &EmptyError{Filter: filter, Specs: len(specs), Words: labelWords(specs)}
	}
	return kept, nil
}

// EmptyError says that a filter keeps nothing.
type EmptyError struct {
	Filter string
	Specs  int
	Words  []string // what a filter may name
}

func (e *EmptyError) Error() string {
	return fmt.Sprintf("--filter %q keeps none of the %d specs; it may name ids, levels, endpoints and capabilities: %s",
		e.Filter, e.Specs, strings.Join(e.Words, ", "))
}

// labelWords are the labels of specs but their ids, and one id to show what those look like.
func labelWords(specs []*Spec) []string {
	var words []string
	for _, spec := range specs {
		for i, label := range spec.Labels() {
			if (i > 0 || len(words) == 0) && !slices.Contains(words, label) {
				words = append(words, label)
			}
		}
	}
	return words
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
