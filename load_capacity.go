package main

import (
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// capacity searches the highest rate. The entry is that of the last rung, with the search in it.
func (l *loading) capacity(keep func(*exchange.Exchange) string) (reports.Load, *loadgen.Result, error) {
	const warmUp = time.Second
	lowest := l.Rate
	if lowest == 0 {
		lowest = 50
	}
	search := &loadgen.Search{
		SLO: l.slo, Lowest: lowest, Highest: max(l.MaxRate, lowest), Seed: uint64(l.rng),
		Try: func(rate float64) (*loadgen.Result, error) {
			d := loadgen.RungTime(rate)
			if l.Duration > 0 {
				d = l.Duration
			}
			schedule := loadgen.Schedule{Curve: loadgen.Constant(rate, d+warmUp), Poisson: l.scenario.Poisson, Seed: uint64(l.rng) + l.attempts}
			return l.attack(schedule, warmUp, nil)
		},
		Told: func(r reports.LoadRung) {
			word := "met"
			if !r.Met {
				word = "missed"
			}
			if r.Reason != "" {
				word += ": " + r.Reason
			}
			l.say("  %8.0f/s  p99 %.3f ms  %s\n", r.RPS, r.P99MS, word)
		},
	}
	found, result, err := search.Run()
	if err != nil {
		return reports.Load{}, nil, err
	}
	entry := loadgen.Record(l.scenario.Name, l.rng, result, nil, keep)
	entry.Capacity = &found
	concluded(&entry, found, result)
	return entry, result, nil
}

// concluded is the verdict on a search. One that was interrupted tells nothing for certain.
func concluded(entry *reports.Load, found reports.LoadCapacity, last *loadgen.Result) {
	n := len(found.Rungs)
	switch {
	case last.Interrupted:
		entry.Verdict, entry.Reasons = reports.Incomplete, []string{"capacity: " + found.Reason}
	case found.Answer == loadgen.CapacityNotFound:
		entry.Verdict = reports.LoadMissed
	case found.Answer == loadgen.CapacityFound, n > 0 && found.Rungs[n-1].Healthy && found.Rungs[n-1].Met:
		// It is found, or the target bears the highest rate that was to be tried. A rung that was spoiled is no spoiled search.
		entry.Verdict, entry.Reasons = reports.LoadMet, nil
	default:
		entry.Verdict = reports.Incomplete
		if len(entry.Reasons) == 0 {
			entry.Reasons = []string{"capacity: " + found.Reason}
		}
	}
}
