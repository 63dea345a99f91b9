package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

func TestEveryFieldOfEveryWrongType(t *testing.T) {
	s := New(Options{})
	post(t, s, worldPath, groupOfThree, 200)
	const channel = `"channel_id":"g","channel_type":2`
	values := map[string]string{
		"number": "5", "string": `"5"`, "bool": "true", "array": "[]", "object": "{}", "fraction": "1.5", "exponent": "1e1",
		"negative": "-1", "beyond int64": "9223372036854775808", "null": "null", "float of an integer": "2.0",
	}
	lists := map[string]bool{"array": true}
	texts := map[string]bool{"string": true}
	numbers := map[string]bool{"number": true}
	optional := func(base map[string]bool) map[string]bool {
		more := map[string]bool{"null": true}
		for k := range base {
			more[k] = true
		}
		return more
	}
	for _, c := range []struct {
		path, field, rest string
		takes             map[string]bool
	}{
		{syncPath, "uid", ``, texts},
		{syncPath, "version", `"uid":"ann"`, optional(numbers)},
		{syncPath, "last_msg_seqs", `"uid":"ann"`, optional(texts)},
		{syncPath, "msg_count", `"uid":"ann"`, optional(numbers)},
		{syncPath, "only_unread", `"uid":"ann"`, map[string]bool{"null": true}},
		{syncPath, "exclude_channel_types", `"uid":"ann"`, optional(lists)},
		{clearPath, "uid", channel, nil},
		{clearPath, "channel_id", `"uid":"ann","channel_type":2`, nil},
		{clearPath, "channel_type", `"uid":"ann","channel_id":"g"`, nil},
		{clearPath, "message_seq", `"uid":"ann",` + channel, optional(numbers)},
		{setPath, "uid", channel + `,"unread":1`, nil},
		{setPath, "channel_id", `"uid":"ann","channel_type":2,"unread":1`, nil},
		{setPath, "channel_type", `"uid":"ann","channel_id":"g","unread":1`, nil},
		{setPath, "unread", `"uid":"ann",` + channel, nil},
		{delPath, "uid", channel, nil},
		{delPath, "channel_id", `"uid":"ann","channel_type":2`, nil},
		{delPath, "channel_type", `"uid":"ann","channel_id":"g"`, nil},
		{"/user/token", "uid", `"token":"t"`, texts},
		{"/user/token", "token", `"uid":"ann"`, texts},
		{"/user/token", "device_flag", `"uid":"ann","token":"t"`, optional(numbers)},
		{"/user/token", "device_level", `"uid":"ann","token":"t"`, optional(numbers)},
		{"/channel", "channel_id", `"channel_type":2`, texts},
		{"/channel", "channel_type", `"channel_id":"x"`, numbers},
		{"/channel", "subscribers", channel, optional(lists)},
		{"/channel/subscriber_add", "subscribers", channel, lists},
		{"/channel/subscriber_add", "reset", channel + `,"subscribers":[]`, map[string]bool{"null": true}},
		{sendPath, "header", `"from_uid":"x","payload":"",` + `"channel_id":"x","channel_type":2`, map[string]bool{"null": true, "object": true}},
		{sendPath, "from_uid", `"payload":"","channel_id":"x","channel_type":2`, texts},
		{sendPath, "payload", `"from_uid":"x","channel_id":"x","channel_type":2`, nil},
		{sendPath, "client_msg_no", `"from_uid":"x","payload":"","channel_id":"x","channel_type":2`, optional(texts)},
		{sendPath, "setting", `"from_uid":"x","payload":"","channel_id":"x","channel_type":2`, optional(numbers)},
	} {
		for kind, value := range values {
			body := strings.Replace(fmt.Sprintf(`{%q:%s,%s}`, c.field, value, c.rest), ",}", "}", 1)
			w := do(s, http.MethodPost, c.path, body)
			want := http.StatusBadRequest
			switch {
			case c.takes[kind]:
				want = http.StatusOK
			case c.takes == nil && (c.field == "uid" || c.field == "channel_id") && kind == "string",
				c.takes == nil && c.field == "channel_type" && kind == "number":
				want = http.StatusNotFound // well formed, but no such conversation
			}
			if w.Code != want {
				t.Errorf("%s %s as %s: %s → %d %s, want %d", c.path, c.field, kind, body, w.Code, w.Body, want)
			}
			if want == http.StatusBadRequest && !strings.Contains(w.Body.String(), c.field) {
				t.Errorf("%s %s: the answer %s does not name %s", c.path, body, w.Body, c.field)
			}
		}
	}
	if all := syncAll(t, s, `{"uid":"ann"}`); len(all) != 2 || all[0].Unread != 1 || all[1].Unread != 0 {
		// The one clear that passed said message_seq 5, which is beyond the last message.
		t.Errorf("after all that, ann has %+v, want the direct chat with 1 unread and the group with 0", all)
	}
}

