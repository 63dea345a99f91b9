package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/runid"
)

// cleanVerb removes what a run left on a target.
type cleanVerb struct {
	targetFlags
	ID  string `name:"run" required:"" placeholder:"ID" help:"The run's id, p and 8 hex digits, as the report and the summary give it."`
	Out string `name:"out" default:"parley-report" env:"PARLEY_OUT" placeholder:"DIR" help:"Where the run's report went: the driver native finds there what the run made."`
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
	seeder, err := in.seeder(target, "")
	if err != nil {
		return err
	}
	if remover, ok := seeder.Seeder.(fixtures.Remover); ok {
		return v.remove(in, target, remover)
	}
	if err := seeder.Clean(in.ctx, v.ID); err != nil {
		return &exitError{exitTarget, err}
	}
	fmt.Fprintf(in.stdout, "removed everything of run %s from %s\n", v.ID, target.URL)
	return nil
}

// remove takes away what the run noted down that it made.
func (v *cleanVerb) remove(in *invocation, target fixtures.Target, remover fixtures.Remover) error {
	conversations, err := fixtures.ReadMade(v.Out, v.ID)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &exitError{exitTarget, fmt.Errorf("%w; what the run made stands in %s, which is not there: --out names the folder of its report",
			remover.Clean(in.ctx, v.ID), fixtures.MadeFile(v.Out, v.ID))}
	case err != nil:
		return &exitError{exitUsage, err}
	}
	stays, err := remover.Remove(in.ctx, v.ID, conversations)
	if err != nil {
		return &exitError{exitTarget, err}
	}
	fmt.Fprintf(in.stdout, "conversations of run %s removed from %s: %d; what stays: %s\n", v.ID, target.URL, len(conversations), stays)
	return nil
}
