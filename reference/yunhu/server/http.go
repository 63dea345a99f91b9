package server

import (
	"fmt"
	"net/http"
	"time"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// routes are the calls of the API by their paths: all of them are POST.
var routes = map[string]func(s *Server, uid string, body []byte) serve.Reply{
	"/v1/conversation/list":                 (*Server).list,
	"/v1/conversation/dismiss-notification": (*Server).dismiss,
	"/v1/conversation/sort-change":          (*Server).sortChange,
	"/v1/conversation/remove":               (*Server).remove,
}

var protobufType = []string{"application/x-protobuf"}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	s.answer(r).Send(w, r, started, s.log)
}

// answer goes from the cheapest question to the dearest: is there such a path and method, who asks, is the body of a
// bearable size. A wrong method is answered like a wrong path, as the documents have it.
func (s *Server) answer(r *http.Request) serve.Reply {
	if hook.Is(r) {
		return s.hook.Answer(r)
	}
	call, known := routes[r.URL.Path]
	if !known || r.Method != http.MethodPost || r.URL.Path == "/v1/conversation/remove" && s.profile == wire.P2025 {
		return s.say(http.StatusNotFound, wire.CodeFailed,
			fmt.Sprintf("there is no %s %s here", fields.Quote(r.Method), fields.Quote(r.URL.Path)))
	}
	uid, ok := s.userOf(r.Header.Get("token"))
	if !ok {
		return s.say(http.StatusOK, wire.CodeNotLoggedIn, wire.MsgNotLoggedIn)
	}
	body, refused := serve.ReadBody(r, serve.BodyLimit)
	if refused != nil {
		return s.say(refused.Status, wire.CodeBadParameters, refused.Reason)
	}
	return serve.Make(func() serve.Reply { return call(s, uid, body) })
}

// say answers with an envelope: every call that is no list, and every refusal, that of a list too.
func (s *Server) say(status int, code int64, msg string) serve.Reply {
	return serve.Reply{Status: status, Type: serve.JSON, Body: s.codec.AppendEnvelope(nil, wire.Envelope{Code: code, Msg: msg})}
}

func (s *Server) badRequest(err error) serve.Reply {
	return s.say(http.StatusOK, wire.CodeBadParameters, err.Error())
}
