package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/console"
	"github.com/parley-im/parley/specs"
)

// loadVerb runs one load scenario.
type loadVerb struct {
	targetFlags
	Scenario  string        `name:"scenario" default:"inbox" env:"PARLEY_SCENARIO" placeholder:"NAME" help:"An embedded scenario, or a YAML file (${default})."`
	Scenarios bool          `name:"scenarios" help:"List the embedded scenarios, and send nothing."`
	Rate      float64       `name:"rate" placeholder:"N" help:"A constant rate of N requests a second, instead of the scenario's schedule."`
	Duration  time.Duration `name:"duration" placeholder:"D" help:"How long the load lasts: the scenario's schedule is cut, or --rate goes on so long."`
	WarmUp    time.Duration `name:"warm-up" default:"-1ns" placeholder:"D" help:"What is cut off at the beginning, instead of the scenario's."`
	Users     int           `name:"users" placeholder:"N" help:"Users of the population, instead of the scenario's."`
	Workers   int           `name:"workers" placeholder:"N" default:"10000" help:"The most requests at a time (${default})."`
	Fast      bool          `name:"fast" help:"Send with fasthttp instead of net/http: less work a request, HTTP/1.1 only."`
	Check     string        `name:"check" default:"100%" placeholder:"P" help:"The share of answers that is looked at (${default})."`
	Threshold []string      `name:"threshold" placeholder:"COND" help:"Conditions instead of the scenario's, such as p99<50ms,violations=0."`
	Capacity  bool          `name:"capacity" help:"Search the highest rate that --slo allows."`
	SLO       string        `name:"slo" default:"p99<100ms,violations=0,errors<0.1%" placeholder:"COND" help:"What a rate must keep to (${default})."`
	MaxRate   float64       `name:"max-rate" default:"20000" placeholder:"N" help:"Where the search for capacity ends (${default})."`
	Reuse     string        `name:"run" placeholder:"ID" help:"Use the population of an earlier run; its journal must be in --out."`
	TargetPID int           `name:"target-pid" placeholder:"PID" help:"The target's process on this machine: its CPU goes into the report."`
	Metrics   string        `name:"metrics" placeholder:"ADDR" help:"Serve Prometheus metrics there while it runs, such as 127.0.0.1:9464."`
	Vegeta    string        `name:"vegeta" placeholder:"FILE" help:"Also every result in Vegeta's format, for vegeta plot and vegeta report."`
	HDR       string        `name:"hdr" placeholder:"FILE" help:"Also an HdrHistogram log."`
	Bench     string        `name:"bench" placeholder:"FILE" help:"Also Go's benchmark format, for benchstat."`
	Out       string        `name:"out" default:"parley-report" env:"PARLEY_OUT" placeholder:"DIR" help:"Where the report goes."`
	Format    []string      `name:"format" default:"json,html,md" env:"PARLEY_FORMAT" enum:"json,junit,html,md" placeholder:"LIST" help:"Of json, junit, html, md; report.json is always written."`
	RNG       *int64        `name:"rng" env:"PARLEY_RNG" placeholder:"N" help:"Seed of everything random: the same seed plans the same requests."`
	Quiet     bool          `name:"quiet" short:"q" env:"PARLEY_QUIET" help:"Neither progress nor summary: the report and the exit code speak."`
}

// loading is a load run that is ready to begin.
type loading struct {
	*loadVerb
	in         *invocation
	target     fixtures.Target
	scenario   *loadgen.Scenario
	thresholds []loadgen.Threshold
	plan       *fixtures.Plan
	populated  *fixtures.Populated
	check      float64
	rng        int64
	embedded   bool
	started    time.Time
	seeder     fixtures.Seeder
	metrics    loadgen.Metrics
	targetCPU  func() time.Duration
	memory     atomic.Int64 // the most that a target which parley started had in use, in bytes
	ceiling    float64
	attempts   uint64 // attacks so far: each has arrivals of its own
}

