package ozeki_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	ozfixtures "github.com/parley-im/parley/fixtures/ozeki"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/mutation"
	"github.com/parley-im/parley/specs/ozeki"
)

const profile = "2024"

// suite runs the suite, or only the specs of some requirements, against a handler in process (nil: the honest reference,
// over HTTP). The error is the preflight's.
func suite(t testing.TB, rng int64, handler http.Handler, change func(*fixtures.Target, *specs.Env), only ...string) (*reports.Run, error) {
	t.Helper()
	target := ozfixtures.Embedded(profile)
	target.Auth.Value, target.Auth.Denied = token, "not-"+token
	var doer exchange.Doer = exchange.NewClient()
	if handler == nil {
		started, stop, err := ozfixtures.Start(target, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		target = started
	} else {
		target.URL, target.Seed.URL = "http://reference.invalid", "http://reference.invalid/_parley"
		doer = &mutation.InProcess{Handler: handler}
	}
	env := &specs.Env{
		URL: target.URL, Profile: profile, AuthHeader: target.Auth.Header, AuthValue: target.Auth.Value, AuthDenied: target.Auth.Denied,
		Timeout: 10 * time.Second, Settle: time.Second, Capabilities: target.Capabilities(), Seeder: fixtures.NewHookOver(target, doer), Doer: doer,
		Run: fmt.Sprintf("p%08x", uint32(rng)), RNG: rng,
	}
	if change != nil {
		change(&target, env)
	}
	if err := specs.Preflight(context.Background(), ozeki.Family(), env); err != nil {
		return nil, err
	}
	all, err := ozeki.Family().Specs(profile)
	if err != nil {
		t.Fatal(err)
	}
	if all, err = specs.Select(all, strings.Join(only, " || ")); err != nil {
		t.Fatal(err)
	}
	family, err := catalog.Of("ozeki")
	if err != nil {
		t.Fatal(err)
	}
	return specs.Run(context.Background(), all, env, nil).Outcome(family, env, nil, len(only) > 0), nil
}

const token = "a-token-for-tests"

func TestTheReferenceIsConformant(t *testing.T) {
	run, err := suite(t, 1, nil, func(_ *fixtures.Target, env *specs.Env) { env.Destructive = true })
	if err != nil {
		t.Fatal(err)
	}
	conformant(t, "the reference", run)
	for _, r := range run.Requirements {
		if r.Verdict != reports.Pass && r.Verdict != reports.Info {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
		for _, s := range r.Specs {
			if s.Verdict != reports.Pass && s.Verdict != reports.Info {
				t.Errorf("%s %q: %s: %s", r.ID, s.Title, s.Verdict, s.Reason)
			}
		}
	}
	if len(run.Requirements) != 74 {
		t.Errorf("%d requirements were planned, want 74", len(run.Requirements))
	}
}

// conformant is a run without a complaint.
func conformant(t *testing.T, who string, run *reports.Run) {
	t.Helper()
	if run.Verdict != reports.Conformant || run.Counts.Warn > 0 {
		t.Errorf("%s: verdict %s (%s), %+v", who, run.Verdict, run.Reason, run.Counts)
		for _, r := range run.Requirements {
			if r.Verdict == reports.Fail || r.Verdict == reports.Warn || r.Verdict == reports.Error {
				t.Errorf("  %s: %s: %s", r.ID, r.Verdict, r.Reason)
			}
		}
	}
}