func TestMissingFieldsAndUnknownConversations(t *testing.T) {
	s := New(Options{})
	post(t, s, worldPath, groupOfThree, 200)
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{syncPath, `{}`, 400}, {syncPath, `{"uid":""}`, 400}, {syncPath, ``, 400}, {syncPath, `null`, 400},
		{syncPath, `{"uid":"nobody"}`, 200}, {syncPath, `{"uid":"ann","x":{"y":[1]}}`, 200},
		{clearPath, `{"uid":"ann","channel_id":"g"}`, 400}, {clearPath, `{"uid":"ann","channel_type":2}`, 400},
		{clearPath, `{"channel_id":"g","channel_type":2}`, 400}, {clearPath, `{"uid":"ann","channel_id":"g","channel_type":0}`, 400},
		{clearPath, `{"uid":"ann","channel_id":"g","channel_type":256}`, 400},
		{clearPath, `{"uid":"ann","channel_id":"g","channel_type":3}`, 404},
		{clearPath, `{"uid":"ann","channel_id":"h","channel_type":2}`, 404},
		{clearPath, `{"uid":"eve","channel_id":"g","channel_type":2}`, 404},
		{setPath, `{"uid":"ann","channel_id":"g","channel_type":2}`, 400},
		{setPath, `{"uid":"ann","channel_id":"g","channel_type":2,"unread":3}`, 400},
		{setPath, `{"uid":"eve","channel_id":"g","channel_type":2,"unread":0}`, 404},
		{delPath, `{"uid":"eve","channel_id":"g","channel_type":2}`, 404},
		{delPath, `{"uid":"ann","channel_id":"eve","channel_type":1}`, 404},
		{"/channel", `{"channel_id":"ann","channel_type":1}`, 400},
		{"/channel/subscriber_add", `{"channel_id":"g","channel_type":2}`, 400},
		{"/channel/subscriber_add", `{"channel_id":"g","channel_type":2,"subscribers":[""]}`, 400},
		{"/user/token", `{"uid":"ann"}`, 400},
	} {
		got := post(t, s, c.path, c.body, c.want)
		if c.want != 200 && !strings.Contains(got, fmt.Sprintf(`"status":%d`, c.want)) {
			t.Errorf("%s %s: the answer %s does not say its status", c.path, c.body, got)
		}
	}
	if got := post(t, s, syncPath, `{"uid":"eve"}`, 200); got != "[]" {
		t.Errorf("calls in eve's name made this readable to eve: %s", got)
	}
}

func TestPathsAndMethods(t *testing.T) {
	s := New(Options{})
	for path, to := range routes {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW"} {
			if method == to.method {
				continue
			}
			w := do(s, method, path, "")
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != to.method || w.Body.Len() == 0 {
				t.Errorf("%s %s → %d, Allow %q, want 405 that allows %s", method, path, w.Code, w.Header().Get("Allow"), to.method)
			}
		}
	}
	for _, path := range []string{"/", "/conversation/sync/", "//conversation/sync", "/CONVERSATION/SYNC", "/conversations/sync", "/_parley/x", "/_parley/"} {
		if w := do(s, "POST", path, "{}"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "there is no path") {
			t.Errorf("POST %s → %d %s, want 404", path, w.Code, w.Body)
		}
	}
	if w := do(s, "GET", "/health", ""); w.Code != 200 || w.Body.String() != `{"status":"ok"}` {
		t.Errorf("GET /health → %d %s", w.Code, w.Body)
	}
}

func TestTokenGuardsEveryPath(t *testing.T) {
	s := New(Options{Token: "secret"})
	paths := []string{"/nowhere"}
	for path := range routes {
		paths = append(paths, path)
	}
	for _, path := range paths {
		for _, header := range [][]string{nil, {"token", "wrong"}, {"token", "secret "}, {"token", ""}, {"Authorization", "secret"}} {
			for _, method := range []string{"GET", "POST"} {
				if w := do(s, method, path, "", header...); w.Code != http.StatusForbidden {
					t.Errorf("%s %s with %v → %d, want 403", method, path, header, w.Code)
				}
			}
		}
	}
	if w := do(s, "GET", "/health", "", "Token", "secret"); w.Code != 200 {
		t.Errorf("with the token → %d %s, want 200", w.Code, w.Body)
	}
	got := post(t, s, worldPath, groupOfThree, 200, "token", "secret")
	if !strings.Contains(got, `"headers":{"token":"secret"}`) {
		t.Errorf("the hook's answer %s does not say what ann's requests must carry", got)
	}
}

