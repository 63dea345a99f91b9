package main

import (
	"errors"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reports"
)

// runVerb is the main job: the conformance suite, then load on the same target, and one report of all that was seen.
type runVerb struct {
	suiteFlags
	Scenario string `name:"scenario" default:"smoke" env:"PARLEY_SCENARIO" placeholder:"NAME" help:"The load that follows the suite: an embedded scenario, a YAML file, or none (${default})."`
}

// withoutLoad is the scenario of a run that is nothing but the suite.
const withoutLoad = "none"

func (v *runVerb) Run(in *invocation) error {
	return v.conform(in, suiteJob{everything: true, scenario: v.Scenario})
}

// follow prepares the load that follows the suite of a plan. Nothing is sent so far: a scenario that cannot be is refused
// before the suite begins.
func (f *suiteFlags) follow(in *invocation, p *plan, scenario string, rng int64) error {
	if scenario == "" || scenario == withoutLoad {
		return nil
	}
	verb := &loadVerb{
		targetFlags: f.targetFlags, Scenario: scenario, WarmUp: -1, Workers: loadgen.DefaultWorkers, Check: "100%", Out: f.Out, Quiet: f.Quiet,
		SLO: "errors=0",
	}
	l, err := verb.loading(in, p.target, rng)
	if err != nil {
		return err
	}
	l.ceilingTime = 300 * time.Millisecond // nobody waits for more than a rough figure here
	p.load = l
	return nil
}

// mostAttempts is how often a short load is measured where something held the generator up: on a busy machine a second
// is soon spoiled, and as soon measured again.
const mostAttempts = 3

// shortLoad is how long a scenario may last to be measured again.
const shortLoad = 10 * time.Second

// loadAfter loads the target that the suite has judged, with a population under the same run id, and adds what came of it
// to the suite's record.
func (p *plan) loadAfter(o *outcome, ceiling float64) error {
	l := p.load
	l.target, l.seeder, l.env, l.embedded, l.ceiling = p.target, o.env.Seeder, o.env, p.embedded, ceiling
	l.excuse(p.deviations)
	l.draw(o.env.Run)
	if err := l.observe(p.life); err != nil {
		return err
	}
	err := l.populate()
	switch {
	case errors.Is(err, fixtures.ErrNotOffered):
		o.run.Target.Notes = append(o.run.Target.Notes, "no load: the seeding driver "+l.seeder.Name()+" cannot put a population onto the target")
		return nil
	case err != nil:
		o.run.AddLoad(l.notMeasured(err.Error()))
		if p.load.in.ctx.Err() == nil {
			o.run.Stop(reports.CauseUnseeded, err.Error())
		}
		return nil
	}
	l.in.log.loading(l.notMeasured("it has begun"))
	before := len(o.run.Exchanges)
	entry, err := p.measured(o.run)
	if err != nil {
		return err
	}
	l.in.log.loaded(entry, o.run.Exchanges[before:])
	o.run.AddLoad(entry)
	return nil
}

// measured measures once, or again where something but the target spoiled a short measurement.
func (p *plan) measured(run *reports.Run) (entry reports.Load, err error) {
	before := len(run.Exchanges)
	for range mostAttempts {
		run.Exchanges = run.Exchanges[:before]
		entry, _, err = p.load.measure(run)
		if err != nil || entry.Generator.Healthy || entry.Violating > 0 || entry.DurationS > shortLoad.Seconds() || p.load.in.ctx.Err() != nil {
			break
		}
		p.load.say("  %s: it is measured again\n", entry.Reasons[0])
	}
	return entry, err
}
