package loadgen

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/reports"
)

// pretend is a target that is as fast as its capacity lets it, with some noise.
func pretend(capacity, noise float64, generator float64) func(float64) (*Result, error) {
	random := rand.New(rand.NewPCG(1, 2))
	return func(rate float64) (*Result, error) {
		r := &Result{Total: newFigures(), Freshness: NewHistogram(), Duration: time.Second, Generator: Generator{Healthy: rate <= generator}}
		r.Counts = Counts{Planned: 100, Sent: 100, Correct: 100}
		r.Total.Counts = r.Counts
		latency := 10 * time.Millisecond
		if rate > capacity*(1+noise*random.NormFloat64()) {
			latency = time.Second
		}
		for range 100 {
			r.Total.Response.Record(latency)
		}
		return r, nil
	}
}

func search(t *testing.T, try func(float64) (*Result, error)) reports.LoadCapacity {
	t.Helper()
	slo, err := ParseThresholds("p99<50ms,violations=0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Search{SLO: slo, Lowest: 50, Highest: 20_000, Seed: 4, Try: try}
	found, _, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCapacityIsFound(t *testing.T) {
	for _, capacity := range []float64{70, 730, 5200} {
		c := search(t, pretend(capacity, 0.05, math.Inf(1)))
		if c.Answer != CapacityFound || math.Abs(c.RPS/capacity-1) > 0.15 {
			t.Errorf("the capacity is %g, found was %+v", capacity, c)
		}
		if c.Low > capacity*1.02 || c.High < capacity*0.98 || c.Low > c.RPS || c.High < c.RPS {
			t.Errorf("the interval %g to %g does not hold %g", c.Low, c.High, capacity)
		}
	}
}

// TestOneBadMomentIsNoLimit has a machine that is busy with something else for one rung, and once more for another.
func TestOneBadMomentIsNoLimit(t *testing.T) {
	try := pretend(1000, 0.02, 1e9)
	n := 0
	found := search(t, func(rate float64) (*Result, error) {
		r, err := try(rate)
		switch n++; n {
		case 2:
			r.Total.Response.Record(time.Second)
			for range 10 {
				r.Total.Response.Record(time.Second)
			}
		case 4:
			r.Generator = Generator{Reasons: []string{"it slept"}}
		}
		return r, err
	})
	if found.Answer != CapacityFound || found.RPS < 900 || found.RPS > 1100 {
		t.Errorf("%+v", found)
	}
}

func TestCapacityThatIsNotFound(t *testing.T) {
	for name, c := range map[string]struct {
		try    func(float64) (*Result, error)
		answer string
		words  string
	}{
		"too slow for the lowest rung": {pretend(10, 0, math.Inf(1)), CapacityNotFound, "fails at the lowest rung"},
		"faster than the search":       {pretend(1e9, 0, math.Inf(1)), CapacityAtLeast, "the search ends there"},
		"faster than the generator":    {pretend(1e9, 0, 900), CapacityAtLeast, "at least 800 a second: the generator was the limit"},
		"no generator at all":          {pretend(1e9, 0, 1), CapacityAtLeast, "at least 0"},
	} {
		if got := search(t, c.try); got.Answer != c.answer || !strings.Contains(got.Reason, c.words) {
			t.Errorf("%s: %s, %s", name, got.Answer, got.Reason)
		}
	}
}

// TestWhatIsNotAnsweredCorrectlyIsNoCapacity has a target that is as fast as can be, and answers a part of the requests with an
// error, or wrong.
func TestWhatIsNotAnsweredCorrectlyIsNoCapacity(t *testing.T) {
	for _, c := range []struct {
		errors, violating int64
		slo, answer       string
	}{
		{100, 0, "p99<50ms", CapacityNotFound},
		{100, 0, "p99<50ms,errors<=100%", CapacityNotFound},
		{0, 100, "p99<50ms", CapacityNotFound},
		{2, 0, "p99<50ms", CapacityNotFound},
		{2, 0, "p99<50ms,errors<5%", CapacityAtLeast},
		{0, 2, "p99<50ms,errors<5%", CapacityNotFound},
		{0, 2, "p99<50ms,violations<5", CapacityAtLeast},
		{1, 0, "p99<50ms", CapacityAtLeast},
	} {
		slo, err := ParseThresholds(c.slo)
		if err != nil {
			t.Fatal(err)
		}
		fast := pretend(1e9, 0, math.Inf(1))
		s := &Search{SLO: slo, Lowest: 20, Highest: 60, Try: func(rate float64) (*Result, error) {
			r, err := fast(rate)
			r.Correct, r.Errors, r.Violating = 100-c.errors-c.violating, c.errors, c.violating
			return r, err
		}}
		found, _, err := s.Run()
		if err != nil || found.Answer != c.answer {
			t.Errorf("%+v: %s, %s, %v", c, found.Answer, found.Reason, err)
		}
		if c.answer == CapacityNotFound && !strings.Contains(found.Reason, "were answered correctly") {
			t.Errorf("%+v: the reason is %q", c, found.Reason)
		}
	}
}

// TestATargetThatStopsAnsweringHasNoCapacity bears what it is asked for a few rungs long; from then on it answers nothing correctly,
// or only a part.
func TestATargetThatStopsAnsweringHasNoCapacity(t *testing.T) {
	for _, correct := range []int64{0, 50} {
		for borne := range 5 {
			fast, n := pretend(1e9, 0, math.Inf(1)), 0
			found := search(t, func(rate float64) (*Result, error) {
				r, err := fast(rate)
				if n++; n > borne {
					r.Correct, r.Errors = correct, 100-correct
				}
				return r, err
			})
			if found.Answer != CapacityNotFound && (correct == 0 || borne <= 1) {
				t.Errorf("%d of 100 are answered after %d rungs: %s, %s", correct, borne, found.Answer, found.Reason)
			}
			if correct == 0 && borne > 0 && !strings.Contains(found.Reason, "nothing is answered correctly any more") {
				t.Errorf("the reason is %q", found.Reason)
			}
		}
	}
}

func TestRungsAreShuffledAndRepeated(t *testing.T) {
	c := search(t, pretend(730, 0, math.Inf(1)))
	times, falls := map[float64]int{}, 0
	for i, r := range c.Rungs {
		times[r.RPS]++
		if i > 0 && r.RPS < c.Rungs[i-1].RPS {
			falls++
		}
	}
	if falls < 5 {
		t.Errorf("the rungs only rise: %+v", c.Rungs)
	}
	repeated := 0
	for _, n := range times {
		if n >= 5 {
			repeated++
		}
	}
	if repeated < 5 {
		t.Errorf("only %d rates were tried 5 times: %v", repeated, times)
	}
}

// TestAnInterruptedSearchFindsNothing interrupts a search at each of its rungs.
func TestAnInterruptedSearchFindsNothing(t *testing.T) {
	whole := len(search(t, pretend(730, 0.05, math.Inf(1))).Rungs)
	for last := 1; last <= whole; last++ {
		try, n := pretend(730, 0.05, math.Inf(1)), 0
		found := search(t, func(rate float64) (*Result, error) {
			if n++; n < last {
				return try(rate)
			}
			return &Result{Total: newFigures(), Freshness: NewHistogram(), Interrupted: true, Cut: "it was interrupted", Counts: Counts{Planned: 100, NeverSent: 100}}, nil
		})
		if n != last || found.Answer != CapacityAtLeast || !strings.Contains(found.Reason, "interrupted") {
			t.Errorf("interrupted at rung %d of %d: tried %d, and found %+v", last, whole, n, found)
		}
	}
}
