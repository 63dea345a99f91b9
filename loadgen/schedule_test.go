package loadgen

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// curves are one of every shape, with the area that geometry gives.
var curves = []struct {
	name  string
	curve Curve
	area  float64
	peak  float64
}{
	{"constant", Constant(100, 3*time.Second), 300, 100},
	{"ramp up", Ramp(0, 200, 10*time.Second), 1000, 200},
	{"ramp down", Ramp(300, 100, 4*time.Second), 800, 300},
	{"steps", Steps(10, 50, 5, 10*time.Second), 2 * (10 + 20 + 30 + 40 + 50), 50},
	{"spike", Spike(10, 500, time.Second, 5*time.Second), 540, 500},
	{"sine", Sine(100, 100, 2*time.Second, 6*time.Second), 600, 200},
	{"soak", Constant(0.5, 20*time.Minute), 600, 0.5},
}

func TestCurveIntegrals(t *testing.T) {
	for _, c := range curves {
		if got := c.curve.Integral(c.curve.Duration()); math.Abs(got-c.area) > 1e-6 {
			t.Errorf("%s: area %g, want %g", c.name, got, c.area)
		}
		if got := c.curve.Peak(); got != c.peak {
			t.Errorf("%s: peak %g, want %g", c.name, got, c.peak)
		}
		if err := c.curve.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := c.curve.Scale(2).Integral(c.curve.Duration()); math.Abs(got-2*c.area) > 1e-6 {
			t.Errorf("%s: twice the rate has the area %g", c.name, got)
		}
	}
}

// The rate must be the slope of the integral, or one of them is wrong.
func TestRateIsTheSlopeOfTheIntegral(t *testing.T) {
	const h = time.Millisecond
	for _, c := range curves {
		for at := 7 * time.Millisecond; at < c.curve.Duration()-h; at += c.curve.Duration() / 37 {
			slope := (c.curve.Integral(at+h) - c.curve.Integral(at-h)) / (2 * h.Seconds())
			if math.Abs(slope-c.curve.Rate(at)) > 0.02*c.peak {
				t.Errorf("%s at %s: rate %g, slope %g", c.name, at, c.curve.Rate(at), slope)
			}
		}
	}
}

func TestArrivalsLieUnderTheCurve(t *testing.T) {
	for _, c := range curves {
		s := &Schedule{Curve: c.curve}
		arrivals := all(s)
		if len(arrivals) != int(c.area) {
			t.Errorf("%s: %d arrivals, want %g", c.name, len(arrivals), c.area)
		}
		if !slices.IsSorted(arrivals) {
			t.Errorf("%s: arrivals go back in time", c.name)
		}
		for n, at := range arrivals {
			if area := c.curve.Integral(at); math.Abs(area-float64(n)) > 1e-3 {
				t.Fatalf("%s: arrival %d is at %s, where the area is %g", c.name, n, at, area)
			}
		}
	}
}

func TestPoissonArrivals(t *testing.T) {
	for _, c := range curves {
		s := &Schedule{Curve: c.curve, Poisson: true, Seed: 7}
		arrivals := all(s)
		if !slices.Equal(arrivals, all(s)) {
			t.Errorf("%s: the same seed gave other arrivals", c.name)
		}
		if slices.Equal(arrivals, all(&Schedule{Curve: c.curve, Poisson: true, Seed: 8})) {
			t.Errorf("%s: another seed gave the same arrivals", c.name)
		}
		if d := math.Abs(float64(len(arrivals)) - c.area); d > 4*math.Sqrt(c.area) {
			t.Errorf("%s: %d arrivals, more than 4 standard deviations from %g", c.name, len(arrivals), c.area)
		}
		if !slices.IsSorted(arrivals) || arrivals[len(arrivals)-1] > c.curve.Duration() {
			t.Errorf("%s: arrivals go back in time or beyond the end", c.name)
		}
	}
	gaps := spread(all(&Schedule{Curve: Constant(1000, 20*time.Second), Poisson: true, Seed: 3}))
	if gaps < 0.95 || gaps > 1.05 {
		t.Errorf("the gaps' standard deviation is %g of their mean; of exponential gaps it is 1", gaps)
	}
}

// spread is the standard deviation of the gaps over their mean.
func spread(arrivals []time.Duration) float64 {
	var sum, squares float64
	for i := 1; i < len(arrivals); i++ {
		gap := (arrivals[i] - arrivals[i-1]).Seconds()
		sum += gap
		squares += gap * gap
	}
	n := float64(len(arrivals) - 1)
	mean := sum / n
	return math.Sqrt(squares/n-mean*mean) / mean
}

func TestReplay(t *testing.T) {
	trace, err := ReadTrace(strings.NewReader("# recorded\n100.5,GET\n\n100.25\n101.5\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []time.Duration{0, 250 * time.Millisecond, 1250 * time.Millisecond}
	s := &Schedule{Trace: trace}
	if got := all(s); !slices.Equal(got, want) {
		t.Errorf("arrivals %v, want %v", got, want)
	}
	if s.Between(0, time.Second) != 2 || s.Between(time.Second, 2*time.Second) != 1 || s.Peak() != 2 {
		t.Errorf("between: %g and %g, peak %g", s.Between(0, time.Second), s.Between(time.Second, 2*time.Second), s.Peak())
	}
	for _, bad := range []string{"", "x\n", "-1\n", "NaN\n", "1e300\n"} {
		if _, err := ReadTrace(strings.NewReader(bad)); err == nil {
			t.Errorf("the trace %q was taken", bad)
		}
	}
}

func TestImpossibleCurves(t *testing.T) {
	for name, c := range map[string]Curve{
		"nothing":          {},
		"no time":          Constant(10, 0),
		"below zero":       Ramp(10, -10, time.Second),
		"sine below zero":  Sine(10, 11, time.Second, time.Second),
		"less than one":    Constant(0.1, time.Second),
		"beyond reason":    Constant(1e9, time.Second),
		"not a number":     Constant(math.NaN(), time.Second),
		"backwards period": {{For: time.Second, From: 10, To: 10, Amplitude: 1, Period: -1}},
	} {
		if c.Check() == nil {
			t.Errorf("%s: the curve was taken", name)
		}
	}
}

func all(s *Schedule) (arrivals []time.Duration) {
	next := s.Arrivals()
	for at, ok := next(); ok; at, ok = next() {
		arrivals = append(arrivals, at)
	}
	return arrivals
}
