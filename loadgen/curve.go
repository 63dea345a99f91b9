package loadgen

import (
	"fmt"
	"math"
	"time"
)

// Curve is a planned rate over time, one segment after the other.
//
// The area under it up to a moment is the number of arrivals planned until then; an arrival's instant is found by
// going the other way, so that no rounding piles up however long a run lasts.
type Curve []Segment

// Segment is a stretch of a Curve: a straight line between two rates, or a sine around a rate.
type Segment struct {
	For      time.Duration
	From, To float64 // arrivals a second at its beginning and end
	// A sine around From, where Period is not 0: From + Amplitude·sin(2πt/Period). To is not looked at.
	Amplitude float64
	Period    time.Duration
}

// Constant is the same rate all the time. A soak is a long one.
func Constant(rate float64, d time.Duration) Curve { return Curve{{For: d, From: rate, To: rate}} }

// Ramp grows or falls evenly from one rate to another.
func Ramp(from, to float64, d time.Duration) Curve { return Curve{{For: d, From: from, To: to}} }

// Steps goes from one rate to another in n equal steps of equal length.
func Steps(from, to float64, n int, d time.Duration) Curve {
	var c Curve
	for i := range n {
		rate := from
		if n > 1 {
			rate += (to - from) * float64(i) / float64(n-1)
		}
		// The lengths are differences of whole instants, so that they add up to d exactly.
		c = append(c, Constant(rate, d*time.Duration(i+1)/time.Duration(n)-d*time.Duration(i)/time.Duration(n))...)
	}
	return c
}

// Spike is base, with a peak of the given width in the middle.
func Spike(base, peak float64, width, d time.Duration) Curve {
	before := (d - width) / 2
	return append(append(Constant(base, before), Constant(peak, width)...), Constant(base, d-width-before)...)
}

// Sine swings around mean.
func Sine(mean, amplitude float64, period, d time.Duration) Curve {
	return Curve{{For: d, From: mean, To: mean, Amplitude: amplitude, Period: period}}
}

// Duration is how long the curve is.
func (c Curve) Duration() time.Duration {
	var d time.Duration
	for _, s := range c {
		d += s.For
	}
	return d
}

// Rate is the arrivals a second at a moment; 0 outside of the curve.
func (c Curve) Rate(at time.Duration) float64 {
	for _, s := range c {
		if at < s.For {
			return s.rate(at.Seconds())
		}
		at -= s.For
	}
	return 0
}

// Peak is the highest rate.
func (c Curve) Peak() float64 {
	var peak float64
	for _, s := range c {
		peak = max(peak, s.From+s.Amplitude, s.To)
	}
	return peak
}

// Integral is how many arrivals are planned before a moment.
func (c Curve) Integral(until time.Duration) float64 {
	var n float64
	for _, s := range c {
		if until <= 0 {
			break
		}
		n += s.integral(min(until, s.For).Seconds())
		until -= s.For
	}
	return n
}

// Scale is the curve with every rate multiplied.
func (c Curve) Scale(by float64) Curve {
	scaled := make(Curve, len(c))
	for i, s := range c {
		s.From, s.To, s.Amplitude = s.From*by, s.To*by, s.Amplitude*by
		scaled[i] = s
	}
	return scaled
}

// Check says what is wrong with the curve.
func (c Curve) Check() error {
	const most = 1e7 // arrivals a second: more than any one machine sends
	for _, s := range c {
		lowest := min(s.From, s.To)
		if s.Period != 0 {
			lowest = s.From - math.Abs(s.Amplitude)
		}
		switch {
		case s.For <= 0:
			return fmt.Errorf("a stretch of a schedule must last longer than 0, this one lasts %s", s.For)
		case lowest < 0 || math.IsNaN(lowest):
			return fmt.Errorf("a rate below 0 cannot be sent (%g a second)", lowest)
		case s.From > most || s.To > most || s.Amplitude > most:
			return fmt.Errorf("a rate above %g a second is beyond what parley plans", most)
		case s.Period < 0:
			return fmt.Errorf("a sine's period must be above 0, it is %s", s.Period)
		}
	}
	if c.Integral(c.Duration()) < 1 {
		return fmt.Errorf("the schedule plans no arrival at all")
	}
	return nil
}

func (s Segment) rate(t float64) float64 {
	if s.Period != 0 {
		return s.From + s.Amplitude*math.Sin(2*math.Pi*t/s.Period.Seconds())
	}
	return s.From + (s.To-s.From)*t/s.For.Seconds()
}

// integral is the area from 0 to t: of a straight line by the rule for trapezia, of a sine by its antiderivative.
func (s Segment) integral(t float64) float64 {
	if s.Period != 0 {
		w := 2 * math.Pi / s.Period.Seconds()
		return s.From*t + s.Amplitude/w*(1-math.Cos(w*t))
	}
	return (s.From + s.rate(t)) / 2 * t
}

// inverse is the t at which the area is n.
func (s Segment) inverse(n float64) float64 {
	if s.Period != 0 {
		return s.bisect(n)
	}
	slope := (s.To - s.From) / s.For.Seconds()
	if slope == 0 {
		return n / s.From
	}
	// From·t + slope/2·t² = n. This form of the solution loses no digits where the slope is slight.
	return 2 * n / (s.From + math.Sqrt(max(0, s.From*s.From+2*slope*n)))
}

// bisect finds t for a sine, whose area only grows and so has one solution.
func (s Segment) bisect(n float64) float64 {
	low, high := 0.0, s.For.Seconds()
	for range 60 {
		middle := (low + high) / 2
		if s.integral(middle) < n {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// Cut is the beginning of the curve.
func (c Curve) Cut(d time.Duration) Curve {
	var cut Curve
	for _, s := range c {
		if d <= 0 {
			break
		}
		if s.For > d {
			s.To, s.For = s.rate(d.Seconds()), d
			if s.Period != 0 {
				s.To = s.From
			}
		}
		cut = append(cut, s)
		d -= s.For
	}
	return cut
}
