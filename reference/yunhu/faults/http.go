package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// The documented paths, and the hook's.
const (
	listPath    = "/v1/conversation/list"
	dismissPath = "/v1/conversation/dismiss-notification"
	sortPath    = "/v1/conversation/sort-change"
	removePath  = "/v1/conversation/remove"
	hookPrefix  = "/_parley/"
)

// call is one request and its answer, both free to be changed.
type call struct {
	method, path string
	header       http.Header
	body         []byte

	status       int
	answerHeader http.Header
	answer       []byte
}

// bodyLimit is how much of a body a fault looks at. A longer request passes by untouched.
const bodyLimit = 1 << 20

// around puts a fault around the requests of a path (empty: every path of the API). edit calls next where the honest
// server is to answer; what then stands in the call is sent.
func around(path string, edit func(c *call, next func())) func(http.Handler) http.Handler {
	return func(honest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			isHook := len(r.URL.Path) >= len(hookPrefix) && r.URL.Path[:len(hookPrefix)] == hookPrefix
			if path != "" && r.URL.Path != path || path == "" && isHook {
				honest.ServeHTTP(w, r)
				return
			}
			body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
			if err != nil || len(body) > bodyLimit {
				r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
				honest.ServeHTTP(w, r)
				return
			}
			c := &call{method: r.Method, path: r.URL.Path, header: r.Header.Clone(), body: body, answerHeader: http.Header{}}
			edit(c, func() { c.ask(honest, r) })
			c.send(w)
		})
	}
}

func (c *call) ask(honest http.Handler, r *http.Request) {
	asked := r.Clone(r.Context())
	asked.Method, asked.Header = c.method, c.header
	asked.Body, asked.ContentLength = io.NopCloser(bytes.NewReader(c.body)), int64(len(c.body))
	kept := &keeper{header: http.Header{}}
	honest.ServeHTTP(kept, asked)
	c.status, c.answerHeader, c.answer = kept.status, kept.header, kept.body.Bytes()
}

func (c *call) send(w http.ResponseWriter) {
	c.answerHeader.Set("Content-Length", strconv.Itoa(len(c.answer)))
	for name, values := range c.answerHeader {
		w.Header()[name] = values
	}
	w.WriteHeader(c.status)
	_, _ = w.Write(c.answer) // an error means that the client has gone
}

// keeper keeps an answer instead of sending it.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *keeper) Header() http.Header         { return k.header }
func (k *keeper) WriteHeader(status int)      { k.status = status }
func (k *keeper) Write(p []byte) (int, error) { return k.body.Write(p) }

// says makes the answer an envelope.
func (c *call) says(status int, code int64, msg string) {
	c.status, c.answer = status, wire.AppendEnvelope(nil, wire.Envelope{Code: code, Msg: msg})
	c.answerHeader.Set("Content-Type", "application/json")
}

// code is the code of the answer's envelope; ok is false where it is none.
func (c *call) code() (int64, bool) {
	e, err := wire.DecodeEnvelope(c.answer)
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
	_ = json.Unmarshal(c.body, &f) // what is no object names none
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
		c.answer = written(l)
	})
}

// listingBytes edits the bytes of lists that say success.
func listingBytes(edit func(c *call, l *pb.ListResponse)) func(http.Handler) http.Handler {
	return answering(listPath, func(c *call) {
		if l, err := wire.DecodeList(c.answer); err == nil {
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
	outer := around(hookPrefix+"world", func(c *call, next func()) {
		next()
		var answer hook.Seeded
		if json.Unmarshal(c.answer, &answer) != nil {
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
