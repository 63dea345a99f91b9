package loadgen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/reports"
)

// Search finds the highest rate at which the conditions hold. It first doubles the rate until they fail, then tries
// rungs between the last good and the first bad rate again and again in random order, and fits how likely a rate is to
// meet them: one attempt says little on a machine that other things run on too.
type Search struct {
	SLO     []Threshold
	Lowest  float64 // the first rung
	Highest float64
	Seed    uint64
	Rounds  int // how often each rung is tried; 0: 5
	// Try loads the target at a rate.
	Try func(rate float64) (*Result, error)
	// Told is called after each rung; may be nil.
	Told func(reports.LoadRung)
}

// The answers of a Search.
const (
	CapacityFound    = "found"
	CapacityAtLeast  = "at-least"  // the generator or the highest rate was the limit
	CapacityNotFound = "not-found" // it fails at the lowest rung
)

const rungsBetween = 4

// Run searches. The last result is that of the last rung.
func (s *Search) Run() (reports.LoadCapacity, *Result, error) {
	if s.Rounds <= 0 {
		s.Rounds = 5
	}
	answer := reports.LoadCapacity{SLO: conditions(s.SLO), Rungs: []reports.LoadRung{}}
	good, bad, last, err := s.climb(&answer)
	switch {
	case err != nil || last.Interrupted:
		interrupted(&answer, good)
		return answer, last, err
	case good == 0 && s.limited(&answer):
		answer.Answer, answer.Reason = CapacityAtLeast, fmt.Sprintf("at least 0: the generator was the limit at %.0f a second already", s.Lowest)
		return answer, last, nil
	case good == 0:
		notFound(&answer, fmt.Sprintf("fails at the lowest rung, %.0f a second: %s", s.Lowest, answer.Rungs[len(answer.Rungs)-1].Reason))
		return answer, last, nil
	case bad == 0:
		limit := "the search ends there"
		if s.limited(&answer) {
			limit = "the generator was the limit"
		}
		answer.Answer, answer.RPS, answer.Low = CapacityAtLeast, good, good
		answer.Reason = fmt.Sprintf("at least %.0f a second: %s", good, limit)
		return answer, last, nil
	}
	last, err = s.repeat(&answer, good, bad)
	switch {
	case err != nil:
	case last.Interrupted:
		interrupted(&answer, good)
	case answer.Answer == "":
		s.conclude(&answer)
	}
	return answer, last, err
}

func notFound(answer *reports.LoadCapacity, why string) {
	answer.Answer, answer.Reason = CapacityNotFound, "not found: "+why
}

// interrupted is the answer of a search that was cut short: what it had found by then.
func interrupted(answer *reports.LoadCapacity, good float64) {
	answer.Answer, answer.RPS, answer.Low = CapacityAtLeast, good, good
	answer.Reason = fmt.Sprintf("at least %.0f a second: the search was interrupted", good)
}

// climb doubles the rate until the conditions fail. bad is 0 where they never did. One failure proves nothing on a machine
// that other things run on too: a rate is bad, or more than the generator gives, where it is so twice.
func (s *Search) climb(answer *reports.LoadCapacity) (good, bad float64, last *Result, err error) {
	const proof = 2
	missed, spoiled := 0, 0
	for rate := s.Lowest; ; {
		rung, result, err := s.rung(rate)
		if err != nil {
			return good, 0, result, err
		}
		answer.Rungs = append(answer.Rungs, rung)
		switch {
		case result.Interrupted:
			return good, 0, result, nil
		case !rung.Healthy:
			if spoiled++; spoiled == proof {
				return good, 0, result, nil
			}
			continue
		case !rung.Met:
			if missed++; missed == proof {
				return good, rate, result, nil
			}
			continue
		}
		missed, spoiled = 0, 0
		if good = rate; rate >= s.Highest {
			return good, 0, result, nil
		}
		rate = min(2*rate, s.Highest)
	}
}

