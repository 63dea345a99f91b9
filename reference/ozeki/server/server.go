// Package server is Ozeki Chat's conversation API over HTTP: the four headers, dispatch on srv, api and action, limits
// and locking around the model. It is an http.Handler that keeps everything in memory, fit for one's own tests.
//
// It knows wire and model and asks them for everything that has to do with JSON or with meaning. Who wants a server
// that behaves otherwise gives it another Model, or wraps the handler.
package server

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
	"github.com/parley-im/parley/reference/serve"
)

// The Ozeki-* headers that the hook gives its users where Options do not say otherwise.
const (
	DefaultSignature = "signature"
	DefaultStation   = "801c91e6466a1ab34945d73ae4f762c6"
)

// Options say how a Server behaves. The zero value takes every signature, but wants one.
type Options struct {
	// Token, where it is not empty, must stand in the header Ozeki-Signature of every request, the hook's too: how real
	// signatures are made is documented nowhere, so a fixed one stands for them.
	Token string
	// Clock tells the time of seeded messages; nil is time.Now.
	Clock func() time.Time
	// Seed shifts the instances: the same seed and the same requests give the same answers.
	Seed int64
	// Model answers every operation; nil is model.New(Seed).
	Model model.Model
	// Log gets one line for each request, with nothing of the client's in it unquoted. It may be called from several
	// goroutines at once.
	Log func(line string)
}

// Server serves the API. It is safe for concurrent use.
type Server struct {
	secret    serve.Secret
	hook      hook.Hook
	signature string // what the hook tells its users to send
	clock     func() time.Time
	log       func(string)

	// mu orders all operations. Answers are encoded while it is held, since they share the model's memory.
	mu      sync.RWMutex
	model   model.Model
	handles map[string]map[string]string // what each run's worlds call their conversations
}

// New is a Server with nothing in it.
func New(o Options) *Server {
	s := &Server{
		secret: serve.NewSecret(wire.SignatureHeader, o.Token), signature: o.Token, clock: o.Clock, log: o.Log,
		model: o.Model, handles: map[string]map[string]string{},
	}
	s.hook = s.hookFor(s.secret)
	if s.signature == "" {
		s.signature = DefaultSignature
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.model == nil {
		s.model = model.New(o.Seed)
	}
	return s
}

// missing is the first header that the request lacks, or empty.
func missing(r *http.Request) string {
	for _, name := range []string{wire.SignatureHeader, wire.StationHeader, wire.UserHeader} {
		if strings.TrimSpace(r.Header.Get(name)) == "" {
			return name
		}
	}
	return ""
}

// operation answers one action in the name of a user.
type operation struct {
	do     func(m model.Model, user string, r wire.Request) ([]byte, error)
	writes bool
}

var operations = map[string]operation{
	wire.List:            {list, false},
	wire.Download:        {download, false},
	wire.DownloadPartial: {partial, false},
	wire.Add:             {add, true},
	wire.Clear:           {clearAll, true},
	wire.Favorite:        mark(model.Favorite),
	wire.Unfavorite:      mark(model.Unfavorite),
	wire.Mute:            mark(model.Mute),
	wire.Unmute:          mark(model.Unmute),
	wire.Hide:            mark(model.Hide),
	wire.Unhide:          mark(model.Unhide),
	wire.Color:           mark(model.Color),
}

// call answers a body that was let in.
func (s *Server) call(user string, body []byte) serve.Reply {
	request, err := wire.DecodeRequest(body)
	if err != nil {
		return refuse(err.Error())
	}
	op := operations[request.Action]
	if op.writes {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	answer, err := op.do(s.model, user, request)
	switch {
	case errors.Is(err, model.ErrNoConversation):
		return refuse(fmt.Sprintf("user %s takes part in no conversation %s", fields.Quote(user), fields.Quote(request.ConversationID)))
	case err != nil:
		return refuse(request.Action + " of the conversation " + fields.Quote(request.ConversationID) + ": " + err.Error())
	}
	return serve.OK(answer)
}
