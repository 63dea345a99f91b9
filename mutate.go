package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/specs/mutation"
)

// mutateVerb proves the suite: it runs against every fault of the reference, and every fault must be noticed.
type mutateVerb struct {
	API    string   `name:"api" placeholder:"NAME" help:"Only this family's faults."`
	Fault  []string `name:"fault" placeholder:"NAME" help:"Only these faults; parley serve --faults lists them."`
	Out    string   `name:"out" default:"parley-mutation" placeholder:"DIR" help:"Where the matrix goes."`
	Format []string `name:"format" default:"json,html,md" enum:"json,html,md" placeholder:"LIST" help:"Of json, html, md."`
	Procs  int      `name:"procs" placeholder:"N" help:"How many processes share the work (one a core)."`
	Quiet  bool     `name:"quiet" short:"q" help:"Neither progress nor matrix: the files and the exit code speak."`
	Part   string   `name:"part" hidden:"" help:"Run one part, for the process that started this one."`
}

func (v *mutateVerb) Run(in *invocation) error {
	if v.Part != "" {
		return mutation.Part(in.ctx, in.stdout, v.Part, mutation.Options{API: v.API, Faults: v.Fault})
	}
	apis, err := v.apis()
	if err != nil {
		return err
	}
	if err := checkOut(v.Out); err != nil {
		return err
	}
	var codes []int
	for _, api := range apis {
		m, err := v.matrix(in, api)
		switch {
		case in.ctx.Err() != nil:
			return fail(gravest(append(codes, exitIncomplete)...), "interrupted: the matrix of %s is not whole, and was not written", api)
		case err != nil:
			return err
		}
		if err := v.write(in, m); err != nil {
			return err
		}
		if !m.Clean() || len(v.Fault) == 0 && len(m.Gaps()) > 0 {
			codes = append(codes, exitNonConformant)
		}
	}
	return exitWith(gravest(codes...))
}

// apis are the families whose faults are asked for.
func (v *mutateVerb) apis() ([]string, error) {
	known := mutation.APIs()
	if v.API != "" {
		if !slices.Contains(known, v.API) {
			return nil, fail(exitUsage, "--api %s: no such family%s", v.API, fixtures.DidYouMean(v.API, known))
		}
		known = []string{v.API}
	}
	if len(v.Fault) == 0 {
		return known, nil
	}
	var names, concerned []string
	for _, api := range known {
		for _, f := range families[api].faults() {
			names = append(names, f.Name)
			if slices.Contains(v.Fault, f.Name) && !slices.Contains(concerned, api) {
				concerned = append(concerned, api)
			}
		}
	}
	for _, wanted := range v.Fault {
		if !slices.Contains(names, wanted) {
			return nil, fail(exitUsage, "--fault: %w%s", &fault.Unknown{Kind: "fault", Name: wanted},
				nearestOf(&fault.Unknown{Kind: "fault", Name: wanted, Known: names}))
		}
	}
	if len(concerned) > 1 {
		return nil, fail(exitUsage, "--fault names faults of %v: choose one family with --api", concerned)
	}
	return concerned, nil
}

func (v *mutateVerb) matrix(in *invocation, api string) (*mutation.Matrix, error) {
	itself, err := os.Executable()
	if err != nil {
		return nil, err
	}
	procs := v.Procs
	if procs < 1 {
		procs = runtime.GOMAXPROCS(0)
	}
	child := func(ctx context.Context, part string) *exec.Cmd {
		args := []string{"mutate", "--part", part, "--api", api}
		for _, name := range v.Fault {
			args = append(args, "--fault", name)
		}
		return exec.CommandContext(ctx, itself, args...)
	}
	total, done := v.total(api), 0
	m, err := mutation.Processes(in.ctx, procs, child, func(row mutation.Row) {
		done++
		v.progress(in, row, done, total)
	})
	if in.live && !v.Quiet {
		fmt.Fprint(in.stderr, "\r\x1b[2K")
	}
	if err != nil || len(v.Fault) > 0 {
		return m, err
	}
	m.Nulls, err = mutation.NullScores(in.ctx, api)
	return m, err
}

func (v *mutateVerb) total(api string) int {
	if len(v.Fault) > 0 {
		return len(v.Fault)
	}
	return len(families[api].faults())
}

// progress is one line that is redrawn on a terminal; in a pipe only what is wrong gets a line.
func (v *mutateVerb) progress(in *invocation, row mutation.Row, done, total int) {
	if v.Quiet {
		return
	}
	if row.Judgement() != mutation.Killed {
		clear := ""
		if in.live {
			clear = "\r\x1b[2K"
		}
		fmt.Fprintf(in.stderr, "%s%s %s\n", clear, row.Judgement(), row.Name)
	}
	if in.live {
		line := fmt.Sprintf("%d of %d faults: %s", done, total, row.Name)
		fmt.Fprintf(in.stderr, "\r\x1b[2K%s", line[:min(len(line), max(in.width, 20)-1)])
	}
}

func (v *mutateVerb) write(in *invocation, m *mutation.Matrix) error {
	formats := map[string]struct {
		ending string
		write  func(io.Writer, *mutation.Matrix) error
	}{
		"json": {".json", writeMatrixJSON}, "html": {".html", mutation.WriteHTML}, "md": {".md", mutation.WriteMarkdown},
	}
	if !v.Quiet {
		if err := mutation.WriteConsole(in.stdout, m, in.colour); err != nil {
			return err
		}
	}
	for _, format := range v.Format {
		path := filepath.Join(v.Out, m.API+formats[format].ending)
		if err := writeWhole(path, func(w io.Writer) error { return formats[format].write(w, m) }); err != nil {
			return fail(exitParley, "the matrix cannot be written: %w", err)
		}
		if !v.Quiet {
			fmt.Fprintf(in.stdout, "  %s\n", path)
		}
	}
	return nil
}

func writeMatrixJSON(w io.Writer, m *mutation.Matrix) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(m)
}

// writeWhole writes to a temporary file beside path, and puts it there whole.
func writeWhole(path string, write func(io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if err := errors.Join(write(temporary), temporary.Chmod(0o644), temporary.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(temporary.Name(), path)
}
