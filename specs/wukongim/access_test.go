package wukongim_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/variants"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/wukongim"
)

// lax lets users' credentials act for anybody.
func lax(next http.Handler, shared string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("token"), "of-") {
			r.Header.Set("token", shared)
		}
		next.ServeHTTP(w, r)
	})
}

func TestAnothersCredentialIsRefused(t *testing.T) {
	denied := []string{"WK-SYNC-29", "WK-CLEAR-10", "WK-SET-07", "WK-DEL-08"}
	for name, c := range map[string]struct {
		variants []string
		lax      bool
		want     reports.Verdict
	}{
		"each user's credential is good for that user alone": {variants: []string{"user-tokens"}, want: reports.Pass},
		"each user's credential is good for everybody":       {variants: []string{"user-tokens"}, lax: true, want: reports.Fail},
		"all users share the one credential":                 {want: reports.NotDeclared},
	} {
		target := wkfixtures.Embedded("v2")
		handler, err := variants.New(server.Options{Token: target.Auth.Value}, c.variants, 1)
		if err != nil {
			t.Fatal(err)
		}
		if c.lax {
			handler = lax(handler, target.Auth.Value)
		}
		for id, verdict := range anothers(t, target, handler, denied) {
			want := c.want
			if want == reports.Fail && (id == "WK-SET-07" || id == "WK-DEL-08") {
				want = reports.Warn // a SHOULD
			}
			if verdict != want {
				t.Errorf("%s: %s is %s, want %s", name, id, verdict, want)
			}
		}
	}
}

// anothers runs the specs in which bob's credential acts for ann, on a world that the hook seeds.
func anothers(t *testing.T, target fixtures.Target, handler http.Handler, ids []string) map[string]reports.Verdict {
	t.Helper()
	started, stop, err := wkfixtures.Start(target, handler)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	started.Seed = fixtures.Seed{Driver: fixtures.DriverHook, URL: started.URL + "/_parley"}
	all, err := wukongim.Family().Specs("v2")
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(s *specs.Spec) bool {
		return !slices.Contains(ids, s.Requirement.ID) || !strings.Contains(s.Title, "another user's credential")
	})
	env := &specs.Env{
		URL: started.URL, Profile: "v2", AuthHeader: started.Auth.Header, AuthValue: started.Auth.Value, AuthDenied: started.Auth.Denied,
		Timeout: 10 * time.Second, Settle: time.Second, Seeder: fixtures.NewHook(started), Run: runID, RNG: 1,
	}
	family, err := catalog.Of("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]reports.Verdict{}
	for _, r := range specs.Run(context.Background(), all, env, nil).Outcome(family, env, nil, true).Requirements {
		verdicts[r.ID] = r.Verdict
	}
	if len(verdicts) != len(ids) {
		t.Errorf("judged %v, want %v", verdicts, ids)
	}
	return verdicts
}
