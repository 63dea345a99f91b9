package variants

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

var start = time.Date(2026, time.March, 14, 9, 26, 53, 589793238, time.UTC)

// call is one request of a script.
type call struct{ method, path, body, token string }

func post(path, body string) call { return call{"POST", path, body, token} }

// token is the credential of the servers that the script runs against.
const token = "k"

func send(from, to string, typ int, header, number string) call {
	return post("/message/send", fmt.Sprintf(`{"header":{%s},"from_uid":%q,"channel_id":%q,"channel_type":%d,"payload":"aGk=","client_msg_no":%q}`,
		header, from, to, typ, number))
}

// script touches every freedom at least once.
var script = []call{
	post("/channel", `{"channel_id":"g","channel_type":2,"subscribers":["ann","bob"]}`),
	post("/channel", `{"channel_id":"empty","channel_type":2,"subscribers":["ann"]}`),
	post("/conversation/sync", `{"uid":"ann","msg_count":10}`),
	send("bob", "g", 2, `"red_dot":1`, "c1"), send("bob", "g", 2, `"red_dot":1`, "c2"), send("bob", "ann", 1, `"red_dot":1`, "c3"), send("bob", "g", 2, `"red_dot":1,"no_persist":1`, "c4"),
	send("bob", "g", 2, `"red_dot":1,"sync_once":1`, "c5"), send("bob", "g", 2, `"red_dot":0`, "c6"),
	post("/conversation/sync", `{"uid":"ann","msg_count":10}`),
	post("/conversation/sync", `{"uid":"ann","msg_count":10}`),
	post("/conversation/sync", `{"uid":"ann","msg_count":10}`),
	post("/conversation/sync", `{"uid":"ann"}`),
	post("/conversation/sync", `{"uid":"ann","msg_count":10,"last_msg_seqs":"g:2:1000"}`),
	post("/conversation/sync", `{"uid":"ann","last_msg_seqs":"g"}`),
	post("/conversation/sync", `{"uid":"ann","msg_count":-1}`),
	post("/conversation/sync", `{"uid":"ann","uid":"ann"}`),
	post("/conversation/sync", `{"uid":"eve","msg_count":10}`),
	post("/conversation/sync", `{"uid":""}`),
	post("/conversations/clearUnread", `{"uid":"eve","channel_id":"g","channel_type":2}`),
	post("/conversations/clearUnread", `{"uid":"ann","channel_id":"g","channel_type":3}`),
	post("/conversations/clearUnread", `{"uid":"ann","channel_id":"g","channel_type":-1}`),
	post("/conversations/setUnread", `{"uid":"ann","channel_id":"g","channel_type":2,"unread":900}`),
	post("/conversations/setUnread", `{"uid":"ann","channel_id":"g","channel_type":2,"unread":1}`),
	post("/conversations/setUnread", `{"uid":"ann","channel_id":"g","channel_type":2,"unread":1}`),
	post("/conversation/sync", `{"uid":"ann","msg_count":1}`),
	send("ann", "g", 2, `"red_dot":1`, "c7"),
	post("/conversations/clearUnread", `{"uid":"ann","channel_id":"g","channel_type":2}`),
	post("/conversations/clearUnread", `{"uid":"ann","channel_id":"g","channel_type":2}`),
	post("/conversation/sync", `{"uid":"ann","msg_count":1}`),
	post("/conversations/setUnread", `{"uid":"bob","channel_id":"g","channel_type":2,"unread":2}`),
	send("bob", "g", 2, `"red_dot":1`, "c8"),
	post("/conversation/sync", `{"uid":"bob","msg_count":1}`),
	post("/conversations/delete", `{"uid":"ann","channel_id":"g","channel_type":2}`),
	post("/conversations/delete", `{"uid":"ann","channel_id":"g","channel_type":2}`),
	post("/conversations/setUnread", `{"uid":"ann","channel_id":"g","channel_type":2,"unread":1}`),
	send("bob", "g", 2, `"red_dot":1`, "c9"),
	post("/conversation/sync", `{"uid":"ann","msg_count":10}`),
	post("/conversation/sync", `{"uid":"ANN","msg_count":10}`),
	post("/_parley/world", `{"schema":1,"run":"p00000000","api":"wukongim","users":[{"id":"p00000000-eve","name":"Eve"}],"conversations":[]}`),
	{"GET", "/conversation/sync", ``, token}, {"OPTIONS", "/conversation/sync", ``, token}, {"GET", "/nowhere", ``, token},
	{"POST", "/conversation/sync", `{"uid":"ann"}`, ""},
}

