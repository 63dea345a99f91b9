package loadgen

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedule is when requests are meant to start, whatever the target does: an open model. The same schedule gives the
// same instants every time, and takes no memory that grows with its length.
type Schedule struct {
	Curve   Curve
	Poisson bool // arrivals are independent of one another; false: evenly spaced under the curve
	Seed    uint64
	Trace   []time.Duration // a replay of recorded instants in order; Curve is then not looked at
}

// Duration is from the beginning to the end of the plan.
func (s *Schedule) Duration() time.Duration {
	if len(s.Trace) > 0 {
		return s.Trace[len(s.Trace)-1] + 1
	}
	return s.Curve.Duration()
}

// Peak is the highest rate that is planned; of a trace, its busiest second.
func (s *Schedule) Peak() float64 {
	if len(s.Trace) == 0 {
		return s.Curve.Peak()
	}
	most, first := 0, 0
	for i, at := range s.Trace {
		for s.Trace[first] <= at-time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return float64(most)
}

// Between is how many arrivals are planned from one moment up to another, on average where chance has a part in it.
func (s *Schedule) Between(from, to time.Duration) float64 {
	if len(s.Trace) == 0 {
		return s.Curve.Integral(to) - s.Curve.Integral(from)
	}
	low, _ := slices.BinarySearch(s.Trace, from)
	high, _ := slices.BinarySearch(s.Trace, to)
	return float64(high - low)
}

// Arrivals are the instants, from the first one. The function answers false after the last.
func (s *Schedule) Arrivals() func() (time.Duration, bool) {
	if len(s.Trace) > 0 {
		return s.replay()
	}
	total := s.Curve.Integral(s.Curve.Duration())
	at := s.Curve.cursor()
	if s.Poisson {
		// A Poisson process of rate 1, with its time bent by the curve, is one of the curve's rate.
		random := rand.New(rand.NewPCG(s.Seed, 0x706f6973736f6e))
		sum := 0.0
		return func() (time.Duration, bool) {
			sum += random.ExpFloat64()
			return at(sum), sum < total
		}
	}
	n, planned := 0.0, math.Ceil(total-1e-6) // rounding must not make one more of a whole number
	return func() (time.Duration, bool) {
		instant := at(n)
		n++
		return instant, n <= planned
	}
}

func (s *Schedule) replay() func() (time.Duration, bool) {
	next := 0
	return func() (time.Duration, bool) {
		if next >= len(s.Trace) {
			return 0, false
		}
		next++
		return s.Trace[next-1], true
	}
}

// cursor finds instants for a growing number of arrivals. It remembers the segment where it stands.
func (c Curve) cursor() func(n float64) time.Duration {
	var began time.Duration
	var before, area float64
	i := 0
	if len(c) > 0 {
		area = c[0].integral(c[0].For.Seconds())
	}
	return func(n float64) time.Duration {
		for i < len(c)-1 && n >= before+area {
			before += area
			began += c[i].For
			i++
			area = c[i].integral(c[i].For.Seconds())
		}
		if i >= len(c) || n > before+area {
			return c.Duration()
		}
		return began + time.Duration(c[i].inverse(n-before)*float64(time.Second))
	}
}

// ReadTrace reads the instants of a recorded trace: one number of seconds a line, from any beginning; what follows a
// comma, and lines that begin with #, are passed over. The first instant becomes 0.
func ReadTrace(r io.Reader) ([]time.Duration, error) {
	const most = 20_000_000
	var trace []time.Duration
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		text, _, _ := strings.Cut(strings.TrimSpace(lines.Text()), ",")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || math.IsNaN(seconds) || seconds < 0 || seconds > 9e9 {
			return nil, fmt.Errorf("line %d: %q is no number of seconds from 0", number, clip(text))
		}
		if len(trace) == most {
			return nil, fmt.Errorf("line %d: a trace of more than %d arrivals is not replayed", number, most)
		}
		trace = append(trace, time.Duration(math.Round(seconds*1e9)))
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(trace) == 0 {
		return nil, fmt.Errorf("there is no instant in it; it takes one number of seconds a line")
	}
	slices.SortFunc(trace, cmp.Compare)
	for i := len(trace) - 1; i >= 0; i-- {
		trace[i] -= trace[0]
	}
	return trace, nil
}

func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
