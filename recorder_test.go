package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	wkserver "github.com/parley-im/parley/reference/wukongim/server"
)

// recorder is the reference with a note of every request.
type recorder struct {
	url      string
	close    func()
	mu       sync.Mutex
	requests []string
}

func newRecorder(ts *testscript.TestScript) *recorder {
	r := &recorder{}
	reference := wkserver.New(wkserver.Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err == nil {
			r.mu.Lock()
			r.requests = append(r.requests, repeatable(request.Method+" "+request.URL.String()+" "+string(body)))
			r.mu.Unlock()
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		reference.ServeHTTP(w, request)
	}))
	r.url, r.close = server.URL, server.Close
	return r
}

// jsonHas FILE PATH VALUE asserts that the record has the value at a dotted path.
func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: jsonhas file path value")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	var value any
	ts.Check(json.Unmarshal(data, &value))
	for _, key := range strings.Split(args[1], ".") {
		object, ok := value.(map[string]any)
		if !ok {
			ts.Fatalf("%s: no object at %s", args[0], key)
		}
		value = object[key]
	}
	got, err := json.Marshal(value)
	ts.Check(err)
	if is := strings.Trim(string(got), `"`) == args[2]; is == neg {
		ts.Fatalf("%s: %s is %s (wanted %s, negated: %v)", args[0], args[1], got, args[2], neg)
	}
}
