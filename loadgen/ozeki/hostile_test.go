package ozeki

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/ozeki/server"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// TestRequestsAreAsDocumented reads each request by the wire's rules.
func TestRequestsAreAsDocumented(t *testing.T) {
	seen := map[string]bool{}
	handler := server.New(server.Options{})
	d := scene{handler: handler, people: few, weights: mix, limit: 4}.drive(t)
	d.send = func(w http.ResponseWriter, r *http.Request) error {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		r.Body = http.NoBody
		request, err := wire.DecodeRequest(body.Bytes())
		if err != nil {
			t.Errorf("%v: %s", err, body.Bytes())
		}
		seen[request.Action] = true
		if again := request.Append(nil); !bytes.Equal(again, body.Bytes()) {
			t.Errorf("the request is otherwise than documented:\n got %s\nwant %s", body.Bytes(), again)
		}
		for _, name := range []string{wire.UserHeader, wire.StationHeader, wire.SignatureHeader, "Content-Type"} {
			if r.Header.Get(name) == "" {
				t.Errorf("%s lacks the header %s", request.Action, name)
			}
		}
		asked := r.Clone(r.Context())
		asked.Body = http.NoBody
		repeat := httptest.NewRequest(http.MethodPost, r.URL.String(), &body)
		repeat.Header = asked.Header
		handler.ServeHTTP(w, repeat)
		return nil
	}
	d.alone(500)
	d.quiet(t)
	for _, action := range wire.Actions {
		if !seen[action] {
			t.Errorf("%s was never sent", action)
		}
	}
}

func TestIDsNameTheirMessages(t *testing.T) {
	for _, o := range []origin{{}, {1, 2, 3}, {1<<24 - 1, 1<<32 - 1, 1<<24 - 1}, {7, 0, 12345}} {
		id := appendID(nil, 0xdeadbeef, o)
		if got, ok := readID(id, 0xdeadbeef); !ok || got != o || len(id) != 36 {
			t.Errorf("%s is %+v, %v, want %+v", id, got, ok, o)
		}
		if _, ok := readID(id, 0xdeadbeee); ok {
			t.Errorf("%s is taken for one of another attack", id)
		}
		id[19] = 'b'
		if _, ok := readID(id, 0xdeadbeef); ok {
			t.Errorf("%s is taken", id)
		}
	}
	for _, id := range []string{"", "x", strings.Repeat("-", 36), "00000000-0000-0000-0000-000000000000", strings.Repeat("0", 36)} {
		if o, ok := readID([]byte(id), 0); ok {
			t.Errorf("%q is taken for %+v", id, o)
		}
	}
}

func TestDates(t *testing.T) {
	for _, seconds := range []int64{0, 1709907168, 4102444799} {
		if got, ok := readTime(appendTime(nil, seconds)); !ok || got != seconds {
			t.Errorf("%d is %d, %v", seconds, got, ok)
		}
	}
	for _, text := range []string{"", "2024-03-08T15:27:02", "2024-03-08 15:27:2", "2024-13-08 15:27:02", "2024-02-30 15:27:02", "2024-03-08 24:00:00", "2024-03-08 15:60:02",
		"2024-03-08 15:27:60", "2024-3-08 15:27:022", "x024-03-08 15:27:02", "2024-03-08 03:27 PM"} {
		if _, ok := readTime([]byte(text)); ok {
			t.Errorf("%q is taken for a date", text)
		}
	}
}

