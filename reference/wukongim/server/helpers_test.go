package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

const (
	syncPath  = "/conversation/sync"
	clearPath = "/conversations/clearUnread"
	setPath   = "/conversations/setUnread"
	delPath   = "/conversations/delete"
	sendPath  = "/message/send"
	worldPath = hook.Prefix + "world"
)

// do sends one request without a network between.
func do(s http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func post(t *testing.T, s http.Handler, path, body string, want int, header ...string) string {
	t.Helper()
	w := do(s, http.MethodPost, path, body, header...)
	if w.Code != want {
		t.Fatalf("POST %s %.200s → %d %s, want %d", path, body, w.Code, w.Body, want)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("POST %s: Content-Type is %q, want application/json", path, got)
	}
	if !json.Valid(w.Body.Bytes()) {
		t.Errorf("POST %s answered what is no JSON: %s", path, w.Body)
	}
	return w.Body.String()
}

func syncAll(t *testing.T, s http.Handler, body string) []wire.Conversation {
	t.Helper()
	all, err := wire.DecodeConversations([]byte(post(t, s, syncPath, body, 200)))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const groupOfThree = `{"schema":1,"run":"p1a2b3c4d","api":"wukongim","users":[{"id":"ann","name":"Ann"}],
	"conversations":[
		{"id":"g","type":2,"members":["ann","bob"],"messages":[
			{"from":"bob","client_msg_no":"c1","payload":"aGk="},{"from":"bob","client_msg_no":"c2","payload":"AP8="}]},
		{"id":"d","type":1,"members":["ann","bob"],"messages":[{"from":"bob","client_msg_no":"c3","payload":""}]}]}`
