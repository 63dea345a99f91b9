// Package hook is the seeding hook, version 1, as the reference servers answer it: what a harness wants on the server, in
// three calls under /_parley, which are no part of any API.
//
// It reads and checks the calls and writes their answers, for every family alike. How a world is put onto a server, and
// what is called how there, the family's server says.
package hook

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/serve"
)

// Prefix begins the paths of the hook.
const Prefix = "/_parley/"

// BodyLimit is the most bytes of a call's body. What is longer is answered with 413.
const BodyLimit = 64 << 20

// long lets one long call after the other be read and carried out: what is made of it takes several times its bytes.
var long = make(chan struct{}, 1)

// longCall is from what length on a call waits for the others.
const longCall = 1 << 20

// alone waits until no other long call is under way; done must be called in the end.
func alone(r *http.Request) (done func(), refused *serve.Refusal) {
	if 0 <= r.ContentLength && r.ContentLength <= longCall {
		return func() {}, nil
	}
	select {
	case long <- struct{}{}:
		return func() { <-long }, nil
	case <-r.Context().Done():
	case <-time.After(waiting):
	}
	return nil, &serve.Refusal{Status: http.StatusServiceUnavailable, Reason: "other long calls are under way: call again in a moment"}
}

// waiting is how long a long call waits for others.
var waiting = 30 * time.Second

// Hook answers the calls for one server.
type Hook struct {
	API      string       // which worlds must name
	MostType int          // conversations are of the types 1 (between two people) to this
	Secret   serve.Secret // which every call must hold

	// Outsider tells whether somebody who is no member may write into a conversation; nil: nobody may.
	Outsider func(c Conversation, uid string) bool
	// Add puts a world there whole, or not at all.
	Add func(World) (Seeded, error)
	// Append puts more messages into a conversation of an earlier world.
	Append func(Messages) (map[string]Sent, error)
	// Clean removes everything of a run. An unknown run is no error.
	Clean func(run string)
}

// Seeded is the answer of /world: what the server calls what was seeded, by the names that the world gave.
type Seeded struct {
	Users         map[string]Person `json:"users"`
	Conversations map[string]Name   `json:"conversations"`
	Messages      map[string]Sent   `json:"messages"` // by client_msg_no
}

// NewSeeded is one with nothing in it.
func NewSeeded() Seeded {
	return Seeded{Users: map[string]Person{}, Conversations: map[string]Name{}, Messages: map[string]Sent{}}
}

// Appended is the answer of /messages.
type Appended struct {
	Messages map[string]Sent `json:"messages"` // by client_msg_no
}

// Person is a user as the server knows it: its id, and the headers that its requests must carry.
type Person struct {
	ID      string            `json:"id"`
	Headers map[string]string `json:"headers"`
}

// Name is a conversation as the server knows it. ID is empty where it depends on who looks.
type Name struct {
	ID       string `json:"id"`
	Instance string `json:"instance"`
}

// Sent is a message as the server stored it.
type Sent struct {
	ID  string `json:"id"`
	Seq int64  `json:"seq"`
}

// Is tells whether a request is a call of the hook.
func Is(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, Prefix) }

// Answer goes from the cheapest question to the dearest: may the caller ask, is there such a call and method, is the body
// of a bearable size.
func (h *Hook) Answer(r *http.Request) serve.Reply {
	calls := map[string]func(body []byte) (any, error){"world": h.addWorld, "messages": h.addMessages, "clean": h.cleanUp}
	call := calls[strings.TrimPrefix(r.URL.Path, Prefix)]
	switch {
	case !h.Secret.Held(r):
		return Refuse(h.Secret.Wanted())
	case call == nil:
		return Refuse(&serve.Refusal{Status: http.StatusNotFound,
			Reason: "there is no path " + fields.Quote(r.URL.Path) + " here: use world, messages or clean"})
	case r.Method != http.MethodPost:
		reply := Refuse(&serve.Refusal{Status: http.StatusMethodNotAllowed,
			Reason: "the method " + fields.Quote(r.Method) + " is not allowed: use POST"})
		reply.Allow = http.MethodPost
		return reply
	}
	done, refused := alone(r)
	if refused != nil {
		return Refuse(refused)
	}
	defer done()
	body, refused := serve.ReadBody(r, BodyLimit)
	if refused != nil {
		return Refuse(refused)
	}
	answer, err := call(body)
	if err != nil {
		return Refuse(refusal(err))
	}
	encoded, err := json.Marshal(answer)
	if err != nil { // maps of texts and numbers: this cannot happen
		return Refuse(refusal(err))
	}
	return serve.OK(encoded)
}

func (h *Hook) addWorld(body []byte) (any, error) {
	w, err := h.world(body)
	if err != nil {
		return nil, err
	}
	return h.Add(w)
}

func (h *Hook) addMessages(body []byte) (any, error) {
	m, err := h.more(body)
	if err != nil {
		return nil, err
	}
	sent, err := h.Append(m)
	return Appended{sent}, err
}

func (h *Hook) cleanUp(body []byte) (any, error) {
	f := read(body)
	if id := run(f); f.Err() == nil {
		h.Clean(id)
	}
	return struct{}{}, f.Err()
}

// UnknownError says that a call names what no world made, or what cannot be told from another.
type UnknownError struct{ Reason string }

func (e *UnknownError) Error() string { return e.Reason }

// refusal is the status of an error: 400 where the call is wrong in itself, 404 where it is about what is not there.
func refusal(err error) *serve.Refusal {
	status := http.StatusInternalServerError
	var wrong *fields.Error
	var unknown *UnknownError
	switch {
	case errors.As(err, &wrong):
		status = http.StatusBadRequest
	case errors.As(err, &unknown):
		status = http.StatusNotFound
	}
	return &serve.Refusal{Status: status, Reason: err.Error()}
}

// Refuse answers a call with an error.
func Refuse(r *serve.Refusal) serve.Reply {
	body, _ := json.Marshal(struct { // a text and a number: this cannot fail
		Error  string `json:"error"`
		Status int    `json:"status"`
	}{r.Reason, r.Status})
	return serve.Reply{Status: r.Status, Type: serve.JSON, Body: body}
}
