package console

import (
	"fmt"
	"maps"
	"slices"

	"github.com/parley-im/parley/reports"
)

func (w *writer) load(l *reports.Load) {
	fmt.Fprintf(w, "\n%s\n", w.paint(loadColour(l.Verdict), "load: "+shown(l.Title())+", "+shown(l.Verdict)))
	for _, reason := range l.Reasons {
		fmt.Fprintf(w, "  %s\n", shown(reason))
	}
	if l.Planned == 0 {
		return
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
		fmt.Fprintf(w, "  error: %s, %d times\n", shown(class), l.ErrorClass[class])
	}
	w.broken(l)
	for _, t := range l.Thresholds {
		mark := "✓"
		if !t.Met {
			mark = "✗"
		}
		fmt.Fprintf(w, "  %s %s (%g)\n", mark, shown(t.Condition), t.Value)
	}
	g := l.Generator
	fmt.Fprintf(w, "  generator: lag p99 %.3f ms, %.2f of %d cores, GC pause p99 %.3f ms, ceiling %.0f/s\n", g.LagP99MS, g.CPU, g.Cores, g.GCPauseP99MS, g.CeilingRPS)
	if use := l.UseText(); use != "" {
		fmt.Fprintf(w, "  target: %s\n", use)
	}
	if c := l.Capacity; c != nil {
		fmt.Fprintf(w, "  capacity within %s: %s\n", shown(c.SLO), shown(c.Reason))
	}
}

// loadLine is a scenario that met its thresholds, beside the counts of the suite.
func (w *writer) loadLine(l *reports.Load) {
	fmt.Fprintf(w, "  %-52s %s, %.1f correct answers a second, p50 %.2f ms, p99 %.2f ms\n", "load · "+shown(l.Title()), w.paint(green, l.Verdict),
		l.Throughput, l.Response.P50, l.Response.P99)
	w.broken(l)
}

// broken lists what answers broke, with the first of each.
func (w *writer) broken(l *reports.Load) {
	exchanges := map[string]string{}
	for _, s := range l.Samples {
		exchanges[s.ID] = s.Exchange
	}
	for _, b := range l.Broken() {
		colour := yellow
		if b.How == reports.LoadViolates {
			colour = red
		}
		detail, _ := reports.Cut(b.Detail, 300)
		fmt.Fprintf(w, "  %s %s\n", w.paint(colour, fmt.Sprintf("%s, %s: %d answers;", shown(b.ID), b.How, b.Count)),
			w.paint(dim, "the first (exchange "+shown(exchanges[b.ID])+"): "+shown(detail)))
	}
}

// shown is text from outside on one line, with nothing in it that steers a terminal.
func shown(text string) string { return reports.Visible(reports.OneLine(text)) }

func loadColour(verdict string) string {
	switch verdict {
	case reports.LoadMet:
		return bold + ";" + green
	case reports.LoadMissed:
		return bold + ";" + red
	}
	return bold + ";" + yellow
}
