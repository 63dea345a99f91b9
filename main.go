// Parley checks chat servers against the documented conversation APIs, and measures how much sync traffic they bear.
//
// This file parses and dispatches; each verb has a file of its own, and exit.go decides the exit code.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reports/redact"
)

// version is set by the build.
var version = "dev"

// exitError ends parley with a code. A nil err says that everything was said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}
func (e *exitError) Unwrap() error { return e.err }

func fail(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

// commandLine is what parley takes. Every verb's struct has a Run method, in the file of the verb's name.
type commandLine struct {
	Run     runVerb     `cmd:"" help:"The main job: test a target, or the embedded reference where none is given, and write a report."`
	Conform conformVerb `cmd:"" help:"The conformance suite against a target."`
	Serve   serveVerb   `cmd:"" help:"Serve the in-memory reference."`
	Load    loadVerb    `cmd:"" help:"One load scenario against a target; --capacity searches the highest rate."`
	Catalog catalogVerb `cmd:"" help:"The documented statements: list them, or show one with its quote and its specs."`
	Mutate  mutateVerb  `cmd:"" help:"Prove the suite: run it against every fault of the reference."`
	Report  reportVerb  `cmd:"" help:"Stored results: render them again, or recover those of a run that was killed."`
	Clean   cleanVerb   `cmd:"" help:"Remove what a run left on a target, by the run's id."`
	Guard   guardVerb   `cmd:"" name:"guard" hidden:""`

	NoColor bool             `help:"No colours." env:"PARLEY_NO_COLOR"`
	Version kong.VersionFlag `help:"Print the version."`
}

// invocation is what a verb may know of the world outside.
type invocation struct {
	ctx     context.Context
	args    []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	environ func(string) (string, bool)
	colour  bool
	live    bool            // stderr is a terminal: progress may be redrawn
	width   int             // of that terminal
	secrets *redact.Secrets // what leaves through no stream and stands in no file
	log     *growing        // what the run has found so far; nil: it writes no record
}

func main() {
	width, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil {
		width = 80
	}
	os.Exit(parley(&invocation{
		ctx: untilAsked(os.Exit), args: os.Args[1:], stdin: os.Stdin, stdout: outlet{os.Stdout}, stderr: outlet{os.Stderr}, environ: os.LookupEnv,
		colour: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		live:   term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb", width: width,
	}))
}

// parley runs one command line and gives the exit code.
func parley(in *invocation) (code int) {
	defer in.hush()()
	defer func() {
		if p := recover(); p != nil {
			if exit, ok := p.(kongExit); ok {
				code = int(exit)
				return
			}
			fmt.Fprintf(in.stderr, "parley: a fault of parley itself: %v\n", p)
			code = exitParley
		}
		in.log.close()
	}()
	var line commandLine
	parser, err := kong.New(&line, kong.Name("parley"), kong.Description(description), kong.Vars{"version": version},
		kong.Writers(in.stdout, in.stderr), kong.Exit(func(code int) { panic(kongExit(code)) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err)
	}
	parsed, err := parser.Parse(in.args)
	if err != nil {
		fmt.Fprintf(in.stderr, "parley: %v\nSee parley --help, or parley VERB --help.\n", err)
		return exitUsage
	}
	in.colour = in.colour && !line.NoColor
	return in.told(parsed.Run(in))
}

// kongExit carries the code with which kong wants to exit, after --help and --version.
type kongExit int

const description = `Checks chat servers against the documented conversation APIs of WuKongIM, Ozeki Chat and Yunhu, and measures what they bear.

Exit codes: 0 conformant, 1 non-conformant, 2 usage or configuration, 3 the target cannot be reached or seeded, 4 incomplete, 5 the known deviations are stale, 70 a fault of parley.`

// told says what went wrong, and gives the exit code for it: the one place where that is decided.
func (in *invocation) told(err error) int {
	if err == nil {
		return exitOK
	}
	code := exitParley
	var exit *exitError
	switch {
	case errors.As(err, &exit):
		code = exit.code
		if exit.err == nil {
			return code
		}
	case fixtures.IsConfiguration(err):
		code = exitUsage
	}
	fmt.Fprintf(in.stderr, "parley: %s\n", strings.TrimSpace(err.Error()))
	return code
}
