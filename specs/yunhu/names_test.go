package yunhu_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/specs"
)

// recorder notes every name that a run sends which is neither the run's own nor one that the seeding gave it.
type recorder struct {
	honest http.Handler

	mu       sync.Mutex
	given    []string
	requests int
	foreign  map[string]bool
}

var (
	seedsAs  = regexp.MustCompile(`"(id|client_msg_no|conversation|from)":\s*"([^"]*)"`)
	sendsAs  = regexp.MustCompile(`"(chatId|userId)":\s*\[?"([^"]*)"`)
	answered = regexp.MustCompile(`"(id|token|Token)":\s*"([^"]+)"`)
)

const ownRun = "p0a1b2c3d"

func (o *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests++
	if strings.HasPrefix(r.URL.Path, "/_parley/") {
		for _, m := range seedsAs.FindAllSubmatch(body, -1) {
			if !bytes.HasPrefix(m[2], []byte(ownRun+"-")) {
				o.foreign["seeding "+string(m[0])] = true
			}
		}
		answer := httptest.NewRecorder()
		o.honest.ServeHTTP(answer, r)
		for _, m := range answered.FindAllSubmatch(answer.Body.Bytes(), -1) {
			o.given = append(o.given, string(m[2]))
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		return
	}
	for _, m := range sendsAs.FindAllSubmatch(body, -1) {
		var name string
		if json.Unmarshal(slices.Concat([]byte(`"`), m[2], []byte(`"`)), &name) == nil {
			o.look(string(m[1]), name)
		}
	}
	o.look("token", r.Header.Get("token"))
	o.honest.ServeHTTP(w, r)
}

// look takes what begins with the run's id, what was given, half of that, and what is one letter from it.
func (o *recorder) look(where, name string) {
	name = strings.TrimSpace(name)
	if strings.HasPrefix(name, ownRun) || slices.ContainsFunc(o.given, func(id string) bool { return near(name, id) }) {
		return
	}
	if len(o.foreign) < 20 {
		o.foreign[where+" "+name] = true
	}
}

func near(name, given string) bool {
	if strings.HasPrefix(given, name) {
		return true
	}
	others := 0
	for i := range min(len(name), len(given)) {
		if name[i] != given[i] {
			others++
		}
	}
	return len(name) == len(given) && others <= 1
}

func TestARunNamesNothingOfAnybodyElses(t *testing.T) {
	for _, profile := range []string{"2025", "2026"} {
		target := yhfixtures.Embedded(profile)
		target.Auth.Denied = ownRun + "-denied"
		o := &recorder{honest: server.New(server.Options{Profile: profile, Token: target.Auth.Value}), given: []string{target.Auth.Value}, foreign: map[string]bool{}}
		judged(t, profile, 1, target, o, func(*specs.Spec) bool { return true })
		for name := range o.foreign {
			t.Errorf("%s: the run sent %.120s", profile, name)
		}
		if o.requests < 1000 {
			t.Errorf("%s: only %d requests were looked at", profile, o.requests)
		}
	}
}
