package main

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
)

// loadVerb runs one load scenario.
type loadVerb struct {
	targetFlags
	Scenario  string        `name:"scenario" default:"inbox" env:"PARLEY_SCENARIO" placeholder:"NAME" help:"An embedded scenario, or a YAML file (${default})."`
	Scenarios bool          `name:"scenarios" help:"List the embedded scenarios, and send nothing."`
	Rate      float64       `name:"rate" placeholder:"N" help:"A constant rate of N requests a second, instead of the scenario's schedule."`
	Duration  time.Duration `name:"duration" placeholder:"D" help:"How long the load lasts: the scenario's schedule is cut, or --rate goes on so long."`
	WarmUp    time.Duration `name:"warm-up" default:"-1ns" placeholder:"D" help:"What is cut off at the beginning, instead of the scenario's."`
	MaxTime   time.Duration `name:"max-time" placeholder:"D" help:"How long an attack may take before the target is given up (the schedule and 30s), and the seeding before it."`
	Users     int           `name:"users" placeholder:"N" help:"Users of the population, instead of the scenario's."`
	Workers   int           `name:"workers" placeholder:"N" default:"10000" help:"The most requests at a time (${default})."`
	Fast      bool          `name:"fast" help:"Send with fasthttp instead of net/http: less work a request, HTTP/1.1 only."`
	Check     string        `name:"check" default:"100%" placeholder:"P" help:"The share of answers that is looked at (${default})."`
	Threshold []string      `name:"threshold" placeholder:"COND" help:"Conditions instead of the scenario's, such as p99<50ms,violations=0."`
	Capacity  bool          `name:"capacity" help:"Search the highest rate that --slo allows."`
	SLO       string        `name:"slo" default:"p99<100ms,violations=0,errors<0.1%" placeholder:"COND" help:"What a rate must keep to (${default})."`
	MaxRate   float64       `name:"max-rate" default:"20000" placeholder:"N" help:"Where the search for capacity ends (${default})."`
	Reuse     string        `name:"run" placeholder:"ID" help:"Use the population of an earlier run; its journal must be in --out."`
	TargetPID int           `name:"target-pid" placeholder:"PID" help:"The target's process on this machine: its CPU and memory go into the report."`
	Scrape    string        `name:"scrape" placeholder:"URL" help:"The target's Prometheus metrics: its CPU and memory go into the report."`
	Watch     []string      `name:"watch" placeholder:"NAME" help:"A metric of --scrape that is plotted as well, such as go_goroutines."`
	Metrics   string        `name:"metrics" placeholder:"ADDR" help:"Serve Prometheus metrics there while it runs, such as 127.0.0.1:9464."`
	Vegeta    string        `name:"vegeta" placeholder:"FILE" help:"Also every result in Vegeta's format, for vegeta plot and vegeta report."`
	HDR       string        `name:"hdr" placeholder:"FILE" help:"Also an HdrHistogram log."`
	Bench     string        `name:"bench" placeholder:"FILE" help:"Also Go's benchmark format, for benchstat."`
	Out       string        `name:"out" default:"parley-report" env:"PARLEY_OUT" placeholder:"DIR" help:"Where the report goes."`
	Format    []string      `name:"format" default:"json,html,md" env:"PARLEY_FORMAT" enum:"json,junit,html,md" placeholder:"LIST" help:"Of json, junit, html, md; report.json is always written."`
	RNG       *int64        `name:"rng" env:"PARLEY_RNG" placeholder:"N" help:"Seed of everything random: the same seed plans the same requests."`
	Quiet     bool          `name:"quiet" short:"q" env:"PARLEY_QUIET" help:"Neither progress nor summary: the report and the exit code speak."`
}

func (v *loadVerb) Run(in *invocation) error {
	in.silence(v.Quiet)
	l, err := v.prepare(in)
	if err != nil || l == nil {
		return err
	}
	defer l.outputs.close()
	stop, err := l.start()
	defer stop()
	if err != nil {
		return l.neverBegan(err)
	}
	unserve, err := l.serveMetrics()
	if err != nil {
		return err
	}
	defer unserve()
	if err := l.find(); err != nil {
		return l.neverBegan(err)
	}
	if err := l.populate(); err != nil {
		return l.neverBegan(err)
	}
	return l.attackAndReport()
}

// serveMetrics serves Prometheus metrics while the load runs, where somebody wants them.
func (l *loading) serveMetrics() (stop func(), err error) {
	if l.Metrics == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", l.Metrics)
	if err != nil {
		return nil, fail(exitUsage, "--metrics %s: %w", l.Metrics, err)
	}
	server := &http.Server{Handler: l.in.cleanAnswers(&l.metrics), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return func() { _ = server.Close() }, nil
}

// prepare checks everything that can be checked before anything is sent. Nothing is prepared where nothing is to run.
func (v *loadVerb) prepare(in *invocation) (*loading, error) {
	target, file, err := v.load(in)
	if err != nil {
		return nil, err
	}
	if v.Scenarios {
		for _, s := range loadgen.Scenarios(target.API) {
			fmt.Fprintf(in.stdout, "%-16s %s\n", s.Name, s.Summary)
		}
		return nil, nil
	}
	if v.Reuse != "" {
		if err := checkRun(v.Reuse); err != nil {
			return nil, err
		}
	}
	l, err := v.loading(in, target, seedOf(v.RNG))
	if err != nil {
		return nil, err
	}
	if file != nil {
		l.excuse(file.Deviations)
	}
	if err := checkOut(v.Out); err != nil {
		return nil, err
	}
	if l.outputs, err = v.openOutputs(); err != nil {
		return nil, err
	}
	_, err = grow(in, v.Out)
	return l, err
}

// loading checks the scenario and everything else that is asked for, against what the family of the target has.
func (v *loadVerb) loading(in *invocation, target fixtures.Target, rng int64) (*loading, error) {
	l := &loading{loadVerb: v, in: in, target: target, embedded: target.Embedded(), started: time.Now(), rng: rng, ceilingTime: time.Second}
	var err error
	if l.scenario, err = loadgen.FindScenario(target.API, v.Scenario); err != nil {
		return nil, err
	}
	if err := l.flags(); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	l.draw(newRunID())
	if _, err := l.workload(); err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("the scenario %s: %w", l.scenario.Name, err)}
	}
	if l.TargetPID != 0 {
		if l.use, err = loadgen.Process(l.TargetPID); err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("--target-pid: %w", err)}
		}
	}
	return l, nil
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
	if l.MaxTime < 0 {
		return fmt.Errorf("--max-time %s: it must be above 0", l.MaxTime)
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
	return l.judgedBy()
}

// judgedBy reads what the answers and the figures are held against.
func (l *loading) judgedBy() error {
	number, isShare := strings.CutSuffix(l.Check, "%")
	percent, err := strconv.ParseFloat(number, 64)
	if !isShare || err != nil || !(percent > 0 && percent <= 100) {
		return fmt.Errorf("--check %q: write a share such as 10%%", l.Check)
	}
	l.check = percent / 100
	l.thresholds = l.scenario.Thresholds
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
	l.thresholds = loadgen.WithoutViolations(l.thresholds)
	if l.slo, err = loadgen.ParseThresholds(l.SLO); err != nil {
		return fmt.Errorf("--slo: %w", err)
	}
	if len(l.Watch) > 0 && l.Scrape == "" {
		return fmt.Errorf("--watch names a metric of --scrape: give its URL")
	}
	return nil
}
