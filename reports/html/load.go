package htmlreport

import (
	"fmt"
	"maps"
	sorted "slices"

	"github.com/parley-im/parley/reports"
)

// load is the half of the page about how much the target bears: one scenario.
type load struct {
	reports.Load
	Symbol, Class string
	Open          bool // the plots are shown without being asked for
	Errors        []count
	Plots         []plot
	Broken        []broken
}

// broken is one requirement that answers broke, with the first exchange in which one did.
type broken struct {
	reports.LoadBroken
	Class    string
	Exchange *exchange
}

type count struct {
	Name  string
	Count int64
}

func loadsOf(run *reports.Run) []load {
	var all []load
	exchanges := run.ExchangesByID()
	for _, l := range run.Load {
		v := reports.Indeterminate
		switch l.Verdict {
		case reports.LoadMet:
			v = reports.Pass
		case reports.LoadMissed:
			v = reports.Fail
		}
		view := load{Load: l, Symbol: v.Symbol(), Class: "v-" + string(v), Plots: plots(l),
			Open: run.Counts.Planned == 0 || l.Verdict != reports.LoadMet, Broken: brokenOf(l, exchanges)}
		for _, class := range sorted.Sorted(maps.Keys(l.ErrorClass)) {
			view.Errors = append(view.Errors, count{class, l.ErrorClass[class]})
		}
		all = append(all, view)
	}
	return all
}

func brokenOf(l reports.Load, exchanges map[string]*reports.Exchange) []broken {
	first := map[string]*reports.Exchange{}
	for _, s := range l.Samples {
		first[s.ID] = exchanges[s.Exchange]
	}
	classes := map[reports.LoadHow]reports.Verdict{
		reports.LoadViolates: reports.Fail, reports.LoadWarns: reports.Warn, reports.LoadDeviates: reports.Expected,
	}
	var all []broken
	for _, b := range l.Broken() {
		view := broken{LoadBroken: b, Class: "v-" + string(classes[b.How])}
		if x := first[b.ID]; x != nil {
			view.Exchange = exchangeOf(x)
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
	}
	if len(l.Latencies) > 1 {
		all = append(all, distribution(l.Latencies))
	}
	if l.Freshness != nil {
		all = append(all, over("Freshness, from a change to the first answer that shows it", "ms",
			wantedLine{"p50", green, false, func(i int) float64 { return l.Series[i].Fresh50 }},
			wantedLine{"p99", orange, false, func(i int) float64 { return l.Series[i].Fresh99 }}))
	}
	return append(all, used(l, over)...)
}

// used are the plots of what the generator and the target used.
func used(l reports.Load, over func(title, unit string, lines ...wantedLine) plot) []plot {
	cpu := []wantedLine{{"generator", violet, false, func(i int) float64 { return l.Series[i].CPU }}}
	if l.TargetCPU != nil {
		cpu = append(cpu, wantedLine{"target", orange, false, func(i int) float64 { return l.Series[i].TargetCPU }})
	}
	all := []plot{over("Processor", "cores", cpu...)}
	if l.TargetMemory > 0 {
		all = append(all, over("Memory of the target", "MiB",
			wantedLine{"in use", orange, false, func(i int) float64 { return float64(l.Series[i].TargetMemory) / (1 << 20) }}))
	}
	for n, metric := range l.Watched {
		unit := "as the target says"
		if metric.Rate {
			unit = "a second"
		}
		all = append(all, over(metric.Name, unit, wantedLine{"target", blue, false, func(i int) float64 {
			if n < len(l.Series[i].Watched) {
				return l.Series[i].Watched[n]
			}
			return 0
		}}))
	}
	return all
}
