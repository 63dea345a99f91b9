package yunhu

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/variants"
)

var mix = map[string]float64{"list": 30, "refresh": 25, "catch-up": 5, "dismiss": 25, "sort": 10, "remove": 5}

var small = fixtures.Population{
	Run: "p1a2b3c4d", Seed: 5, Users: 60, Conversations: 10, Messages: 6, Groups: 0.5, GroupSize: 30, Payload: 60,
}

// trial is one attack of a test.
type trial struct {
	profile    string
	population fixtures.Population
	rate       float64
	lasts      time.Duration
	change     func(*loadgen.Setup, *loadgen.Attack)
}

// field is a server with a population on it.
type field struct {
	handler   atomic.Pointer[http.Handler]
	target    fixtures.Target
	profile   string
	plan      *fixtures.Plan
	populated *fixtures.Populated
}

// seeded puts a population onto a server.
func seeded(t *testing.T, o trial, handler http.Handler) *field {
	t.Helper()
	f := &field{plan: o.population.Plan(), profile: o.profile}
	f.handler.Store(&handler)
	f.target = yhfixtures.Embedded(o.profile)
	f.target.Auth.Value = ""
	target, stop, err := yhfixtures.Start(f.target, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*f.handler.Load()).ServeHTTP(w, r)
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	f.target = target
	if f.populated, err = fixtures.Populate(t.Context(), fixtures.NewHook(target), f.plan, "", 2, nil); err != nil {
		t.Fatal(err)
	}
	return f
}

// attack loads the server for a moment.
func (f *field) attack(t *testing.T, o trial) *loadgen.Result {
	t.Helper()
	setup := loadgen.Setup{Plan: f.plan, Populated: f.populated, Profile: f.profile, Weights: mix, Hot: 0.2, Seed: 9, Known: true}
	a := &loadgen.Attack{
		URL: f.target.URL, Timeout: 5 * time.Second, Workers: 64, Seed: 9,
		Schedule: loadgen.Schedule{Curve: loadgen.Constant(o.rate, o.lasts), Poisson: true, Seed: 9},
	}
	if o.change != nil {
		o.change(&setup, a)
	}
	w, err := New(setup)
	if err != nil {
		t.Fatal(err)
	}
	a.Workload = w
	result, err := a.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// attack seeds a population on a server and loads it.
func attack(t *testing.T, o trial, handler http.Handler) *loadgen.Result {
	t.Helper()
	return seeded(t, o, handler).attack(t, o)
}

// isRight judges that nothing was said against a server, and that enough was asked to say so.
func isRight(t *testing.T, r *loadgen.Result, least int64) {
	t.Helper()
	if r.Errors > 0 || r.Violating > 0 || len(r.Warnings) > 0 {
		t.Errorf("errors %v, violations %v, warnings %v", r.ErrorClass, r.Violations, r.Warnings)
		for id, sample := range r.Samples {
			t.Logf("%s: %s", id, sample.Detail)
		}
	}
	if r.Correct != r.Planned || r.Correct < least {
		t.Errorf("counts %+v", r.Counts)
	}
}

func TestTheHonestServerIsRight(t *testing.T) {
	for name, change := range map[string]func(*loadgen.Setup, *loadgen.Attack){
		"known":        nil,
		"used before":  func(s *loadgen.Setup, _ *loadgen.Attack) { s.Known = false },
		"eventual":     func(s *loadgen.Setup, _ *loadgen.Attack) { s.Settle = 50 * time.Millisecond },
		"half checked": func(_ *loadgen.Setup, a *loadgen.Attack) { a.Check = 0.5 },
		"uncertain":    func(s *loadgen.Setup, _ *loadgen.Attack) { s.Populated.Uncertain = map[int]bool{0: true, 3: true} },
		"fast":         func(_ *loadgen.Setup, a *loadgen.Attack) { a.Fast = true },
	} {
		for _, profile := range []string{"2025", "2026"} {
			t.Run(name+" "+profile, func(t *testing.T) {
				t.Parallel()
				o := trial{profile: profile, population: small, rate: 3000, lasts: 300 * time.Millisecond, change: change}
				r := attack(t, o, server.New(server.Options{Profile: profile}))
				isRight(t, r, 600)
				for _, op := range r.Operations {
					later := op.Name == "refresh" || op.Name == "catch-up" || op.Name == "remove"
					if (op.Correct == 0) != (later && profile == "2025") {
						t.Errorf("%s was done %d times", op.Name, op.Correct)
					}
				}
				if r.Freshness.Count() == 0 {
					t.Error("no change was followed until it showed")
				}
				if name == "half checked" && (r.Checked < r.Sent/3 || r.Checked > 2*r.Sent/3) {
					t.Errorf("%d of %d were checked", r.Checked, r.Sent)
				}
			})
		}
	}
}

// TestAPopulationThatWasUsedIsLearned attacks one population again and again, and knows nothing of the times before.
func TestAPopulationThatWasUsedIsLearned(t *testing.T) {
	t.Parallel()
	o := trial{profile: "2026", population: small, rate: 2500, lasts: 200 * time.Millisecond}
	f := seeded(t, o, server.New(server.Options{Profile: "2026"}))
	for seed := range uint64(3) {
		o.change = func(s *loadgen.Setup, _ *loadgen.Attack) { s.Known, s.Seed = seed == 0, seed }
		isRight(t, f.attack(t, o), 250)
	}
}

// TestNoVariantRaisesAnAlarm takes each freedom alone, in one of its profiles, and then as many as there are together.
func TestNoVariantRaisesAnAlarm(t *testing.T) {
	for i, v := range variants.All() {
		if v.Eventual {
			continue // TestListsThatAreAlwaysLate
		}
		profile := []string{"2025", "2026"}[i%2]
		if !v.In(profile) {
			profile = v.Profiles[0]
		}
		t.Run(v.Name+" "+profile, func(t *testing.T) { raisesNoAlarm(t, profile, []string{v.Name}, 1) })
	}
	for seed := range int64(6) {
		profile := []string{"2025", "2026"}[seed%2]
		t.Run("together "+profile, func(t *testing.T) { raisesNoAlarm(t, profile, variants.Together(profile, seed), seed) })
	}
}

func raisesNoAlarm(t *testing.T, profile string, names []string, seed int64) {
	t.Parallel()
	handler, err := variants.New(server.Options{Profile: profile}, names, seed)
	if err != nil {
		t.Fatal(err)
	}
	o := trial{profile: profile, population: small, rate: 3000, lasts: 30 * time.Millisecond}
	o.population.Users, o.population.Seed = 8, uint64(seed)
	f := seeded(t, o, handler)
	isRight(t, f.attack(t, o), 40)
	o.change = func(s *loadgen.Setup, _ *loadgen.Attack) { s.Known = false }
	isRight(t, f.attack(t, o), 40)
}