// limited tells whether the generator spoiled the last rung.
func (s *Search) limited(answer *reports.LoadCapacity) bool {
	return len(answer.Rungs) > 0 && !answer.Rungs[len(answer.Rungs)-1].Healthy
}

// repeat tries the rungs between good and bad, all of them in each round, in an order that chance decides: what drifts
// on the machine then falls on all rungs alike.
func (s *Search) repeat(answer *reports.LoadCapacity, good, bad float64) (*Result, error) {
	random := rand.New(rand.NewPCG(s.Seed, 0x72756e67))
	var rates []float64
	for i := range rungsBetween + 2 {
		rates = append(rates, good*math.Pow(bad/good, float64(i)/(rungsBetween+1)))
	}
	const proof = 2
	var last *Result
	silent := 0
	for range s.Rounds {
		random.Shuffle(len(rates), func(i, j int) { rates[i], rates[j] = rates[j], rates[i] })
		for _, rate := range rates {
			rung, result, err := s.rung(rate)
			if err != nil {
				return result, err
			}
			last = result
			if result.Interrupted {
				return last, nil
			}
			answer.Rungs = append(answer.Rungs, rung)
			if rate > good || result.Correct > 0 || result.Sent == 0 {
				continue
			}
			if silent++; silent == proof {
				notFound(answer, fmt.Sprintf("at %.0f a second, which was borne before, nothing is answered correctly any more", good))
				return last, nil
			}
		}
	}
	return last, nil
}

func (s *Search) rung(rate float64) (reports.LoadRung, *Result, error) {
	result, err := s.Try(rate)
	if err != nil {
		return reports.LoadRung{}, nil, fmt.Errorf("the rung of %.0f requests a second: %w", rate, err)
	}
	rung := reports.LoadRung{
		RPS: round(rate), Met: true, Healthy: result.Generator.Healthy, P99MS: ms(result.Total.Response.Quantile(0.99)),
		Reason: strings.Join(result.Generator.Reasons, "; "),
	}
	for _, t := range s.SLO {
		if !t.Met(result) {
			rung.Met = false
			rung.Reason = fmt.Sprintf("%s, it was %.3g", t, t.Value(result))
		}
	}
	if reason := s.unanswered(result); rung.Met && reason != "" {
		rung.Met, rung.Reason = false, reason
	}
	if s.Told != nil && !result.Interrupted {
		s.Told(rung)
	}
	return rung, result, nil
}

// mostWrong is how much of a rung may fail or be wrong where the conditions say nothing of it.
const mostWrong = 0.01

// unanswered is why a rung that meets the conditions shows no capacity all the same: what was not answered correctly was not borne.
// Empty: it was borne.
func (s *Search) unanswered(r *Result) string {
	wrong := int64(0)
	if !s.speaksOf("errors", "correct", "throughput") {
		wrong += r.Errors
	}
	if !s.speaksOf(metricViolations, "correct", "throughput") {
		wrong += r.Violating
	}
	switch {
	case r.NeverSent > 0:
		return fmt.Sprintf("%d requests were never sent", r.NeverSent)
	case r.Sent > 0 && (r.Correct == 0 || float64(wrong) > mostWrong*float64(r.Sent)):
		return fmt.Sprintf("%d of %d requests were answered correctly; a condition such as errors<5%% says how many may fail", r.Correct, r.Sent)
	}
	return ""
}

// speaksOf tells whether a condition is about one of the metrics.
func (s *Search) speaksOf(metrics ...string) bool {
	return slices.ContainsFunc(s.SLO, func(t Threshold) bool { return slices.Contains(metrics, t.Metric) })
}