func (v *loadVerb) Run(in *invocation) error {
	l, err := v.prepare(in)
	if err != nil || l == nil {
		return err
	}
	stop, err := l.start()
	defer stop()
	if err != nil {
		return err
	}
	if v.Metrics != "" {
		listener, err := net.Listen("tcp", v.Metrics)
		if err != nil {
			return fail(exitUsage, "--metrics %s: %w", v.Metrics, err)
		}
		server := &http.Server{Handler: &l.metrics, ReadHeaderTimeout: 5 * time.Second}
		go func() { _ = server.Serve(listener) }() // ends with Close
		defer server.Close()
	}
	if err := l.populate(); err != nil {
		return err
	}
	return l.attackAndReport()
}

// prepare checks everything that can be checked before anything is sent. Nothing is prepared where nothing is to run.
func (v *loadVerb) prepare(in *invocation) (*loading, error) {
	target, _, err := v.load(in)
	if err != nil {
		return nil, err
	}
	if v.Scenarios {
		for _, s := range loadgen.Scenarios(target.API) {
			fmt.Fprintf(in.stdout, "%-16s %s\n", s.Name, s.Summary)
		}
		return nil, nil
	}
	if families[target.API].load == nil {
		return nil, fail(exitUsage, "there is no load for the api %s in this version yet", target.API)
	}
	l := &loading{loadVerb: v, in: in, target: target, embedded: target.Embedded(), started: time.Now(), rng: rand.Int64()}
	if v.RNG != nil {
		l.rng = *v.RNG
	}
	if l.scenario, err = loadgen.FindScenario(target.API, v.Scenario); err != nil {
		return nil, err
	}
	if err := l.flags(); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	l.draw(0)
	if _, err := l.workload(); err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("the scenario %s: %w", l.scenario.Name, err)}
	}
	if v.TargetPID != 0 {
		if l.targetCPU, err = loadgen.ProcessCPU(v.TargetPID); err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("--target-pid: %w", err)}
		}
	}
	return l, checkOut(v.Out)
}

// flags lays the command line over the scenario.
func (l *loading) flags() error {
	s := l.scenario
	if l.Users != 0 {
		s.Population.Users = l.Users
	}
	if err := s.Population.Check(); err != nil {
		return fmt.Errorf("--users %d: %w", l.Users, err)
	}
	if l.WarmUp >= 0 {
		s.WarmUp = l.WarmUp
	}
	if l.Duration < 0 || l.Workers < 1 || l.Workers > 100_000 {
		return fmt.Errorf("--duration must be above 0, and --workers from 1 to 100000")
	}
	switch {
	case l.Rate != 0:
		d := l.Duration
		if d == 0 {
			d = s.Curve.Duration()
		}
		s.Curve, s.Trace = loadgen.Constant(l.Rate, d), nil
	case l.Duration > 0 && len(s.Trace) == 0:
		s.Curve = s.Curve.Cut(l.Duration)
	}
	if len(s.Trace) == 0 {
		if err := s.Curve.Check(); err != nil {
			return fmt.Errorf("--rate %g --duration %s: %w", l.Rate, l.Duration, err)
		}
	}
	var percent float64
	if n, err := fmt.Sscanf(l.Check, "%f%%", &percent); n != 1 || err != nil || !(percent > 0 && percent <= 100) {
		return fmt.Errorf("--check %q: write a share such as 10%%", l.Check)
	}
	l.check = percent / 100
	l.thresholds = s.Thresholds
	if len(l.Threshold) > 0 {
		l.thresholds = nil
	}
	for _, text := range l.Threshold {
		all, err := loadgen.ParseThresholds(text)
		if err != nil {
			return fmt.Errorf("--threshold: %w", err)
		}
		l.thresholds = append(l.thresholds, all...)
	}
	if _, err := loadgen.ParseThresholds(l.SLO); err != nil {
		return fmt.Errorf("--slo: %w", err)
	}
	return nil
}

