package loadgen

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/fixtures"
)

// Threshold is one condition that a scenario must meet: p99<50ms, violations=0, errors<0.1%.
type Threshold struct {
	Metric string
	Op     string
	Limit  float64
	unit   string // ms, % or nothing
	text   string
}

func (t Threshold) String() string { return t.text }

var condition = regexp.MustCompile(`^\s*([a-z_.0-9]+)\s*(<=|>=|=|<|>)\s*([0-9.]+)\s*(us|ms|s|m|%|/s)?\s*$`)

// quantiles are the percentiles that a condition can name; before them may stand response. (the default), service. or
// freshness.
var quantiles = map[string]float64{"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1}

// counted are the other metrics.
var counted = map[string]func(*Result) float64{
	metricViolations: func(r *Result) float64 { return float64(r.Violating) },
	"errors":         func(r *Result) float64 { return float64(r.Errors) },
	metricNeverSent:  func(r *Result) float64 { return float64(r.NeverSent) },
	"late":           func(r *Result) float64 { return float64(r.Late) },
	"correct":        func(r *Result) float64 { return float64(r.Correct) },
	"throughput":     (*Result).Throughput,
}

// ParseThreshold reads one condition.
func ParseThreshold(text string) (Threshold, error) {
	m := condition.FindStringSubmatch(text)
	if m == nil {
		return Threshold{}, fmt.Errorf("%q is no condition; write p99<50ms, violations=0 or errors<0.1%%", clip(text))
	}
	limit, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		return Threshold{}, fmt.Errorf("%q is no number in the condition %q", m[3], clip(text))
	}
	t := Threshold{Metric: m[1], Op: m[2], Limit: limit, unit: m[4], text: strings.TrimSpace(text)}
	return t, t.check()
}

func (t *Threshold) check() error {
	if clock, q, ok := t.quantile(); ok {
		scale := map[string]float64{"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}[t.unit]
		if scale == 0 {
			return fmt.Errorf("the condition %s needs a unit of time, such as %s.%s<50ms", t.text, clock, q)
		}
		t.Limit, t.unit = t.Limit*scale, "ms"
		return nil
	}
	known := append(names(counted), names(quantiles)...)
	switch {
	case counted[t.Metric] == nil:
		return fmt.Errorf("unknown metric %q in the condition %s%s", clip(t.Metric), t.text, fixtures.DidYouMean(t.Metric, known))
	case t.unit == "/s" && t.Metric == "throughput":
		t.unit = ""
	case t.unit == "%" && t.Metric != "throughput":
	case t.unit != "":
		return fmt.Errorf("the unit %q does not belong to %s", t.unit, t.Metric)
	}
	return nil
}

func (t *Threshold) quantile() (clock, q string, ok bool) {
	clock, q, found := strings.Cut(t.Metric, ".")
	if !found {
		clock, q = "response", t.Metric
	}
	_, known := quantiles[q]
	return clock, q, known && (clock == "response" || clock == "service" || clock == "freshness")
}

// The metrics of which more is known than their value.
const (
	metricViolations = "violations"
	metricNeverSent  = "never_sent"
)

// WithoutViolations adds the condition that no answer breaks a MUST, where no other speaks of such answers.
func WithoutViolations(thresholds []Threshold) []Threshold {
	for _, t := range thresholds {
		if t.Metric == metricViolations {
			return thresholds
		}
	}
	return append(slices.Clip(thresholds), Threshold{Metric: metricViolations, Op: "=", text: metricViolations + "=0"})
}

// ParseThresholds reads conditions with commas between them.
func ParseThresholds(text string) ([]Threshold, error) {
	var all []Threshold
	for part := range strings.SplitSeq(text, ",") {
		t, err := ParseThreshold(part)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// Value is what a result has for the condition, in the condition's unit.
func (t Threshold) Value(r *Result) float64 {
	if clock, q, ok := t.quantile(); ok {
		h := map[string]*Histogram{"response": r.Total.Response, "service": r.Total.Service, "freshness": r.Freshness}[clock]
		return float64(h.Quantile(quantiles[q])) / float64(time.Millisecond)
	}
	value := counted[t.Metric](r)
	if t.unit == "%" {
		of := r.Sent
		if t.Metric == metricNeverSent {
			of = r.Planned
		}
		return 100 * value / float64(max(of, 1))
	}
	return value
}

// Met tells whether a result meets the condition. Nothing measured meets no condition about a time.
func (t Threshold) Met(r *Result) bool {
	if _, _, timed := t.quantile(); timed && r.Sent == 0 {
		return false
	}
	switch v := t.Value(r); t.Op {
	case "<":
		return v < t.Limit
	case "<=":
		return v <= t.Limit
	case ">":
		return v > t.Limit
	case ">=":
		return v >= t.Limit
	default:
		return v == t.Limit
	}
}