// conclude fits the rate at which a rung is as likely to meet the conditions as not. The interval is of the same fit
// over resampled attempts: 95 of 100 lie in it.
func (s *Search) conclude(answer *reports.LoadCapacity) {
	rungs := slices.DeleteFunc(slices.Clone(answer.Rungs), func(r reports.LoadRung) bool { return !r.Healthy })
	if len(rungs) < len(answer.Rungs)/2 {
		best := 0.0
		for _, r := range rungs {
			if r.Met {
				best = max(best, r.RPS)
			}
		}
		answer.Answer, answer.RPS, answer.Low = CapacityAtLeast, best, best
		answer.Reason = fmt.Sprintf("at least %.0f a second: the generator was the limit in most rungs", best)
		return
	}
	if met, all, last := s.atLowest(rungs); 2*met < all {
		notFound(answer, fmt.Sprintf("only %d of %d attempts at the lowest rung, %.0f a second, met the conditions: %s", met, all, s.Lowest, last))
		return
	}
	random := rand.New(rand.NewPCG(s.Seed, 0x626f6f74))
	answer.Answer, answer.RPS = CapacityFound, round(crossing(rungs))
	const draws = 2000
	var fits []float64
	drawn := make([]reports.LoadRung, len(rungs))
	for range draws {
		for i := range drawn {
			drawn[i] = rungs[random.IntN(len(rungs))]
		}
		fits = append(fits, crossing(drawn))
	}
	slices.Sort(fits)
	answer.Low, answer.High = round(fits[draws*25/1000]), round(fits[draws*975/1000])
	answer.Reason = fmt.Sprintf("%.0f a second (95 %% interval %.0f to %.0f)", answer.RPS, answer.Low, answer.High)
}

// atLowest counts the attempts at the lowest rung, and says why the last of those failed that did.
func (s *Search) atLowest(rungs []reports.LoadRung) (met, all int, why string) {
	for _, r := range rungs {
		switch {
		case r.RPS > round(s.Lowest):
			continue
		case r.Met:
			met++
		default:
			why = r.Reason
		}
		all++
	}
	return met, all, why
}

// crossing is where the share of good attempts falls through a half, after isotonic regression: a higher rate is never
// taken to be easier.
func crossing(rungs []reports.LoadRung) float64 {
	type block struct{ rate, share, weight float64 }
	byRate := map[float64]*block{}
	for _, r := range rungs {
		b := byRate[r.RPS]
		if b == nil {
			b = &block{rate: r.RPS}
			byRate[r.RPS] = b
		}
		b.weight++
		if r.Met {
			b.share++
		}
	}
	var rates []float64
	for rate := range byRate {
		rates = append(rates, rate)
	}
	slices.Sort(rates)
	shares := make([]float64, len(rates))
	// The fit at i is the least over all beginnings up to i of the greatest mean over all ends from i on.
	for i := range rates {
		shares[i] = 1
		for from := 0; from <= i; from++ {
			greatest := 0.0
			for to := i; to < len(rates); to++ {
				var met, all float64
				for _, rate := range rates[from : to+1] {
					met, all = met+byRate[rate].share, all+byRate[rate].weight
				}
				greatest = max(greatest, met/all)
			}
			shares[i] = min(shares[i], greatest)
		}
	}
	if len(rates) == 0 || shares[0] < 0.5 {
		if len(rates) == 0 {
			return 0
		}
		return rates[0]
	}
	for i := 1; i < len(rates); i++ {
		if shares[i] < 0.5 {
			part := (shares[i-1] - 0.5) / (shares[i-1] - shares[i])
			return rates[i-1] * math.Pow(rates[i]/rates[i-1], part)
		}
	}
	return rates[len(rates)-1]
}

func conditions(all []Threshold) string {
	var texts []string
	for _, t := range all {
		texts = append(texts, t.String())
	}
	return strings.Join(texts, ",")
}

// RungTime is how long one rung of a search lasts for a rate: long enough for a 99th percentile with some 20 values
// beyond it, within bounds.
func RungTime(rate float64) time.Duration {
	const least, most = 3 * time.Second, 30 * time.Second
	return min(max(time.Duration(2000/rate*float64(time.Second)), least), most)
}
