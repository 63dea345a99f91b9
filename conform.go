package main

import (
	"cmp"
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/console"
	"github.com/parley-im/parley/reports/redact"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
)

// conformVerb runs the conformance suite.
type conformVerb struct {
	suiteFlags
}

func (v *conformVerb) Run(in *invocation) error { return v.conform(in, suiteJob{}) }

// targetFlags say which target, from flags, the environment and a target file.
type targetFlags struct {
	Config string `name:"config" env:"PARLEY_CONFIG" placeholder:"FILE" help:"Target file (parley.yaml where there is one)."`
	fixtures.Flags
}

// suiteFlags are those of a suite run.
type suiteFlags struct {
	targetFlags
	Out         string        `name:"out" default:"parley-report" env:"PARLEY_OUT" placeholder:"DIR" help:"Where the report goes."`
	Format      []string      `name:"format" default:"json,junit,html,md" env:"PARLEY_FORMAT" enum:"json,junit,html,md" placeholder:"LIST" help:"Of json, junit, html, md; report.json is always written."`
	RNG         *int64        `name:"rng" env:"PARLEY_RNG" placeholder:"N" help:"Seed of everything random: the same seed sends the same requests."`
	Filter      string        `name:"filter" env:"PARLEY_FILTER" placeholder:"EXPR" help:"Only specs with these labels, such as MUST, WK-SYNC-08 or 'sync && !destructive'."`
	Deviations  string        `name:"deviations" env:"PARLEY_DEVIATIONS" placeholder:"FILE" help:"Known deviations of the target: they must still fail."`
	List        bool          `name:"list" help:"List the specs that would run, and send nothing."`
	Wait        time.Duration `name:"wait" default:"30s" env:"PARLEY_WAIT" placeholder:"TIME" help:"How long to wait for a target that went away (${default})."`
	MaxTime     time.Duration `name:"max-time" default:"10m" env:"PARLEY_MAX_TIME" placeholder:"TIME" help:"The most that the suite may take as a whole (${default})."`
	Destructive bool          `name:"destructive" env:"PARLEY_DESTRUCTIVE" help:"Also send what has taken real servers down."`
	Quiet       bool          `name:"quiet" short:"q" env:"PARLEY_QUIET" help:"Neither progress nor summary: the report and the exit code speak."`
}

// suiteJob is what a verb wants beside the suite itself.
type suiteJob struct {
	everything bool   // the references of all APIs, where the invocation leaves the target open
	scenario   string // of the load that follows; empty: none
}

// plan is a suite run that is ready to begin: nothing was sent so far.
type plan struct {
	target     fixtures.Target
	family     family
	catalog    *catalog.Family
	specs      []*specs.Spec
	deviations []fixtures.Deviation
	embedded   bool
	life       fixtures.Life // of a container or a command that was started; nil: neither
	load       *loading      // what follows the suite; nil: nothing
}

// load reads the target file, the named one or parley.yaml where it stands in the working directory.
func (f *targetFlags) load(in *invocation) (fixtures.Target, *fixtures.File, error) {
	path := f.Config
	if path == "" {
		if _, err := os.Stat("parley.yaml"); err == nil {
			path = "parley.yaml"
		}
	}
	var file *fixtures.File
	if path != "" {
		var err error
		if file, err = fixtures.Load(path, in.environ); err != nil {
			return fixtures.Target{}, nil, err
		}
	}
	target, err := file.Overlay(f.Flags)
	in.keep(target)
	return target, file, err
}

