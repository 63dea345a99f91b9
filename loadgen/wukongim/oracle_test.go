package wukongim

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/wukongim/faults"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/variants"
	"github.com/parley-im/parley/specs/catalog"
)

var mix = map[string]float64{
	"login": 10, "incremental": 40, "catch-up": 3, "unread": 5, "send": 30, "clear": 5, "set": 4, "delete": 3,
}

var small = fixtures.Population{
	Run: "p1a2b3c4d", Seed: 5, Users: 60, Conversations: 10, Messages: 15, Groups: 0.5, GroupSize: 30, Payload: 60,
}

// attack seeds a population on a server and loads it for a moment.
func attack(t *testing.T, profile string, handler http.Handler, population fixtures.Population, rate float64, d time.Duration, change func(*loadgen.Setup, *loadgen.Attack)) *loadgen.Result {
	t.Helper()
	target := fixtures.Default()
	target.Profile = profile
	target, stop, err := wkfixtures.Start(target, handler)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	return attackOn(t, target, profile, population, rate, d, change)
}

// attackOn is an attack on a target that runs.
func attackOn(t *testing.T, target fixtures.Target, profile string, population fixtures.Population, rate float64, d time.Duration, change func(*loadgen.Setup, *loadgen.Attack)) *loadgen.Result {
	t.Helper()
	plan := population.Plan()
	populated, err := fixtures.Populate(t.Context(), fixtures.NewHook(target), plan, "", 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	return attackAgain(t, target, plan, populated, profile, rate, d, change)
}

// attackAgain is an attack on a population that is there.
func attackAgain(t *testing.T, target fixtures.Target, plan *fixtures.Plan, populated *fixtures.Populated, profile string, rate float64, d time.Duration, change func(*loadgen.Setup, *loadgen.Attack)) *loadgen.Result {
	t.Helper()
	setup := loadgen.Setup{
		Plan: plan, Populated: populated, Profile: profile, Weights: mix, MsgCount: 10, Hot: 0.2, Seed: 9, Known: !populated.Reused,
	}
	a := &loadgen.Attack{
		URL: target.URL, Timeout: 5 * time.Second, Workers: 64, Seed: 9,
		Schedule: loadgen.Schedule{Curve: loadgen.Constant(rate, d), Poisson: true, Seed: 9},
	}
	if change != nil {
		change(&setup, a)
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

// TestAnUsedPopulation has users who come upon what others have read, deleted and written before them, as in a search for
// the capacity and where a population is used again.
func TestAnUsedPopulation(t *testing.T) {
	target := fixtures.Default()
	target, stop, err := wkfixtures.Start(target, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	plan := small.Plan()
	populated, err := fixtures.Populate(t.Context(), fixtures.NewHook(target), plan, "", 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	for attempt := range 4 {
		r := attackAgain(t, target, plan, populated, "v2", 1500, 400*time.Millisecond, func(s *loadgen.Setup, _ *loadgen.Attack) {
			s.Known, s.Seed = attempt == 0, uint64(attempt)
			s.Weights = map[string]float64{"login": 10, "incremental": 30, "send": 20, "clear": 10, "set": 5, "delete": 20, "unread": 5}
		})
		if r.Errors > 0 || r.Violating > 0 || len(r.Warnings) > 0 || r.Correct < 400 {
			t.Errorf("attempt %d: %+v, errors %v, violations %v, warnings %v", attempt, r.Counts, r.ErrorClass, r.Violations, r.Warnings)
			for id, sample := range r.Samples {
				t.Logf("%s: %s", id, sample.Detail)
			}
		}
	}
}

func TestTheHonestServerIsRight(t *testing.T) {
	for name, change := range map[string]func(*loadgen.Setup, *loadgen.Attack){
		"v2":                nil,
		"v1":                func(s *loadgen.Setup, _ *loadgen.Attack) { s.Profile = "v1" },
		"more than the cap": func(s *loadgen.Setup, _ *loadgen.Attack) { s.MsgCount = 80 },
		"no messages":       func(s *loadgen.Setup, _ *loadgen.Attack) { s.MsgCount = 0 },
		"used before":       func(s *loadgen.Setup, _ *loadgen.Attack) { s.Known = false },
		"eventual":          func(s *loadgen.Setup, _ *loadgen.Attack) { s.Settle = 50 * time.Millisecond },
		"half checked":      func(_ *loadgen.Setup, a *loadgen.Attack) { a.Check = 0.5 },
	} {
		t.Run(name, func(t *testing.T) {
			profile := "v2"
			if name == "v1" {
				profile = "v1"
			}
			r := attack(t, profile, server.New(server.Options{Profile: profile}), small, 2000, time.Second, change)
			if r.Errors > 0 || r.Violating > 0 || len(r.Warnings) > 0 {
				t.Errorf("errors %v, violations %v, warnings %v", r.ErrorClass, r.Violations, r.Warnings)
				for id, sample := range r.Samples {
					t.Logf("%s: %s", id, sample.Detail)
				}
			}
			if r.Correct != r.Planned || r.Correct < 1500 {
				t.Errorf("counts %+v", r.Counts)
			}
			for _, op := range r.Operations {
				if op.Correct == 0 && !(profile == "v1" && (op.Name == "unread" || op.Name == "clear")) {
					t.Errorf("%s was never done", op.Name)
				}
			}
			if r.Freshness.Count() == 0 {
				t.Error("no message was followed until it showed")
			}
			if name == "half checked" && (r.Checked < r.Sent/3 || r.Checked > 2*r.Sent/3) {
				t.Errorf("%d of %d were checked", r.Checked, r.Sent)
			}
		})
	}
}

// TestEveryVariantIsRight has servers that take the documents' freedoms otherwise, one at a time and all together.
func TestEveryVariantIsRight(t *testing.T) {
	for _, profile := range []string{"v2", "v1"} {
		several := [][]string{variants.Together(profile, 1), variants.Together(profile, 2)}
		for _, v := range variants.All() {
			if v.In(profile) && (profile == "v2" || v.Eventual) { // the older page shares all that differs under load
				several = append(several, []string{v.Name})
			}
		}
		for _, names := range several {
			handler, err := variants.New(server.Options{Profile: profile}, names, 3)
			if err != nil {
				t.Fatal(err)
			}
			r := attack(t, profile, handler, small, 1500, 120*time.Millisecond, func(s *loadgen.Setup, _ *loadgen.Attack) {
				if slices.Contains(names, "late") {
					s.Settle = time.Second
				}
			})
			if r.Errors > 0 || r.Violating > 0 || len(r.Warnings) > 0 || r.Correct < 50 {
				t.Errorf("%s, %v: %+v, errors %v, violations %v, warnings %v", profile, names, r.Counts, r.ErrorClass, r.Violations, r.Warnings)
				for id, sample := range r.Samples {
					t.Logf("%s: %s", id, sample.Detail)
				}
			}
		}
	}
}

func TestNumbersOfAnAnswer(t *testing.T) {
	for round := range 3 {
		s := takeSeen()
		for n := range uint64(mostSeen) {
			if number := 2_100_000_000_000_000_000 + n*4096; s.again(number) || n < mostSeen-1 && !s.again(number) {
				t.Fatalf("round %d: number %d is taken for another", round, n)
			}
		}
		if s.again(1) {
			t.Error("what is full knows more")
		}
		s.free()
	}
}

// TestFaultsAreFoundUnderLoad plants faults of the reference, each with the statement that must be found broken.
func TestFaultsAreFoundUnderLoad(t *testing.T) {
	statements, err := loadgen.StatementsOf("wukongim", "v2")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fault, id string
		msgCount  int
	}{
		{"created-for-a-sync", "WK-SYNC-01", 10},
		{"no-last-msg-seq-when-read", "WK-SYNC-02", 10},
		{"recents-null", "WK-SYNC-02", 0},
		{"message-id-as-text", "WK-SYNC-03", 10},
		{"payload-repaired", "WK-SYNC-04", 10},
		{"msg-count-0-lists-nothing", "WK-SYNC-35", 0},
		{"msg-count-0-means-15", "WK-SYNC-06", 0},
		{"one-message-too-few", "WK-SYNC-07", 10},
		{"msg-count-50-gives-49", "WK-SYNC-07", 50},
		{"cap-51", "WK-SYNC-08", 80},
		{"no-cap", "WK-SYNC-08", 80},
		{"oldest-messages", "WK-SYNC-09", 10},
		{"recents-in-no-order", "WK-SYNC-10", 10},
		{"recents-turned-in-personal-channels", "WK-SYNC-10", 10},
		{"last-msg-seq-late-on-incremental", "WK-SYNC-11", 10},
		{"timestamp-in-milliseconds", "WK-SYNC-12", 10},
		{"message-id-per-channel", "WK-SYNC-05", 10},
		{"message-id-shared-by-two", "WK-SYNC-05", 10},
		{"recents-turned-on-incremental", "WK-SYNC-10", 10},
		{"version-not-raised-by-clear", "WK-SYNC-19", 10},
		{"html-on-the-incremental-path", "WK-SYNC-33", 10},
		{"sync-as-text-plain", "WK-SYNC-33", 10},
		{"last-client-msg-no-of-the-first", "WK-SYNC-38", 10},
		{"version-in-microseconds", "WK-SYNC-13", 10},
		{"unread-of-the-page", "WK-SYNC-14", 10},
		{"unread-of-four-members", "WK-SYNC-14", 10},
		{"own-messages-unread", "WK-SYNC-15", 10},
		{"version-inclusive", "WK-SYNC-16", 10},
		{"incremental-without-personal-channels", "WK-SYNC-16", 10},
		{"version-not-raised-by-message", "WK-SYNC-18", 10},
		{"last-msg-seqs-ignored", "WK-SYNC-20", 10},
		{"newest-group-for-everybody", "WK-SYNC-31", 10},
		{"message-seq-by-sender", "WK-SYNC-41", 10},
		{"twice-by-last-msg-seqs", "WK-SYNC-44", 10},
		{"incremental-sync-raises-versions", "WK-SYNC-16", 10},
		{"clear-says-200", "WK-CLEAR-01", 10},
		{"clear-without-effect", "WK-CLEAR-02", 10},
		{"clear-ignores-message-seq", "WK-CLEAR-03", 10},
		{"clear-leaves-the-message-named", "WK-CLEAR-03", 10},
		{"set-without-effect", "WK-SET-02", 10},
		{"set-says-201", "WK-SET-01", 10},
		{"delete-says-204", "WK-DEL-01", 10},
		{"delete-without-effect", "WK-DEL-02", 10},
		{"deleted-messages-still-count", "WK-DEL-04", 10},
	} {
		t.Run(c.fault, func(t *testing.T) {
			handler, err := faults.New(server.Options{}, []string{c.fault}, 1)
			if err != nil {
				t.Fatal(err)
			}
			r := attack(t, "v2", handler, small, 2000, 250*time.Millisecond, func(s *loadgen.Setup, _ *loadgen.Attack) { s.MsgCount = c.msgCount })
			level := statements[c.id]
			if found := [2]bool{r.Violations[c.id] > 0, r.Warnings[c.id] > 0}; level == catalog.Probe || found != [2]bool{level == catalog.Must, level == catalog.Should} {
				t.Fatalf("%s is a %s, and was found as violation and as warning: %v; violations %v, warnings %v, errors %v", c.id, level, found, r.Violations, r.Warnings, r.ErrorClass)
			}
			if s := r.Samples[c.id]; s == nil || s.Exchange.Response == nil {
				t.Error("no exchange was kept")
			}
			if r.Violating == 0 && r.Warnings[c.id] == 0 {
				t.Errorf("wrong answers counted as correct: %+v", r.Counts)
			}
		})
	}
}
