package specs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

// tried runs specs of made-up bodies under real ids against a handler.
func tried(t *testing.T, ctx context.Context, handler http.HandlerFunc, deviations []fixtures.Deviation, change func(*specs.Env), register func(*specs.Suite)) *reports.Run {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	env := &specs.Env{URL: server.URL, Profile: "v2", AuthHeader: "token", Timeout: 2 * time.Second, Seeder: noSeeder{}, Run: "p00000000", RNG: 1}
	if change != nil {
		change(env)
	}
	all, err := specs.Family{API: "wukongim", Register: register}.Specs("v2")
	if err != nil {
		t.Fatal(err)
	}
	family, err := catalog.Of("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	return specs.Run(ctx, all, env, nil).Outcome(family, env, deviations, true)
}

type noSeeder struct{}

func (noSeeder) Name() string { return "none" }
func (noSeeder) Seed(context.Context, string, fixtures.World) (*fixtures.Seeded, error) {
	return nil, &fixtures.SeedError{Tried: "seed", Reason: "the target is full"}
}
func (noSeeder) Append(context.Context, string, fixtures.Conversation, []fixtures.Message) (map[string]fixtures.SeededMessage, error) {
	return nil, fixtures.ErrNotOffered
}
func (noSeeder) Clean(context.Context, string) error { return nil }

func ok(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "[]") }

func verdicts(run *reports.Run) map[string]reports.Verdict {
	got := map[string]reports.Verdict{}
	for _, r := range run.Requirements {
		got[r.ID] = r.Verdict
	}
	return got
}

func ask(t *specs.Trial, status int) {
	t.Expect(t.Do(specs.Request{Path: "/x"}), match.Status(status))
}

func TestLevelsDecideWhatAFailureIs(t *testing.T) {
	run := tried(t, t.Context(), ok, nil, nil, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "a MUST", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-10", "a SHOULD", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-43", "a PROBE", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-11", "holds", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-29", "needs auth", func(t *specs.Trial) { ask(t, 404) }, specs.Needs("auth"))
		s.Requirement("WK-SYNC-30", "destructive", func(t *specs.Trial) { ask(t, 404) }, specs.Destructive())
		s.Requirement("WK-SYNC-31", "judges nothing", func(*specs.Trial) {})
		s.Requirement("WK-SYNC-32", "breaks", func(*specs.Trial) { panic("of its own") })
		s.Requirement("WK-SYNC-35", "cannot be seeded", func(t *specs.Trial) { t.Seed(fixtures.World{}) })
		s.Requirement("WK-SYNC-36", "is not offered", func(t *specs.Trial) { t.Append(fixtures.Conversation{}, nil) })
	})
	for id, want := range map[string]reports.Verdict{
		"WK-SYNC-08": reports.Fail, "WK-SYNC-10": reports.Warn, "WK-SYNC-43": reports.Info, "WK-SYNC-11": reports.Pass,
		"WK-SYNC-29": reports.NotDeclared, "WK-SYNC-30": reports.NotDeclared, "WK-SYNC-31": reports.Error, "WK-SYNC-32": reports.Error,
		"WK-SYNC-35": reports.NotTestable, "WK-SYNC-36": reports.NotDeclared,
	} {
		if got := verdicts(run)[id]; got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if run.Verdict != reports.NonConformant || run.Counts.Planned != 10 || run.Counts.Judged != 3 {
		t.Errorf("verdict %s, %+v", run.Verdict, run.Counts)
	}
}

func TestAPartOfAStatementMayBeLower(t *testing.T) {
	run := tried(t, t.Context(), ok, nil, nil, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "a MUST of which this part is a SHOULD", func(t *specs.Trial) { ask(t, 404) }, specs.AtMost(catalog.Should))
		s.Requirement("WK-SYNC-11", "a MUST that holds", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-11", "a part of it that is open", func(t *specs.Trial) { ask(t, 404) }, specs.AtMost(catalog.Probe))
		s.Requirement("WK-SYNC-43", "a PROBE is never more", func(t *specs.Trial) { ask(t, 404) }, specs.AtMost(catalog.Should))
	})
	if got := verdicts(run); got["WK-SYNC-08"] != reports.Warn || got["WK-SYNC-11"] != reports.Pass || got["WK-SYNC-43"] != reports.Info {
		t.Errorf("%v", got)
	}
}

func TestOnlyAPassIsAPass(t *testing.T) {
	run := tried(t, t.Context(), ok, nil, nil, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-29", "needs auth", func(t *specs.Trial) { ask(t, 200) }, specs.Needs("auth"))
	})
	if run.Verdict != reports.Incomplete || run.Reason != "no MUST was judged, of 1 that were planned" {
		t.Errorf("a run that judged nothing: %s, %q", run.Verdict, run.Reason)
	}
}

