package wukongim_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/wukongim"
)

const runID = "p0a1b2c3d"

// suite runs the whole suite against the reference.
func suite(t *testing.T, profile string, rng int64, seeder func(fixtures.Target) fixtures.Seeder) *reports.Run {
	t.Helper()
	return suiteOver(t, profile, rng, seeder, func(next http.Handler) http.Handler { return next })
}

// suiteOver is suite with something before the reference.
func suiteOver(t *testing.T, profile string, rng int64, seeder func(fixtures.Target) fixtures.Seeder, before func(http.Handler) http.Handler) *reports.Run {
	t.Helper()
	embedded := wkfixtures.Embedded(profile)
	reference, err := wkfixtures.Reference(embedded)
	if err != nil {
		t.Fatal(err)
	}
	target, stop, err := wkfixtures.Start(embedded, before(reference))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	all, err := wukongim.Family().Specs(profile)
	if err != nil {
		t.Fatal(err)
	}
	env := &specs.Env{
		URL: target.URL, Profile: profile, AuthHeader: target.Auth.Header, AuthValue: target.Auth.Value, AuthDenied: target.Auth.Denied,
		Timeout: 10 * time.Second, Settle: time.Second, Capabilities: append(target.Capabilities(), specs.Restartable), Life: reference, Seeder: seeder(target), Destructive: true,
		Run: runID, RNG: rng,
	}
	if err := specs.Preflight(context.Background(), wukongim.Family(), env); err != nil {
		t.Fatal(err)
	}
	session := specs.Run(context.Background(), all, env, nil)
	family, err := catalog.Of("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	return session.Outcome(family, env, nil, false)
}

func TestTheReferenceIsConformantInEveryProfile(t *testing.T) {
	for _, profile := range []string{"v2", "v1"} {
		run := suite(t, profile, 1, wkfixtures.NewNative)
		if run.Verdict != reports.Conformant || run.Counts.Warn > 0 {
			t.Errorf("%s: verdict %s (%s), %+v", profile, run.Verdict, run.Reason, run.Counts)
		}
		for _, r := range run.Requirements {
			switch r.Verdict {
			case reports.Pass, reports.Info:
			case reports.NotTestable:
				if r.Specs == nil || len(r.Specs) > 0 {
					t.Errorf("%s %s: %s %s", profile, r.ID, r.Verdict, r.Reason)
				}
			default:
				t.Errorf("%s %s: %s: %s", profile, r.ID, r.Verdict, r.Reason)
			}
		}
	}
}
