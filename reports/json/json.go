// Package jsonreport writes and reads the record itself: report.json, from which every other format is rendered.
//
// It knows the record and nothing else of parley.
package jsonreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/parley-im/parley/reports"
)

// Write writes the record as indented JSON. Every list is a list, [] where it is empty; the key "end" is the last
// one. Characters that would steer a terminal or turn the direction of text are written as \u escapes.
func Write(w io.Writer, run *reports.Run) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(withLists(run)); err != nil {
		return fmt.Errorf("the record of run %s cannot be written as JSON: %w", run.Run.ID, err)
	}
	_, err := w.Write(escapeInvisible(b.Bytes()))
	return err
}

// escapeInvisible relies on JSON having no such characters outside of strings.
func escapeInvisible(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/64)
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == 0x7f || r == utf8.RuneError || size > 1 && r <= 0xffff && unicode.In(r, unicode.Cc, unicode.Cf):
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, data[i:i+size]...)
		}
		i += size
	}
	return out
}

// withLists is a copy of the record in which no list is nil, nor a map that is always written.
func withLists(run *reports.Run) *reports.Run {
	r := *run
	r.Run.Argv = list(r.Run.Argv)
	r.Target.Capabilities = list(r.Target.Capabilities)
	r.Load = append([]reports.Load{}, r.Load...)
	for i := range r.Load {
		withLoadLists(&r.Load[i])
	}
	r.Requirements = append([]reports.Requirement{}, r.Requirements...)
	for i := range r.Requirements {
		q := &r.Requirements[i]
		q.Specs, q.Evidence = list(q.Specs), list(q.Evidence)
	}
	r.Exchanges = append([]reports.Exchange{}, r.Exchanges...)
	for i := range r.Exchanges {
		x := &r.Exchanges[i]
		x.Request.Headers = list(x.Request.Headers)
		if x.Response != nil {
			response := *x.Response
			response.Headers = list(response.Headers)
			x.Response = &response
		}
	}
	return &r
}

func withLoadLists(l *reports.Load) {
	if l.Violations == nil {
		l.Violations = map[string]int64{}
	}
	l.Operations, l.Series, l.Latencies, l.Thresholds = list(l.Operations), list(l.Series), list(l.Latencies), list(l.Thresholds)
	if l.Capacity != nil {
		capacity := *l.Capacity
		capacity.Rungs = list(capacity.Rungs)
		l.Capacity = &capacity
	}
}

func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// SizeLimit bounds a record that is read.
const SizeLimit = 1 << 30

// Read reads one record. It refuses what is no record, is truncated, has a schema that this parley does not know, lacks a
// key, or contradicts itself; the error names the key and says what to do. Keys that it does not know are passed over.
func Read(r io.Reader) (*reports.Run, error) {
	data, err := io.ReadAll(io.LimitReader(r, SizeLimit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the record cannot be read after %d bytes: %w", len(data), err)
	case len(data) > SizeLimit:
		return nil, fmt.Errorf("this is no record of parley: it is longer than %d bytes", SizeLimit)
	}
	if err := readable(data); err != nil {
		return nil, err
	}
	var run reports.Run
	if err := json.Unmarshal(data, &run); err != nil {
		return nil, fmt.Errorf("this is JSON with schema %d, but no record of parley: %w; is it a report.json that parley wrote?", reports.Schema, err)
	}
	if !run.End {
		return nil, fmt.Errorf("the record of run %q is truncated: its last key \"end\" is missing; repeat the run", run.Run.ID)
	}
	if err := shaped(data); err != nil {
		return nil, fmt.Errorf("this is no whole record of parley: %w; was it edited?", err)
	}
	if err := run.Check(); err != nil {
		return nil, fmt.Errorf("the record of run %q does not agree with itself: %w; was it edited?", run.Run.ID, err)
	}
	return withLists(&run), nil
}

// readable looks at the schema before anything else: the shape of another schema is not ours to judge.
func readable(data []byte) error {
	var head struct {
		Schema *int `json:"schema"`
		Run    struct {
			Parley any `json:"parley"`
		} `json:"run"`
	}
	err := json.Unmarshal(data, &head)
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("the record is empty; name the report.json that parley wrote")
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(bytes.TrimRight(data, " \t\r\n"))):
		return fmt.Errorf("the record is truncated: it ends in the middle, after %d bytes; repeat the run, or copy the file again", len(data))
	case errors.As(err, &syntax):
		return fmt.Errorf("this is no record of parley: byte %d is not JSON: %w; name the report.json that parley wrote", syntax.Offset, err)
	case head.Schema == nil:
		return errors.New("this is no record of parley: it has no \"schema\"; name the report.json that parley wrote")
	case *head.Schema != reports.Schema:
		return fmt.Errorf("the record has schema %d, this parley reads schema %d; render it with the parley that wrote it (%v)",
			*head.Schema, reports.Schema, head.Run.Parley)
	}
	return nil
}
