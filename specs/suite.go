// Package specs is what must be true: the statements of the catalogue as Ginkgo specs over raw exchanges.
//
// It knows fixtures (where to test), reports (what to write down) and the catalogue. It knows no family: each
// registers its specs by a function call, so that a process can run several suites, one after the other.
package specs

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// specTimeout bounds one spec on a target that is slow without being silent.
const specTimeout = 3 * time.Minute

// silentLimit is how many specs in a row may get no answer before the target counts as gone.
const silentLimit = 4

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
	Specs       []*Spec
	Trials      []*Trial // those that ran, in the order of running
	Interrupted bool
	// Gone says when and how the target stopped answering; empty: it did not.
	Gone string
	// SeedError is the first failure to seed.
	SeedError *fixtures.SeedError

	silent int
	kept   int64 // bytes of answers that the trials keep as evidence
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
	if env.Doer == nil {
		env.Doer = exchange.NewClient()
	}
	if env.Clock == nil {
		env.Clock = clock.Real{}
	}
	session := &Session{Specs: selected}
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
	if ctx.Err() != nil {
		session.Interrupted = true
	}
	return session
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
	ginkgo.It(spec.Requirement.ID+": "+spec.Title, ginkgo.Label(spec.Labels()...), priority, ginkgo.NodeTimeout(specTimeout), body)
}

func (s *Session) try(run context.Context, spec ginkgo.SpecContext, env *Env, what *Spec) *Trial {
	ctx, cancel := context.WithCancelCause(spec)
	defer cancel(nil)
	defer context.AfterFunc(run, func() { cancel(context.Cause(run)) })()
	trial := newTrial(ctx, env, what)
	s.Trials = append(s.Trials, trial)
	switch {
	case s.Gone != "":
		trial.verdict, trial.reason = reports.NotRun, s.Gone
	case what.Destructive && !env.Destructive:
		trial.verdict, trial.reason = reports.NotDeclared, "destructive inputs are only sent with --destructive"
	default:
		trial.run()
		s.watch(run, env, trial)
		s.settle(trial)
	}
	if spec.Err() != nil {
		s.Interrupted = s.Interrupted || !errors.Is(context.Cause(spec), context.DeadlineExceeded)
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

// watch looks after a spec that got no answer whether the target is still there.
func (s *Session) watch(ctx context.Context, env *Env, trial *Trial) {
	if trial.seedError != nil && s.SeedError == nil {
		s.SeedError = trial.seedError
	}
	if trial.noAnswer == nil && (trial.seedError == nil || trial.seedError.Exchange.Status() != 0) {
		s.silent = 0
		return
	}
	s.silent++
	if ctx.Err() != nil {
		return
	}
	if s.silent >= silentLimit {
		s.Gone = fmt.Sprintf("the target left %d specs in a row without an answer, the last one %q", s.silent, trial.spec.Title)
	} else if err := Alive(ctx, env); err != nil {
		s.Gone = fmt.Sprintf("the target stopped answering during %q: %v", trial.spec.Title, err)
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
		x := exchange.Do(call, env.Doer, exchange.Request{Method: http.MethodGet, URL: env.URL, Header: header}, 1<<20, false)
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
