package wukongim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
)

// overheard notes the names in the requests that pass through it.
type overheard struct {
	next  http.Handler
	run   string
	mu    sync.Mutex
	names int
	odd   []string // those that do not begin as the run's do
	paths map[string]int
}

func (o *overheard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what the client breaks off is not looked at
	r.Body = io.NopCloser(bytes.NewReader(body))
	o.note(r.URL.Path, body)
	o.next.ServeHTTP(w, r)
}

func (o *overheard) note(path string, body []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.paths[path]++
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return // no request
	}
	all := []any{fields["uid"], fields["channel_id"], fields["from_uid"]}
	if members, ok := fields["subscribers"].([]any); ok {
		all = append(all, members...)
	}
	for _, name := range all {
		text, ok := name.(string)
		if !ok || text == "" {
			continue // wrong on purpose: it names nobody
		}
		o.names++
		if !strings.HasPrefix(text, o.run) {
			o.odd = append(o.odd, path+" "+text)
		}
	}
}

func TestEveryNameOfARunBeginsWithItsID(t *testing.T) {
	for _, profile := range []string{"v2", "v1"} {
		o := &overheard{run: runID, paths: map[string]int{}}
		suiteOver(t, profile, 1, wkfixtures.NewNative, func(next http.Handler) http.Handler { o.next = next; return o })
		if o.names < 5000 {
			t.Errorf("%s: only %d names were sent: too few to say anything", profile, o.names)
		}
		for _, name := range o.odd {
			t.Errorf("%s: the run acts for a name that is not its own: %.200q", profile, name)
		}
		// Preflight asks for what only the newer page has where nothing else tells the profiles apart; no spec may.
		if n := o.paths["/conversations/clearUnread"]; profile == "v1" && n > 0 {
			t.Errorf("v1: %d requests for clearUnread, which the older page does not have", n)
		}
	}
}