func newVariant(t *testing.T, o server.Options, names ...string) http.Handler {
	t.Helper()
	h, err := New(o, names, 1)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(h http.Handler, c call) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
	r.Header.Set("token", c.token)
	h.ServeHTTP(w, r)
	return w
}

// play is what a server answers to the script, line by line, as it would be on the wire.
func play(t *testing.T, profile string, names ...string) []string {
	t.Helper()
	turned := clock.NewManual(start)
	h := newVariant(t, server.Options{Profile: profile, Token: token, Clock: turned.Now}, names...)
	var said []string
	for _, c := range script {
		turned.Advance(time.Millisecond)
		w := ask(h, c)
		said = append(said, fmt.Sprintf("%d %v %v %s", w.Code, w.Result().Header, w.Flushed, w.Body))
	}
	return said
}

func TestEveryVariantShowsOnTheWire(t *testing.T) {
	honest := map[string][]string{"v1": play(t, "v1"), "v2": play(t, "v2")}
	for _, v := range All() {
		for _, profile := range []string{"v2", "v1"} {
			differs := !slices.Equal(play(t, profile, v.Name), honest[profile])
			if differs != v.In(profile) && (profile == "v2" || v.Profiles != nil) {
				t.Errorf("%s in %s: differs from the reference: %v, want %v", v.Name, profile, differs, v.In(profile))
			}
		}
	}
}

func TestNoVariantIsTheReference(t *testing.T) {
	turned := clock.NewManual(start)
	reference, bare := server.New(server.Options{Clock: turned.Now}), newVariant(t, server.Options{Clock: turned.Now})
	for _, c := range script {
		turned.Advance(time.Millisecond)
		if a, b := ask(reference, c), ask(bare, c); a.Code != b.Code || a.Body.String() != b.Body.String() {
			t.Errorf("%v: the reference says %d %s, and New without names %d %s", c, a.Code, a.Body, b.Code, b.Body)
		}
	}
}

func TestTheListIsInOrder(t *testing.T) {
	seen := map[string]bool{}
	choices := map[string]int{}
	for _, v := range All() {
		if v.Name == "" || v.Summary == "" || v.Freedom == "" || seen[v.Name] {
			t.Errorf("%+v has no name of its own, no summary, or no freedom", v)
		}
		seen[v.Name] = true
		choices[v.Choice]++
	}
	for choice, n := range choices {
		if n < 2 {
			t.Errorf("the choice %q has but one variant", choice)
		}
	}
}

func TestNamesThatCannotBeTaken(t *testing.T) {
	_, err := New(server.Options{}, []string{"oldest-frist"}, 1)
	var unknown *fault.Unknown
	if !errors.As(err, &unknown) || unknown.Kind != "variant" || !slices.Contains(unknown.Known, "oldest-first") {
		t.Errorf("an unknown name gave %v", err)
	}
	_, err = New(server.Options{}, []string{"small-ids", "scattered-ids"}, 1)
	var conflict *fault.ConflictError
	if !errors.As(err, &conflict) || !strings.Contains(err.Error(), "small-ids") {
		t.Errorf("two of one choice gave %v", err)
	}
	if _, err = New(server.Options{Model: model.New(1)}, []string{"late"}, 1); err == nil {
		t.Error("late took a single model")
	}
}

func TestTogetherTakesOneOfEachChoice(t *testing.T) {
	taken := map[string]bool{}
	for seed := range int64(50) {
		for _, profile := range []string{"v1", "v2"} {
			names := Together(profile, seed)
			if _, err := New(server.Options{Profile: profile}, names, seed); err != nil {
				t.Errorf("%s, seed %d: %v", profile, seed, err)
			}
			for _, name := range names {
				taken[name] = true
			}
		}
	}
	for _, v := range All() {
		if !taken[v.Name] && !v.Eventual {
			t.Errorf("%s is never taken together with the others", v.Name)
		}
	}
}

