package htmlreport

import (
	"fmt"
	"maps"
	"math"
	sorted "slices"
	"strings"

	"github.com/parley-im/parley/reports"
)

// load is the half of the page about how much the target bears: one scenario.
type load struct {
	reports.Load
	Symbol     string
	Violations []count
	Errors     []count
	Plots      []plot
}

type count struct {
	Name   string
	Count  int64
	Detail string
	Must   bool
}

// plot is one chart, drawn here: the page needs no script for it, and prints.
type plot struct {
	Title, Unit string
	Lines       []line
	Top         string // what the upper edge stands for
	Span        string // what the right edge stands for
	Left        string
}

// line is one series of a plot as the points of a polyline.
type line struct {
	Name, Colour, Points string
	Dashed               bool
}

// The size of a plot in its own units.
const (
	plotWidth  = 600
	plotHeight = 140
	mostPoints = 600
)

// The colours keep apart for colour-blind readers; the legend names each line.
const (
	green, orange, blue, grey, violet = "#2a9d7c", "#d55e00", "#4c8fd6", "#98a2ad", "#9a7fd1"
)

func loadsOf(run *reports.Run) []load {
	var all []load
	for _, l := range run.Load {
		view := load{Load: l, Symbol: reports.Indeterminate.Symbol(), Plots: plots(l)}
		switch l.Verdict {
		case reports.LoadMet:
			view.Symbol = reports.Pass.Symbol()
		case reports.LoadMissed:
			view.Symbol = reports.Fail.Symbol()
		}
		details := map[string]string{}
		for _, s := range l.Samples {
			details[s.ID] = s.Detail
		}
		for _, id := range sorted.Sorted(maps.Keys(l.Violations)) {
			view.Violations = append(view.Violations, count{id, l.Violations[id], details[id], true})
		}
		for _, id := range sorted.Sorted(maps.Keys(l.Warnings)) {
			view.Violations = append(view.Violations, count{id, l.Warnings[id], details[id], false})
		}
		for _, class := range sorted.Sorted(maps.Keys(l.ErrorClass)) {
			view.Errors = append(view.Errors, count{Name: class, Count: l.ErrorClass[class]})
		}
		all = append(all, view)
	}
	return all
}

func plots(l reports.Load) []plot {
	if len(l.Series) == 0 {
		return nil
	}
	last := l.Series[len(l.Series)-1]
	span := fmt.Sprintf("%.0f s", last.AtS+last.ForS)
	over := func(title, unit string, lines ...wantedLine) plot {
		p := drawn(lines, func(i int) float64 { return l.Series[i].AtS }, len(l.Series))
		p.Title, p.Unit, p.Span, p.Left = title, unit, span, "0 s"
		return p
	}
	perSecond := func(i int, n float64) float64 { return n / max(l.Series[i].ForS, 1e-3) }
	all := []plot{
		over("Response time, from the intended start", "ms",
			wantedLine{"p50", green, false, func(i int) float64 { return l.Series[i].P50MS }},
			wantedLine{"p99", orange, false, func(i int) float64 { return l.Series[i].P99MS }},
			wantedLine{"service p99", blue, true, func(i int) float64 { return l.Series[i].Service99 }}),
		over("Rate", "a second",
			wantedLine{"planned", grey, true, func(i int) float64 { return perSecond(i, l.Series[i].Planned) }},
			wantedLine{"sent", blue, false, func(i int) float64 { return perSecond(i, float64(l.Series[i].Sent)) }},
			wantedLine{"correct", green, false, func(i int) float64 { return perSecond(i, float64(l.Series[i].Correct)) }},
			wantedLine{"wrong or failed", orange, false, func(i int) float64 { return perSecond(i, float64(l.Series[i].Errors+l.Series[i].Violating)) }}),
		over("Processor", "cores",
			wantedLine{"generator", violet, false, func(i int) float64 { return l.Series[i].CPU }},
			wantedLine{"target", orange, false, func(i int) float64 { return l.Series[i].TargetCPU }}),
	}
	if len(l.Latencies) > 1 {
		all = append(all, distribution(l.Latencies))
	}
	return all
}

// distribution is the response times on a logarithmic axis.
func distribution(bars []reports.LoadBar) plot {
	at := func(i int) float64 { return math.Log(max(bars[i].ToMS, 1e-3)) }
	p := drawn([]wantedLine{{"requests", blue, false, func(i int) float64 { return float64(bars[i].Count) }}}, at, len(bars))
	p.Title, p.Unit = "Distribution of the response time", "requests"
	p.Left, p.Span = fmt.Sprintf("%.3g ms", bars[0].ToMS), fmt.Sprintf("%.3g ms, logarithmic", bars[len(bars)-1].ToMS)
	return p
}

type wantedLine struct {
	name, colour string
	dashed       bool
	value        func(i int) float64
}

// drawn lays n points of each line into the plot. Where there are more points than the plot shows, each shown one is the
// highest of its stretch: a peak must not vanish.
func drawn(lines []wantedLine, x func(i int) float64, n int) plot {
	top := 0.0
	for _, l := range lines {
		for i := range n {
			if v := l.value(i); v > top && !math.IsInf(v, 0) {
				top = v
			}
		}
	}
	p := plot{Top: fmt.Sprintf("%.4g", top)}
	first, wide := x(0), max(x(n-1)-x(0), 1e-9)
	each := (n + mostPoints - 1) / mostPoints
	for _, l := range lines {
		var b strings.Builder
		for i := 0; i < n; i += each {
			v := 0.0
			for j := i; j < min(i+each, n); j++ {
				v = max(v, l.value(j))
			}
			fmt.Fprintf(&b, "%.1f,%.1f ", (x(i)-first)/wide*plotWidth, plotHeight-min(v/max(top, 1e-9), 1)*plotHeight)
		}
		p.Lines = append(p.Lines, line{l.name, l.colour, strings.TrimSpace(b.String()), l.dashed})
	}
	return p
}
