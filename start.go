package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/fixtures/container"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reports"
)

// start starts the target where parley is to start it: the embedded reference, a container or a command. Whatever comes of
// it, stop must be called: it removes what was started.
func (p *plan) start(ctx context.Context) (stop func(), err error) {
	switch t := p.target; {
	case p.embedded:
		return p.startEmbedded()
	case t.Container != nil:
		spec := *t.Container
		spec.Wait.Header = t.Header()
		return p.startServer(func(watch *fixtures.Watch) (fixtures.Started, error) { return container.Start(ctx, spec, watch) })
	case t.Command != nil:
		spec := *t.Command
		spec.Wait.Header = t.Header()
		return p.startServer(func(watch *fixtures.Watch) (fixtures.Started, error) { return fixtures.StartCommand(ctx, spec, watch) })
	}
	return func() {}, nil
}

func (p *plan) startEmbedded() (func(), error) {
	embedded := p.family.embedded(p.target.Profile)
	embedded.Seed, embedded.Timeout, embedded.Clock = p.target.Seed, p.target.Timeout, &clock.Skipping{}
	var handler http.Handler
	if p.family.restartable != nil {
		served, life, err := p.family.restartable(embedded)
		if err != nil {
			return func() {}, err
		}
		handler, p.life = served, life
	}
	started, stop, err := p.family.start(embedded, handler)
	if err != nil {
		return func() {}, err
	}
	p.target = started
	return stop, nil
}

func (p *plan) startServer(start func(*fixtures.Watch) (fixtures.Started, error)) (func(), error) {
	watch, err := fixtures.StartWatch(guardName)
	if err != nil {
		return func() {}, err
	}
	unwatch := func() { _ = watch.Close() } // it has nothing left to remove, or says so nowhere
	server, err := start(watch)
	if err != nil {
		return unwatch, &exitError{exitTarget, err}
	}
	p.life, p.target.URL = server, server.URL()
	if p.target.Seed.URL == "" {
		p.target.Seed.URL = server.URL() + "/_parley"
	}
	return func() {
		_ = server.Close() // what it cannot remove, the guard tries once more
		unwatch()
	}, nil
}

// logsOf adds what the server wrote to its output to a record in which something is not as it should be.
func (p *plan) logsOf(run *reports.Run, trouble error) {
	var failed *fixtures.StartError
	if errors.As(trouble, &failed) {
		run.Target.Logs = failed.Log
	}
	c := run.Counts
	if p.life == nil || run.Verdict == reports.Conformant && c.Warn+c.Stale == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	logs, err := p.life.Logs(ctx)
	if err != nil {
		logs += "\n(parley: " + err.Error() + ")"
	}
	run.Target.Logs = logs
}

// guardName is the verb of the process that removes what a parley that was killed has started.
const guardName = "guard"

// guardVerb is no verb for people: see fixtures.Watch.
type guardVerb struct{}

func (guardVerb) Run(in *invocation) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return fixtures.Guard(in.stdin, map[string]func(string) error{
		fixtures.GroupKind: fixtures.KillGroup,
		container.Kind:     container.RemoveSession,
	})
}
