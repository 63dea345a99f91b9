package yunhu_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/yunhu"
)

// suite runs the whole suite over HTTP; a nil handler is the honest reference.
func suite(t *testing.T, profile string, rng int64, handler http.Handler) *reports.Run {
	t.Helper()
	target, stop, err := yhfixtures.Start(yhfixtures.Embedded(profile), handler)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	all, err := yunhu.Family().Specs(profile)
	if err != nil {
		t.Fatal(err)
	}
	env := &specs.Env{
		URL: target.URL, Profile: profile, AuthHeader: target.Auth.Header, AuthValue: target.Auth.Value, AuthDenied: target.Auth.Denied,
		Timeout: 10 * time.Second, Settle: time.Second, Capabilities: target.Capabilities(), Seeder: fixtures.NewHook(target), Destructive: true,
		Run: "p0a1b2c3d", RNG: rng,
	}
	if err := specs.Preflight(context.Background(), yunhu.Family(), env); err != nil {
		t.Fatal(err)
	}
	session := specs.Run(context.Background(), all, env, nil)
	family, err := catalog.Of("yunhu")
	if err != nil {
		t.Fatal(err)
	}
	return session.Outcome(family, env, nil, false)
}

func TestTheReferenceIsConformantInEveryProfile(t *testing.T) {
	for _, profile := range []string{"2025", "2026"} {
		run := suite(t, profile, 1, nil)
		if run.Verdict != reports.Conformant || run.Counts.Warn > 0 {
			t.Errorf("%s: verdict %s (%s), %+v", profile, run.Verdict, run.Reason, run.Counts)
		}
		for _, r := range run.Requirements {
			if r.Verdict != reports.Pass && r.Verdict != reports.Info {
				t.Errorf("%s %s: %s: %s", profile, r.ID, r.Verdict, r.Reason)
			}
		}
	}
}