// plans are what is to run: one target, or the references of all APIs where everything is true of the invocation that
// leaves them open.
func (f *suiteFlags) plans(in *invocation, everything bool) ([]*plan, error) {
	target, file, err := f.load(in)
	if err != nil {
		return nil, err
	}
	if !everything || !target.Embedded() || file != nil || f.API != "" || f.Profile != "" {
		p, err := f.plan(target, file)
		return []*plan{p}, err
	}
	var all []*plan
	var empty error
	for _, api := range fixtures.APIs() {
		flags := f.Flags
		flags.API = api
		if flags.SeedDriver == fixtures.DriverNative && !fixtures.SeedsNatively(api) {
			flags.SeedDriver = "" // the others' wish: this one goes by its default
		}
		if target, err = file.Overlay(flags); err != nil {
			return nil, err
		}
		p, err := f.plan(target, nil)
		switch {
		case errors.As(err, new(*specs.EmptyError)):
			empty = err
		case err != nil:
			return nil, err
		default:
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil, empty
	}
	return all, nil
}

func (f *suiteFlags) plan(target fixtures.Target, file *fixtures.File) (*plan, error) {
	p := &plan{target: target, family: families[target.API], embedded: target.Embedded()}
	var err error
	if p.catalog, err = catalog.Of(target.API); err != nil {
		return nil, err
	}
	all, err := p.family.specs.Specs(target.Profile)
	if err != nil {
		return nil, err
	}
	if p.specs, err = specs.Select(all, f.Filter); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if file != nil {
		p.deviations = file.Deviations
	}
	if f.Deviations != "" {
		if p.deviations, err = fixtures.LoadDeviations(f.Deviations); err != nil {
			return nil, err
		}
	}
	if stale := specs.CheckDeviations(p.deviations, p.catalog, all, target.Profile); len(stale) > 0 {
		return nil, fail(exitStale, "the known deviations are stale: %w", errors.Join(stale...))
	}
	return p, nil
}

// outcome is what came of one plan.
type outcome struct {
	run     *reports.Run
	session *specs.Session
	env     *specs.Env
	trouble error // what kept the suite from beginning
}

// conform carries the plans out, writes one report of them, and says what came of it.
func (f *suiteFlags) conform(in *invocation, job suiteJob) error {
	in.silence(f.Quiet)
	plans, err := f.plans(in, job.everything)
	if err != nil {
		return err
	}
	if f.List {
		return list(in, plans)
	}
	if f.Wait < 0 || f.MaxTime <= 0 {
		return fail(exitUsage, "--wait must not be below 0, and --max-time must be above it")
	}
	if err := checkOut(f.Out); err != nil {
		return err
	}
	rng := seedOf(f.RNG)
	for _, p := range plans {
		if err := f.follow(in, p, job.scenario, rng); err != nil {
			return err
		}
	}
	if _, err := grow(in, f.Out); err != nil {
		return err
	}
	var all []*outcome
	var runs []*reports.Run
	ceiling := 0.0 // of the generator: it is measured once
	var broken error
	for _, p := range plans {
		var o *outcome
		if o, broken = f.carryOut(in, p, rng, &ceiling); o != nil {
			all, runs = append(all, o), append(runs, o.run)
		}
		if broken != nil {
			break
		}
	}
	if len(runs) == 0 {
		return broken
	}
	whole := reports.Merge(runs)
	said := exitWith(codeOf(whole))
	for _, o := range all {
		if o.trouble != nil && in.ctx.Err() == nil {
			broken = cmp.Or(broken, troubled(in, o.env, o.trouble))
		}
	}
	if err := in.deliver(whole, f.Out, f.Format, !f.Quiet && broken == nil); err != nil {
		return errors.Join(err, broken)
	}
	return cmp.Or(broken, said)
}

// carryOut runs the suite against one target. The error is one of parley or of its settings; what is the target's stands in
// the outcome.
func (f *suiteFlags) carryOut(in *invocation, p *plan, rng int64, ceiling *float64) (*outcome, error) {
	stop, trouble := p.start(in.ctx)
	defer stop()
	env, err := p.env(in, f, rng)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	o := &outcome{env: env, trouble: trouble, session: unbegun(in, p)}
	if trouble == nil {
		o.session, o.trouble = f.judge(in, p, env)
	}
	o.run = o.session.Outcome(p.catalog, env, p.deviations, f.Filter != "")
	f.head(o.run, in, p, env, started)
	o.run.Target.Server = serverOf(env)
	if o.trouble != nil && in.ctx.Err() == nil {
		o.run.Stop(causeOf(o.trouble), o.trouble.Error())
	}
	if p.load != nil && o.trouble == nil && o.session.Stopped == nil {
		err = p.loadAfter(o, *ceiling)
		*ceiling = p.load.ceiling
		o.run.Run.Ended = time.Now().UTC()
	}
	p.logsOf(o.run, o.trouble)
	return o, err
}

func (p *plan) env(in *invocation, f *suiteFlags, rng int64) (*specs.Env, error) {
	t := p.target
	if t.Doer == nil {
		t.Doer = specs.NewLink(nil) // the suite and the seeding share its connections
	}
	out := f.Out
	if p.embedded || p.life != nil { // what parley started goes with all that is in it
		out = ""
	}
	seeder, err := in.seeder(t, out)
	if err != nil {
		return nil, err
	}
	env := environment(in.secrets, t, seeder, p.life, rng, newRunID())
	if p.life != nil {
		env.Capabilities = append(env.Capabilities, specs.Restartable)
	}
	env.Eventual, env.Settle, env.Clock = t.Consistency == fixtures.Eventual, t.Settle, t.Clock
	env.Destructive = f.Destructive || p.embedded
	env.Doer, env.Wait, env.MaxTime = t.Doer, max(f.Wait, 1), f.MaxTime
	if t.Seed.Driver == fixtures.DriverHook {
		env.SeedURL = t.Seed.URL
	}
	return env, nil
}

// environment is what the suite, the load and the report must know of a target, and what no report may show.
func environment(secrets *redact.Secrets, t fixtures.Target, seeder fixtures.Seeder, life fixtures.Life, rng int64, run string) *specs.Env {
	return &specs.Env{
		URL: t.URL, Profile: t.Profile, AuthHeader: t.Auth.Header, AuthValue: t.Auth.Value, AuthDenied: t.Auth.Denied, Secrets: secrets,
		Timeout: t.Timeout, Capabilities: t.Capabilities(), Seeder: seeder, Life: life, RNG: rng, Run: run,
	}
}

// seedOf is the seed that a flag gives, or one by chance.
func seedOf(flag *int64) int64 {
	if flag != nil {
		return *flag
	}
	return rand.Int64()
}

// newRunID names everything that a run makes: p and 8 hex digits. It does not follow from the seed: two runs with one seed never
// meet. What the seed repeats is the requests, but for this id in their names.
func newRunID() string {
	var id [4]byte
	_, _ = cryptorand.Read(id[:]) // it cannot fail
	return fmt.Sprintf("p%x", id)
}

// judge runs the suite. The error is what kept it from beginning.
func (f *suiteFlags) judge(in *invocation, p *plan, env *specs.Env) (*specs.Session, error) {
	limit, flag := firstLook+f.Wait, "--wait"
	if f.MaxTime < limit {
		limit, flag = f.MaxTime, "--max-time"
	}
	if err := prepare(in.ctx, p.family.specs, env, limit, flag); err != nil {
		return unbegun(in, p), err
	}
	watch := newProgress(in, p.specs, f.Quiet)
	defer watch.close()
	watch.begin(p.family.title, env)
	env.Told = watch.note
	planned := specs.Planned(p.specs, p.catalog, env, f.Filter != "")
	f.head(planned, in, p, env, time.Now())
	in.log.began(planned)
	return specs.Run(in.ctx, p.specs, env, func(e specs.Event) {
		in.log.judged(e.Changed(p.catalog, env, p.deviations))
		watch.event(e)
	}), nil
}

// unbegun is a session in which nothing was judged.
func unbegun(in *invocation, p *plan) *specs.Session {
	session := &specs.Session{Specs: p.specs}
	if in.ctx.Err() != nil {
		session.Stopped = &specs.Stopped{Cause: reports.CauseInterrupted, Reason: "interrupted before the first spec"}
	}
	return session
}

// firstLook is how long it may take to see whether the target is what it should be, and to seed it for the first time.
const firstLook = time.Minute

// prepare makes sure that the target is what it should be, and finds a run id under which no earlier run's data is in the
// way. A target that drips its answers is not looked at for longer than limit, which flag makes longer.
func prepare(ctx context.Context, family specs.Family, env *specs.Env, limit time.Duration, flag string) error {
	over := fmt.Sprintf("the target answers too slowly: a first look at it was not done after %s (%s lets it take longer)", limit, flag)
	ctx, done := specs.Bound(ctx, env, limit, over)
	defer done()
	err := look(ctx, family, env)
	var stopped *specs.Stopped
	if err != nil && errors.As(context.Cause(ctx), &stopped) {
		return stopped
	}
	return err
}

func look(ctx context.Context, family specs.Family, env *specs.Env) error {
	if err := specs.Reach(ctx, env); err != nil {
		return err
	}
	const attempts = 3
	for range attempts {
		if err := makeRoom(ctx, env); err != nil {
			return err
		}
		if err := specs.Preflight(ctx, family, env); !errors.Is(err, specs.ErrRunTaken) {
			return err
		}
		env.Run = newRunID()
	}
	return nil // a target that always answers so is judged by the suite
}

// makeRoom has the drivers that can do so remove what stands under the run's name. It is the first call to them, so that its error
// is about the driver and not about anything left.
func makeRoom(ctx context.Context, env *specs.Env) error {
	driver := env.Seeder.Name()
	if driver != fixtures.DriverHook && driver != fixtures.DriverExec {
		return nil
	}
	err := env.Seeder.Clean(ctx, env.Run)
	var failed *fixtures.SeedError
	if errors.As(err, &failed) {
		first := *failed
		first.Tried = "use the seeding driver " + driver + " (its call clean)"
		return &first
	}
	return err
}

// embeddedNote is what a reader must know of a run without a target.
const embeddedNote = "the target was the reference that is built into parley; under load it shares the generator's processor"

// head fills in what the session does not know.
func (f *suiteFlags) head(run *reports.Run, in *invocation, p *plan, env *specs.Env, started time.Time) {
	run.Run = reports.Header{
		ID: env.Run, RNG: env.RNG, Started: started.UTC(), Ended: time.Now().UTC(), Parley: version, Catalog: p.catalog.Digest(),
		Argv: withoutSecrets(append([]string{"parley"}, in.args...), in.secrets),
	}
	notes := run.Target.Notes
	run.Target = reports.Target{
		URL: env.URL, API: p.target.API, Profile: p.target.Profile, SeedDriver: env.Seeder.Name(),
		Consistency: p.target.Consistency, Capabilities: env.Capabilities,
	}
	if p.family.note != "" {
		run.Target.Notes = append(run.Target.Notes, p.family.note)
	}
	if p.embedded {
		run.Target.Notes = append(run.Target.Notes, embeddedNote)
	}
	run.Target.Notes = append(run.Target.Notes, notes...)
}

// causeOf is why a suite did not begin, in one word.
func causeOf(trouble error) reports.Cause {
	var stopped *specs.Stopped
	if errors.As(trouble, &stopped) {
		return stopped.Cause
	}
	if errors.As(trouble, new(*fixtures.SeedError)) {
		return reports.CauseUnseeded
	}
	return reports.CauseUnreachable
}

// troubled says why the suite could not begin, with the exchange.
func troubled(in *invocation, env *specs.Env, trouble error) error {
	var seeding *fixtures.SeedError
	if errors.As(trouble, &seeding) && seeding.Exchange != nil {
		console.Exchange(in.stderr, specs.ReportExchange(env, seeding.Exchange), in.colour)
	}
	return fail(codeOf(&reports.Run{Cause: causeOf(trouble)}), "%s", trouble.Error())
}

// serverOf is what the target says of itself.
func serverOf(env *specs.Env) string {
	if env.Doer == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), min(env.Timeout, 2*time.Second))
	defer cancel()
	x := exchange.Do(ctx, env.Doer, exchange.Request{Method: "GET", URL: env.URL}, 1<<16, false)
	if x.Response == nil {
		return ""
	}
	return x.Response.Header.Get("Server")
}

func list(in *invocation, plans []*plan) error {
	for _, p := range plans {
		for _, spec := range p.specs {
			if _, err := fmt.Fprintf(in.stdout, "%-12s %-6s %s\n", spec.Requirement.ID, spec.Level, spec.Title); err != nil {
				return err
			}
		}
	}
	return nil
}
