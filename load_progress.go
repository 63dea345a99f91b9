package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/parley-im/parley/loadgen"
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
