package markdown

import (
	"fmt"

	"github.com/parley-im/parley/reports"
)

// mostLoads is how many scenarios are shown.
const mostLoads = 20

// loads is one table of all scenarios, and below it what went wrong in each.
func (d *document) loads(all []reports.Load) {
	if len(all) == 0 {
		return
	}
	shown := all[:min(len(all), mostLoads)]
	d.b.WriteString("| load | verdict | correct/s | p50 ms | p99 ms | planned | never sent | errors | violating |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, l := range shown {
		fmt.Fprintf(&d.b, "| %s | %s | %.1f | %.3f | %.3f | %d | %d | %d | %d |\n", cell(l.Title()), cell(l.Verdict), l.Throughput, l.Response.P50,
			l.Response.P99, l.Planned, l.NeverSent, l.Errors, l.Violating)
	}
	d.b.WriteString("\n")
	for _, l := range shown {
		for _, reason := range l.Reasons[:min(len(l.Reasons), mostRows)] {
			fmt.Fprintf(&d.b, "- %s: %s\n", prose(l.Title()), prose(reason))
		}
		broken := l.Broken()
		for _, b := range broken[:min(len(broken), mostRows)] {
			fmt.Fprintf(&d.b, "- %s: %s, %s: %d answers; the first: %s\n", prose(l.Title()), code(b.ID), b.How, b.Count, prose(b.Detail))
		}
		for _, t := range l.Thresholds[:min(len(l.Thresholds), mostRows)] {
			if !t.Met {
				fmt.Fprintf(&d.b, "- %s: missed %s, it was %.4g\n", prose(l.Title()), code(t.Condition), t.Value)
			}
		}
		if c := l.Capacity; c != nil {
			fmt.Fprintf(&d.b, "- %s: capacity within %s: %s\n", prose(l.Title()), code(c.SLO), prose(c.Reason))
		}
	}
	d.b.WriteString("\n")
}
