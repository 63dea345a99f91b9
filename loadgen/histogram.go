package loadgen

import (
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range of a Histogram. What is longer than the longest counts as the longest: no request lasts that long.
const (
	shortest = time.Microsecond
	longest  = 30 * time.Minute
)

// Histogram is durations with three significant digits, in memory that does not grow. The zero value is not usable.
type Histogram struct{ hdr *hdrhistogram.Histogram }

// NewHistogram has nothing in it.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(int64(shortest), int64(longest), 3)}
}

// Record adds one duration.
func (h *Histogram) Record(d time.Duration) {
	_ = h.hdr.RecordValue(int64(min(max(d, 0), longest))) // only fails beyond the range
}

// Count is how many durations were recorded.
func (h *Histogram) Count() int64 { return h.hdr.TotalCount() }

// Max is the longest, 0 where there is none.
func (h *Histogram) Max() time.Duration { return time.Duration(h.hdr.Max()) }

// Quantile is the duration that a share q (0..1) did not exceed.
func (h *Histogram) Quantile(q float64) time.Duration {
	return time.Duration(h.hdr.ValueAtQuantile(q * 100))
}

// Add takes another histogram's durations in.
func (h *Histogram) Add(other *Histogram) { h.hdr.Merge(other.hdr) }

// Reset forgets everything.
func (h *Histogram) Reset() { h.hdr.Reset() }

// Bar is one bar of a distribution: how many durations lie in (From, To].
type Bar struct {
	From, To time.Duration
	Count    int64
}

// Bars are the distribution with a bar for every width-fold (2: each bar reaches twice as far as the one before), from
// that of the shortest duration to that of the longest, with those in which nothing lies.
func (h *Histogram) Bars(width float64) []Bar {
	if h.Count() == 0 {
		return nil
	}
	number := func(v int64) int {
		return int(math.Ceil(math.Log(max(float64(v), float64(shortest))) / math.Log(width)))
	}
	edge := func(n int) time.Duration { return time.Duration(math.Pow(width, float64(n))) }
	first := number(h.hdr.Min())
	bars := make([]Bar, number(h.hdr.Max())-first+1)
	for i := range bars {
		bars[i] = Bar{From: edge(first + i - 1), To: edge(first + i)}
	}
	for _, b := range h.hdr.Distribution() {
		if b.Count > 0 {
			bars[min(max(number(b.To)-first, 0), len(bars)-1)].Count += b.Count
		}
	}
	return bars
}
