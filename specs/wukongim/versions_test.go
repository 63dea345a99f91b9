package wukongim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/reports"
)

// sharing stands before a server, and lets one change of each user's have the version that the user saw last, as a clock does that ticks
// too slowly. It is the change with that number, after the user's first answer.
type sharing struct {
	next   http.Handler
	number int

	lock  sync.Mutex
	users map[string]*sharer
}

type sharer struct {
	shown   map[string]int64 // by channel and the server's version
	latest  int64
	changes int
}

func (s *sharing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what the client breaks off is not looked at
	var asked map[string]any
	isSync := r.URL.Path == "/conversation/sync" && json.Unmarshal(body, &asked) == nil
	uid, _ := asked["uid"].(string)
	since, _ := asked["version"].(float64)
	if isSync && since > 0 {
		asked["version"] = 0
		body, _ = json.Marshal(asked)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer := httptest.NewRecorder()
	s.next.ServeHTTP(answer, r)
	out := answer.Body.Bytes()
	if isSync && answer.Code == http.StatusOK {
		out = s.rewritten(uid, int64(since), out)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(out)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(out)
}

// rewritten is an answer with the shown versions, and without what has none above since.
func (s *sharing) rewritten(uid string, since int64, body []byte) []byte {
	var all []map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil || all == nil {
		return body
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	user, known := s.users[uid]
	if !known {
		user = &sharer{shown: map[string]int64{}}
		if len(all) > 0 {
			s.users[uid] = user
		}
	}
	all = slices.DeleteFunc(all, func(c map[string]json.RawMessage) bool {
		version := user.version(s.number, known, c)
		c["version"] = strconv.AppendInt(nil, version, 10)
		return since > 0 && version <= since
	})
	for _, c := range all {
		version, _ := strconv.ParseInt(string(c["version"]), 10, 64)
		user.latest = max(user.latest, version)
	}
	body, _ = json.Marshal(all)
	return body
}

func (u *sharer) version(number int, known bool, c map[string]json.RawMessage) int64 {
	at := string(c["channel_id"]) + string(c["channel_type"]) + "/" + string(c["version"])
	if shown, ok := u.shown[at]; ok {
		return shown
	}
	version, _ := strconv.ParseInt(string(c["version"]), 10, 64)
	if known {
		u.changes++
	}
	if known && u.changes == number {
		version = u.latest
	}
	u.shown[at] = version
	return version
}

// A version that is not new fails the statements about versions, and nothing that merely syncs from one: whatever change has it.
func TestASharedVersionFailsTheStatementsAboutVersionsAlone(t *testing.T) {
	for _, number := range []int{1, 150} {
		t.Run(strconv.Itoa(number), func(t *testing.T) {
			run := suiteOver(t, "v1", 1, wkfixtures.NewNative, func(next http.Handler) http.Handler {
				return &sharing{next: next, number: number, users: map[string]*sharer{}}
			})
			for _, r := range run.Requirements {
				failed := r.Verdict == reports.Fail || r.Verdict == reports.Warn
				if r.ID == "WK-SYNC-16" || r.ID == "WK-SYNC-18" {
					if !failed {
						t.Errorf("%s is %s: the version that two changes share was not found", r.ID, r.Verdict)
					}
					continue
				}
				if failed && r.ID != "WK-SYNC-19" || r.Verdict == reports.Blocked {
					t.Errorf("%s is %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
		})
	}
}
