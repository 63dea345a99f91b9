package ozeki_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/ozeki/server"
	"github.com/parley-im/parley/specs"
)

// recorder notes every name that a run sends which is neither the run's own nor one that the seeding gave it.
type recorder struct {
	honest http.Handler
	run    string

	mu       sync.Mutex
	given    []string
	requests int
	foreign  map[string]bool
}

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
		o.seeds(body)
		answer := httptest.NewRecorder()
		o.honest.ServeHTTP(answer, r)
		o.given = append(o.given, namesIn(answer.Body.Bytes(), "id")...)
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
		return
	}
	for _, user := range r.Header.Values("Ozeki-User") {
		o.look("Ozeki-User", user)
	}
	for _, id := range namesIn(body, "conversationid") {
		o.look("conversationid", id)
	}
	for _, text := range namesIn(body, "message") {
		for _, id := range namesIn([]byte(text), "ID") {
			o.look("message", id)
		}
	}
	o.honest.ServeHTTP(w, r)
}

// seeds looks at a seeding's own names, each of which must begin with the run's id.
func (o *recorder) seeds(body []byte) {
	for _, member := range []string{"id", "client_msg_no", "conversation", "from"} {
		for _, name := range namesIn(body, member) {
			if !strings.HasPrefix(name, o.run+"-") {
				o.foreign["seeding "+member+" "+name] = true
			}
		}
	}
}

// look takes what begins with the run's id or its digits, or with what was given, and what is cut from it.
func (o *recorder) look(where, name string) {
	own := name == "" || strings.HasPrefix(name, o.run) || strings.HasPrefix(name, strings.TrimPrefix(o.run, "p"))
	if own || slices.ContainsFunc(o.given, func(id string) bool {
		return strings.HasPrefix(name, id) || len(name) == len(id)-1 && strings.HasPrefix(id, name)
	}) {
		return
	}
	if len(o.foreign) < 20 {
		o.foreign[where+" "+name] = true
	}
}

// namesIn are the texts under a key anywhere in a JSON body. What is no JSON has none.
func namesIn(body []byte, key string) []string {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	var names []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				if text, ok := value.(string); ok && name == key {
					names = append(names, text)
				}
				walk(value)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
	return names
}

func TestARunNamesNothingOfAnybodyElses(t *testing.T) {
	o := &recorder{honest: server.New(server.Options{Token: token}), run: "p0000002a", foreign: map[string]bool{}}
	_, err := suite(t, 42, o, func(_ *fixtures.Target, env *specs.Env) { env.Destructive = true })
	if err != nil {
		t.Fatal(err)
	}
	for name := range o.foreign {
		t.Errorf("the run sent %.120s", name)
	}
	if o.requests < 1000 {
		t.Errorf("only %d requests were looked at", o.requests)
	}
}