func TestTheWorstSpecSpeaksForTheRequirement(t *testing.T) {
	run := tried(t, t.Context(), ok, nil, nil, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "holds", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-08", "does not", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-36", "holds", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-36", "is refused", func(t *specs.Trial) { t.NotTestable("the name is refused") })
	})
	got := verdicts(run)
	if got["WK-SYNC-08"] != reports.Fail || got["WK-SYNC-36"] != reports.Pass {
		t.Errorf("%v", got)
	}
	if reason := run.Requirements[1].Reason; !strings.Contains(reason, "the name is refused") {
		t.Errorf("a pass must say what was left aside, it says %q", reason)
	}
	if e := run.Requirements[0].Evidence[0]; e.Spec != "does not" || e.Expected != "HTTP status 404" || e.Exchange == "" {
		t.Errorf("the evidence that speaks against it stands first, got %+v", e)
	}
}

func TestWhatRestsOnAFailureIsBlocked(t *testing.T) {
	rests := func(id string) *match.Matcher {
		return match.New("more", func(*exchange.Exchange) match.Result { return match.Result{Got: "less", BuildsOn: id} })
	}
	run := tried(t, t.Context(), ok, nil, nil, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-01", "fails", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-08", "rests on it", func(t *specs.Trial) { t.Expect(t.Do(specs.Request{Path: "/"}), rests("WK-SYNC-01")) })
		s.Requirement("WK-SYNC-02", "holds", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-11", "rests on what holds", func(t *specs.Trial) { t.Expect(t.Do(specs.Request{Path: "/"}), rests("WK-SYNC-02")) })
		s.Requirement("WK-SYNC-15", "a SHOULD does not hold", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-CLEAR-03", "a MUST rests on it", func(t *specs.Trial) { t.Expect(t.Do(specs.Request{Path: "/"}), rests("WK-SYNC-15")) })
	})
	if got := verdicts(run); got["WK-SYNC-08"] != reports.Blocked || got["WK-SYNC-11"] != reports.Fail || got["WK-SYNC-15"] != reports.Warn ||
		got["WK-CLEAR-03"] != reports.Blocked {
		t.Errorf("%v", got)
	}
}

func TestWhatRestsOnAKnownDeviationThatWasNotJudgedIsBlocked(t *testing.T) {
	rests := match.New("more", func(*exchange.Exchange) match.Result { return match.Result{Got: "less", BuildsOn: "WK-SYNC-06"} })
	for name, c := range map[string]struct {
		deviations []fixtures.Deviation
		want       reports.Verdict
	}{
		"known":            {[]fixtures.Deviation{{ID: "WK-SYNC-06", Does: "It gives none.", File: "f.yaml", Line: 2}}, reports.Blocked},
		"known under load": {[]fixtures.Deviation{{ID: "WK-SYNC-06", Under: fixtures.UnderLoad, Does: "It gives none.", File: "f.yaml", Line: 2}}, reports.Fail},
		"not known":        {nil, reports.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			run := tried(t, t.Context(), ok, c.deviations, nil, func(s *specs.Suite) {
				s.Requirement("WK-SYNC-06", "is not judged", func(t *specs.Trial) { t.NotTestable("it was not its turn") })
				s.Requirement("WK-SYNC-11", "rests on it", func(t *specs.Trial) { t.Expect(t.Do(specs.Request{Path: "/"}), rests) })
			})
			if got := verdicts(run)["WK-SYNC-11"]; got != c.want {
				t.Errorf("it is %s, want %s: %v", got, c.want, verdicts(run))
			}
		})
	}
}

func TestDeviationsMustStillFail(t *testing.T) {
	deviations := []fixtures.Deviation{
		{ID: "WK-SYNC-08", Does: "It gives 51.", File: "f.yaml", Line: 2},
		{ID: "WK-SYNC-09", Does: "It gives the oldest.", File: "f.yaml", Line: 4},
		{ID: "WK-SYNC-11", Spec: "the other", Does: "It is 0.", File: "f.yaml", Line: 6},
		{ID: "WK-SYNC-10", Under: fixtures.UnderLoad, Does: "It is another order.", File: "f.yaml", Line: 8},
		{ID: "WK-SYNC-12", Under: fixtures.UnderLoad, Does: "It is late.", File: "f.yaml", Line: 10},
	}
	run := tried(t, t.Context(), ok, deviations, nil, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "fails", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-09", "holds again", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-11", "the one", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-11", "the other", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-10", "holds in the suite", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-12", "fails in the suite as well", func(t *specs.Trial) { ask(t, 404) })
	})
	got := verdicts(run)
	if got["WK-SYNC-10"] != reports.Pass || got["WK-SYNC-12"] != reports.Fail {
		t.Errorf("what is excused under load alone is excused here as well: %v", got)
	}
	if got["WK-SYNC-08"] != reports.Expected || got["WK-SYNC-09"] != reports.Stale || got["WK-SYNC-11"] != reports.Fail {
		t.Errorf("%v", got)
	}
	if reason := run.Requirements[1].Reason; !strings.Contains(reason, "f.yaml:4") {
		t.Errorf("a stale entry is named by file and line, got %q", reason)
	}
}