// hostile are answers that no honest server gives.
func hostile(id string) []string {
	view := `{"id":"` + id + `","isgroup":false,"participantids":["x"],"participants":[{"userid":"x","username":"y"}],"displayname":"","lastmessageid":"","lastreportid":"",` +
		`"lastaccess":1709907168,"secret":"","instance":"PqjfKSn7V8","mutedby":[],"favoriteby":[],"hiddenby":[],"properties":[]}`
	answers := []string{
		``, ` `, `null`, `true`, `17`, `"OK"`, `[]`, `{}`, `{"status":"OK"`, `{"status":"OK","errormessage":""}`, `{"status":null,"errormessage":5}`, "{\"status\":\"\xff\"}",
		`{"status":"OK","status":"OK"}`, `{"status":"OK","errormessage":"","conversations":` + strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000),
		`{"status":"OK","errormessage":"` + strings.Repeat("x", 1<<20) + `"}`, `{"status":"` + strings.Repeat("no", 1<<20) + `","errormessage":""}`,
	}
	for _, value := range []string{`null`, `5`, `"x"`, `[]`, `{}`, `[null]`, `[5]`, `[[]]`, `[{}]`, `[{"ID":5}]`, `[{"ID":"","Created":""}]`, `{"ID":null,"Created":[]}`, view, `[` + view + `,` + view + `]`,
		`[{"ID":"x","Type":"Message","Created":"2024-03-08 15:27:02","ValidUntil":"x","Data":"*"},{"ID":"x","Type":5,"Created":"2024-03-08 15:27:02"}]`,
		`[{"ID":"00000009-0000-4000-8fff-ffff00000000","Type":"Message","Created":"2024-03-08 15:27:02","ValidUntil":"2024-03-08 15:27:01","Data":"QUJD"}]`} {
		for _, name := range []string{"conversation", "conversations", "message", "messages"} {
			answers = append(answers, fmt.Sprintf(`{"status":"OK","errormessage":"",%q:%s}`, name, value))
		}
	}
	for _, name := range []string{"id", "isgroup", "participantids", "participants", "displayname", "lastmessageid", "lastaccess", "instance", "mutedby", "properties"} {
		for _, value := range []string{`null`, `-1e400`, `"` + strings.Repeat("y", 300) + `"`, `[{"userid":[]}]`, `["", null]`} {
			odd := strings.Replace(view, `"`+name+`":`, `"`+name+`":`+value+`,"was`+name+`":`, 1)
			answers = append(answers, `{"status":"OK","errormessage":"","conversation":`+odd+`,"conversations":[`+odd+`]}`)
		}
	}
	return answers
}

// victim is a drive of which each user has met everything, with what each kind of request is answered with honestly.
func victim(t *testing.T) *drive {
	d := scene{handler: server.New(server.Options{}), people: few, weights: mix, limit: 4}.drive(t)
	d.alone(100)
	return d
}

// TestHostileAnswersAreWrongAndNoMore answers everything with what no honest server says.
func TestHostileAnswersAreWrongAndNoMore(t *testing.T) {
	d := victim(t)
	for _, status := range []int{200, 204, 302, 404, 500} {
		for n, body := range hostile(d.w.Populated.Chats[0].ID) {
			if n%10 == 0 {
				d = victim(t) // one that trusts its server again
			}
			for i := range d.w.users {
				u := &d.w.users[i]
				u.Next()
				j := u.Judge(loadgen.Answer{Status: status, Body: []byte(body), Started: time.Now(), Ended: time.Now()}, true)
				if status == 200 && len(j.Findings) == 0 && u.doing != download && u.doing != catchUp {
					t.Errorf("the answer %.80q to %s is right", body, operations[u.doing].Name)
				}
				said := map[string]bool{}
				for _, f := range j.Findings {
					if said[f.ID] {
						t.Errorf("one answer breaks %s twice", f.ID)
					}
					said[f.ID] = true
				}
			}
		}
	}
	u := &d.w.users[0]
	u.Next()
	if j := u.Judge(loadgen.Answer{Err: http.ErrHandlerTimeout, Started: time.Now(), Ended: time.Now()}, true); len(j.Findings) > 0 {
		t.Errorf("no answer is an error, and was called %v", j.Findings)
	}
}

func FuzzJudge(f *testing.F) {
	d := scene{handler: server.New(server.Options{}), people: few, weights: mix, limit: 4}.drive(f)
	for _, body := range hostile("8ca16186c36a4e0a1ef2096e6c60b613") {
		if len(body) < 10_000 {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for i := range d.w.users {
			u := &d.w.users[i]
			u.Next()
			u.Judge(loadgen.Answer{Status: http.StatusOK, Body: body, Started: time.Now(), Ended: time.Now()}, true)
		}
	})
}
