package markdown

import (
	"fmt"
	"maps"
	"slices"

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
		fmt.Fprintf(&d.b, "| %s | %s | %.1f | %.3f | %.3f | %d | %d | %d | %d |\n", cell(l.Scenario), cell(l.Verdict), l.Throughput, l.Response.P50,
			l.Response.P99, l.Planned, l.NeverSent, l.Errors, l.Violating)
	}
	d.b.WriteString("\n")
	for _, l := range shown {
		for _, reason := range l.Reasons[:min(len(l.Reasons), mostRows)] {
			fmt.Fprintf(&d.b, "- %s: %s\n", prose(l.Scenario), prose(reason))
		}
		for _, id := range slices.Sorted(maps.Keys(l.Violations))[:min(len(l.Violations), mostRows)] {
			fmt.Fprintf(&d.b, "- %s: %d answers violate %s\n", prose(l.Scenario), l.Violations[id], code(id))
		}
		for _, t := range l.Thresholds[:min(len(l.Thresholds), mostRows)] {
			if !t.Met {
				fmt.Fprintf(&d.b, "- %s: missed %s, it was %.4g\n", prose(l.Scenario), code(t.Condition), t.Value)
			}
		}
		if c := l.Capacity; c != nil {
			fmt.Fprintf(&d.b, "- %s: capacity within %s: %s\n", prose(l.Scenario), code(c.SLO), prose(c.Reason))
		}
	}
	d.b.WriteString("\n")
}
