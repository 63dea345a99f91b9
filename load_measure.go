package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// loading is a load run that is ready to begin.
type loading struct {
	*loadVerb
	in          *invocation
	target      fixtures.Target
	scenario    *loadgen.Scenario
	thresholds  []loadgen.Threshold
	slo         []loadgen.Threshold // of the search for capacity
	plan        *fixtures.Plan
	populated   *fixtures.Populated
	check       float64
	rng         int64
	embedded    bool
	started     time.Time
	seeder      fixtures.Seeder
	life        fixtures.Life   // of a server that parley started; nil: it did not
	env         *specs.Env      // whose secrets no report shows
	known       map[string]bool // requirements that known deviations excuse
	metrics     loadgen.Metrics
	use         func() loadgen.Use // nil: nobody can tell what the target uses
	watched     []loadgen.Metric
	ceiling     float64 // the generator's own limit; 0: not measured so far
	ceilingTime time.Duration
	outputs     loadOutputs
	broken      error  // what could not be written beside the report
	attempts    uint64 // attacks so far: each has arrivals of its own
	nonce       uint32 // of a population that is used again: its earlier messages may have come from the same seed
}

// workload is what the users of an attack do. Each attack draws anew.
func (l *loading) workload() (loadgen.Workload, error) { return families[l.target.API].load(l.setup()) }

func (l *loading) setup() loadgen.Setup {
	setup := loadgen.Setup{
		Plan: l.plan, Populated: l.populated, Profile: l.target.Profile, Header: l.target.Header(), Weights: l.scenario.Operations,
		MsgCount: l.scenario.MsgCount, Hot: l.scenario.Hot, Seed: uint64(l.rng) + l.attempts, Nonce: l.nonce,
		Known: l.populated != nil && !l.populated.Reused && l.attempts == 0,
	}
	if l.target.Consistency == fixtures.Eventual {
		setup.Settle = l.target.Settle
	}
	switch driver := l.target.Seed.Driver; {
	case driver == fixtures.DriverHook && !l.embedded:
		setup.Send, setup.Hook = loadgen.SendByHook, l.target.Seed.URL
	case driver == fixtures.DriverExec || driver == fixtures.DriverStatic:
		setup.Send = loadgen.SendNothing
	}
	return setup
}

