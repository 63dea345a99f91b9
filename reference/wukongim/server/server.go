// Package server is WuKongIM's conversation API over HTTP: routing, authentication, limits and locking around the
// model. It is an http.Handler that keeps everything in memory, fit for one's own tests.
//
// It knows wire and model and asks them for everything that has to do with JSON or with meaning. Who wants a server
// that behaves otherwise gives it another Model or Codec, or wraps the handler.
package server

import (
	"sync"
	"time"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// Options say how a Server behaves. The zero value is a server of profile v2 without authentication.
type Options struct {
	// Profile is "v2" (also where empty) or "v1". New panics on any other; see wire.ParseProfile.
	Profile string
	// Token, where it is not empty, must stand in the header token of every request, the hook's too.
	Token string
	// Clock tells the time of messages and versions; nil is time.Now.
	Clock func() time.Time
	// Seed shifts the message ids: the same seed and the same requests give the same answers.
	Seed int64
	// Model answers every operation; nil is what model.New(Seed) does, at less cost for a sync.
	Model model.Model
	// ExclusiveSync is for a Model whose Sync is not safe beside other calls of Sync.
	ExclusiveSync bool
	// Codec replaces functions of package wire; a nil function is the one of wire.
	Codec Codec
	// Journal keeps what changes, and gives it back to a server that starts again; nil: all of it goes with the process. What
	// it holds is replayed by Open; New panics where that fails.
	Journal Journal
	// Log gets one line for each request, with nothing of the client's in it unquoted. It may be called from several
	// goroutines at once.
	Log func(line string)
}

// Codec is how the documented calls are read and written.
type Codec struct {
	DecodeSync          func(wire.Profile, []byte) (wire.SyncRequest, error)
	DecodeClearUnread   func([]byte) (wire.ClearUnreadRequest, error)
	DecodeSetUnread     func([]byte) (wire.SetUnreadRequest, error)
	DecodeDelete        func([]byte) (wire.DeleteRequest, error)
	DecodeSend          func([]byte) (wire.SendRequest, error)
	AppendConversations func(dst []byte, profile wire.Profile, all []wire.Conversation) []byte
	AppendStatus        func(dst []byte) []byte // of clearUnread, setUnread and delete
	AppendError         func(dst []byte, e wire.Error) []byte
}

// Server serves the API. It is safe for concurrent use.
type Server struct {
	profile       wire.Profile
	secret        serve.Secret
	userHeaders   map[string]string // what the users' requests must carry: they share the server's one token
	hook          hook.Hook
	clock         func() time.Time
	codec         Codec
	exclusiveSync bool
	log           func(string)

	// mu orders all operations. Whatever holds it for writing sees and leaves a whole world: the hook adds one in a
	// single critical section.
	mu      sync.RWMutex
	model   model.Model
	forming *model.State // of the model, where it is the server's own and so is AppendConversations; nil: it is not
	handles hook.Handles
	journal Journal // nil: none
}

// New is Open for options that cannot fail: without a Journal, or with one in memory. The Server has nothing in it unless the
// Journal has.
func New(o Options) *Server {
	s, err := Open(o)
	if err != nil {
		panic("server.New: " + err.Error())
	}
	return s
}

// Open is a Server with what the Journal holds. The error is an unknown profile, or a journal that cannot be replayed.
func Open(o Options) (*Server, error) {
	profile, err := wire.ParseProfile(o.Profile)
	if err != nil {
		return nil, err
	}
	s := &Server{
		profile: profile, secret: serve.NewSecret("token", o.Token), userHeaders: map[string]string{},
		clock: o.Clock, codec: o.Codec.orWire(), exclusiveSync: o.ExclusiveSync, log: o.Log, handles: hook.Handles{},
	}
	s.hook = s.hookFor(s.secret)
	if o.Token != "" {
		s.userHeaders["token"] = o.Token
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	s.chooseModel(o)
	if o.Journal != nil {
		if err := s.replay(o.Journal); err != nil {
			return nil, err
		}
		s.journal, s.model = o.Journal, journaled{s.model, o.Journal}
	}
	return s, nil
}

// chooseModel takes the given model, or one of its own; forms are for the answers that no other Codec changes.
func (s *Server) chooseModel(o Options) {
	switch {
	case o.Model != nil:
		s.model = o.Model
	case o.Codec.AppendConversations != nil:
		s.model = model.New(o.Seed)
	default:
		s.forming = model.NewForming(o.Seed, form)
		s.model = s.forming
	}
}

func (c Codec) orWire() Codec {
	if c.DecodeSync == nil {
		c.DecodeSync = wire.DecodeSyncRequest
	}
	if c.DecodeClearUnread == nil {
		c.DecodeClearUnread = wire.DecodeClearUnreadRequest
	}
	if c.DecodeSetUnread == nil {
		c.DecodeSetUnread = wire.DecodeSetUnreadRequest
	}
	if c.DecodeDelete == nil {
		c.DecodeDelete = wire.DecodeDeleteRequest
	}
	if c.DecodeSend == nil {
		c.DecodeSend = wire.DecodeSendRequest
	}
	if c.AppendConversations == nil {
		c.AppendConversations = wire.AppendConversations
	}
	if c.AppendStatus == nil {
		c.AppendStatus = wire.AppendStatusOK
	}
	if c.AppendError == nil {
		c.AppendError = wire.AppendError
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