func TestATargetThatGoesAwayEndsTheRun(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/die" {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "[]")
	}
	silent := func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }
	manual := func(env *specs.Env) { env.Clock = clock.NewManual(time.Now()) }
	run := tried(t, t.Context(), hang, nil, manual, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "one hangs up", func(t *specs.Trial) { t.Expect(t.Do(specs.Request{Path: "/die"}), match.Status(200)) })
		s.Requirement("WK-SYNC-09", "the others do not", func(t *specs.Trial) { ask(t, 200) })
	})
	if got := verdicts(run); got["WK-SYNC-08"] != reports.Fail || got["WK-SYNC-09"] != reports.Pass {
		t.Errorf("%v", got)
	}
	run = tried(t, t.Context(), silent, nil, manual, func(s *specs.Suite) {
		for _, id := range []string{"WK-SYNC-08", "WK-SYNC-09", "WK-SYNC-11", "WK-SYNC-14"} {
			s.Requirement(id, "asks", func(t *specs.Trial) { ask(t, 200) })
		}
	})
	if run.Counts.NotRun != 4 || run.Cause != reports.CauseGone {
		t.Errorf("four specs against a dead target are not run, got %+v, %s", run.Counts, run.Cause)
	}
}

func TestAnInterruptLeavesTheRestNotRun(t *testing.T) {
	ctx, interrupt := context.WithCancelCause(t.Context())
	run := tried(t, ctx, ok, nil, nil, func(s *specs.Suite) {
		for i := range 6 {
			s.Requirement("WK-SYNC-08", fmt.Sprint("spec ", i), func(t *specs.Trial) {
				interrupt(errors.New("^C"))
				ask(t, 200)
			})
		}
	})
	if run.Verdict != reports.Incomplete || run.Counts.NotRun != 1 || run.Counts.Planned != 1 {
		t.Errorf("verdict %s, %+v", run.Verdict, run.Counts)
	}
}

func TestMistakesInRegistrationAreErrors(t *testing.T) {
	body := func(*specs.Trial) {}
	for name, register := range map[string]func(*specs.Suite){
		"an unknown id":         func(s *specs.Suite) { s.Requirement("WK-SYNC-99", "x", body) },
		"an unknown capability": func(s *specs.Suite) { s.Requirement("WK-SYNC-08", "x", body, specs.Needs("wings")) },
		"a title twice": func(s *specs.Suite) {
			s.Requirement("WK-SYNC-08", "x", body)
			s.Requirement("WK-SYNC-08", "x", body)
		},
	} {
		if _, err := (specs.Family{API: "wukongim", Register: register}).Specs("v2"); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestCredentialsStayOut(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "session=abc")
		fmt.Fprintf(w, `{"you sent": %q}`, r.Header.Get("token"))
	}
	secret := func(env *specs.Env) { env.AuthValue = "s3cret-value" }
	run := tried(t, t.Context(), echo, nil, secret, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "echoes", func(t *specs.Trial) {
			x := t.Do(specs.Request{Path: "/?key=s3cret-value", Body: []byte(`"s3cret-value"`)})
			t.Expect(x, match.New("no s3cret-value", func(x *exchange.Exchange) match.Result { return match.Failf("%s", x.Body()) }))
		})
	})
	if text := fmt.Sprintf("%+v", run); strings.Contains(text, "s3cret-value") || strings.Contains(text, "session=abc") {
		t.Errorf("the credential is in the record: %s", text)
	}
	if curl := run.Exchanges[0].Curl; !strings.Contains(curl, `-H "Token: $PARLEY_AUTH_VALUE"`) {
		t.Errorf("the curl must be repeatable with the credential in the environment: %s", curl)
	}
}

func TestFilters(t *testing.T) {
	all, err := specs.Family{API: "wukongim", Register: func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "a", func(*specs.Trial) {})
		s.Requirement("WK-CLEAR-02", "b", func(*specs.Trial) {})
		s.Requirement("WK-SYNC-30", "c", func(*specs.Trial) {}, specs.Destructive())
	}}.Specs("v2")
	if err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]int{"": 3, "MUST": 2, "WK-SYNC-08": 1, "sync": 2, "sync && !destructive": 1, "clearUnread || WK-SYNC-08": 2, "/SYNC/": 2} {
		kept, err := specs.Select(all, filter)
		if err != nil || len(kept) != want {
			t.Errorf("%q keeps %d (%v), want %d", filter, len(kept), err, want)
		}
	}
	for _, filter := range []string{"PROBE", "(", "MUST &&"} {
		if _, err := specs.Select(all, filter); err == nil {
			t.Errorf("%q was taken", filter)
		}
	}
}
