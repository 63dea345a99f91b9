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
		Timeout: 10 * time.Second, Eventual: target.Consistency == fixtures.Eventual, Settle: 2 * time.Second, Seeder: fixtures.NewHook(target),
		Destructive: true, Run: "p0a1b2c3d", RNG: rng, Clock: by,
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
