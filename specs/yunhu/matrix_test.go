package yunhu_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/yunhu/faults"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/yunhu"
)

// judged runs those specs that keep says against handler over HTTP, and gives the verdict of each requirement.
func judged(t *testing.T, profile string, rng int64, target fixtures.Target, handler http.Handler, keep func(*specs.Spec) bool) map[string]reports.Requirement {
	t.Helper()
	return judgedBy(t, profile, rng, target, handler, clock.Real{}, keep)
}

// judgedBy is judged by a clock that the handler shares.
func judgedBy(t *testing.T, profile string, rng int64, target fixtures.Target, handler http.Handler, by clock.Clock, keep func(*specs.Spec) bool) map[string]reports.Requirement {
	t.Helper()
	target, stop, err := yhfixtures.Start(target, handler)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	all, err := yunhu.Family().Specs(profile)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(s *specs.Spec) bool { return !keep(s) })
	env := &specs.Env{
		URL: target.URL, Profile: profile, AuthHeader: target.Auth.Header, AuthValue: target.Auth.Value, AuthDenied: target.Auth.Denied,
		Timeout: 10 * time.Second, Eventual: target.Consistency == fixtures.Eventual, Settle: 2 * time.Second, Seeder: fixtures.NewHook(target), Run: "p0a1b2c3d", RNG: rng, Clock: by,
	}
	if err := specs.Preflight(context.Background(), yunhu.Family(), env); err != nil {
		t.Fatal(err)
	}
	family, err := catalog.Of("yunhu")
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]reports.Requirement{}
	for _, r := range specs.Run(context.Background(), all, env, nil).Outcome(family, env, nil, true).Requirements {
		verdicts[r.ID] = r
	}
	return verdicts
}

// TestEveryFaultIsKilledByWhatItBreaks is the kill matrix: each id that a fault says it breaks must notice, in every
// profile in which it is no PROBE.
func TestEveryFaultIsKilledByWhatItBreaks(t *testing.T) {
	family, err := catalog.Of("yunhu")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults.All() {
		t.Run(f.Name, func(t *testing.T) {
			noticed := 0
			for _, profile := range family.Profiles {
				if !f.In(profile) {
					continue
				}
				target := yhfixtures.Embedded(profile)
				handler, err := faults.New(server.Options{Profile: profile, Token: target.Auth.Value}, []string{f.Name}, 1)
				if err != nil {
					t.Fatal(err)
				}
				verdicts := judged(t, profile, 1, target, handler, func(s *specs.Spec) bool { return slices.Contains(f.Breaks, s.Requirement.ID) })
				for _, id := range f.Breaks {
					r, known := family.Get(id)
					if !known {
						t.Fatalf("%s is in no catalogue", id)
					}
					if !r.In(profile) || r.LevelIn(profile) == catalog.Probe {
						continue
					}
					if v := verdicts[id].Verdict; v != reports.Fail && v != reports.Warn {
						t.Errorf("%s: %s is %s (%s)", profile, id, v, verdicts[id].Reason)
						continue
					}
					noticed++
				}
			}
			if noticed == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}

// TestEveryStatementHasTwoFaults keeps the matrix complete: a MUST or SHOULD that fewer than two faults break is judged by
// specs that nobody has tried.
func TestEveryStatementHasTwoFaults(t *testing.T) {
	family, err := catalog.Of("yunhu")
	if err != nil {
		t.Fatal(err)
	}
	for _, profile := range family.Profiles {
		broken := map[string]int{}
		for _, f := range faults.All() {
			if f.In(profile) {
				for _, id := range f.Breaks {
					broken[id]++
				}
			}
		}
		for _, r := range family.In(profile) {
			if r.LevelIn(profile) != catalog.Probe && broken[r.ID] < 2 {
				t.Errorf("%s: %s is broken by %d faults", profile, r.ID, broken[r.ID])
			}
		}
	}
}