// draw draws the population under a run id.
func (l *loading) draw(run string) {
	p := l.scenario.Population
	p.Run, p.Seed = run, uint64(l.rng)
	if l.Reuse != "" {
		p.Run, l.nonce = l.Reuse, rand.Uint32()
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
	l.target, l.life = p.target, p.life
	if err == nil {
		err = l.observe(p.life)
	}
	return stop, err
}

// excuse takes known deviations in: an answer that departs as they say is no wrong one. What is known of one spec says nothing
// of other answers.
func (l *loading) excuse(deviations []fixtures.Deviation) {
	l.known = map[string]bool{}
	for _, d := range deviations {
		if d.Spec == "" || d.Under == fixtures.UnderLoad {
			l.known[d.ID] = true
		}
	}
}

// observe finds who can tell what the target uses: its process, the server that parley started, or what it says itself.
func (l *loading) observe(life fixtures.Life) error {
	if life != nil && l.use == nil {
		l.use = l.statsOf(life)
	}
	if l.Scrape == "" {
		return nil
	}
	scrape, err := loadgen.NewScrape(l.in.ctx, l.Scrape, l.Watch)
	if err != nil {
		return fail(exitTarget, "--scrape: %w", err)
	}
	own := l.use
	l.watched = scrape.Metrics
	l.use = func() loadgen.Use {
		use := scrape.Use(l.in.ctx)
		if own != nil {
			outside := own()
			use.CPU, use.Memory = outside.CPU, outside.Memory
		}
		return use
	}
	return nil
}

// statsOf reads what a server uses that parley started. What cannot be read is what was read last.
func (l *loading) statsOf(life fixtures.Life) func() loadgen.Use {
	var last loadgen.Use
	return func() loadgen.Use {
		if stats, err := life.Stats(l.in.ctx); err == nil {
			last = loadgen.Use{CPU: stats.CPU, Memory: stats.Memory}
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

// find makes the seeder, sees whether the target is what it should be, and finds a run id under which nothing stands there,
// unless an earlier population is to be used again.
func (l *loading) find() error {
	out := l.Out
	if l.embedded || l.life != nil { // what parley started goes with all that is in it
		out = ""
	}
	seeder, err := l.in.seeder(l.target, out)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	l.seeder = seeder
	l.env = environment(l.in.secrets, l.target, l.seeder, l.life, l.rng, l.plan.Run)
	if l.embedded || l.Reuse != "" {
		return nil
	}
	if err := l.lookFirst(); err != nil {
		return err
	}
	l.draw(l.env.Run)
	return nil
}

// lookFirst sees whether the target is what it should be, for a limited time.
func (l *loading) lookFirst() error {
	err := prepare(l.in.ctx, families[l.target.API].specs, l.env, cmp.Or(l.MaxTime, firstLook), "--max-time")
	switch {
	case err == nil:
		return nil
	case l.in.ctx.Err() != nil:
		return fail(exitIncomplete, "interrupted before anything was measured")
	case causeOf(err) == reports.CauseTime:
		return fail(exitTarget, "%s: %s", l.target.URL, err.Error())
	}
	return troubled(l.in, l.env, err)
}

// populate makes sure that the population is on the target.
func (l *loading) populate() error {
	users, chats, messages := l.plan.Size()
	l.say("parley: %s at %s, run %s, seed %d\n", l.scenario.Name, l.target.URL, l.plan.Run, l.rng)
	l.say("  population: %d users, %d conversations, %d messages\n", users, chats, messages)
	began := time.Now()
	var err error
	ctx, progress, stop := l.boundedSeeding()
	defer stop()
	show := l.seeding()
	l.populated, err = fixtures.Populate(ctx, l.seeder, l.plan, l.journal(), 4*runtime.GOMAXPROCS(0), func(done, all int) {
		progress()
		show(done, all)
	})
	if err == nil && l.Reuse != "" {
		err = l.believe(ctx)
	}
	if l.in.live && !l.Quiet {
		fmt.Fprint(l.in.stderr, "\r\x1b[2K")
	}
	switch {
	case err != nil:
		return l.unseeded(err)
	case l.populated.Reused:
		l.say("  it is there already: %s says so\n", l.journal())
	default:
		l.say("  seeded by %s in %s\n", l.seeder.Name(), time.Since(began).Round(time.Millisecond))
	}
	return nil
}

// seeding shows on a terminal how far the seeding is.
func (l *loading) seeding() func(done, all int) {
	shown := time.Time{}
	return func(done, all int) {
		if !l.in.live || l.Quiet || time.Since(shown) <= redraw && done != all {
			return
		}
		shown = time.Now()
		const wide = 24
		share := float64(done) / float64(max(all, 1))
		filled := int(share * wide)
		fmt.Fprintf(l.in.stderr, "\r\x1b[2K  seeding %s%s %d of %d messages, %.0f %%", strings.Repeat("█", filled),
			strings.Repeat("░", wide-filled), done, all, 100*share)
	}
}

// unseeded says why the population is not on the target, and how to go on.
func (l *loading) unseeded(err error) error {
	hint := ""
	if l.journal() != "" {
		hint = "; --run " + l.plan.Run + " with the same scenario and seed goes on from here"
	}
	if l.in.ctx.Err() != nil {
		return fail(exitIncomplete, "interrupted while seeding%s", hint)
	}
	if errors.Is(err, errNotThere) {
		hint = ""
	}
	return fail(exitTarget, "%w%s", err, hint)
}

// attackAndReport loads the target, and writes the record whatever came of it.
func (l *loading) attackAndReport() error {
	run := l.record()
	l.in.log.began(l.record())
	l.in.log.loading(l.notMeasured("it has begun"))
	entry, result, err := l.measure(run)
	if err != nil {
		return l.neverBegan(err)
	}
	run.Run.Ended = time.Now().UTC()
	run.AddLoad(entry)
	l.in.log.loaded(entry, run.Exchanges)
	l.broken = errors.Join(l.broken, l.extras(result))
	if err := l.in.deliver(run, l.Out, l.Format, !l.Quiet); err != nil {
		return errors.Join(err, l.broken)
	}
	if l.broken != nil {
		return fail(exitParley, "the report is written, but not what was wanted beside it: %w", l.broken)
	}
	return exitWith(codeOf(run))
}

// record is the record of a load before anything was measured.
func (l *loading) record() *reports.Run {
	run := &reports.Run{
		Schema: reports.Schema, Verdict: reports.Conformant, Requirements: []reports.Requirement{}, Exchanges: []reports.Exchange{}, End: true,
	}
	l.head(run)
	return run
}

// notMeasured is the entry of a scenario of which nothing is known, and why.
func (l *loading) notMeasured(why string) reports.Load {
	entry := loadgen.NotMeasured(l.scenario.Name, l.rng, why)
	entry.API = l.target.API
	return entry
}

// neverBegan writes the record of a load that never began, or broke off without a result, and gives the trouble back. Where only
// the command line is to blame nothing was sent, and there is nothing to write down.
func (l *loading) neverBegan(trouble error) error {
	var exit *exitError
	known := errors.As(trouble, &exit)
	if known && exit.code == exitUsage || fixtures.IsConfiguration(trouble) {
		return trouble
	}
	run := l.record()
	run.AddLoad(l.notMeasured(trouble.Error()))
	switch {
	case l.in.ctx.Err() != nil:
		run.Stop(reports.CauseInterrupted, trouble.Error())
	case known && exit.code == exitTarget:
		run.Stop(causeOf(trouble), trouble.Error())
	}
	if err := l.in.deliver(run, l.Out, l.Format, false); err != nil {
		return errors.Join(err, trouble)
	}
	return trouble
}

// measure loads the target once, or as often as the search for its capacity takes. Samples of wrong answers go into run.
func (l *loading) measure(run *reports.Run) (entry reports.Load, result *loadgen.Result, err error) {
	if l.ceiling == 0 {
		if l.ceiling, err = loadgen.Ceiling(l.in.ctx, 64, l.Fast, l.ceilingTime); err != nil && l.in.ctx.Err() == nil {
			return entry, nil, fail(exitParley, "%w", err)
		}
		l.say("  generator: up to %.0f requests a second against a null target\n", l.ceiling)
	}
	keep := func(x *exchange.Exchange) string {
		kept := specs.ReportExchange(l.env, x)
		kept.ID = fmt.Sprintf("x%d", len(run.Exchanges)+1)
		run.Exchanges = append(run.Exchanges, kept)
		return kept.ID
	}
	if l.Capacity {
		entry, result, err = l.capacity(keep)
	} else {
		entry, result, err = l.once(keep)
	}
	if err != nil {
		return entry, result, fail(exitParley, "%w", err)
	}
	entry.API = l.target.API
	return entry, result, nil
}

// once is one attack by the scenario's schedule.
func (l *loading) once(keep func(*exchange.Exchange) string) (reports.Load, *loadgen.Result, error) {
	var results *loadgen.VegetaWriter
	if to := l.outputs.vegeta; to != nil {
		file, err := to.begin()
		if err != nil {
			return reports.Load{}, nil, err
		}
		results = loadgen.NewVegetaWriter(file, l.scenario.Name)
	}
	r, err := l.attack(l.scenario.Schedule(uint64(l.rng)), l.scenario.WarmUp, results)
	if results != nil {
		if err := results.Close(); err != nil {
			l.broken = fmt.Errorf("--vegeta: %w", err)
		}
	}
	if err != nil {
		return reports.Load{}, nil, err
	}
	return loadgen.Record(l.scenario.Name, l.rng, r, l.thresholds, keep), r, nil
}

// patience is how much longer than its schedule an attack may take by default: a target that lets requests wait for longer is
// given up.
const patience = 30 * time.Second

func (l *loading) attack(schedule loadgen.Schedule, warmUp time.Duration, results *loadgen.VegetaWriter) (*loadgen.Result, error) {
	workload, err := l.workload()
	if err != nil {
		return nil, err
	}
	watch := &loadWatch{l: l}
	a := &loadgen.Attack{
		URL: l.target.URL, Header: l.target.Header(), Timeout: l.target.Timeout, Workload: workload, Schedule: schedule, WarmUp: warmUp,
		MaxTime: cmp.Or(l.MaxTime, schedule.Duration()+patience),
		Workers: l.Workers, Fast: l.Fast, Check: l.check, Known: l.known, Seed: uint64(l.rng) + l.attempts, Ceiling: l.ceiling,
		Target: l.use, Watched: l.watched, Progress: watch.show,
	}
	if results != nil {
		a.Outcome = func(o loadgen.Outcome) {
			o.URL = l.in.secrets.Text(o.URL)
			results.Add(o)
		}
	}
	l.attempts++
	defer watch.close()
	return a.Run(l.in.ctx)
}

// extras writes what other tools read.
func (l *loading) extras(r *loadgen.Result) error {
	write := func(to *output, f func(io.Writer) error) error {
		if to == nil || r == nil {
			return nil
		}
		file, err := to.begin()
		if err != nil {
			return err
		}
		clean := l.in.secrets.Writer(file)
		if err := errors.Join(f(clean), clean.Flush()); err != nil {
			return fmt.Errorf("%s: %w", to.flag, err)
		}
		return nil
	}
	return errors.Join(
		write(l.outputs.hdr, func(w io.Writer) error { return loadgen.WriteHistogramLog(w, r) }),
		write(l.outputs.bench, func(w io.Writer) error { return loadgen.WriteBenchmark(w, l.scenario.Name, r) }),
	)
}

// head fills in what an attack does not know.
func (l *loading) head(run *reports.Run) {
	run.Run = reports.Header{
		ID: l.plan.Run, RNG: l.rng, Started: l.started.UTC(), Ended: time.Now().UTC(), Parley: version,
		Argv: withoutSecrets(append([]string{"parley"}, l.in.args...), l.in.secrets),
	}
	run.Target = reports.Target{
		URL: l.target.URL, API: l.target.API, Profile: l.target.Profile, SeedDriver: l.target.Seed.Driver, Consistency: l.target.Consistency,
		Capabilities: l.target.Capabilities(),
	}
	if l.embedded {
		run.Target.Notes = append(run.Target.Notes, embeddedNote)
	}
	if l.check < 1 {
		run.Target.Notes = append(run.Target.Notes, fmt.Sprintf("only %s of the answers were looked at (--check)", l.Check))
	}
}

func (l *loading) say(format string, args ...any) {
	if !l.Quiet {
		fmt.Fprintf(l.in.stderr, format, args...)
	}
}
