// Package hostile is targets that nobody should have to meet: they never answer, never end, lie about lengths, flood,
// inject, redirect, die. Each stands before an honest server, and most ask it as long as that suits them.
//
// The honest servers know nothing of it. What meets such a target must end in time, in little memory, and must not call
// it conformant.
package hostile

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Mode is one way of being hostile.
type Mode struct {
	Name    string
	Summary string // one sentence
	// Recovers says that the target behaves well in the end: whoever is patient may call it conformant.
	Recovers bool
	// Right says that what it answers is right, where it answers at all, or says itself that it cannot now: nothing of that
	// speaks against a statement.
	Right bool

	make func(t *Target, honest http.Handler) http.Handler
}

// begins is after how many requests a target turns hostile that was honest before.
const begins = 40

// Modes are all modes, in the order of a table.
func Modes() []Mode {
	return []Mode{
		{Name: "honest", Summary: "is not hostile at all", Recovers: true, Right: true, make: func(_ *Target, honest http.Handler) http.Handler { return honest }},
		{Name: "never-answers", Summary: "takes every request and never answers", Right: true, make: always(neverAnswers)},
		{Name: "falls-silent", Summary: fmt.Sprintf("never answers after %d requests", begins), Right: true, make: later(neverAnswers)},
		{Name: "drips", Summary: "sends one byte of each answer a second", make: drips},
		{Name: "slow-headers", Summary: "sends one byte of each header a second", make: raw(slowHeaders)},
		{Name: "closes", Summary: "closes every connection without an answer", Right: true, make: raw(nothing)},
		{Name: "resets", Summary: "resets every connection in the middle of the answer", make: raw(resets)},
		{Name: "dies", Summary: fmt.Sprintf("is gone for good after %d requests", begins), Right: true, make: dies},
		{Name: "restarts", Summary: fmt.Sprintf("is gone for 3 seconds after %d requests", begins), Recovers: true, Right: true, make: restarts},
		{Name: "flaps", Summary: "closes 5 of each 25 connections without an answer", Right: true, make: flaps},
		{Name: "endless-body", Summary: "sends a list without an end", make: always(endlessBody)},
		{Name: "endless-later", Summary: fmt.Sprintf("sends lists without an end after %d requests", begins), make: later(endlessBody)},
		{Name: "gzip-bomb", Summary: "sends 10 MiB of gzip that nobody asked for and that would be 10 GiB", make: always(gzipBomb)},
		{Name: "gzip-unasked", Summary: "compresses every answer though nobody asked for it", make: gzipUnasked},
		{Name: "huge-array", Summary: "sends a list of 15 million numbers", make: always(hugeArray)},
		{Name: "deep-json", Summary: "sends a million nested arrays", make: always(deepJSON)},
		{Name: "length-too-long", Summary: "announces twice the length and closes", make: lengthTooLong(false)},
		{Name: "length-never-comes", Summary: "announces twice the length and waits", make: lengthTooLong(true)},
		{Name: "length-too-short", Summary: "announces half the length and sends all of it", make: lengthTooShort},
		{Name: "header-bomb", Summary: "sends header fields without an end", make: raw(headerBomb)},
		{Name: "large-headers", Summary: "answers right, with 900 KiB of header fields", Recovers: true, Right: true, make: largeHeaders},
		{Name: "1xx-flood", Summary: "sends 103 Early Hints without an end", make: raw(flood1xx)},
		{Name: "no-status-line", Summary: "sends a body and no head", make: raw(noStatusLine)},
		{Name: "tls", Summary: "answers plain HTTP with TLS", make: raw(tlsBytes)},
		{Name: "nul-bytes", Summary: "puts NUL bytes into every answer", make: nulBytes},
		{Name: "injects-script", Summary: "answers with HTML and script in every place", make: always(injectsScript)},
		{Name: "injects-escapes", Summary: "answers with escape sequences of terminals in every place", make: always(injectsEscapes)},
		{Name: "redirect-loop", Summary: "redirects every request to itself", make: always(redirectLoop)},
		{Name: "redirects-away", Summary: "redirects every request to another server, which counts them", make: redirectsAway},
		{Name: "echoes", Summary: "answers 400 with the request in the status line, the header and the body", make: echoes(400)},
		{Name: "echoes-200", Summary: "answers 200 with the request in the status line, the header and the body", make: echoes(200)},
		{Name: "429-a-while", Summary: fmt.Sprintf("answers 429 with Retry-After for 2 seconds after %d requests", begins), Recovers: true, Right: true, make: refuses(429, 2*time.Second)},
		{Name: "503-a-while", Summary: fmt.Sprintf("answers 503 with Retry-After for 2 seconds after %d requests", begins), Recovers: true, Right: true, make: refuses(503, 2*time.Second)},
		{Name: "429-forever", Summary: fmt.Sprintf("answers 429 with Retry-After after %d requests", begins), Right: true, make: refuses(429, 24*time.Hour)},
		{Name: "503-forever", Summary: fmt.Sprintf("answers 503 with Retry-After after %d requests", begins), Right: true, make: refuses(503, 24*time.Hour)},
		{Name: "all-500", Summary: "answers 500 to everything", make: always(all500)},
	}
}

// Find is the mode of a name.
func Find(name string) (Mode, bool) {
	for _, m := range Modes() {
		if m.Name == name {
			return m, true
		}
	}
	return Mode{}, false
}

// Target is a hostile server that runs.
type Target struct {
	URL string

	honest    http.Handler
	address   string
	requests  atomic.Int64
	away      atomic.Int64 // requests that reached the other server
	elsewhere *http.Server
	other     string

	mu     sync.Mutex
	server *http.Server
	closed bool
}

// Start starts a target of the mode before an honest server.
func Start(mode Mode, honest http.Handler) (*Target, error) {
	t := &Target{honest: honest, address: "127.0.0.1:0"}
	other, err := net.Listen("tcp", t.address)
	if err != nil {
		return nil, err
	}
	t.other = "http://" + other.Addr().String()
	t.elsewhere = &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.away.Add(1) })}
	go func() { _ = t.elsewhere.Serve(other) }() // ends with Close
	if err := t.listen(mode); err != nil {
		_ = t.elsewhere.Close()
		return nil, err
	}
	t.URL = "http://" + t.address
	return t, nil
}

func (t *Target) listen(mode Mode) error {
	listener, err := net.Listen("tcp", t.address)
	if err != nil {
		return err
	}
	t.address = listener.Addr().String()
	hostile := mode.make(t, t.honest)
	t.serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.requests.Add(1)
		hostile.ServeHTTP(w, r)
	}))
	return nil
}

func (t *Target) serve(listener net.Listener, handler http.Handler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		_ = listener.Close()
		return
	}
	t.server = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	server := t.server
	go func() { _ = server.Serve(listener) }() // ends with Close
}

// Away is how many requests reached the server that the target redirects to.
func (t *Target) Away() int64 { return t.away.Load() }

// Requests is how many requests the target got.
func (t *Target) Requests() int64 { return t.requests.Load() }

// goAway ends the listener and all connections.
func (t *Target) goAway() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.server != nil {
		_ = t.server.Close()
		t.server = nil
	}
}

// comeBack listens again where it did before.
func (t *Target) comeBack(handler http.Handler) {
	for range 100 { // the port may be busy for a moment
		listener, err := net.Listen("tcp", t.address)
		if err == nil {
			t.serve(listener, handler)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Close ends the target.
func (t *Target) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.goAway()
	_ = t.elsewhere.Close()
}

// pause waits, and tells whether the client is still there.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