func TestBodyLimits(t *testing.T) {
	s := New(Options{})
	post(t, s, worldPath, groupOfThree, 200)
	padded := func(n int) string {
		const frame = `{"uid":"ann","x":""}`
		return `{"uid":"ann","x":"` + strings.Repeat("x", n-len(frame)) + `"}`
	}
	post(t, s, syncPath, padded(serve.BodyLimit), 200)
	for path, to := range routes {
		if to.method == http.MethodPost {
			post(t, s, path, padded(serve.BodyLimit+1), http.StatusRequestEntityTooLarge)
		}
	}
	post(t, s, worldPath, padded(serve.BodyLimit+1), http.StatusBadRequest) // not too long to read, but no world
	for _, path := range []string{syncPath, worldPath} {
		r := httptest.NewRequest("POST", path, io.LimitReader(endless{}, 70<<20)) // no length declared
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with 70 MiB of unknown length → %d, want 413", path, w.Code)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestTooLongIsSeenOverTheNetwork: the answer must reach a client that is still sending.
func TestTooLongIsSeenOverTheNetwork(t *testing.T) {
	target := httptest.NewServer(New(Options{}))
	defer target.Close()
	for range 5 {
		response, err := http.Post(target.URL+syncPath, "application/json", strings.NewReader(strings.Repeat(" ", 20<<20)))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("20 MiB → %d, want 413", response.StatusCode)
		}
	}
}

func TestHostileBodiesGetNo5xx(t *testing.T) {
	s := New(Options{})
	post(t, s, worldPath, groupOfThree, 200)
	long := strings.Repeat("a", 70_000)
	for _, value := range []string{
		strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000), `"` + long + `"`, "9223372036854775807", "-9223372036854775808",
		strings.Repeat("9", 100_000), "\xff", `"\ud800"`, `"\u0000"`, "\x00", `"` + strings.Repeat("g:2:1|", 100_000) + `"`,
	} {
		for path, to := range routes {
			for _, field := range []string{"uid", "channel_id", "version", "msg_count", "last_msg_seqs", "unread", "message_seq", "payload", "run", "users", "schema"} {
				body := fmt.Sprintf(`{"%s":%s,"uid2":1}`, field, value)
				if field != "uid" {
					body = fmt.Sprintf(`{"uid":"ann",%s`, body[1:])
				}
				if w := do(s, to.method, path, body); w.Code >= 500 {
					t.Errorf("%s %.60s… → %d %.200s", path, body, w.Code, w.Body)
				}
			}
		}
	}
	if got := post(t, s, clearPath, `{"uid":"ann","channel_type":2,"channel_id":"`+long+`"}`, 404); len(got) > 500 {
		t.Errorf("an error of %d bytes gives a long name back", len(got))
	}
}

func TestProfileMustBeKnown(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, `no profile "v3": choose v2 or v1`) {
			t.Errorf("New with profile v3 panicked with %s", got)
		}
	}()
	New(Options{Profile: "v3"})
}

func TestLogQuotesTheClient(t *testing.T) {
	var lines []string
	s := New(Options{Log: func(line string) { lines = append(lines, line) }})
	do(s, "POST", syncPath, `{"uid":"ann"}`)
	r := httptest.NewRequest("POST", "/", nil)
	r.URL.Path = "/\x1b[31m\n" + strings.Repeat("x", 1000)
	s.ServeHTTP(httptest.NewRecorder(), r)
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `"POST" "/conversation/sync" 200 2 bytes `) {
		t.Fatalf("the log is %q", lines)
	}
	if strings.ContainsAny(lines[1], "\x1b\n") || len(lines[1]) > 250 {
		t.Errorf("a hostile path stands in the log as %q", lines[1])
	}
}

func TestCodecAndModelCanBeReplaced(t *testing.T) {
	s := New(Options{Codec: Codec{
		AppendStatus:        func(dst []byte) []byte { return append(dst, `{"status":200}`...) },
		AppendConversations: func(dst []byte, _ wire.Profile, all []wire.Conversation) []byte { return append(dst, "null"...) },
	}})
	post(t, s, worldPath, groupOfThree, 200)
	if got := post(t, s, syncPath, `{"uid":"ann"}`, 200); got != "null" {
		t.Errorf("sync answered %s, want the codec's null", got)
	}
	if got := post(t, s, clearPath, `{"uid":"ann","channel_id":"g","channel_type":2}`, 200); got != `{"status":200}` {
		t.Errorf("clearUnread answered %s, want the codec's", got)
	}
}
