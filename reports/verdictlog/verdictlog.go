// Package verdictlog is the record of a run while it grows: a line for each thing that was found, so that a run which is killed has
// lost nothing. It makes lines of parts of the record, and a record of lines; it opens no file.
package verdictlog

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/parley-im/parley/reports"
)

// name stands in the first line of every log.
const name = "parley verdicts"

// Line is one line of a log: the first one, or one that has one of the parts of a record.
type Line struct {
	At time.Time `json:"at"`
	// Log and Schema are in the first line alone.
	Log    string `json:"log,omitempty" redact:"-"`
	Schema int    `json:"schema,omitempty"`
	// Began is a record before anything was judged: which run, against what, and all its requirements. A log has one for
	// each target.
	Began *reports.Run `json:"began,omitempty"`
	// Judged is a part of a record: requirements as they stand now, with their exchanges.
	Judged *reports.Run `json:"judged,omitempty"`
	// Loading is a load scenario that begins.
	Loading *reports.Load `json:"loading,omitempty"`
	// Loaded is a record of nothing but a load scenario that ended, with its exchanges.
	Loaded *reports.Run `json:"loaded,omitempty"`
}

// First is the first line of a log that begins at a time.
func First(at time.Time) Line { return Line{At: at.UTC(), Log: name, Schema: reports.Schema} }

// Encode is the line as it is written, without its end.
func (l Line) Encode() ([]byte, error) {
	data, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("no line of a log of verdicts can be made of it: %w", err)
	}
	return data, nil
}

// Reader puts a record together from the lines of a log.
type Reader struct {
	// Began and Ended are the times of the first and of the last line.
	Began, Ended time.Time
	targets      []*target
}

// target is what the log says of one target.
type target struct {
	run       *reports.Run
	at        map[string]int                // of a requirement in the run
	exchanges map[string][]reports.Exchange // by the requirement that rests on them
	loading   *reports.Load                 // that has not ended
}

// Take takes in a line, by its number from 1.
func (r *Reader) Take(number int, data []byte) error {
	var line Line
	if err := json.Unmarshal(data, &line); err != nil {
		return fmt.Errorf("it is none of a log of verdicts: %w", err)
	}
	if number == 1 {
		return r.first(line)
	}
	r.Ended = line.At
	if line.Began != nil {
		r.begin(line.Began)
		return nil
	}
	if len(r.targets) == 0 {
		return errors.New("it is about a target that the log has not named")
	}
	current := r.targets[len(r.targets)-1]
	prefix := fmt.Sprintf("l%d-", number)
	switch {
	case line.Judged != nil:
		return current.judged(line.Judged, prefix)
	case line.Loading != nil:
		current.loading = line.Loading
	case line.Loaded != nil:
		current.loaded(line.Loaded, prefix)
	}
	return nil
}

func (r *Reader) first(line Line) error {
	switch {
	case line.Log != name:
		return errors.New("it is none of a log of verdicts")
	case line.Schema != reports.Schema:
		return fmt.Errorf("the log has schema %d, this parley reads schema %d; recover it with the parley that wrote it", line.Schema, reports.Schema)
	}
	r.Began, r.Ended = line.At, line.At
	return nil
}

func (r *Reader) begin(run *reports.Run) {
	t := &target{run: run, at: map[string]int{}, exchanges: map[string][]reports.Exchange{}}
	run.Exchanges, run.Load, run.Cause = []reports.Exchange{}, []reports.Load{}, ""
	for i, q := range run.Requirements {
		t.at[q.ID] = i
	}
	r.targets = append(r.targets, t)
}

// judged takes in how requirements stand: what was said of them before is replaced.
func (t *target) judged(part *reports.Run, prefix string) error {
	rename(part, prefix)
	byID := part.ExchangesByID()
	for _, q := range part.Requirements {
		i, planned := t.at[q.ID]
		if !planned {
			return fmt.Errorf("it is about the requirement %q, which was not planned", q.ID)
		}
		t.run.Requirements[i] = q
		var kept []reports.Exchange
		seen := map[string]bool{}
		for _, e := range q.Evidence {
			for _, id := range append(append([]string{}, e.Before...), e.Exchange) {
				if x := byID[id]; x != nil && !seen[id] {
					seen[id] = true
					kept = append(kept, *x)
				}
			}
		}
		t.exchanges[q.ID] = kept
	}
	return nil
}

func (t *target) loaded(part *reports.Run, prefix string) {
	rename(part, prefix)
	t.loading = nil
	t.run.Load = append(t.run.Load, part.Load...)
	t.run.Exchanges = append(t.run.Exchanges, part.Exchanges...)
}

// rename puts a prefix before the ids of exchanges, which are those of their line.
func rename(part *reports.Run, prefix string) {
	renamed := func(id string) string {
		if id == "" {
			return ""
		}
		return prefix + id
	}
	for i := range part.Exchanges {
		part.Exchanges[i].ID = renamed(part.Exchanges[i].ID)
	}
	for _, q := range part.Requirements {
		for i := range q.Evidence {
			e := &q.Evidence[i]
			e.Exchange = renamed(e.Exchange)
			for j := range e.Before {
				e.Before[j] = renamed(e.Before[j])
			}
		}
	}
	for _, l := range part.Load {
		for i := range l.Samples {
			l.Samples[i].Exchange = renamed(l.Samples[i].Exchange)
		}
	}
}

// Run is the record of what was found by the end of the log. It says that the run was cut short.
func (r *Reader) Run() (*reports.Run, error) {
	if len(r.targets) == 0 {
		return nil, errors.New("the log of verdicts ends before any target was reached: there is nothing to recover")
	}
	var runs []*reports.Run
	for _, t := range r.targets {
		runs = append(runs, t.record(r.Ended))
	}
	whole := reports.Merge(runs)
	if err := whole.Check(); err != nil {
		return nil, fmt.Errorf("the log of verdicts does not agree with itself: %w; was it edited?", err)
	}
	return whole, nil
}

func (t *target) record(at time.Time) *reports.Run {
	run := t.run
	run.Schema, run.Run.Ended, run.End = reports.Schema, at, true
	for _, q := range run.Requirements {
		run.Exchanges = append(run.Exchanges, t.exchanges[q.ID]...)
	}
	run.Verdict = reports.Conformant
	if len(run.Requirements) > 0 {
		run.Conclude()
	}
	scenarios := run.Load
	run.Load = []reports.Load{}
	if t.loading != nil {
		scenarios = append(scenarios, cutShort(*t.loading))
	}
	for _, l := range scenarios {
		run.AddLoad(l)
	}
	reason := "the run ended before it could write its report"
	if ended, all := specsOf(run); all > 0 {
		reason += fmt.Sprintf(": %d of %d specs had ended, and %d of %d requirements were not judged", ended, all, run.Counts.NotRun, run.Counts.Planned)
	}
	run.Stop(reports.CauseKilled, reason)
	return run
}

// specsOf counts the specs of a run that ended, and all of them.
func specsOf(run *reports.Run) (ended, all int) {
	for _, q := range run.Requirements {
		for _, s := range q.Specs {
			all++
			if s.Verdict != reports.NotRun {
				ended++
			}
		}
	}
	return ended, all
}

// cutShort is the entry of a scenario that did not end.
func cutShort(l reports.Load) reports.Load {
	l.Verdict, l.Reasons = reports.Incomplete, []string{"the run ended before the scenario did"}
	return l
}
