package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/console"
	htmlreport "github.com/parley-im/parley/reports/html"
	jsonreport "github.com/parley-im/parley/reports/json"
	"github.com/parley-im/parley/reports/junit"
	"github.com/parley-im/parley/reports/markdown"
)

// reportVerb works on stored results.
type reportVerb struct {
	Render  renderVerb  `cmd:"" help:"Render a stored report.json in other formats."`
	Recover recoverVerb `cmd:"" help:"Make a report of what a run had found that was killed, or could not write one."`
}

// renderVerb writes a stored record in other formats.
type renderVerb struct {
	Record string   `arg:"" optional:"" default:"parley-report" help:"A report.json, or the folder that holds it."`
	Out    string   `name:"out" placeholder:"DIR" help:"Where to (the record's folder)."`
	Format []string `name:"format" default:"junit,html,md" enum:"json,junit,html,md" placeholder:"LIST" help:"Of json, junit, html, md."`
}

func (v *renderVerb) Run(in *invocation) error {
	path := v.Record
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "report.json")
	}
	data, err := fixtures.ReadFile(path, jsonreport.SizeLimit)
	if err != nil {
		return fail(exitUsage, "cannot read the record %s: %w; parley run and parley conform write one", path, err)
	}
	run, err := jsonreport.Read(bytes.NewReader(data))
	if err != nil {
		return fail(exitUsage, "%s: %w", path, err)
	}
	if v.Out == "" {
		v.Out = filepath.Dir(path)
	}
	in.secrets.Record(run) // an older parley may have written it
	for _, name := range v.Format {
		written, err := writeReport(v.Out, name, run)
		if err != nil {
			return fail(exitUsage, "cannot write the report: %w", err)
		}
		fmt.Fprintln(in.stdout, written)
	}
	return nil
}

// writers are the formats, with the name of the file that each goes to.
var writers = map[string]struct {
	file  string
	write func(io.Writer, *reports.Run) error
}{
	"json":  {"report.json", jsonreport.Write},
	"junit": {"junit.xml", junit.Write},
	"html":  {"index.html", htmlreport.Write},
	"md":    {"report.md", markdown.Write},
}

// writeReports writes the record first: whatever a rendering meets, nothing is lost. What is written, and what is shown
// afterwards, is without credentials.
func writeReports(in *invocation, dir string, formats []string, run *reports.Run) (files []string, err error) {
	in.secrets.Record(run)
	wanted := append([]string{"json"}, slices.DeleteFunc(slices.Clone(formats), func(s string) bool { return s == "json" })...)
	var failed []error
	for _, format := range wanted {
		file, err := writeReport(dir, format, run)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		files = append(files, file)
	}
	return files, errors.Join(failed...)
}

// deliver writes the record, and shows its summary where one is wanted: also where the record cannot be written, and then in
// any case.
func (in *invocation) deliver(run *reports.Run, dir string, formats []string, summary bool) error {
	files, err := writeReports(in, dir, formats, run)
	if len(files) > 0 && filepath.Base(files[0]) == writers["json"].file {
		in.log.written()
	}
	out := in.stdout
	if err != nil && !summary {
		out = in.stderr
	}
	if err != nil || summary {
		if failed := console.Write(out, run, console.Options{Colour: in.colour, Files: files}); failed != nil {
			fmt.Fprintf(in.stderr, "parley: the summary cannot be shown: %v\n", failed)
		}
	}
	if err != nil {
		return fail(exitParley, "the report cannot be written: %w", err)
	}
	return nil
}

// writeReport writes one format.
func writeReport(dir, format string, run *reports.Run) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, writers[format].file)
	return path, writeWhole(path, func(w io.Writer) error { return writers[format].write(w, run) })
}

// checkOut refuses, before anything is sent, a folder that no report can be written to.
func checkOut(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return fail(exitUsage, "--out %s: no report can be written there: %w", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".parley-*")
	if err != nil {
		return fail(exitUsage, "--out %s: no report can be written there: %w", dir, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
