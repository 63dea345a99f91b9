package htmlreport

import (
	"fmt"
	"math"
	"strings"

	"github.com/parley-im/parley/reports"
)

// plot is one chart, drawn here: the page needs no script for it, and prints.
type plot struct {
	Title, Unit string
	Lines       []line
	Bars        []bar  // of a distribution; its one line is the legend
	Marks       []mark // of the upright axis
	Top         string // what the upper edge stands for
	Left, Span  string // what the left and the right edge stand for
}

// line is one series of a plot as the points of a polyline.
type line struct {
	Name, Colour, Points string
	Dashed               bool
}

// bar is one bar of a distribution, in the plot's own units.
type bar struct {
	X, Y, Width, Height string
	Colour              string
}

// mark is one value of the upright axis.
type mark struct {
	At    int
	Label string
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

type wantedLine struct {
	name, colour string
	dashed       bool
	value        func(i int) float64
}

// drawn lays n points of each line into the plot. Where there are more points than the plot shows, each shown one is the
// highest of its stretch: a peak must not vanish. One point alone is drawn as a line across: it stands for all the time.
func drawn(lines []wantedLine, x func(i int) float64, n int) plot {
	p := axis(highest(lines, n))
	top := ceiling(highest(lines, n))
	first, wide := x(0), max(x(n-1)-x(0), 1e-9)
	each := (n + mostPoints - 1) / mostPoints
	for _, l := range lines {
		var b strings.Builder
		for i := 0; i < n; i += each {
			v := 0.0
			for j := i; j < min(i+each, n); j++ {
				v = max(v, l.value(j))
			}
			y := plotHeight - min(v/top, 1)*plotHeight
			fmt.Fprintf(&b, "%.1f,%.1f ", (x(i)-first)/wide*plotWidth, y)
			if n == 1 {
				fmt.Fprintf(&b, "%d,%.1f", plotWidth, y)
			}
		}
		p.Lines = append(p.Lines, line{l.name, l.colour, strings.TrimSpace(b.String()), l.dashed})
	}
	return p
}

func highest(lines []wantedLine, n int) float64 {
	top := 0.0
	for _, l := range lines {
		for i := range n {
			if v := l.value(i); v > top && !math.IsInf(v, 0) {
				top = v
			}
		}
	}
	return top
}

// ceiling is the round number at or above x where the upright axis ends.
func ceiling(x float64) float64 {
	if !(x > 0) {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(x)))
	for _, step := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8, 10} {
		if step*unit >= x*(1-1e-9) {
			return step * unit
		}
	}
	return 10 * unit
}

// axis is a plot with nothing in it yet but its upright axis.
func axis(highest float64) plot {
	top := ceiling(highest)
	return plot{Top: fmt.Sprintf("%.4g", highest), Marks: []mark{
		{0, fmt.Sprintf("%.4g", top)}, {plotHeight / 2, fmt.Sprintf("%.4g", top/2)}, {plotHeight, "0"},
	}}
}

// distribution is the response times on a logarithmic axis, a bar for each stretch of it.
func distribution(bars []reports.LoadBar) plot {
	most := 0.0
	for _, b := range bars {
		most = max(most, float64(b.Count))
	}
	p := axis(most)
	p.Title, p.Unit = "Distribution of the response time", "requests"
	p.Lines = []line{{Name: "requests", Colour: blue}}
	width := float64(plotWidth) / float64(len(bars)) // the bars of a record are equally wide on a logarithmic axis
	for i, b := range bars {
		height := float64(b.Count) / ceiling(most) * plotHeight
		if b.Count == 0 {
			continue
		}
		height = max(height, 1) // one slow answer among many is what somebody looks for
		p.Bars = append(p.Bars, bar{
			fmt.Sprintf("%.1f", float64(i)*width), fmt.Sprintf("%.1f", plotHeight-height), fmt.Sprintf("%.1f", max(width-0.5, 0.5)),
			fmt.Sprintf("%.1f", height), blue,
		})
	}
	p.Left, p.Span = fmt.Sprintf("up to %.3g ms", bars[0].ToMS), fmt.Sprintf("%.3g ms, logarithmic", bars[len(bars)-1].ToMS)
	return p
}