// workload is what the users of an attack do. Each attack draws anew.
func (l *loading) workload() (loadgen.Workload, error) {
	setup := loadgen.Setup{
		Plan: l.plan, Populated: l.populated, Profile: l.target.Profile, Header: l.target.Header(), Weights: l.scenario.Operations,
		MsgCount: l.scenario.MsgCount, Hot: l.scenario.Hot, Seed: uint64(l.rng) + l.attempts,
		Known: l.populated != nil && !l.populated.Reused && l.attempts == 0,
	}
	if l.target.Consistency == fixtures.Eventual {
		setup.Settle = l.target.Settle
	}
	return families[l.target.API].load(setup)
}

// draw draws the population under the run id of an attempt.
func (l *loading) draw(attempt int) {
	p := l.scenario.Population
	p.Run, p.Seed = runID(l.rng, attempt), uint64(l.rng)
	if l.Reuse != "" {
		p.Run = l.Reuse
	}
	l.plan = p.Plan()
}

// start starts the target where parley is to start it. Whatever comes of it, stop must be called.
func (l *loading) start() (stop func(), err error) {
	if l.embedded {
		return l.startEmbedded()
	}
	p := &plan{target: l.target, family: families[l.target.API]}
	stop, err = p.start(l.in.ctx)
	l.target = p.target
	if p.life != nil && l.targetCPU == nil {
		l.targetCPU = l.statsOf(p.life)
	}
	return stop, err
}

// statsOf reads the processor time of a server that parley started, and notes the most memory that it had in use. What
// cannot be read is what was read last.
func (l *loading) statsOf(life fixtures.Life) func() time.Duration {
	var last time.Duration
	return func() time.Duration {
		if stats, err := life.Stats(l.in.ctx); err == nil {
			last = stats.CPU
			l.memory.Store(max(l.memory.Load(), stats.Memory))
		}
		return last
	}
}

// startEmbedded starts the embedded reference. Its hook takes a population in one go.
func (l *loading) startEmbedded() (func(), error) {
	family := families[l.target.API]
	embedded := family.embedded(l.target.Profile)
	embedded.Seed, embedded.Timeout = l.target.Seed, l.target.Timeout
	if embedded.Seed.Driver == fixtures.DriverNative {
		embedded.Seed.Driver = fixtures.DriverHook
	}
	started, stop, err := family.start(embedded, nil)
	if err != nil {
		return func() {}, err
	}
	l.target = started
	return stop, nil
}

func (l *loading) journal() string {
	if l.embedded {
		return "" // nothing outlives it
	}
	return filepath.Join(l.Out, "population-"+l.plan.Run+".jsonl")
}

// populate makes sure that the population is on the target.
func (l *loading) populate() error {
	var err error
	if l.seeder, err = fixtures.NewSeeder(l.target, families[l.target.API].native); err != nil {
		return &exitError{exitUsage, err}
	}
	if err := l.unused(); err != nil {
		return fail(exitTarget, "%s", l.redact(err.Error()))
	}
	users, chats, messages := l.plan.Size()
	l.say("parley: %s at %s, run %s, seed %d\n", l.scenario.Name, l.target.URL, l.plan.Run, l.rng)
	l.say("  population: %d users, %d conversations, %d messages\n", users, chats, messages)
	began := time.Now()
	shown := time.Time{}
	l.populated, err = fixtures.Populate(l.in.ctx, l.seeder, l.plan, l.journal(), 4*runtime.GOMAXPROCS(0), func(done, all int) {
		if l.in.live && !l.Quiet && (time.Since(shown) > redraw || done == all) {
			shown = time.Now()
			fmt.Fprintf(l.in.stderr, "\r\x1b[2K  seeding: %d of %d messages, %.0f %%", done, all, 100*float64(done)/float64(max(all, 1)))
		}
	})
	if l.in.live && !l.Quiet {
		fmt.Fprint(l.in.stderr, "\r\x1b[2K")
	}
	if err != nil {
		hint := ""
		if l.journal() != "" {
			hint = "; --run " + l.plan.Run + " with the same scenario and seed goes on from here"
		}
		if l.in.ctx.Err() != nil {
			return fail(exitIncomplete, "interrupted while seeding%s", hint)
		}
		return fail(exitTarget, "%s%s", l.redact(err.Error()), hint)
	}
	if l.populated.Reused {
		l.say("  it is there already: %s says so\n", l.journal())
	} else {
		l.say("  seeded by %s in %s\n", l.seeder.Name(), time.Since(began).Round(time.Millisecond))
	}
	return nil
}

