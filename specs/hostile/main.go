//go:build unix

// Command hostile runs parley against hostile targets, and writes a table of what came of it: each mode of reference/hostile
// with conform, load, run, and as the seeding hook, for each family. Every run is a process of its own, so that its memory
// is its own.
//
// It ends with 1 where a row is not as it must be.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/parley-im/parley/reference/hostile"
)

func main() {
	only := flag.String("only", "", "only rows whose name MODE/WAY/API this regular expression matches")
	parley := flag.String("parley", "", "the binary to run (built where it is not named)")
	out := flag.String("out", "", "the Markdown file to write (the standard output)")
	parallel := flag.Int("parallel", 1, "how many rows run at a time")
	list := flag.Bool("list", false, "list the modes, and run nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *list {
		for _, m := range hostile.Modes() {
			fmt.Printf("%-20s %s\n", m.Name, m.Summary)
		}
		return
	}
	red, err := run(ctx, *only, *parley, *out, *parallel)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hostile:", err)
	}
	if err != nil || red > 0 {
		os.Exit(1)
	}
}

func run(ctx context.Context, only, parley, out string, parallel int) (red int, err error) {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	if parley == "" {
		dir, err := os.MkdirTemp("", "parley-hostile-")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		if parley, err = build(ctx, dir); err != nil {
			return 0, err
		}
	} else if parley, err = filepath.Abs(parley); err != nil {
		return 0, err
	}
	rows := rowsOf(pattern)
	if len(rows) == 0 {
		return 0, fmt.Errorf("no row's name matches %q", only)
	}
	if err := runAll(ctx, rows, parley, max(parallel, 1)); err != nil {
		return 0, err
	}
	file := os.Stdout
	if out != "" {
		if file, err = os.Create(out); err != nil {
			return 0, err
		}
		defer file.Close()
	}
	return writeTable(file, rows)
}

// build builds parley.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "parley")
	output, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/parley-im/parley").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("parley cannot be built: %w: %s", err, output)
	}
	return binary, nil
}

func rowsOf(pattern *regexp.Regexp) []*row {
	var rows []*row
	for _, mode := range hostile.Modes() {
		for _, way := range ways {
			for _, api := range []string{"wukongim", "ozeki", "yunhu"} {
				if r := (&row{mode: mode, way: way, api: api}); pattern.MatchString(r.name()) {
					rows = append(rows, r)
				}
			}
		}
	}
	return rows
}

func runAll(ctx context.Context, rows []*row, parley string, parallel int) error {
	next := make(chan *row)
	failed := make([]error, parallel)
	var all sync.WaitGroup
	for i := range parallel {
		all.Go(func() {
			for r := range next {
				if failed[i] == nil {
					failed[i] = r.run(ctx, parley)
				}
				fmt.Fprintln(os.Stderr, r.line())
			}
		})
	}
	for _, r := range rows {
		next <- r
	}
	close(next)
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
