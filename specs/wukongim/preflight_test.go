package wukongim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/variants"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/wukongim"
)

// A target without a sync is named before the suite, whatever its 404 looks like; one that does not know a user is let in.
func TestATargetWithoutASyncIsNamedBeforeTheSuite(t *testing.T) {
	for name, c := range map[string]struct {
		variants []string
		before   func(http.Handler) http.Handler
		want     string
	}{
		"a sync that is not found, in other words than other paths": {want: "the target has no POST /conversation/sync", before: withoutSync},
		"a user who is not found":                                   {variants: []string{"unknown-uid-404"}, before: func(next http.Handler) http.Handler { return next }},
	} {
		t.Run(name, func(t *testing.T) {
			target := wkfixtures.Embedded("v2")
			handler, err := variants.New(server.Options{Token: target.Auth.Value}, c.variants, 1)
			if err != nil {
				t.Fatal(err)
			}
			target, stop, err := wkfixtures.Start(target, c.before(handler))
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			env := &specs.Env{
				URL: target.URL, Profile: "v2", AuthHeader: target.Auth.Header, AuthValue: target.Auth.Value, AuthDenied: target.Auth.Denied,
				Timeout: 10 * time.Second, Settle: time.Second, Capabilities: target.Capabilities(), Seeder: wkfixtures.NewNative(target), Run: runID, RNG: 1,
			}
			err = specs.Preflight(t.Context(), wukongim.Family(), env)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func withoutSync(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/conversation/sync" {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