// unused steps aside where an earlier run of the same seed has left its population.
func (l *loading) unused() error {
	if l.Reuse != "" || l.embedded {
		return nil
	}
	if _, err := os.Stat(l.journal()); err == nil {
		return nil // that population is ours
	}
	const attempts = 8
	for attempt := range attempts {
		l.draw(attempt)
		if driver := l.seeder.Name(); driver == fixtures.DriverHook || driver == fixtures.DriverExec {
			return l.seeder.Clean(l.in.ctx, l.plan.Run)
		}
		if families[l.target.API].taken == nil {
			return nil
		}
		busiest := 0
		if len(l.plan.Chats) > 0 {
			busiest = int(l.plan.Chats[0].Members[0])
		}
		taken, err := families[l.target.API].taken(l.in.ctx, l.target, l.plan.UserID(busiest))
		if err != nil || !taken {
			return err
		}
	}
	return nil
}

// attackAndReport loads the target, and writes the record whatever came of it.
func (l *loading) attackAndReport() error {
	ceiling, err := loadgen.Ceiling(l.in.ctx, 64, time.Second)
	if err != nil && l.in.ctx.Err() == nil {
		return fail(exitParley, "%w", err)
	}
	l.ceiling = ceiling
	l.say("  generator: up to %.0f requests a second against a null target\n", ceiling)
	run := &reports.Run{Schema: reports.Schema, Requirements: []reports.Requirement{}, Exchanges: []reports.Exchange{}, End: true}
	keep := func(x *exchange.Exchange) string {
		kept := specs.ReportExchange(l.env(), x)
		kept.ID = fmt.Sprintf("x%d", len(run.Exchanges)+1)
		run.Exchanges = append(run.Exchanges, kept)
		return kept.ID
	}
	var entry reports.Load
	var result *loadgen.Result
	if l.Capacity {
		entry, result, err = l.capacity(keep)
	} else {
		entry, result, err = l.once(keep)
	}
	if err != nil {
		return fail(exitParley, "%w", err)
	}
	run.Load = []reports.Load{entry}
	l.head(run, &entry)
	files, err := writeReports(l.Out, l.Format, run)
	if err != nil {
		return fail(exitParley, "the report cannot be written: %w", err)
	}
	if err := l.extras(result); err != nil {
		return fail(exitUsage, "%w", err)
	}
	if !l.Quiet {
		if err := console.Load(l.in.stdout, &entry, console.Options{Colour: l.in.colour, Files: files}); err != nil {
			return err
		}
	}
	return loadVerdict(&entry)
}

// once is one attack by the scenario's schedule.
func (l *loading) once(keep func(*exchange.Exchange) string) (reports.Load, *loadgen.Result, error) {
	var results *loadgen.VegetaWriter
	var file *os.File
	if l.Vegeta != "" {
		var err error
		if file, err = os.Create(l.Vegeta); err != nil {
			return reports.Load{}, nil, fmt.Errorf("--vegeta: %w", err)
		}
		results = loadgen.NewVegetaWriter(file, l.scenario.Name)
	}
	r, err := l.attack(l.scenario.Schedule(uint64(l.rng)), l.scenario.WarmUp, results)
	if file != nil {
		err = errors.Join(err, results.Close(), file.Close())
	}
	if err != nil {
		return reports.Load{}, nil, err
	}
	entry := loadgen.Record(l.scenario.Name, l.rng, r, l.thresholds, keep)
	entry.TargetMemory = l.memory.Load()
	return entry, r, nil
}

