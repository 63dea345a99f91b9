package loadgen

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// Record is a result as an entry of the report. keep stores a sample's exchange there, and gives the id that it gets.
func Record(scenario string, rng int64, r *Result, thresholds []Threshold, keep func(*exchange.Exchange) string) reports.Load {
	l := reports.Load{
		Scenario: scenario, RNG: rng, Planned: r.Planned, Sent: r.Sent, Late: r.Late, NeverSent: r.NeverSent, Correct: r.Correct,
		Errors: r.Errors, Violating: r.Violating, Violations: r.Violations, Warnings: r.Warnings, Expected: r.Expected, ErrorClass: r.ErrorClass,
		Checked: r.Checked, DurationS: round(r.Duration.Seconds()), Throughput: round(r.Throughput()), BytesIn: r.BytesIn,
		Response: percentiles(r.Total.Response), Service: percentiles(r.Total.Service),
		Operations: []reports.LoadOperation{}, Series: []reports.LoadRow{}, Latencies: []reports.LoadBar{}, Thresholds: []reports.LoadThreshold{},
		Generator: reports.LoadGenerator{
			LagP99MS: ms(r.Generator.LagP99), CPU: round(r.Generator.CPU), Cores: r.Generator.Cores, GCPauseP99MS: ms(r.Generator.GCPauseP99),
			CeilingRPS: math.Round(r.Generator.Ceiling), Healthy: r.Generator.Healthy, Reasons: r.Generator.Reasons,
		},
	}
	if r.Freshness.Count() > 0 {
		fresh := percentiles(r.Freshness)
		l.Freshness = &fresh
	}
	l.TargetMemory = r.TargetMemory
	for _, metric := range r.Watched {
		l.Watched = append(l.Watched, reports.LoadMetric{Name: metric.Name, Rate: metric.Counter})
	}
	if r.TargetCPU > 0 && r.Sent > 0 {
		cpu := round(float64(r.TargetCPU.Microseconds()) / float64(r.Sent))
		l.TargetCPU = &cpu
	}
	for _, id := range slices.Sorted(maps.Keys(r.Samples)) {
		s := r.Samples[id]
		l.Samples = append(l.Samples, reports.LoadSample{ID: id, Detail: s.Detail, Exchange: keep(s.Exchange)})
	}
	for _, op := range r.Operations {
		if op.Sent > 0 {
			l.Operations = append(l.Operations, reports.LoadOperation{
				Name: op.Name, Sent: op.Sent, Errors: op.Errors, Violating: op.Violating, BytesIn: op.BytesIn,
				Response: percentiles(op.Response), Service: percentiles(op.Service),
			})
		}
	}
	for _, row := range r.Rows {
		l.Series = append(l.Series, recordRow(row))
	}
	for _, bar := range r.Total.Response.Bars(1.2) {
		l.Latencies = append(l.Latencies, reports.LoadBar{ToMS: ms(bar.To), Count: bar.Count})
	}
	judgeLoad(&l, r, thresholds)
	return l
}

// NotMeasured is the entry of a scenario that never began, and why.
func NotMeasured(scenario string, rng int64, reason string) reports.Load {
	l := Record(scenario, rng, &Result{Total: newFigures(), Freshness: NewHistogram(), Violations: map[string]int64{}}, nil, nil)
	l.Reasons = []string{reason}
	return l
}

// judgeLoad decides the verdict: the one place where it is decided. A statement that answers broke stays broken, whatever
// spoiled the rest; every other figure says something of the target only where the generator kept up and nobody cut it short.
func judgeLoad(l *reports.Load, r *Result, thresholds []Threshold) {
	whole := len(r.Generator.Reasons) == 0 && r.Cut == ""
	missed, excused := false, false
	for _, t := range thresholds {
		met := t.Met(r)
		l.Thresholds = append(l.Thresholds, reports.LoadThreshold{Condition: t.String(), Value: round(t.Value(r)), Met: met})
		missed = missed || !met && (whole || t.Metric == metricViolations)
		excused = excused || t.Metric == metricNeverSent
	}
	l.Reasons = spoiled(r)
	if r.NeverSent > 0 && r.Sent > 0 && r.Cut == "" && !excused {
		l.Reasons = append(l.Reasons, fmt.Sprintf("%d of %d requests were never sent; a threshold such as never_sent<1%% says how many may be", r.NeverSent, r.Planned))
	}
	switch {
	case missed:
		l.Verdict = reports.LoadMissed
	case len(l.Reasons) > 0:
		l.Verdict = reports.Incomplete
	default:
		l.Verdict = reports.LoadMet
	}
	if r.Violating > 0 && len(l.Reasons) > 0 {
		l.Reasons = slices.Insert(l.Reasons, 0, fmt.Sprintf("%d of %d answers broke a MUST (%s), whatever else is said of the run", r.Violating, r.Sent,
			strings.Join(slices.Sorted(maps.Keys(r.Violations)), ", ")))
	}
}

// spoiled is why a result says little of the target.
func spoiled(r *Result) []string {
	var reasons []string
	for _, reason := range r.Generator.Reasons {
		reasons = append(reasons, "the generator spoiled the run: "+reason)
	}
	if r.Cut != "" {
		reasons = append(reasons, fmt.Sprintf("%s after %s: %d of %d requests were never sent", r.Cut, r.Duration.Round(100*time.Millisecond), r.NeverSent, r.Planned))
	}
	switch {
	case r.Sent == 0:
		reasons = append(reasons, "nothing was sent")
	case r.Errors == r.Sent:
		reasons = append(reasons, fmt.Sprintf("nothing could be judged: none of %d requests was answered with success", r.Sent))
	}
	return reasons
}

func recordRow(row Row) reports.LoadRow {
	kept := reports.LoadRow{
		AtS: round(row.At.Seconds()), ForS: round(row.For.Seconds()), Planned: round(row.Planned), Sent: row.Sent, Correct: row.Correct,
		Errors: row.Errors, Violating: row.Violating, P50MS: ms(row.ResponseP50), P99MS: ms(row.ResponseP99),
		Service50: ms(row.ServiceP50), Service99: ms(row.ServiceP99), LagMS: ms(row.Lag), CPU: round(row.CPU), TargetCPU: round(row.TargetCPU),
		Fresh50: ms(row.FreshP50), Fresh99: ms(row.FreshP99), TargetMemory: row.TargetMemory,
	}
	for _, value := range row.Values {
		kept.Watched = append(kept.Watched, round(value))
	}
	return kept
}

func percentiles(h *Histogram) reports.Percentiles {
	return reports.Percentiles{
		P50: ms(h.Quantile(0.5)), P90: ms(h.Quantile(0.9)), P99: ms(h.Quantile(0.99)), P999: ms(h.Quantile(0.999)), Max: ms(h.Max()),
	}
}

func ms(d time.Duration) float64 { return round(float64(d) / float64(time.Millisecond)) }

// round keeps three decimals: more are not measured.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
