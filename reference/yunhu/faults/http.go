package faults

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// The documented paths.
const (
	listPath    = "/v1/conversation/list"
	dismissPath = "/v1/conversation/dismiss-notification"
	sortPath    = "/v1/conversation/sort-change"
	removePath  = "/v1/conversation/remove"
)

// call is one request and its answer, both free to be changed.
type call struct{ *fault.Call }

// around puts a fault around the requests of a path (empty: every path of the API). edit calls next where the honest
// server is to answer; what then stands in the call is sent.
func around(path string, edit func(c *call, next func())) func(http.Handler) http.Handler {
	touched := func(of string) bool { return of == path || path == "" && !strings.HasPrefix(of, hook.Prefix) }
	return fault.Around(touched, func(c *fault.Call, next func()) { edit(&call{c}, next) })
}

// says makes the answer an envelope.
func (c *call) says(status int, code int64, msg string) {
	c.Status, c.Answer = status, wire.AppendEnvelope(nil, wire.Envelope{Code: code, Msg: msg})
	c.AnswerHeader.Set("Content-Type", "application/json")
}

// code is the code of the answer's envelope; ok is false where it is none.
func (c *call) code() (int64, bool) {
	e, err := wire.DecodeEnvelope(c.Answer)
	return e.Code, err == nil
}

// refused tells whether the honest server asked for a token.
func (c *call) refused() bool {
	code, ok := c.code()
	return ok && code == wire.CodeNotLoggedIn
}

// chatID is the chat that a JSON call names.
func (c *call) chatID() string {
	var f map[string]any
	_ = json.Unmarshal(c.Body, &f) // what is no object names none
	for _, name := range []string{"chatId", "userId"} {
		if id, ok := f[name].(string); ok {
			return id
		}
	}
	return ""
}

// answering edits what the honest server answered.
func answering(path string, edit func(c *call)) func(http.Handler) http.Handler {
	return around(path, func(c *call, next func()) {
		next()
		edit(c)
	})
}

// succeeding edits the answers of the JSON calls that say success.
func succeeding(path string, edit func(c *call)) func(http.Handler) http.Handler {
	return answering(path, func(c *call) {
		if code, ok := c.code(); ok && code == wire.CodeSuccess {
			edit(c)
		}
	})
}

// refusing edits the answers that ask for a token.
func refusing(path string, edit func(c *call)) func(http.Handler) http.Handler {
	return answering(path, func(c *call) {
		if c.refused() {
			edit(c)
		}
	})
}

// listing edits the lists that say success, as messages.
func listing(edit func(c *call, l *pb.ListResponse)) func(http.Handler) http.Handler {
	return listingBytes(func(c *call, l *pb.ListResponse) {
		edit(c, l)
		c.Answer = written(l)
	})
}

// listingBytes edits the bytes of lists that say success.
func listingBytes(edit func(c *call, l *pb.ListResponse)) func(http.Handler) http.Handler {
	return answering(listPath, func(c *call) {
		if l, err := wire.DecodeList(c.Answer); err == nil {
			edit(c, l)
		}
	})
}

func written(l *pb.ListResponse) []byte {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(l)
	if err != nil { // a text that is no UTF-8, which no fault writes this way
		panic(err)
	}
	return data
}

// showing edits each conversation of a list.
func showing(edit func(p *pb.Conversation)) func(http.Handler) http.Handler {
	return listing(func(_ *call, l *pb.ListResponse) {
		for _, p := range l.Data {
			edit(p)
		}
	})
}

// learned are the tokens that the hook gave out, by user.
type learned struct {
	mu     sync.Mutex
	tokens map[string]string
}

// learning gives a fault the tokens of all users.
func learning(edit func(l *learned, c *call, next func())) func(http.Handler) http.Handler {
	return func(honest http.Handler) http.Handler {
		known := &learned{tokens: map[string]string{}}
		return around("", func(c *call, next func()) { edit(known, c, next) })(answeringHook(known, honest))
	}
}

func answeringHook(known *learned, honest http.Handler) http.Handler {
	outer := around(hook.Prefix+"world", func(c *call, next func()) {
		next()
		var answer hook.Seeded
		if json.Unmarshal(c.Answer, &answer) != nil {
			return
		}
		known.mu.Lock()
		defer known.mu.Unlock()
		for _, u := range answer.Users {
			known.tokens[u.ID] = u.Headers["token"]
		}
	})
	return outer(honest)
}

// find is a token that fits.
func (l *learned) find(fits func(uid, token string) bool) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for uid, token := range l.tokens {
		if fits(uid, token) {
			return token, true
		}
	}
	return "", false
}
