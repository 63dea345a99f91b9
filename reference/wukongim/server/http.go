package server

import (
	"net/http"
	"time"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/serve"
)

// route is one path: the method it takes, and what answers it.
type route struct {
	method string
	answer func(s *Server, body []byte) serve.Reply
}

var routes = map[string]route{
	"/conversation/sync":         {http.MethodPost, (*Server).sync},
	"/conversations/clearUnread": {http.MethodPost, (*Server).clearUnread},
	"/conversations/setUnread":   {http.MethodPost, (*Server).setUnread},
	"/conversations/delete":      {http.MethodPost, (*Server).delete},
	"/user/token":                {http.MethodPost, (*Server).userToken},
	"/channel":                   {http.MethodPost, (*Server).createChannel},
	"/channel/subscriber_add":    {http.MethodPost, (*Server).addSubscribers},
	"/message/send":              {http.MethodPost, (*Server).send},
	"/health":                    {http.MethodGet, (*Server).health},
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	s.answer(r).Send(w, r, started, s.log)
}

// answer goes from the cheapest question to the dearest: may the caller ask, is there such a path and method, is the
// body of a bearable size.
func (s *Server) answer(r *http.Request) serve.Reply {
	if hook.Is(r) {
		return kept(hook.Refuse, func() serve.Reply { return s.hook.Answer(r) })
	}
	if !s.secret.Held(r) {
		return s.refuse(s.secret.Wanted())
	}
	to, known := routes[r.URL.Path]
	if !known {
		return s.fail(http.StatusNotFound, "there is no path "+fields.Quote(r.URL.Path)+" here")
	}
	if r.Method != to.method {
		answer := s.fail(http.StatusMethodNotAllowed,
			"the method "+fields.Quote(r.Method)+" is not allowed on "+r.URL.Path+": use "+to.method)
		answer.Allow = to.method
		return answer
	}
	body, refused := serve.ReadBody(r, serve.BodyLimit)
	if refused != nil {
		return s.refuse(refused)
	}
	return kept(s.refuse, func() serve.Reply { return serve.Make(func() serve.Reply { return to.answer(s, body) }) })
}

// kept answers with 500, in the form that belongs to the path, where the journal does not take the change.
func kept(refuse func(*serve.Refusal) serve.Reply, answer func() serve.Reply) (r serve.Reply) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case journalError:
			r = refuse(&serve.Refusal{Status: http.StatusInternalServerError, Reason: p.err.Error()})
		default:
			panic(p)
		}
	}()
	return answer()
}
