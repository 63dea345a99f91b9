// Package null is servers that know nothing: whatever is asked, they answer without having looked at anything that
// happened before. A check of behaviour that one of them passes checks nothing.
//
// It knows HTTP, and no API: what a server of a family's own paths would say is given to Canned as data.
package null

import (
	"io"
	"net/http"
	"strconv"
)

// Server is one server that knows nothing.
type Server struct {
	Name    string // by what it does: always-404
	Summary string // one sentence
	Handler func() http.Handler
}

// Answer is what a canned server says, always.
type Answer struct {
	Status int    // 0: 200
	Body   string // JSON
}

// All are the servers that say the same to whatever is asked, and the one that only says what it heard.
func All() []Server {
	return []Server{
		always("empty-object", "Every request is answered 200 with {}.", Answer{Body: `{}`}),
		always("empty-array", "Every request is answered 200 with [].", Answer{Body: `[]`}),
		always("ok", `Every request is answered 200 with {"status":"ok"}.`, Answer{Body: `{"status":"ok"}`}),
		always("null-value", "Every request is answered 200 with null.", Answer{Body: `null`}),
		status(http.StatusBadRequest),
		status(http.StatusForbidden),
		status(http.StatusNotFound),
		status(http.StatusMethodNotAllowed),
		status(http.StatusInternalServerError),
		{"empty-body", "Every request is answered 200 with nothing.", func() http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
		}},
		{"echo", "Every request is answered 200 with its own body and Content-Type.", func() http.Handler { return http.HandlerFunc(echo) }},
	}
}

func always(name, summary string, answer Answer) Server {
	return Server{Name: name, Summary: summary, Handler: func() http.Handler { return Canned(nil, answer) }}
}

func status(code int) Server {
	return always("always-"+strconv.Itoa(code), "Every request is answered "+strconv.Itoa(code)+" with an error in words.",
		Answer{Status: code, Body: `{"msg":"` + http.StatusText(code) + `","status":` + strconv.Itoa(code) + `}`})
}

// Canned answers each path with what is laid down for it, and every other path with rest. It is safe for concurrent use.
func Canned(paths map[string]Answer, rest Answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, known := paths[r.URL.Path]
		if !known {
			answer = rest
		}
		w.Header().Set("Content-Type", "application/json")
		if answer.Status != 0 {
			w.WriteHeader(answer.Status)
		}
		io.WriteString(w, answer.Body) // an error here means that the client has gone
	})
}

// echoLimit is how much of a request comes back.
const echoLimit = 1 << 20

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, echoLimit)) // what could be read is what comes back
	if kind := r.Header.Get("Content-Type"); kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.Write(body)
}
