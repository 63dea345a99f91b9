package loadgen

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/parley-im/parley/reference/exchange"
)

// Result is the account of an attack.
type Result struct {
	Counts
	Began       time.Time // of what is measured, after the warm-up
	Duration    time.Duration
	Interrupted bool
	Cut         string // why it ended before its time: it was interrupted, or its time was over; empty: it did not
	Warm        Counts // of the warm-up
	Total       Figures
	Operations  []OperationResult
	Freshness   *Histogram
	Violations  map[string]int64
	Warnings    map[string]int64
	Expected    map[string]int64 // what known deviations excuse
	ErrorClass  map[string]int64
	Samples     map[string]*Sample
	Rows        []Row
	Generator   Generator
	TargetCPU   time.Duration // what the target used while it was measured; 0: nobody could tell
	// TargetMemory is the most that the target had in use, in bytes; 0: nobody could tell.
	TargetMemory int64
	Watched      []Metric
}

// OperationResult is the figures of one operation.
type OperationResult struct {
	Operation
	Figures
}

// Throughput is the correct answers a second.
func (r *Result) Throughput() float64 {
	if r.Duration <= 0 {
		return 0
	}
	return float64(r.Correct) / r.Duration.Seconds()
}

// recorded is an exchange that is kept as evidence.
type recorded = exchange.Exchange

// record copies an exchange, as much of it as a report shows.
func (e *engine) record(a *arrival, answer Answer) *recorded {
	const most = 64 << 10
	op := e.operations[a.request.Operation]
	u := *e.urls[a.request.Operation]
	u.RawQuery = a.request.Query
	header := a.request.Header
	if header == nil {
		header = e.header
	}
	x := &recorded{
		Request: exchange.Request{Method: op.Method, URL: u.String(), Header: wireHeader(header), Body: bytes.Clone(a.request.Body)},
		Started: answer.Started, Ended: answer.Ended, Err: answer.Err,
	}
	if answer.Status != 0 {
		body := answer.Body[:min(len(answer.Body), most)]
		header := http.Header{}
		if answer.Header != nil {
			header = answer.Header()
		}
		x.Response = &exchange.Response{
			Status: answer.Status, Header: header, Body: bytes.Clone(body), Size: len(answer.Body), Truncated: len(body) < len(answer.Body),
		}
	}
	return x
}

// wireHeader leaves out what is only for net/http: names without a value.
func wireHeader(h http.Header) http.Header {
	h = h.Clone()
	maps.DeleteFunc(h, func(_ string, values []string) bool { return len(values) == 0 })
	return h
}

func (e *engine) result(interrupted bool, cut string) *Result {
	a := e.account
	ended := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &Result{
		Began: a.began.Add(a.warmUp), Duration: max(ended.Sub(a.began)-a.warmUp, 0), Interrupted: interrupted, Cut: cut, Warm: a.warm,
		Counts: a.total.Counts, Freshness: a.freshness, Violations: a.violations, Warnings: a.warnings, Expected: a.expected, ErrorClass: a.errors,
		Samples: a.samples, Rows: slices.Clone(a.rows.rows), Total: a.total,
		Generator: e.watch.report(e.Ceiling, e.Schedule.Peak()), Watched: e.Watched,
	}
	r.TargetCPU, r.TargetMemory = e.watch.targetUsed()
	r.Planned, r.NeverSent = e.accounted(r.Sent)
	r.Total.Counts = r.Counts
	for i, op := range e.operations {
		r.Operations = append(r.Operations, OperationResult{op, a.operations[i]})
	}
	return r
}

// accounted counts the rest of the schedule: what was planned is known only at its end.
func (e *engine) accounted(sent int64) (planned, neverSent int64) {
	planned = e.planned
	if e.flatOut {
		return sent, 0
	}
	for e.next != nil {
		at, more := e.next()
		if !more {
			break
		}
		if at >= e.WarmUp {
			planned++
		}
	}
	return planned, planned - sent
}
