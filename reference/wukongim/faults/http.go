package faults

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/parley-im/parley/reference/fault"
)

// The documented paths.
const (
	syncPath   = "/conversation/sync"
	clearPath  = "/conversations/clearUnread"
	setPath    = "/conversations/setUnread"
	deletePath = "/conversations/delete"
)

// call is one request and its answer, both free to be changed.
type call struct{ *fault.Call }

// around puts a fault around the requests of a path (empty: every path). edit calls next where the honest server is to
// answer; what then stands in the call is sent.
func around(path string, edit func(c *call, next func())) func(http.Handler) http.Handler {
	touched := func(of string) bool { return path == "" || of == path }
	return fault.Around(touched, func(c *fault.Call, next func()) { edit(&call{c}, next) })
}

// says makes the answer.
func (c *call) says(status int, body string) {
	c.Status, c.Answer = status, []byte(body)
	c.AnswerHeader.Set("Content-Type", "application/json")
}

// fields are the members of a request's body; nil where it is no JSON object.
func (c *call) fields() map[string]json.RawMessage {
	var f map[string]json.RawMessage
	if json.Unmarshal(c.Body, &f) != nil {
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
				c.Body = body
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
		if c.Status == status {
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
