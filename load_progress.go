package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reports"
)

// loadWatch shows an attack while it runs: on a terminal one line, redrawn; in a pipe a line now and then.
type loadWatch struct {
	l     *loading
	lines int
}

// show is called once a second.
func (w *loadWatch) show(p loadgen.Progress) {
	w.l.metrics.Observe(w.l.scenario.Name, p)
	if w.l.Quiet {
		return
	}
	const every = 10 // seconds between the lines in a pipe
	w.lines++
	line := progressLine(p)
	switch {
	case w.l.in.live:
		fmt.Fprintf(w.l.in.stderr, "\r\x1b[2K  %s", line)
	case w.lines%every == 0:
		fmt.Fprintln(w.l.in.stderr, "  "+line)
	}
}

func (w *loadWatch) close() {
	if w.l.in.live && !w.l.Quiet && w.lines > 0 {
		fmt.Fprintln(w.l.in.stderr)
	}
}

func progressLine(p loadgen.Progress) string {
	elapsed, whole := p.Elapsed.Round(time.Second), p.Duration.Round(time.Second)
	if p.Warming {
		return fmt.Sprintf("%s of %s, warming up, %d in flight", elapsed, whole, p.InFlight)
	}
	words := []string{
		fmt.Sprintf("%s of %s", elapsed, whole),
		fmt.Sprintf("%.0f/s", float64(p.Row.Sent)/max(p.For.Seconds(), 1e-3)),
		fmt.Sprintf("p50 %s, p99 %s", short(p.ResponseP50), short(p.ResponseP99)),
		fmt.Sprintf("%d errors", p.Counts.Errors), fmt.Sprintf("%d wrong", p.Counts.Violating), "lag " + short(p.Lag),
	}
	return strings.Join(words, " · ")
}

func short(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

// loadSummary is what came of a scenario, for people.
func loadSummary(w io.Writer, l *reports.Load, files []string) {
	fmt.Fprintf(w, "%s: %s\n", l.Scenario, l.Verdict)
	for _, reason := range l.Reasons {
		fmt.Fprintf(w, "  %s\n", reason)
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
		fmt.Fprintf(w, "  error: %s, %d times\n", class, l.ErrorClass[class])
	}
	for _, s := range l.Samples {
		word, n := "violates", l.Violations[s.ID]
		if n == 0 {
			word, n = "warning:", l.Warnings[s.ID]
		}
		fmt.Fprintf(w, "  %s %s, %d answers; the first: %s (exchange %s)\n", word, s.ID, n, s.Detail, s.Exchange)
	}
	for _, t := range l.Thresholds {
		mark := "✓"
		if !t.Met {
			mark = "✗"
		}
		fmt.Fprintf(w, "  %s %s (%g)\n", mark, t.Condition, t.Value)
	}
	g := l.Generator
	fmt.Fprintf(w, "  generator: lag p99 %.3f ms, %.2f of %d cores, GC pause p99 %.3f ms, ceiling %.0f/s\n", g.LagP99MS, g.CPU, g.Cores, g.GCPauseP99MS, g.CeilingRPS)
	if l.TargetCPU != nil {
		fmt.Fprintf(w, "  target: %.1f µs of CPU a request\n", *l.TargetCPU)
	}
	if c := l.Capacity; c != nil {
		fmt.Fprintf(w, "  capacity within %s: %s\n", c.SLO, c.Reason)
	}
	for _, file := range files {
		fmt.Fprintf(w, "  %s\n", file)
	}
}
