package main

import (
	"slices"

	"github.com/parley-im/parley/reports"
)

// The exit codes that other programs rely on.
const (
	exitOK            = 0
	exitNonConformant = 1
	exitUsage         = 2
	exitTarget        = 3
	exitIncomplete    = 4
	exitStale         = 5
	exitParley        = 70
)

// precedence orders the codes: of several that hold, the first one here is the exit code.
var precedence = []int{exitParley, exitUsage, exitTarget, exitNonConformant, exitIncomplete, exitStale, exitOK}

// gravest is the code that wins where all of these hold; none: exitOK.
func gravest(codes ...int) int {
	for _, code := range precedence {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitOK
}

// codeOf is the exit code that a record stands for.
func codeOf(run *reports.Run) int {
	var codes []int
	holds := func(is bool, code int) {
		if is {
			codes = append(codes, code)
		}
	}
	holds(run.Counts.Error > 0 || run.Cause == reports.CauseParley, exitParley)
	holds(run.Cause == reports.CauseUnreachable || run.Cause == reports.CauseUnseeded, exitTarget)
	holds(run.Counts.Fail > 0 || run.Verdict == reports.NonConformant, exitNonConformant)
	holds(run.Cause != "" || run.Verdict != reports.Conformant && run.Verdict != reports.NonConformant, exitIncomplete)
	holds(run.Counts.Stale > 0, exitStale)
	return gravest(codes...)
}

// exitWith is the error that ends a verb with a code, where everything was said already; nil: exitOK.
func exitWith(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}
