package golden

import "github.com/parley-im/parley/reports"

// loads is one scenario that missed a threshold, with everything that a writer can show, and one that was never measured.
func loads() []reports.Load {
	cpu := 212.5
	l := reports.Load{
		Scenario: "inbox", API: "wukongim", RNG: 31415926535, Planned: 300, Sent: 290, NeverSent: 10, Late: 3, Correct: 280, Errors: 4, Violating: 6,
		Violations: map[string]int64{"WK-SYNC-14": 6}, Warnings: map[string]int64{"WK-SYNC-15": 2}, Expected: map[string]int64{"WK-SYNC-08": 9},
		ErrorClass: map[string]int64{"status 500": 3, "timeout": 1}, Checked: 290, DurationS: 3, Throughput: 93.333, BytesIn: 123456,
		Samples: []reports.LoadSample{
			{ID: "WK-SYNC-08", Detail: "60 messages, at most 50 are allowed", Exchange: "x1"},
			{ID: "WK-SYNC-14", Detail: HostileHTML + HostileANSI + HostileBidi + HostileFence, Exchange: "x1"},
			{ID: "WK-SYNC-15", Detail: HostileNUL + HostileBytes + HostileCDATA, Exchange: "x1"},
		},
		Response: reports.Percentiles{P50: 1.5, P90: 3.25, P99: 61, P999: 88, Max: 90}, Service: reports.Percentiles{P50: 1.25, P90: 3, P99: 20, P999: 21, Max: 22},
		Freshness:  &reports.Percentiles{P50: 12, P90: 20, P99: 30, P999: 31, Max: 31},
		Operations: []reports.LoadOperation{{Name: "incremental", Sent: 200, Errors: 1, Violating: 6, BytesIn: 100000, Response: reports.Percentiles{P50: 1.5, P90: 3, P99: 60, P999: 80, Max: 90}}},
		Latencies:  []reports.LoadBar{{ToMS: 1, Count: 20}, {ToMS: 2, Count: 200}, {ToMS: 4}, {ToMS: 8}, {ToMS: 16}, {ToMS: 32}, {ToMS: 64, Count: 60}, {ToMS: 128, Count: 10}},
		TargetCPU:  &cpu, TargetMemory: 96 << 20, Watched: []reports.LoadMetric{{Name: "go_goroutines"}, {Name: "http_requests_total", Rate: true}},
		Generator: reports.LoadGenerator{LagP99MS: 0.2, CPU: 0.31, Cores: 2, GCPauseP99MS: 0.05, CeilingRPS: 51000, Healthy: true},
		Thresholds: []reports.LoadThreshold{
			{Condition: "violations=0", Value: 6}, {Condition: "p99<300ms", Value: 61, Met: true},
		},
		Verdict: reports.LoadMissed,
	}
	for i := range 3 {
		at := float64(i)
		l.Series = append(l.Series, reports.LoadRow{
			AtS: at, ForS: 1, Planned: 100, Sent: 97 - int64(i), Correct: 93, Errors: 1, Violating: 2, P50MS: 1.5, P99MS: 61 - 10*at, Service50: 1.25,
			Service99: 20, LagMS: 0.2, CPU: 0.3, TargetCPU: 0.02, Fresh50: 12, Fresh99: 30, TargetMemory: (90 + int64(i)) << 20, Watched: []float64{40 + at, 97},
		})
	}
	never := reports.Load{
		Scenario: "smoke", API: "wukongim", RNG: 31415926535, Violations: map[string]int64{}, Operations: []reports.LoadOperation{}, Series: []reports.LoadRow{},
		Latencies: []reports.LoadBar{}, Thresholds: []reports.LoadThreshold{}, Verdict: reports.Incomplete,
		Reasons: []string{"cannot seed the population: 502 " + HostileANSI},
	}
	return []reports.Load{l, never}
}
