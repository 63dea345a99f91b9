package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/ozeki/wire"
	"github.com/parley-im/parley/reference/serve"
)

// fail answers with an HTTP status of its own.
func fail(status int, message string) serve.Reply {
	return serve.Reply{Status: status, Type: serve.JSON, Body: wire.EncodeError(message)}
}

// refuse is how the API says no: the documents name no HTTP status, so it is 200.
func refuse(message string) serve.Reply { return fail(http.StatusOK, message) }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	s.answer(r).Send(w, r, started, s.log)
}

// answer goes from the cheapest question to the dearest.
func (s *Server) answer(r *http.Request) serve.Reply {
	if hook.Is(r) {
		return s.hook.Answer(r)
	}
	if !strings.HasSuffix(r.URL.Path, "/") && !strings.HasSuffix(r.URL.Path, ".php") {
		return fail(http.StatusNotFound, "there is no path "+fields.Quote(r.URL.Path)+" here: use /"+wire.Query)
	}
	if r.Method != http.MethodPost {
		return fail(http.StatusMethodNotAllowed, "the method "+fields.Quote(r.Method)+" is not allowed: use POST")
	}
	if query := r.URL.Query(); query.Get("srv") != wire.Service || query.Get("api") != wire.API {
		return refuse("srv " + fields.Quote(query.Get("srv")) + " with api " + fields.Quote(query.Get("api")) + " is unknown: use " + wire.Query)
	}
	if name := missing(r); name != "" {
		return refuse("the header " + name + " is missing")
	}
	if !s.secret.Held(r) {
		return refuse("the header " + wire.SignatureHeader + " is wrong: this server was started with a token")
	}
	body, refused := serve.ReadBody(r, serve.BodyLimit)
	switch {
	case refused == nil:
	case refused.Status == http.StatusRequestEntityTooLarge:
		return fail(refused.Status, refused.Reason)
	default:
		return refuse(refused.Reason)
	}
	return serve.Make(func() serve.Reply { return s.call(r.Header.Get(wire.UserHeader), body) })
}
