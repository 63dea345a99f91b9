// Package server is Yunhu's conversation API over HTTP: routing, authentication, limits and locking around the model. It
// is an http.Handler that keeps everything in memory, fit for one's own tests.
//
// It knows wire and model and asks them for everything that has to do with JSON, protobuf or meaning. Who wants a server
// that behaves otherwise gives it another Model or Codec, or wraps the handler.
package server

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// Options say how a Server behaves. The zero value is a server of profile 2025 whose hook is open to everybody.
type Options struct {
	// Profile is "2025" (also where empty) or "2026". New panics on any other; see wire.ParseProfile.
	Profile string
	// Token, where it is not empty, must stand in the header token of every request to the hook. The API itself always
	// wants a user's own token, which the hook gives out.
	Token string
	// Clock tells the time of messages; nil is time.Now.
	Clock func() time.Time
	// Key makes the users' tokens; nil is a random one. Servers of one key take each other's tokens.
	Key []byte
	// Model answers every operation; nil is model.New().
	Model model.Model
	// ExclusiveList is for a Model whose List is not safe beside other calls of List.
	ExclusiveList bool
	// Codec replaces functions of package wire; a nil function is the one of wire.
	Codec Codec
	// Log gets one line for each request, with nothing of the client's in it unquoted. It may be called from several
	// goroutines at once.
	Log func(line string)
}

// Codec is how the documented answers are written, and conversations shown.
type Codec struct {
	Show            func(wire.Profile, model.Conversation) *pb.Conversation
	AppendList      func(dst []byte, l wire.List) []byte
	AppendUnchanged func(dst []byte, digest string) []byte
	AppendEnvelope  func(dst []byte, e wire.Envelope) []byte
	Digest          func(data []*pb.Conversation) string
}

// Server serves the API. It is safe for concurrent use.
type Server struct {
	profile       wire.Profile
	hook          hook.Hook
	key           []byte
	clock         func() time.Time
	codec         Codec
	exclusiveList bool
	log           func(string)
	requests      atomic.Int64 // counts list answers, for their ids
	sent          atomic.Int64 // counts messages, for their ids

	// mu orders all operations. Whatever holds it for writing sees and leaves a whole world: the hook adds one in a single
	// critical section.
	mu      sync.RWMutex
	model   model.Model
	handles hook.Handles
}

// New is a Server with nothing in it.
func New(o Options) *Server {
	profile, err := wire.ParseProfile(o.Profile)
	if err != nil {
		panic("server.New: " + err.Error())
	}
	s := &Server{
		profile: profile, key: o.Key, clock: o.Clock, codec: o.Codec.orWire(), exclusiveList: o.ExclusiveList, log: o.Log,
		model: o.Model, handles: hook.Handles{},
	}
	s.hook = s.hookFor(serve.NewSecret("token", o.Token))
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.model == nil {
		s.model = model.New()
	}
	if s.key == nil {
		s.key = []byte(rand.Text())
	}
	return s
}

func (c Codec) orWire() Codec {
	if c.Show == nil {
		c.Show = Show
	}
	if c.AppendList == nil {
		c.AppendList = wire.AppendList
	}
	if c.AppendUnchanged == nil {
		c.AppendUnchanged = wire.AppendUnchanged
	}
	if c.AppendEnvelope == nil {
		c.AppendEnvelope = wire.AppendEnvelope
	}
	if c.Digest == nil {
		c.Digest = wire.Digest
	}
	return c
}

// Clean removes everything of a run, as the hook's /clean does. An unknown run is no error.
func (s *Server) Clean(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model.Clean(model.Clean{Run: run})
	delete(s.handles, run)
}

// write does f while nothing else looks at the model.
func (s *Server) write(f func(now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.clock())
}
