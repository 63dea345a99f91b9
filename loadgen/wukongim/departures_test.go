package wukongim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/wukongim/faults"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/variants"
	"github.com/parley-im/parley/specs/catalog"
)

// shuffling stores acknowledged messages in another order than they were sent: it swaps neighbours by different people.
type shuffling struct{ fixtures.Seeder }

func (s shuffling) Seed(ctx context.Context, run string, w fixtures.World) (*fixtures.Seeded, error) {
	for i := range w.Conversations {
		messages := slices.Clone(w.Conversations[i].Messages)
		for n := 1; n < len(messages); n += 2 {
			messages[n-1], messages[n] = messages[n], messages[n-1]
		}
		w.Conversations[i].Messages = messages
	}
	return s.Seeder.Seed(ctx, run, w)
}

// shuffled loads a target that has stored what was seeded in another order.
func shuffled(t *testing.T, change func(*loadgen.Setup, *loadgen.Attack)) *loadgen.Result {
	t.Helper()
	handler, err := variants.New(server.Options{}, []string{"speaking-reads"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	target, stop, err := wkfixtures.Start(fixtures.Default(), handler)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	plan := small.Plan()
	populated, err := fixtures.Populate(t.Context(), shuffling{fixtures.NewHook(target)}, plan, "", 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	return attackAgain(t, target, plan, populated, "v2", 1500, 300*time.Millisecond, change)
}

// TestAnotherOrderIsOneDeparture: where messages are stored in another order than they were acknowledged, that is what is
// found, and nothing that only follows from it.
func TestAnotherOrderIsOneDeparture(t *testing.T) {
	const order = "WK-SYNC-41"
	r := shuffled(t, nil)
	if r.Violations[order]+r.Warnings[order] == 0 {
		t.Errorf("the order was not found wrong: %v, %v", r.Violations, r.Warnings)
	}
	delete(r.Violations, order)
	delete(r.Warnings, order)
	nothingElse(t, r)

	r = shuffled(t, func(_ *loadgen.Setup, a *loadgen.Attack) { a.Known = map[string]bool{order: true} })
	if r.Expected[order] == 0 || r.Violating > 0 {
		t.Errorf("a known departure is no longer excused: %+v, expected %v", r.Counts, r.Expected)
	}
	nothingElse(t, r)
}

// storingLate acknowledges a message without its number, and stores it a moment later: now and then after one that was
// acknowledged after it.
func storingLate(honest http.Handler) http.Handler {
	var turn atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/message/send" {
			honest.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		later := r.Clone(context.WithoutCancel(r.Context()))
		later.Body = io.NopCloser(bytes.NewReader(body))
		wait := time.Millisecond
		if turn.Add(1)%10 == 0 {
			wait = 12 * time.Millisecond
		}
		time.AfterFunc(wait, func() { honest.ServeHTTP(httptest.NewRecorder(), later) })
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":200,"data":{"message_id":1}}`)
	})
}

// TestAMessageThatIsStoredLateIsOneDeparture: where messages get their places after they were acknowledged, and in another order,
// that is what is found, and nothing that only follows from it.
func TestAMessageThatIsStoredLateIsOneDeparture(t *testing.T) {
	for _, names := range [][]string{nil, {"speaking-reads"}, {"seq-gaps"}, {"seq-gaps", "speaking-reads"}} {
		honest, err := variants.New(server.Options{}, names, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(names)
		r := attack(t, "v2", storingLate(honest), small, 800, 1500*time.Millisecond, nil)
		delete(r.Violations, "WK-SYNC-41")
		delete(r.Warnings, "WK-SYNC-41")
		nothingElse(t, r)
	}
}

func nothingElse(t *testing.T, r *loadgen.Result) {
	t.Helper()
	if r.Correct < 200 || len(r.Violations)+len(r.Warnings) > 0 || r.Errors > 0 {
		t.Errorf("%+v, violations %v, warnings %v, errors %v", r.Counts, r.Violations, r.Warnings, r.ErrorClass)
		for id, sample := range r.Samples {
			t.Logf("%s: %s", id, sample.Detail)
		}
	}
}

// rewriting changes every answer of a sync.
func rewriting(change func(header http.Header, body []byte) []byte) http.Handler {
	honest := server.New(server.Options{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/conversation/sync" {
			honest.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		honest.ServeHTTP(answer, r)
		body := change(answer.Header(), answer.Body.Bytes())
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	})
}

// welcome is a conversation of the target's own.
const welcome = `{"channel_id":"system","channel_type":1,"unread":1,"timestamp":1700000000,"last_msg_seq":1,"last_client_msg_no":"w1",` +
	`"version":1700000000000000000,"recents":[{"header":{"no_persist":0,"red_dot":1,"sync_once":0},"setting":0,"message_id":7,"message_idstr":"7",` +
	`"client_msg_no":"w1","message_seq":1,"from_uid":"system","channel_id":"system","channel_type":1,"timestamp":1700000000,"payload":"aGk="}]}`

func TestTheTargetsOwnConversationsAreItsOwnBusiness(t *testing.T) {
	handler := rewriting(func(_ http.Header, body []byte) []byte {
		return append(append(bytes.TrimSuffix(body, []byte("]")), map[bool]string{true: "", false: ","}[string(body) == "[]"]+welcome...), ']')
	})
	nothingElse(t, attack(t, "v2", handler, small, 1500, 300*time.Millisecond, nil))
}

func TestATypeThatIsBuiltOnJSONIsJSON(t *testing.T) {
	handler := rewriting(func(header http.Header, body []byte) []byte {
		header.Set("Content-Type", "application/vnd.chat+json; charset=utf-8")
		return body
	})
	nothingElse(t, attack(t, "v2", handler, small, 1500, 300*time.Millisecond, nil))
}

// TestAnAnswerThatIsNoArrayIsWrongInEveryProfile has a page of HTML, with success.
func TestAnAnswerThatIsNoArrayIsWrongInEveryProfile(t *testing.T) {
	handler := rewriting(func(http.Header, []byte) []byte { return []byte("<html>welcome</html>") })
	for _, profile := range []string{"v2", "v1"} {
		r := attack(t, profile, handler, small, 500, 200*time.Millisecond, nil)
		if r.Violations["WK-SYNC-01"] == 0 || r.Violating < r.Sent/2 {
			t.Errorf("%s: %+v, violations %v", profile, r.Counts, r.Violations)
		}
	}
}

// TestALoadNamesStatementsOfItsProfile takes every fault of the reference in each profile.
func TestALoadNamesStatementsOfItsProfile(t *testing.T) {
	family, err := catalog.Of("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	for _, profile := range family.Profiles {
		found := 0
		for _, name := range []string{"cap-51", "msg-count-0-means-15", "version-in-microseconds", "created-for-a-sync", "unread-of-the-page", "recents-in-no-order"} {
			handler, err := faults.New(server.Options{Profile: profile}, []string{name}, 1)
			if err != nil {
				continue // it breaks what the profile does not say
			}
			r := attack(t, profile, handler, small, 1500, 100*time.Millisecond, func(s *loadgen.Setup, _ *loadgen.Attack) { s.MsgCount = 80 })
			for _, ids := range []map[string]int64{r.Violations, r.Warnings} {
				for id := range ids {
					found++
					if statement, ok := family.Get(id); !ok || !statement.In(profile) {
						t.Errorf("%s with %s: %s is no statement of that profile", profile, name, id)
					}
				}
			}
		}
		if found == 0 {
			t.Errorf("nothing was found in %s: these faults prove nothing", profile)
		}
	}
}

// TestWhatMayNotShowYetIsNotWanted has an eventual target whose numbers have gaps, so that sends are counted, for long enough
// that much of what is sent has to show by its end.
func TestWhatMayNotShowYetIsNotWanted(t *testing.T) {
	handler, err := variants.New(server.Options{}, []string{"late", "seq-gaps"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	nothingElse(t, attack(t, "v2", handler, small, 1500, time.Second, func(s *loadgen.Setup, _ *loadgen.Attack) {
		s.Settle = 100 * time.Millisecond
		s.Weights = map[string]float64{"login": 10, "incremental": 40, "unread": 5, "send": 40, "clear": 5}
	}))
}
