package ozeki

import (
	"context"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	ozfixtures "github.com/parley-im/parley/fixtures/ozeki"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/ozeki/server"
)

var mix = map[string]float64{
	"list": 20, "open": 15, "scroll": 8, "catch-up": 12, "download": 10, "add": 20, "clear": 3, "favorite": 4, "mute": 4, "hide": 3, "color": 4,
}

var small = fixtures.Population{
	Run: "p1a2b3c4d", Seed: 5, Users: 60, Conversations: 10, Messages: 15, Groups: 0.5, GroupSize: 30, Payload: 60,
}

// stage is a seeded target with what loads it.
type stage struct {
	handler http.Handler
	rate    float64
	last    time.Duration
	attacks int           // one after the other; 0: one
	settle  time.Duration // of the target
	setup   func(*loadgen.Setup)
	attack  func(*loadgen.Attack)
	now     func() time.Time // of messages; nil: the time
}

// run seeds a population and loads it for a moment. It answers the last attack.
func (s stage) run(t *testing.T) *loadgen.Result {
	t.Helper()
	target := ozfixtures.Embedded("2024")
	target.Auth.Value = "" // the handlers take every signature
	target, stop, err := ozfixtures.Start(target, s.handler)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	plan := small.Plan()
	populated, err := fixtures.Populate(t.Context(), fixtures.NewHook(target), plan, "", 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	var r *loadgen.Result
	for i := range max(1, s.attacks) {
		setup := loadgen.Setup{Plan: plan, Populated: populated, Profile: "2024", Weights: mix, MsgCount: 10, Hot: 0.2, Seed: 9 + uint64(i), Settle: s.settle, Known: i == 0}
		a := &loadgen.Attack{
			URL: target.URL, Timeout: 5 * time.Second, Workers: 64, Seed: 9,
			Schedule: loadgen.Schedule{Curve: loadgen.Constant(s.rate, s.last), Poisson: true, Seed: 9},
		}
		if s.setup != nil {
			s.setup(&setup)
		}
		if s.attack != nil {
			s.attack(a)
		}
		w, err := New(setup)
		if err != nil {
			t.Fatal(err)
		}
		if s.now != nil {
			w.now = s.now
		}
		a.Workload = w
		if r, err = a.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// afternoon is a clock that goes a second on with each look, and begins at three o'clock: no two messages are of one
// second, and hours of 12 show.
func afternoon() func() time.Time {
	var looks atomic.Int64
	begin := time.Now().UTC().Truncate(24 * time.Hour).Add(39 * time.Hour)
	return func() time.Time { return begin.Add(time.Duration(looks.Add(1)) * time.Second / 4) }
}

// clean fails where an answer was called wrong, or suspicious.
func clean(t *testing.T, r *loadgen.Result) {
	t.Helper()
	if r.Violating > 0 || len(r.Violations) > 0 || len(r.Warnings) > 0 {
		t.Errorf("errors %v, violations %v, warnings %v", r.ErrorClass, r.Violations, r.Warnings)
		for id, sample := range r.Samples {
			t.Logf("%s: %s\n%s", id, sample.Detail, sample.Exchange.Response.Body)
		}
	}
	for _, op := range r.Operations {
		if op.Correct == 0 {
			t.Errorf("%s was never done", op.Name)
		}
	}
}

func TestTheHonestServerIsRight(t *testing.T) {
	for name, s := range map[string]stage{
		"strong":           {},
		"a message a page": {setup: func(s *loadgen.Setup) { s.MsgCount = 1 }},
		"used before":      {setup: func(s *loadgen.Setup) { s.Known = false }},
		"a second attack":  {attacks: 2},
		"eventual":         {settle: 50 * time.Millisecond},
		"half checked":     {attack: func(a *loadgen.Attack) { a.Check = 0.5 }},
		"another sender":   {attack: func(a *loadgen.Attack) { a.Fast = true }},
		"many clears":      {setup: func(s *loadgen.Setup) { s.Weights = with(mix, "clear", 40) }},
		"spread in time":   {now: afternoon()},
	} {
		t.Run(name, func(t *testing.T) {
			s.handler, s.rate, s.last = server.New(server.Options{}), 1500, 400*time.Millisecond
			r := s.run(t)
			clean(t, r)
			if r.Errors > 0 || r.Correct != r.Planned || r.Correct < 300 {
				t.Errorf("counts %+v, errors %v", r.Counts, r.ErrorClass)
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

func with(weights map[string]float64, name string, weight float64) map[string]float64 {
	changed := maps.Clone(weights)
	changed[name] = weight
	return changed
}
