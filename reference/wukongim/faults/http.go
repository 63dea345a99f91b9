package faults

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// The documented paths.
const (
	syncPath   = "/conversation/sync"
	clearPath  = "/conversations/clearUnread"
	setPath    = "/conversations/setUnread"
	deletePath = "/conversations/delete"
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

// around puts a fault around the requests of a path (empty: every path). edit calls next where the honest server is to
// answer; what then stands in the call is sent.
func around(path string, edit func(c *call, next func())) func(http.Handler) http.Handler {
	return func(honest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if path != "" && r.URL.Path != path {
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
	c.answerHeader.Del("Content-Length")
	if c.status != http.StatusNoContent {
		c.answerHeader.Set("Content-Length", strconv.Itoa(len(c.answer)))
	}
	for name, values := range c.answerHeader {
		w.Header()[name] = values
	}
	if _, named := c.answerHeader["Content-Type"]; !named {
		w.Header()["Content-Type"] = nil // otherwise it would be guessed
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

// says makes the answer.
func (c *call) says(status int, body string) {
	c.status, c.answer = status, []byte(body)
	c.answerHeader.Set("Content-Type", "application/json")
}

// fields are the members of a request's body; nil where it is no JSON object.
func (c *call) fields() map[string]json.RawMessage {
	var f map[string]json.RawMessage
	if json.Unmarshal(c.body, &f) != nil {
		return nil
	}
	return f
}

// text is a member that is a string.
func text(f map[string]json.RawMessage, name string) string {
	var s string
	_ = json.Unmarshal(f[name], &s) // anything else counts as empty
	return s
}

// number is a member that is an integer.
func number(f map[string]json.RawMessage, name string) int64 {
	var n int64
	_ = json.Unmarshal(f[name], &n) // anything else counts as 0
	return n
}

// reading edits the members of the requests' bodies before the honest server reads them. Bodies that are no objects stay.
func reading(path string, edit func(f map[string]json.RawMessage)) func(http.Handler) http.Handler {
	return around(path, func(c *call, next func()) {
		if f := c.fields(); f != nil {
			edit(f)
			if body, err := json.Marshal(f); err == nil {
				c.body = body
			}
		}
		next()
	})
}

// answering edits what the honest server answered.
func answering(path string, edit func(c *call)) func(http.Handler) http.Handler {
	return around(path, func(c *call, next func()) {
		next()
		edit(c)
	})
}

// refusing makes another answer of what the honest server refused with a status.
func refusing(path string, status int, edit func(c *call)) func(http.Handler) http.Handler {
	return answering(path, func(c *call) {
		if c.status == status {
			edit(c)
		}
	})
}

// seen remembers texts, for several requests at once.
type seen struct{ texts sync.Map }

// again tells whether the text was there before.
func (s *seen) again(text string) bool {
	_, was := s.texts.LoadOrStore(text, true)
	return was
}

func (s *seen) has(text string) bool {
	_, is := s.texts.Load(text)
	return is
}
