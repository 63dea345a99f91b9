package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

const small = `{"schema":1,"run":"p1a2b3c4d","api":"yunhu","users":[{"id":"ann","name":"Ann","do_not_disturb":["g"]},{"id":"bob","name":"Bob"}],
	"conversations":[
		{"id":"g","type":2,"members":["ann","bob"],"messages":[{"from":"bob","client_msg_no":"1","payload":"aGk=","mentions":["ann"]},{"from":"bob","client_msg_no":"2","payload":"5oiR"}]},
		{"id":"d","type":1,"members":["ann","bob"],"messages":[{"from":"bob","client_msg_no":"3","payload":"AP8="}]},
		{"id":"weather","type":3,"members":["ann"],"messages":[{"from":"weather","client_msg_no":"4","payload":""}]}]}`

func do(s http.Handler, method, path, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("token", token)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// seeded is a server with the small world, and the tokens of its users.
func seeded(t *testing.T, o Options) (*Server, map[string]string) {
	t.Helper()
	o.Clock = func() time.Time { return time.UnixMilli(1_755_566_778_727) }
	s := New(o)
	w := do(s, "POST", "/_parley/world", o.Token, small)
	var answer hook.Seeded
	if err := json.Unmarshal(w.Body.Bytes(), &answer); w.Code != 200 || err != nil || answer.Messages["2"].Seq != 2 || answer.Conversations["d"].ID != "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return s, map[string]string{"ann": answer.Users["ann"].Headers["token"], "bob": answer.Users["bob"].Headers["token"]}
}

func list(t *testing.T, s http.Handler, token, body string) *pb.ListResponse {
	t.Helper()
	w := do(s, "POST", "/v1/conversation/list", token, body)
	l, err := wire.DecodeList(w.Body.Bytes())
	if w.Code != 200 || err != nil {
		t.Fatalf("list: %d, %v", w.Code, err)
	}
	return l
}

func TestAListShowsWhatTheDocumentsName(t *testing.T) {
	s, tokens := seeded(t, Options{})
	l := list(t, s, tokens["ann"], "")
	if l.Total != 3 || len(l.Data) != 3 || l.Tag == "" {
		t.Fatalf("%v", l)
	}
	byID := map[string]*pb.Conversation{}
	for _, p := range l.Data {
		byID[p.ChatId] = p
	}
	g := byID["g"]
	if g.ChatType != 2 || g.Unread != 1 || g.At != 1 || g.DoNotDisturb != 1 || g.TimestampMs != 1_755_566_778_727 || g.Timestamp != 1_755_566_778 ||
		g.ChatContent != "我" || g.AtData.GetMentionerName() != "Bob" || g.AtData.GetMsgSeq() != 1 {
		t.Errorf("the group: %v", g)
	}
	if d := byID["bob"]; d.ChatType != 1 || d.Name != "Bob" || d.ChatContent != "\x00\uFFFD" || d.DoNotDisturb != 0 {
		t.Errorf("the chat: %v", d)
	}
	if b := byID["weather"]; b.ChatType != 3 || b.Unread != 1 {
		t.Errorf("the bot: %v", b)
	}
}

func TestCallsChangeWhatTheyName(t *testing.T) {
	s, tokens := seeded(t, Options{Profile: "2026"})
	if n := list(t, s, tokens["ann"], "").Data[0].Unread; n != 2 && n != 1 {
		t.Errorf("unread %d", n)
	}
	digest := list(t, s, tokens["ann"], "").Tag
	if same := list(t, s, tokens["ann"], string(wire.AppendListRequest(nil, digest))); len(same.Data) != 0 || same.Tag != digest {
		t.Errorf("unchanged: %v", same)
	}
	for _, c := range [][3]string{
		{"/v1/conversation/dismiss-notification", `{"chatId":"g"}`, `{"code":1,"msg":"success"}`},
		{"/v1/conversation/sort-change", `{"userId":"bob"}`, `{"code":1,"msg":"success"}`},
		{"/v1/conversation/remove", `{"chatId":"weather"}`, `{"code":1,"msg":"success"}`},
		{"/v1/conversation/remove", `{"chatId":"weather"}`, `"code":-1`},
		{"/v1/conversation/dismiss-notification", `{"chatId":7}`, `"code":1100`},
	} {
		if w := do(s, "POST", c[0], tokens["ann"], c[1]); w.Code != 200 || !strings.Contains(w.Body.String(), c[2]) {
			t.Errorf("%s %s: %d %s", c[0], c[1], w.Code, w.Body)
		}
	}
	if l := list(t, s, tokens["ann"], string(wire.AppendListRequest(nil, digest))); len(l.Data) != 2 {
		t.Errorf("%v", l)
	}
}

func TestWhoMayAsk(t *testing.T) {
	s, tokens := seeded(t, Options{Token: "secret"})
	half := tokens["ann"][:len(tokens["ann"])/2]
	for _, token := range []string{"", "secret", "ann", half, tokens["ann"] + "A", strings.ToUpper(tokens["ann"])} {
		if w := do(s, "POST", "/v1/conversation/list", token, ""); w.Code != 200 || w.Body.String() != `{"code":-101,"msg":"未登录"}` {
			t.Errorf("token %q: %d %s", token, w.Code, w.Body)
		}
	}
	for _, token := range []string{"", tokens["ann"]} {
		if w := do(s, "POST", "/_parley/clean", token, `{"schema":1,"run":"p1a2b3c4d"}`); w.Code != 403 {
			t.Errorf("the hook with token %q: %d", token, w.Code)
		}
	}
	if w := do(s, "POST", "/_parley/clean", "secret", `{"schema":1,"run":"p1a2b3c4d"}`); w.Code != 200 {
		t.Errorf("clean: %d %s", w.Code, w.Body)
	}
	if w := do(s, "POST", "/v1/conversation/list", tokens["ann"], ""); !strings.Contains(w.Body.String(), "-101") {
		t.Errorf("a user who is gone still lists: %s", w.Body)
	}
}

func TestPathsMethodsAndLimits(t *testing.T) {
	s, tokens := seeded(t, Options{})
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/v1/conversation/list", "", 404}, {"POST", "/v1/conversation/remove", "{}", 404}, {"POST", "/v1/nothing", "", 404},
		{"POST", "/v1/conversation/dismiss-notification", strings.Repeat("a", serve.BodyLimit+1), 413}, {"POST", "/_parley/nothing", "", 404},
		{"GET", "/_parley/world", "", 405}, {"POST", "/_parley/world", "{}", 400}, {"POST", "/_parley/messages", `{"schema":1,"run":"p1a2b3c4d","conversation":"x","messages":[]}`, 404},
		{"POST", "/_parley/messages", `{"schema":1,"run":"p1a2b3c4d","conversation":"g","messages":[{"from":"eve","client_msg_no":"9","payload":""}]}`, 400},
		{"POST", "/_parley/clean", `{"schema":1,"run":"me"}`, 400},
	} {
		if w := do(s, c.method, c.path, tokens["ann"], c.body); w.Code != c.want {
			t.Errorf("%s %s %.60s: %d, want %d: %.100s", c.method, c.path, c.body, w.Code, c.want, w.Body)
		}
	}
}

// TestManyAtOnce is for the race detector: everything at the same time, and every message counted.
func TestManyAtOnce(t *testing.T) {
	s, tokens := seeded(t, Options{Profile: "2026"})
	do(s, "POST", "/v1/conversation/dismiss-notification", tokens["ann"], `{"chatId":"g"}`)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				do(s, "POST", "/_parley/messages", "", fmt.Sprintf(
					`{"schema":1,"run":"p1a2b3c4d","conversation":"g","messages":[{"from":"bob","client_msg_no":"c%d-%d","payload":""}]}`, i, j))
				do(s, "POST", "/v1/conversation/list", tokens["ann"], "")
				do(s, "POST", "/v1/conversation/sort-change", tokens["bob"], `{"userId":"g"}`)
			}
		})
	}
	all.Wait()
	for _, p := range list(t, s, tokens["ann"], "").Data {
		if p.ChatId == "g" && p.Unread != 400 {
			t.Errorf("%d unread, want 400", p.Unread)
		}
	}
}
