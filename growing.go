package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/parley-im/parley/fixtures/ownfile"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/verdictlog"
)

// growing is the log of what a run has found so far, in the report's folder: whatever ends the run, parley report recover makes
// a record of it. It is gone when the record is written. A nil one keeps nothing.
type growing struct {
	in   *invocation
	dir  string
	file *ownfile.File
	// holds says that something was found; failed, that the rest could not be written.
	holds, failed bool
}

// logName is the log's name; a run that finds the log of another there, which was killed, takes the next number.
func logName(number int) string {
	if number < 2 {
		return "verdicts.jsonl"
	}
	return fmt.Sprintf("verdicts-%d.jsonl", number)
}

// logPattern finds logs.
const logPattern = "verdicts*.jsonl"

// grow begins the log of a run.
func grow(in *invocation, dir string) (*growing, error) {
	first, err := verdictlog.First(time.Now()).Encode()
	if err != nil {
		return nil, err
	}
	const most = 100
	for number := 1; number <= most; number++ {
		file, err := ownfile.Create(filepath.Join(dir, logName(number)), first)
		switch {
		case err == nil:
			in.log = &growing{in: in, dir: dir, file: file}
			return in.log, nil
		case !errors.Is(err, fs.ErrExist):
			return nil, fail(exitUsage, "--out %s: what is found cannot be written down there: %w", dir, err)
		}
	}
	return nil, fail(exitUsage, "--out %s holds the logs of %d runs that were killed: parley report recover makes a report of one; delete them, "+
		"or give another folder", dir, most)
}

// add writes a line. Without credentials, as everything that is written down.
func (g *growing) add(line verdictlog.Line) {
	if g == nil || g.failed {
		return
	}
	line.At = time.Now().UTC()
	g.in.secrets.Record(&line)
	data, err := line.Encode()
	if err == nil {
		err = g.file.Add(data)
	}
	if g.failed = err != nil; g.failed {
		fmt.Fprintf(g.in.stderr, "parley: what is found from here on cannot be written down as it is found: %v\n", err)
	}
}

func (g *growing) began(run *reports.Run) { g.add(verdictlog.Line{Began: run}) }

func (g *growing) judged(part *reports.Run) {
	g.add(verdictlog.Line{Judged: part})
	if g != nil {
		g.holds = true
	}
}

func (g *growing) loading(entry reports.Load) { g.add(verdictlog.Line{Loading: &entry}) }

func (g *growing) loaded(entry reports.Load, exchanges []reports.Exchange) {
	g.add(verdictlog.Line{Loaded: &reports.Run{Load: []reports.Load{entry}, Exchanges: exchanges}})
	if g != nil {
		g.holds = true
	}
}

// written removes the log, since the record is there.
func (g *growing) written() {
	if g != nil && g.file != nil {
		_ = g.file.Remove() // what cannot be removed is of no harm
		g.file = nil
	}
}

// close ends the log of a run whose record was not written, and says what to do with it.
func (g *growing) close() {
	switch {
	case g == nil || g.file == nil:
	case !g.holds:
		g.written()
	default:
		_ = g.file.Close()
		fmt.Fprintf(g.in.stderr, "parley: what was found by then stands in %s: parley report recover %s makes a report of it\n", g.file.Path(), g.dir)
		g.file = nil
	}
}
