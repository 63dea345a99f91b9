package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/fixtures/ownfile"
	"github.com/parley-im/parley/reports"
	jsonreport "github.com/parley-im/parley/reports/json"
	"github.com/parley-im/parley/reports/verdictlog"
)

// recoverVerb makes a record of the log that a run left which was killed.
type recoverVerb struct {
	Log    string   `arg:"" optional:"" default:"parley-report" help:"The run's folder, or the log in it."`
	Out    string   `name:"out" placeholder:"DIR" help:"Where to (the log's folder)."`
	Format []string `name:"format" default:"json,junit,html,md" enum:"json,junit,html,md" placeholder:"LIST" help:"Of json, junit, html, md; report.json is always written."`
}

func (v *recoverVerb) Run(in *invocation) error {
	path, others, err := v.find()
	if err != nil {
		return err
	}
	log, run, err := readLog(path)
	if err != nil {
		return fail(exitUsage, "%w", err)
	}
	if v.Out == "" {
		v.Out = filepath.Dir(path)
	}
	if err := notOver(v.Out, log); err != nil {
		return err
	}
	files, err := writeReports(in, v.Out, v.Format, run)
	if err != nil {
		return fail(exitParley, "the report cannot be written: %w", err)
	}
	fmt.Fprintf(in.stdout, "%s\n%s\n", run.Headline(), run.Reason)
	for _, file := range files {
		fmt.Fprintln(in.stdout, file)
	}
	for _, other := range others {
		fmt.Fprintf(in.stderr, "parley: %s is the log of another run; parley report recover %s --out DIR makes a report of it\n", other, other)
	}
	if err := os.Remove(path); err != nil {
		fmt.Fprintf(in.stderr, "parley: the log is not needed any more, and cannot be removed: %v\n", err)
	}
	return nil
}

// find is the log of the run that began last, and those of other runs.
func (v *recoverVerb) find() (path string, others []string, err error) {
	if info, err := os.Stat(v.Log); err != nil || !info.IsDir() {
		return v.Log, nil, nil
	}
	logs, err := filepath.Glob(filepath.Join(v.Log, logPattern))
	if err != nil || len(logs) == 0 {
		return "", nil, fail(exitUsage, "%s holds no log of a run that was killed (%s): there is nothing to recover", v.Log, logName(1))
	}
	newest := 0
	var last verdictlog.Reader
	for i, candidate := range logs {
		if log, _, err := readLog(candidate); err == nil && log.Began.After(last.Began) {
			newest, last = i, *log
		}
	}
	others = append(append(others, logs[:newest]...), logs[newest+1:]...)
	return logs[newest], others, nil
}

func readLog(path string) (*verdictlog.Reader, *reports.Run, error) {
	log := &verdictlog.Reader{}
	if err := ownfile.Read(path, log.Take); err != nil {
		return nil, nil, fmt.Errorf("cannot recover a run: %w", err)
	}
	run, err := log.Run()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return log, run, nil
}

// notOver refuses to put the record over that of a later run.
func notOver(dir string, log *verdictlog.Reader) error {
	path := filepath.Join(dir, writers["json"].file)
	data, err := fixtures.ReadFile(path, jsonreport.SizeLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fail(exitUsage, "%s cannot be read: %w", path, err)
	}
	there, err := jsonreport.Read(bytes.NewReader(data))
	if err == nil && there.Run.Ended.After(log.Began) {
		return fail(exitUsage, "%s is the record of run %s, which ended after the run of this log began; give another folder with --out", path, there.Run.ID)
	}
	return nil
}
