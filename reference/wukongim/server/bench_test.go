//go:build unix

package server

import (
	"bytes"
	"slices"
	"testing"
)

// BenchmarkFullSync is a full sync of 20 conversations with 10 messages each, beside a handler of net/http that reads the
// request and writes the same bytes ready-made. Each is a process of its own, and asked over keep-alive connections of
// loopback by a client that does next to nothing, so that the time is theirs.
//
// On a busy machine one minute differs from the next more than the two do. paired therefore takes turns of some
// milliseconds, and gives the medians of two ratios of the reference to the other: of requests in a time, where more is
// better, and of processor time for a request, where less is.
func BenchmarkFullSync(b *testing.B) {
	reference, readyMade := startTarget(b, "reference"), startTarget(b, "ready-made")
	if !bytes.Equal(reference.body, readyMade.body) {
		b.Fatal("the two targets answer otherwise")
	}
	b.Run("reference", reference.benchmark)
	b.Run("ready-made", readyMade.benchmark)
	b.Run("paired", func(b *testing.B) { paired(b, reference, readyMade) })
	b.Run("handler", func(b *testing.B) { inProcess(b, seeded()) })
}

func (t *target) benchmark(b *testing.B) {
	b.SetBytes(int64(len(t.body)))
	b.RunParallel(func(pb *testing.PB) {
		c := t.connect(b)
		defer c.Close()
		for pb.Next() {
			if err := c.ask(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func paired(b *testing.B, reference, other *target) {
	const turn = 2000 // requests
	var throughput, cpu, referenceCPU, otherCPU []float64
	reference.turn(b, turn)
	other.turn(b, turn)
	for b.Loop() {
		first, second := reference, other
		if len(cpu)%2 == 1 { // who comes second may find the machine in another mood
			first, second = other, reference
		}
		costs := map[*target]cost{}
		costs[first] = first.turn(b, turn)
		costs[second] = second.turn(b, turn)
		a, z := costs[reference], costs[other]
		throughput = append(throughput, z.elapsed.Seconds()/a.elapsed.Seconds())
		cpu = append(cpu, a.cpu.Seconds()/z.cpu.Seconds())
		referenceCPU = append(referenceCPU, a.cpu.Seconds()*1e6/turn)
		otherCPU = append(otherCPU, z.cpu.Seconds()*1e6/turn)
	}
	b.ReportMetric(0, "ns/op") // of a pair of turns: it says nothing
	b.ReportMetric(median(throughput), "throughput-ratio")
	b.ReportMetric(median(cpu), "cpu-ratio")
	b.ReportMetric(median(referenceCPU), "reference-cpu-µs")
	b.ReportMetric(median(otherCPU), "ready-made-cpu-µs")
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
