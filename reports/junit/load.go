package junit

import (
	"fmt"
	"strings"

	"github.com/parley-im/parley/reports"
)

// casesOfLoad makes a case of each threshold of a scenario, and one that says whether it was measured at all.
func casesOfLoad(l reports.Load) []testcase {
	class := "load." + l.Title()
	measured := testcase{Class: class, Name: "it could be measured", Time: seconds(l.DurationS), Out: figures(l)}
	if l.Verdict != reports.LoadMet && l.Verdict != reports.LoadMissed {
		measured.Error = &result{Message: strings.Join(l.Reasons, "; "), Type: reports.Incomplete}
	}
	cases := []testcase{measured}
	for _, t := range l.Thresholds {
		c := testcase{Class: class, Name: t.Condition}
		if !t.Met {
			c.Failure = &result{Message: fmt.Sprintf("missed %s: it was %.4g", t.Condition, t.Value), Type: "threshold", Text: broken(l)}
		}
		cases = append(cases, c)
	}
	return cases
}

func figures(l reports.Load) string {
	return fmt.Sprintf("%.1f correct answers a second, response p50 %.3f ms, p99 %.3f ms; %d planned, %d sent, %d errors, %d violating",
		l.Throughput, l.Response.P50, l.Response.P99, l.Planned, l.Sent, l.Errors, l.Violating)
}

// broken lists what answers broke, a line each.
func broken(l reports.Load) string {
	var b strings.Builder
	for _, r := range l.Broken() {
		detail, _ := reports.Cut(reports.OneLine(r.Detail), textLimit)
		fmt.Fprintf(&b, "%s, %s: %d answers; the first: %s\n", r.ID, r.How, r.Count, detail)
	}
	return b.String()
}
