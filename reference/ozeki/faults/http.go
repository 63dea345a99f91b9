package faults

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// object is a JSON object, free to be changed.
type object = map[string]any

// call is one request with its answer, both free to be changed.
type call struct {
	honest       http.Handler
	request      *http.Request
	body         []byte
	user, action string
	in           object // the body; nil: it is no object

	status int
	header http.Header
	raw    []byte
	out    object // the answer; nil: raw is sent
}

// around puts a fault around the calls of the API, one at a time. edit calls next where the honest server is to answer;
// what then stands in the call is sent. What a fault remembers, it makes in start.
func around(start func() (edit func(c *call))) func(http.Handler) http.Handler {
	return func(honest http.Handler) http.Handler {
		var mu sync.Mutex
		edit := start()
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, hook.Prefix) {
				honest.ServeHTTP(w, r)
				return
			}
			body, whole := fault.Look(r)
			if !whole {
				honest.ServeHTTP(w, r)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			c := &call{honest: honest, request: r, body: body, user: r.Header.Get(wire.UserHeader), in: parse(body), header: http.Header{}}
			c.action, _ = c.in["action"].(string)
			edit(c)
			c.send(w)
		})
	}
}

// simply is around for what remembers nothing.
func simply(edit func(c *call)) func(http.Handler) http.Handler {
	return around(func() func(*call) { return edit })
}

// answering edits the honest answers to some actions (none named: to all) that are successes.
func answering(edit func(c *call), actions ...string) func(http.Handler) http.Handler {
	return simply(func(c *call) {
		c.next()
		if c.out["status"] == wire.OK && (len(actions) == 0 || slices.Contains(actions, c.action)) {
			edit(c)
		}
	})
}

// showing edits every conversation in the answers to some actions.
func showing(edit func(c *call, v object), actions ...string) func(http.Handler) http.Handler {
	return answering(func(c *call) {
		for _, v := range c.views() {
			edit(c, v)
		}
	}, actions...)
}

// giving edits the messages in the answers to some actions.
func giving(edit func(c *call, messages []any) []any, actions ...string) func(http.Handler) http.Handler {
	return answering(func(c *call) {
		if messages, ok := c.out["messages"].([]any); ok {
			c.out["messages"] = edit(c, messages)
		}
	}, actions...)
}

func parse(data []byte) object {
	var o object
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if decoder.Decode(&o) != nil {
		return nil
	}
	return o
}

func encode(o object) []byte {
	data, err := json.Marshal(o)
	if err != nil {
		panic(err) // what was JSON, or is made of texts and numbers, cannot fail
	}
	return data
}

// next lets the honest server answer the call as it stands.
func (c *call) next() {
	k := c.ask(c.user, c.body)
	c.status, c.header, c.raw, c.out = k.Status, k.Header(), k.Body, parse(k.Body)
}

// changed is next with what in holds now.
func (c *call) changed() {
	c.body = encode(c.in)
	c.next()
}

// aside asks the honest server something that the caller does not hear of.
func (c *call) aside(user string, in object) object {
	return parse(c.ask(user, encode(in)).Body)
}

func (c *call) ask(user string, body []byte) *fault.Kept {
	r := fault.With(c.request, body)
	if user != "" {
		r.Header.Set(wire.UserHeader, user)
	}
	return fault.Keep(c.honest, r)
}

// answer sets another answer.
func (c *call) answer(status int, out object) {
	c.status, c.out = status, out
	c.header.Set("Content-Type", "application/json")
}

func (c *call) refuse(message string) {
	c.answer(http.StatusOK, object{"status": "ERROR", "errormessage": message})
}

func (c *call) send(w http.ResponseWriter) {
	body := c.raw
	if c.out != nil {
		body = encode(c.out)
	}
	fault.Send(w, c.status, c.header, body)
}

// views are the conversations in the answer.
func (c *call) views() []object {
	var all []object
	if v, ok := c.out["conversation"].(object); ok {
		all = append(all, v)
	}
	if list, ok := c.out["conversations"].([]any); ok {
		for _, v := range list {
			all = append(all, v.(object))
		}
	}
	return all
}

// own is the caller's entry in properties.
func (c *call) own(v object) object {
	properties, _ := v["properties"].([]any)
	for _, p := range properties {
		if p := p.(object); p["userid"] == c.user {
			return p
		}
	}
	return object{}
}

func (c *call) conversation() string {
	id, _ := c.in["conversationid"].(string)
	return id
}

// view is the conversation as it is now.
func (c *call) view() object {
	listed := call{out: c.aside(c.user, object{"action": wire.List})}
	for _, v := range listed.views() {
		if v["id"] == c.conversation() {
			return v
		}
	}
	return nil
}

// without is a list without the place at.
func without(list []any, at int) []any {
	if at < 0 || at >= len(list) {
		return list
	}
	return slices.Delete(slices.Clone(list), at, at+1)
}
