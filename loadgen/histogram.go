package loadgen

import (
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

// Bars are the distribution with a bar for every width-fold (2: each bar reaches twice as far as the one before).
func (h *Histogram) Bars(width float64) []Bar {
	var bars []Bar
	for _, b := range h.hdr.Distribution() {
		if b.Count == 0 {
			continue
		}
		if len(bars) == 0 || float64(b.To) > float64(bars[len(bars)-1].From)*width {
			bars = append(bars, Bar{From: time.Duration(max(b.From, int64(shortest)))})
		}
		last := &bars[len(bars)-1]
		last.To, last.Count = time.Duration(b.To), last.Count+b.Count
	}
	return bars
}
