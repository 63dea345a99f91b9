package specs_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/verdictlog"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

// TestALogOfAllSpecsIsTheRecord: what is written down as each spec ends comes to what is written down at the end.
func TestALogOfAllSpecsIsTheRecord(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(ok))
	defer server.Close()
	basic := match.New("an array", func(*exchange.Exchange) match.Result { return match.Result{Got: "none", BuildsOn: "WK-SYNC-01"} })
	all, err := specs.Family{API: "wukongim", Register: func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "fails", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-08", "holds", func(t *specs.Trial) { ask(t, 200) })
		s.Requirement("WK-SYNC-01", "is what others build on", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-02", "builds on it", func(t *specs.Trial) { t.Expect(t.Do(specs.Request{Path: "/x"}), basic) })
		s.Requirement("WK-SYNC-11", "is known to fail", func(t *specs.Trial) { ask(t, 404) })
	}}.Specs("v2")
	if err != nil {
		t.Fatal(err)
	}
	family, err := catalog.Of("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	known := []fixtures.Deviation{{ID: "WK-SYNC-11", Does: "something else"}}
	for seed := range int64(8) { // in several orders
		env := &specs.Env{URL: server.URL, Profile: "v2", AuthHeader: "token", Timeout: 2 * time.Second, Seeder: noSeeder{}, Run: "p00000000", RNG: seed}
		log := &verdictlog.Reader{}
		number := 0
		add := func(line verdictlog.Line) {
			number++
			data, err := line.Encode()
			if err == nil {
				err = log.Take(number, data)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		add(verdictlog.First(time.Now()))
		add(verdictlog.Line{Began: specs.Planned(all, family, env, true)})
		session := specs.Run(t.Context(), all, env, func(e specs.Event) {
			add(verdictlog.Line{Judged: e.Changed(family, env, known)})
		})
		want := session.Outcome(family, env, known, true)
		got, err := log.Run()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(words(want), words(got)); diff != "" || got.Counts != want.Counts || got.Cause != reports.CauseKilled {
			t.Fatalf("seed %d: the log says otherwise (-record +log), cause %q:\n%s", seed, got.Cause, diff)
		}
	}
}

// words are the verdicts and reasons of a record, with how many exchanges each rests on.
func words(run *reports.Run) map[string][]any {
	all := map[string][]any{}
	byID := run.ExchangesByID()
	for _, r := range run.Requirements {
		said := []any{r.Verdict, r.Reason, r.Deviation}
		for _, s := range r.Specs {
			said = append(said, s.Verdict)
		}
		for _, e := range r.Evidence {
			said = append(said, e.Expected, e.Got, byID[e.Exchange] != nil, len(e.Earlier(byID)))
		}
		all[r.ID] = said
	}
	return all
}

// TestTheLogShowsLessOfLongAnswers: evidence is logged anew with each spec, and a target decides how long it is.
func TestTheLogShowsLessOfLongAnswers(t *testing.T) {
	const long = 60 << 10
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, strings.Repeat("x", long))
	}))
	defer server.Close()
	all, err := specs.Family{API: "wukongim", Register: func(s *specs.Suite) {
		for i := range 4 {
			s.Requirement("WK-SYNC-08", fmt.Sprint("fails ", i), func(t *specs.Trial) { ask(t, 200) })
		}
	}}.Specs("v2")
	if err != nil {
		t.Fatal(err)
	}
	family, err := catalog.Of("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	env := &specs.Env{URL: server.URL, Profile: "v2", AuthHeader: "token", Timeout: 10 * time.Second, Seeder: noSeeder{}, Run: "p00000000"}
	logged := 0
	session := specs.Run(t.Context(), all, env, func(e specs.Event) {
		for _, x := range e.Changed(family, env, nil).Exchanges {
			logged++
			if body := x.Response.Body; len(body.Text) > 8<<10 || body.Bytes != long || !body.Cut {
				t.Errorf("%d bytes are logged of an answer of %d (cut: %v)", len(body.Text), body.Bytes, body.Cut)
			}
		}
	})
	if record := session.Outcome(family, env, nil, true); logged == 0 || len(record.Exchanges) == 0 || len(record.Exchanges[0].Response.Body.Text) != long {
		t.Errorf("%d answers were logged; the record: %+v", logged, record.Counts)
	}
}
