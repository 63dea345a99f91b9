//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/parley-im/parley/reference/hostile"
	jsonreport "github.com/parley-im/parley/reports/json"
)

// ways are what parley does to a hostile target. Of "hook" the target is honest, and the seeding hook is hostile.
var ways = []string{"conform", "load", "run", "hook"}

// A row must not take longer, nor more memory, however hostile the target is.
const (
	mostTime   = 2 * time.Minute
	mostMemory = 1 << 30
)

// row is one run of parley against one hostile target.
type row struct {
	api, way string
	mode     hostile.Mode

	exit     int // -1: it was killed
	took     time.Duration
	peak     int64 // bytes
	record   string
	said     string // the last line of its output, or the first problem
	problems []string
}

func (r *row) name() string { return r.mode.Name + "/" + r.way + "/" + r.api }

// run runs parley, with further arguments, and judges what came of it.
func (r *row) run(ctx context.Context, parley string, args ...string) error {
	dir, err := os.MkdirTemp("", "parley-hostile-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := begin(r)
	if err != nil {
		return err
	}
	defer s.close()
	out := filepath.Join(dir, "out")
	bounded, cancel := context.WithTimeout(ctx, mostTime+30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(bounded, parley, append(s.args(r, out), args...)...)
	var output bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = dir, &output, &output, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	cmd.WaitDelay = 5 * time.Second
	began := time.Now()
	err = cmd.Run()
	r.took = time.Since(began)
	if cmd.ProcessState == nil {
		return err
	}
	r.exit, r.peak = cmd.ProcessState.ExitCode(), peakOf(cmd.ProcessState)
	r.said = lastLine(output.String())
	r.judge(s, out, output.Bytes())
	return ctx.Err()
}

// peakOf is the most memory that a process has had at a time.
func peakOf(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) << 10
}

func (r *row) judge(s *stage, out string, output []byte) {
	wanted := r.wanted()
	r.blame(slices.Contains(wanted, r.exit), "exit %d, want one of %v", r.exit, wanted)
	r.blame(r.took <= mostTime, "it took %s", r.took.Round(time.Second))
	r.blame(r.peak <= mostMemory, "it took %d MiB", r.peak>>20)
	r.blame(!bytes.Contains(output, []byte("goroutine ")), "a dump of Go")
	r.record = recordIn(out)
	r.blame(r.record == "yes", "record: %s", r.record)
	r.blame(s.target.Away() == 0, "%d requests went where the target redirected to", s.target.Away())
	r.search("the output", output, s)
	err := filepath.WalkDir(out, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		r.search(filepath.Base(path), data, s)
		return err
	})
	r.blame(err == nil, "what it wrote cannot be read: %v", err)
}

// wanted are the exit codes that a row may end with. A load may miss its thresholds on errors, whoever is to blame.
func (r *row) wanted() []int {
	underLoad := r.way == "load" || r.way == "run"
	switch {
	case r.mode.Recovers && underLoad:
		return []int{0, 1, 4}
	case r.mode.Recovers:
		return []int{0, 4}
	case r.mode.Right && !underLoad:
		return []int{3, 4}
	}
	return []int{1, 3, 4}
}

func (r *row) blame(ok bool, format string, args ...any) {
	if !ok {
		r.problems = append(r.problems, fmt.Sprintf(format, args...))
	}
}

// search looks for what no output may hold.
func (r *row) search(where string, data []byte, s *stage) {
	for _, secret := range s.secrets() {
		for _, spelled := range spellings(secret) {
			if bytes.Contains(data, []byte(spelled)) {
				r.blame(false, "a credential stands in %s", where)
				return
			}
		}
	}
	for _, c := range []string{"\x1b", "\x07", "\u202e", "\u009b"} {
		if bytes.Contains(data, []byte(c)) {
			r.blame(false, "%q stands in %s", c, where)
		}
	}
	if strings.HasSuffix(where, ".html") && bytes.Contains(data, []byte(hostile.Script)) {
		r.blame(false, "the target's script stands in %s", where)
	}
}

func recordIn(out string) string {
	file, err := os.Open(filepath.Join(out, "report.json"))
	if err != nil {
		return "none"
	}
	defer file.Close()
	if _, err := jsonreport.Read(file); err != nil {
		return "unreadable: " + err.Error()
	}
	return "yes"
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
