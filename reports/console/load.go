package console

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/parley-im/parley/reports"
)

// Load writes what came of one load scenario.
func Load(out io.Writer, l *reports.Load, o Options) error {
	w := &writer{colour: o.Colour}
	w.load(l)
	for _, file := range o.Files {
		fmt.Fprintf(w, "  report   %s\n", reports.Visible(file))
	}
	_, err := out.Write(w.Bytes())
	return err
}

func (w *writer) load(l *reports.Load) {
	fmt.Fprintf(w, "\n%s: %s\n", reports.OneLine(l.Scenario), reports.OneLine(l.Verdict))
	for _, reason := range l.Reasons {
		fmt.Fprintf(w, "  %s\n", reports.OneLine(reason))
	}
	fmt.Fprintf(w, "  planned %d = sent %d + never sent %d; sent = correct %d + errors %d + violating %d; late %d\n",
		l.Planned, l.Sent, l.NeverSent, l.Correct, l.Errors, l.Violating, l.Late)
	fmt.Fprintf(w, "  %.1f correct answers a second for %.1f s, %d of %d looked at\n", l.Throughput, l.DurationS, l.Checked, l.Sent)
	row := func(name string, p reports.Percentiles) {
		fmt.Fprintf(w, "  %-26s p50 %9.3f  p90 %9.3f  p99 %9.3f  p99.9 %9.3f  max %9.3f ms\n", name, p.P50, p.P90, p.P99, p.P999, p.Max)
	}
	row("response (intended start)", l.Response)
	row("service (actual start)", l.Service)
	if l.Freshness != nil {
		row("freshness", *l.Freshness)
	}
	for _, class := range slices.Sorted(maps.Keys(l.ErrorClass)) {
		fmt.Fprintf(w, "  error: %s, %d times\n", reports.OneLine(class), l.ErrorClass[class])
	}
	for _, s := range l.Samples {
		word, n := "violates", l.Violations[s.ID]
		if n == 0 {
			word, n = "warning:", l.Warnings[s.ID]
		}
		fmt.Fprintf(w, "  %s %s, %d answers; the first: %s (exchange %s)\n", word, reports.OneLine(s.ID), n, reports.OneLine(s.Detail), reports.OneLine(s.Exchange))
	}
	for _, t := range l.Thresholds {
		mark := "✓"
		if !t.Met {
			mark = "✗"
		}
		fmt.Fprintf(w, "  %s %s (%g)\n", mark, reports.OneLine(t.Condition), t.Value)
	}
	g := l.Generator
	fmt.Fprintf(w, "  generator: lag p99 %.3f ms, %.2f of %d cores, GC pause p99 %.3f ms, ceiling %.0f/s\n", g.LagP99MS, g.CPU, g.Cores, g.GCPauseP99MS, g.CeilingRPS)
	if l.TargetCPU != nil {
		fmt.Fprintf(w, "  target: %.1f µs of CPU a request%s\n", *l.TargetCPU, l.MemoryText())
	}
	if c := l.Capacity; c != nil {
		fmt.Fprintf(w, "  capacity within %s: %s\n", reports.OneLine(c.SLO), reports.OneLine(c.Reason))
	}
}
