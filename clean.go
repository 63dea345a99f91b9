package main

import (
	"fmt"

	"github.com/parley-im/parley/reference/runid"
)

// cleanVerb removes what a run left on a target.
type cleanVerb struct {
	targetFlags
	ID string `name:"run" required:"" placeholder:"ID" help:"The run's id, p and 8 hex digits, as the report and the summary give it."`
}

// checkRun refuses an id that no run of parley has, whatever it leads to: names and files are made of it.
func checkRun(id string) error {
	if !runid.Is(id) {
		return fail(exitUsage, "--run %q is no run's id: it is p and 8 hex digits, such as p1a2b3c4d", id)
	}
	return nil
}

func (v *cleanVerb) Run(in *invocation) error {
	if err := checkRun(v.ID); err != nil {
		return err
	}
	target, _, err := v.load(in)
	if err != nil {
		return err
	}
	if target.URL == "" {
		return fail(exitUsage, "there is nothing to clean without --target: what parley starts itself is gone when it stops")
	}
	seeder, err := in.seeder(target)
	if err != nil {
		return err
	}
	if err := seeder.Clean(in.ctx, v.ID); err != nil {
		return &exitError{exitTarget, err}
	}
	fmt.Fprintf(in.stdout, "removed everything of run %s from %s\n", v.ID, target.URL)
	return nil
}