// FuzzHandles: a personal channel's handle leads back to the peer, whatever the two are called.
func FuzzHandles(f *testing.F) {
	f.Add("ann", "bob")
	f.Add("a_b", "c")
	f.Add("x", "y_x")
	f.Add("private_a", "a")
	f.Fuzz(func(t *testing.T, a, b string) {
		if a == b {
			t.Skip()
		}
		handle := model.Channel{ID: handleOf(a, b), Type: model.Direct}
		if inside(a, handle).ID != b || inside(b, handle).ID != a {
			t.Errorf("%q: %q for %q, and %q for %q", handle.ID, inside(a, handle).ID, a, inside(b, handle).ID, b)
		}
	})
}

func TestSequenceNumbersTranslate(t *testing.T) {
	for n := range int64(50) {
		outer := outerSeq(n)
		if innerSeq(outer) != n || n > 0 && (innerSeq(outer-1) != n-1 || innerSeq(outer+1) != n) {
			t.Errorf("message %d is %d outside, and %d again", n, outer, innerSeq(outer))
		}
	}
}

func TestMessageIDsStayUnique(t *testing.T) {
	for name, rename := range map[string]func(int64) int64{"scatter": scatter, "small": smallIDs()} {
		seen := map[int64]bool{}
		for id := int64(2_100_000_000_000_000_000); id < 2_100_000_000_000_001_000; id++ {
			if n := rename(id); n <= 0 || seen[n] {
				t.Fatalf("%s: %d is renamed to %d, which is taken or no id", name, id, n)
			} else {
				seen[n] = true
			}
		}
	}
}

// TestSyncsRunAtATime has several users sync at a time, of every variant: one that writes then to what another one reads is found.
func TestSyncsRunAtATime(t *testing.T) {
	for _, v := range All() {
		h := newVariant(t, server.Options{}, v.Name)
		ask(h, send("bob", "ann", 1, `"red_dot":1`, "c1"))
		var users sync.WaitGroup
		for range 4 {
			users.Go(func() {
				for range 50 {
					ask(h, post("/conversation/sync", `{"uid":"ann","version":0,"msg_count":1,"last_msg_seqs":"bob:1:0"}`))
				}
			})
		}
		users.Wait()
	}
}

func TestALateSyncShowsAChangeInTime(t *testing.T) {
	turned := clock.NewManual(start)
	h := newVariant(t, server.Options{Clock: turned.Now}, "late")
	lists := func() int {
		all, err := wire.DecodeConversations(ask(h, post("/conversation/sync", `{"uid":"ann"}`)).Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	ask(h, send("bob", "ann", 1, `"red_dot":1`, "c1"))
	if n := lists(); n != 0 {
		t.Errorf("%d conversations at once: nothing is late", n)
	}
	turned.Advance(latest)
	if n := lists(); n != 1 {
		t.Errorf("%d conversations after %s", n, latest)
	}
}

func TestAnswersTravelOtherwise(t *testing.T) {
	for name, check := range map[string]func(*http.Response) bool{
		"chunked": func(r *http.Response) bool {
			return slices.Equal(r.TransferEncoding, []string{"chunked"}) && r.ContentLength == -1
		},
		"connection-close": func(r *http.Response) bool { return r.Close },
	} {
		target := httptest.NewServer(newVariant(t, server.Options{}, name))
		r, err := http.Post(target.URL+"/conversation/sync", "application/json", strings.NewReader(`{"uid":"ann"}`))
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(r.Body)
		r.Body.Close()
		if err != nil || body.String() != "[]" || !check(r) {
			t.Errorf("%s: %v %q, %+v", name, err, &body, r)
		}
		target.Close()
	}
}

// What a client sends is not to be trusted, also where it passes through a variant's own hands.
func FuzzRequests(f *testing.F) {
	for _, c := range script {
		f.Add(c.path, []byte(c.body))
	}
	f.Add("/conversation/sync", []byte(`{"uid":"a","last_msg_seqs":5}`))
	f.Add("/conversations/delete", []byte("\xef\xbb\xbf{\"UID\":\"a\"} x"))
	f.Add("/conversations/setUnread", []byte(`{"channel_type":99,"channel_type":1}`))
	all, err := New(server.Options{}, Together("v2", 1), 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.URL.Path = path
		w := httptest.NewRecorder()
		all.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %q is answered %d", path, body, w.Code)
		}
	})
}
