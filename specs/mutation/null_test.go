package mutation

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/null"
	"github.com/parley-im/parley/reference/wukongim/model"
	wkserver "github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// mereForm are the requirements that a server may fulfil which knows nothing, and why.
var mereForm = map[string]string{
	"WK-SYNC-01": "the form of an answer: 200 and an array. A server that always says [] has that form",
	"WK-SYNC-33": "the Content-Type of an answer",
	"WK-SYNC-50": "the form of an error. A server that refuses everything may do so in good form",
}

// mostShare bounds what a server that knows nothing scores: it is what mere form deserves.
const mostShare = 0.03

func TestNoNullServerPassesAStatementAboutBehaviour(t *testing.T) {
	began := time.Now()
	needed := map[string]bool{}
	scores, err := NullScores(context.Background(), "wukongim")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scores {
		t.Logf("%-14s %d of %d, %.1f %%: %v", s.Server, len(s.Passed), s.Total, 100*s.Share(), s.Passed)
		for _, p := range s.PassedSpecs {
			needed[p.ID] = true
			if mereForm[p.ID] == "" {
				t.Errorf("%s (%s) passes %s: %q", s.Server, s.Summary, p.ID, p.Title)
			}
		}
		if s.Share() > mostShare {
			t.Errorf("%s passes %d of %d requirements: more than form deserves: %v", s.Server, len(s.Passed), s.Total, s.Passed)
		}
	}
	if len(scores) < 8 {
		t.Errorf("only %d servers were judged", len(scores))
	}
	for id := range mereForm {
		if !needed[id] {
			t.Errorf("%s is called mere form, and no server passes it: take it out of the table", id)
		}
	}
	t.Logf("%d servers in %s", len(scores), time.Since(began).Round(time.Millisecond))
}

// inert is the model with every change left out: calls are checked, and answered as if they had worked.
type inert struct{ model.Model }

func (i inert) known(uid string, channel model.Channel) error {
	for _, c := range i.Sync(model.Sync{UID: uid}) {
		if c.Channel == channel {
			return nil
		}
	}
	return model.ErrNoConversation
}

func (i inert) Clear(op model.Clear) error   { return i.known(op.UID, op.Channel) }
func (i inert) Set(op model.Set) error       { return i.known(op.UID, op.Channel) }
func (i inert) Delete(op model.Delete) error { return i.known(op.UID, op.Channel) }

// formOfSuccess are the requirements of the changing calls that ask for no effect.
var formOfSuccess = map[string]bool{"WK-CLEAR-01": true, "WK-SET-01": true, "WK-DEL-01": true}

// Servers that sync as they should, and change nothing: that nothing else changed must not count for them.
func TestNoServerPassesByChangingNothing(t *testing.T) {
	turned := clock.NewManual(Now)
	honest := func() http.Handler { return wkserver.New(wkserver.Options{Token: token, Clock: turned.Now}) }
	for does, handler := range map[string]http.Handler{
		"checks every change and leaves it": wkserver.New(wkserver.Options{Token: token, Clock: turned.Now, Model: inert{model.New(1)}}),
		"says ok to every change":           changesAnswered(honest(), null.Answer{Body: `{"status":"ok"}`}),
		"says 400 to every change":          changesAnswered(honest(), null.Answer{Status: 400, Body: `{"msg":"bad request"}`}),
		"says 403 to every change":          changesAnswered(honest(), null.Answer{Status: 403, Body: `{"msg":"forbidden"}`}),
		"says 404 to every change":          changesAnswered(honest(), null.Answer{Status: 404, Body: `{"msg":"not found"}`}),
	} {
		env, err := Env("wukongim", "v2", handler, turned, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range passedChanges(t, env) {
			t.Errorf("a server that %s passes %s", does, id)
		}
	}
}

func changesAnswered(next http.Handler, answer null.Answer) http.Handler {
	always := null.Canned(nil, answer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/conversations/") {
			always.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// passedChanges are the requirements of clear, set and delete that pass, but for those of a success's form.
func passedChanges(t *testing.T, env *specs.Env) (passed []string) {
	t.Helper()
	known, rows, err := familyOf("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	all, err := known.specs.Specs("v2")
	if err != nil {
		t.Fatal(err)
	}
	if all, err = specs.Select(all, "/WK-(CLEAR|SET|DEL)-/"); err != nil {
		t.Fatal(err)
	}
	run := specs.Run(context.Background(), all, env, nil).Outcome(rows, env, nil, true)
	if run.Counts.Judged == 0 {
		t.Fatal("nothing was judged")
	}
	for _, r := range run.Requirements {
		if r.Verdict == reports.Pass && !formOfSuccess[r.ID] {
			passed = append(passed, r.ID)
		}
	}
	return passed
}
