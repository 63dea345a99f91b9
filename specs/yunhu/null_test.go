package yunhu_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/yunhu"
)

// behaviour are the statements about what calls do, which a server that does nothing cannot keep.
var behaviour = []string{
	"YH-DISMISS-2", "YH-DISMISS-3", "YH-DISMISS-5", "YH-LIST-3", "YH-LIST-4", "YH-LIST-6", "YH-LIST-7", "YH-LIST-9", "YH-LIST-10",
	"YH-SORT-3", "YH-REMOVE-1", "YH-COM-2", "YH-COM-5", "YH-LIST-16", "YH-DISMISS-7", "YH-SORT-5", "YH-ERR-1", "YH-ISO-1", "YH-STATE-1",
}

// beside lets the honest reference answer its hook, and answer everything else.
func beside(profile, token string, answer http.HandlerFunc) http.Handler {
	honest := server.New(server.Options{Profile: profile, Token: token})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_parley/") {
			honest.ServeHTTP(w, r)
			return
		}
		answer(w, r)
	})
}

func TestServersThatDoNothingScoreNothingOnBehaviour(t *testing.T) {
	success := []byte(`{"code":1,"msg":"success"}`)
	for name, answer := range map[string]http.HandlerFunc{
		"nothing but 200":     func(http.ResponseWriter, *http.Request) {},
		"success in JSON":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(success) },
		"an empty list":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(wire.AppendList(nil, wire.List{})) },
		"an error of its own": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"success, and an empty list": func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/list") {
				_, _ = w.Write(wire.AppendList(nil, wire.List{}))
				return
			}
			_, _ = w.Write(success)
		},
	} {
		t.Run(name, func(t *testing.T) {
			target := yhfixtures.Embedded("2026")
			keep := func(s *specs.Spec) bool { return slices.Contains(behaviour, s.Requirement.ID) && !s.Destructive }
			for id, r := range judged(t, "2026", 1, target, beside("2026", target.Auth.Value, answer), keep) {
				if r.Verdict == reports.Pass {
					t.Errorf("%s passes", id)
				}
			}
		})
	}
}

func TestATargetWithoutYunhusCallsIsNamed(t *testing.T) {
	target := yhfixtures.Embedded("2025")
	target, stop, err := yhfixtures.Start(target, beside("2025", target.Auth.Value, http.NotFound))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	env := &specs.Env{URL: target.URL, Profile: "2025", Timeout: 5 * time.Second, Seeder: fixtures.NewHook(target), Run: "p0a1b2c3d"}
	err = specs.Preflight(context.Background(), yunhu.Family(), env)
	if err == nil || !strings.Contains(err.Error(), "none of Yunhu's calls") {
		t.Errorf("got %v", err)
	}
}

// TestATargetThatOffersAPartIsJudgedByIt: what judges a call that is not there is not-declared, the rest is judged.
func TestATargetThatOffersAPartIsJudgedByIt(t *testing.T) {
	for _, missing := range []string{"list", "dismiss-notification", "sort-change"} {
		target := yhfixtures.Embedded("2025")
		honest := server.New(server.Options{Profile: "2025", Token: target.Auth.Value})
		part := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/"+missing) {
				http.NotFound(w, r)
				return
			}
			honest.ServeHTTP(w, r)
		})
		passed := 0
		for id, r := range judged(t, "2025", 1, target, part, everySpec) {
			switch r.Verdict {
			case reports.Pass:
				passed++
			case reports.NotDeclared, reports.Info:
			default:
				t.Errorf("without %s, %s is %s: %s", missing, id, r.Verdict, r.Reason)
			}
			for _, spec := range r.Specs {
				if spec.Verdict == reports.NotDeclared && !strings.Contains(spec.Reason, "endpoint:"+missing) {
					t.Errorf("without %s, %s: %s", missing, id, spec.Reason)
				}
			}
		}
		if passed < 5 {
			t.Errorf("without %s only %d statements passed", missing, passed)
		}
	}
}
