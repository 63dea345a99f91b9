package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/ozeki/client"
	"github.com/parley-im/parley/reference/ozeki/wire"
	"github.com/parley-im/parley/reference/serve"
)

const run = "p1a2b3c4d"

// do sends one request without a network between, as ann unless headers say otherwise.
func do(s http.Handler, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set(wire.UserHeader, participant("ann", "").ID)
	r.Header.Set(wire.StationHeader, DefaultStation)
	r.Header.Set(wire.SignatureHeader, DefaultSignature)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// seeded is a server with a chat of ann and bob, with two messages of bob's.
func seeded(t *testing.T, o Options) (*Server, hook.Seeded) {
	t.Helper()
	s := New(o)
	w := do(s, hook.Prefix+"world", `{"schema":1,"run":"`+run+`","api":"ozeki","users":[{"id":"ann","name":"Ann"},{"id":"bob","name":"Bob"},{"id":"eve"}],
		"conversations":[{"id":"c","type":1,"members":["ann","bob"],"messages":[
			{"from":"bob","client_msg_no":"1","payload":"aGk="},{"from":"bob","client_msg_no":"2","payload":"aGk="}]}]}`,
		wire.SignatureHeader, o.Token)
	var answer hook.Seeded
	if err := json.Unmarshal(w.Body.Bytes(), &answer); w.Code != 200 || err != nil {
		t.Fatalf("world: %d %s %v", w.Code, w.Body, err)
	}
	return s, answer
}

func TestTheHookSaysWhatItMade(t *testing.T) {
	_, answer := seeded(t, Options{Token: "T"})
	ann := answer.Users["ann"]
	if ann.ID == "" || ann.Headers[wire.UserHeader] != ann.ID || ann.Headers[wire.SignatureHeader] != "T" || ann.Headers[wire.StationHeader] == "" {
		t.Errorf("ann is %+v", ann)
	}
	if c := answer.Conversations["c"]; len(c.ID) != 32 || len(c.Instance) != 10 {
		t.Errorf("the conversation is %+v", c)
	}
	if answer.Messages["1"].ID == "" || answer.Messages["1"].ID == answer.Messages["2"].ID {
		t.Errorf("the messages are %+v", answer.Messages)
	}
}

func TestTheHookAppendsAndCleans(t *testing.T) {
	s, answer := seeded(t, Options{})
	w := do(s, hook.Prefix+"messages", `{"schema":1,"run":"`+run+`","conversation":"c","messages":[{"from":"ann","client_msg_no":"3","payload":""}]}`)
	var more hook.Seeded
	if err := json.Unmarshal(w.Body.Bytes(), &more); w.Code != 200 || err != nil || more.Messages["3"].ID == "" {
		t.Errorf("messages: %d %s", w.Code, w.Body)
	}
	list := do(s, "/"+wire.Query, `{"action":"list"}`).Body.String()
	if !strings.Contains(list, more.Messages["3"].ID) || !strings.Contains(list, answer.Conversations["c"].ID) {
		t.Errorf("list: %s", list)
	}
	for _, body := range []string{`{"schema":1,"run":"` + run + `"}`, `{"schema":1,"run":"p00000000"}`} {
		if w := do(s, hook.Prefix+"clean", body); w.Code != 200 {
			t.Errorf("clean: %d %s", w.Code, w.Body)
		}
	}
	if list := do(s, "/"+wire.Query, `{"action":"list"}`).Body.String(); !strings.Contains(list, `"conversations":[]`) {
		t.Errorf("after clean: %s", list)
	}
	if w := do(s, hook.Prefix+"messages", `{"schema":1,"run":"`+run+`","conversation":"c","messages":[]}`); w.Code != 404 {
		t.Errorf("messages to what was cleaned: %d", w.Code)
	}
}

func TestRefusals(t *testing.T) {
	s, answer := seeded(t, Options{Token: "T"})
	id := answer.Conversations["c"].ID
	signed := []string{wire.SignatureHeader, "T"}
	for name, c := range map[string]struct {
		path, body string
		header     []string
		status     int
		says       string
	}{
		"no station":       {"/" + wire.Query, `{"action":"list"}`, append(signed, wire.StationHeader, ""), 200, "Ozeki-Station is missing"},
		"no user":          {"/" + wire.Query, `{"action":"list"}`, append(signed, wire.UserHeader, " "), 200, "Ozeki-User is missing"},
		"no signature":     {"/" + wire.Query, `{"action":"list"}`, []string{wire.SignatureHeader, ""}, 200, "Ozeki-Signature is missing"},
		"wrong signature":  {"/" + wire.Query, `{"action":"list"}`, []string{wire.SignatureHeader, "t"}, 200, "Ozeki-Signature is wrong"},
		"other service":    {"/?srv=chatowner&api=chatconversation", `{"action":"list"}`, signed, 200, "srv"},
		"other api":        {"/?srv=chatserver&api=chatlogin", `{"action":"list"}`, signed, 200, "chatlogin"},
		"other path":       {"/conversation/sync" + wire.Query, `{"action":"list"}`, signed, 404, "no path"},
		"no JSON":          {"/" + wire.Query, `action=list`, signed, 200, "JSON object"},
		"unknown action":   {"/" + wire.Query, `{"action":"zap"}`, signed, 200, "zap"},
		"no conversation":  {"/" + wire.Query, `{"action":"mute"}`, signed, 200, "conversationid is required"},
		"outsider":         {"/" + wire.Query, `{"action":"mute","conversationid":"` + id + `"}`, append(signed, wire.UserHeader, answer.Users["eve"].ID), 200, "takes part in no"},
		"color":            {"/" + wire.Query, `{"action":"setlistitembackgroundcolor","conversationid":"` + id + `","color":"red"}`, signed, 200, "color must be #"},
		"a long body":      {"/" + wire.Query, `{"action":"list","x":"` + strings.Repeat("x", serve.BodyLimit) + `"}`, signed, 413, "longer than"},
		"hook unsigned":    {hook.Prefix + "clean", `{}`, []string{wire.SignatureHeader, ""}, 403, "started with a token"},
		"hook elsewhere":   {hook.Prefix + "nowhere", `{}`, signed, 404, "no path"},
		"hook without run": {hook.Prefix + "clean", `{"schema":1}`, signed, 400, "run is required"},
		"hook's odd run":   {hook.Prefix + "clean", `{"schema":1,"run":"x"}`, signed, 400, "run must be p and 8"},
	} {
		w := do(s, c.path, c.body, c.header...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || strings.Contains(w.Body.String(), `"OK"`) || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s, want %d and %q", name, w.Code, w.Body, c.status, c.says)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: Content-Type %q", name, got)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/"+wire.Query, nil)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestTheClientCalls(t *testing.T) {
	s, answer := seeded(t, Options{})
	target := httptest.NewServer(s)
	defer target.Close()
	c := &client.Client{BaseURL: target.URL, User: answer.Users["ann"].ID, Station: DefaultStation}
	ctx := context.Background()
	all, _, err := c.List(ctx)
	if err != nil || len(all) != 1 || all[0].LastMessageID != answer.Messages["2"].ID {
		t.Fatalf("list: %+v, %v", all, err)
	}
	now := time.Unix(1_800_000_000, 0).UTC()
	m, _, err := c.Add(ctx, all[0].ID, all[0].Instance, wire.Message{ID: "x", Type: "Message", Created: now, ValidUntil: now, Data: "AAAA"})
	if err != nil || m == nil || m.ID != "x" || !m.Created.Equal(now) {
		t.Errorf("add: %+v, %v", m, err)
	}
	cleared, _, err := c.Clear(ctx, all[0].ID, all[0].Instance)
	if err != nil || cleared.LastMessageID != "" || cleared.LastAccess != now.Unix() || cleared.Instance == all[0].Instance {
		t.Errorf("clear: %+v, %v", cleared, err)
	}
	_, _, err = c.Clear(ctx, all[0].ID, all[0].Instance)
	var refused *client.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "instance") || refused.Exchange.Status() != 200 {
		t.Errorf("a stale clear: %v", err)
	}
	c.BaseURL = target.URL + "/nowhere"
	if _, _, err := c.List(ctx); err == nil {
		t.Error("a list from nowhere went well")
	}
}

// TestConcurrentUse is for the race detector, and for what must hold whatever the order.
func TestConcurrentUse(t *testing.T) {
	s, answer := seeded(t, Options{Log: func(string) {}})
	id := answer.Conversations["c"].ID
	var all sync.WaitGroup
	for _, user := range []string{"ann", "bob"} {
		header := []string{wire.UserHeader, answer.Users[user].ID}
		all.Go(func() {
			for i := range 50 {
				message := fmt.Sprintf(`{\"ID\":\"%s%d\",\"Type\":\"Message\",\"Created\":\"2024-03-08 14:12:48\",\"ValidUntil\":\"2024-03-08 14:12:48\"}`, user, i)
				for _, body := range []string{
					`{"action":"add","conversationid":"` + id + `","message":"` + message + `"}`, `{"action":"list"}`,
					`{"action":"download","conversationid":"` + id + `"}`, `{"action":"mute","conversationid":"` + id + `"}`,
				} {
					if w := do(s, "/"+wire.Query, body, header...); !strings.Contains(w.Body.String(), `"status":"OK"`) {
						t.Errorf("%s: %s", body, w.Body)
					}
				}
				do(s, hook.Prefix+"clean", `{"schema":1,"run":"p00000000"}`)
			}
		})
	}
	all.Wait()
	content := do(s, "/"+wire.Query, `{"action":"download","conversationid":"`+id+`"}`).Body.String()
	if n := strings.Count(content, `"Type":"Message"`); n != 102 {
		t.Errorf("%d messages, want 102", n)
	}
}