func (l *loading) attack(schedule loadgen.Schedule, warmUp time.Duration, results *loadgen.VegetaWriter) (*loadgen.Result, error) {
	workload, err := l.workload()
	if err != nil {
		return nil, err
	}
	watch := &loadWatch{l: l}
	a := &loadgen.Attack{
		URL: l.target.URL, Header: l.target.Header(), Timeout: l.target.Timeout, Workload: workload, Schedule: schedule, WarmUp: warmUp,
		Workers: l.Workers, Fast: l.Fast, Check: l.check, Seed: uint64(l.rng) + l.attempts, Ceiling: l.ceiling, TargetCPU: l.targetCPU, Progress: watch.show,
	}
	if results != nil {
		a.Outcome = results.Add
	}
	l.attempts++
	defer watch.close()
	return a.Run(l.in.ctx)
}

// extras writes what other tools read.
func (l *loading) extras(r *loadgen.Result) error {
	write := func(flag, path string, f func(io.Writer) error) error {
		if path == "" || r == nil {
			return nil
		}
		file, err := os.Create(path)
		if err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		return errors.Join(f(file), file.Close())
	}
	return errors.Join(
		write("--hdr", l.HDR, func(w io.Writer) error { return loadgen.WriteHistogramLog(w, r) }),
		write("--bench", l.Bench, func(w io.Writer) error { return loadgen.WriteBenchmark(w, l.scenario.Name, r) }),
	)
}

func (l *loading) env() *specs.Env {
	t := l.target
	return &specs.Env{
		URL: t.URL, Profile: t.Profile, AuthHeader: t.Auth.Header, AuthValue: t.Auth.Value, AuthDenied: t.Auth.Denied,
		Timeout: t.Timeout, Capabilities: t.Capabilities(), RNG: l.rng, Run: l.plan.Run,
	}
}

func (l *loading) redact(text string) string { return specs.RedactText(l.env(), text) }

func (l *loading) head(run *reports.Run, entry *reports.Load) {
	run.Run = reports.Header{
		ID: l.plan.Run, RNG: l.rng, Started: l.started.UTC(), Ended: time.Now().UTC(), Parley: version,
		Argv: withoutSecrets(append([]string{"parley"}, l.in.args...), l.env()),
	}
	run.Target = reports.Target{
		URL: l.target.URL, API: l.target.API, Profile: l.target.Profile, SeedDriver: l.seeder.Name(), Consistency: l.target.Consistency,
		Capabilities: l.target.Capabilities(),
	}
	if l.embedded {
		run.Target.Notes = append(run.Target.Notes, "the target was the reference that is built into parley: it shared the generator's processor")
	}
	if l.check < 1 {
		run.Target.Notes = append(run.Target.Notes, fmt.Sprintf("only %s of the answers were looked at (--check)", l.Check))
	}
	switch entry.Verdict {
	case reports.LoadMet:
		run.Verdict = reports.Conformant
	case reports.LoadMissed:
		run.Verdict, run.Reason = reports.NonConformant, "the load scenario "+entry.Scenario+" missed a threshold"
	default:
		run.Verdict = reports.Incomplete
		if len(entry.Reasons) > 0 {
			run.Reason = entry.Reasons[0]
		}
	}
}

func (l *loading) say(format string, args ...any) {
	if !l.Quiet {
		fmt.Fprintf(l.in.stderr, format, args...)
	}
}

// loadVerdict is the exit code that an entry stands for.
func loadVerdict(entry *reports.Load) error {
	switch entry.Verdict {
	case reports.LoadMet:
		return nil
	case reports.LoadMissed:
		return &exitError{code: exitNonConformant}
	}
	return &exitError{code: exitIncomplete}
}
