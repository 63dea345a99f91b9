package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
)

// HookSchema is the version of the seeding hook that is spoken here.
const HookSchema = 1

// HookValueLimit bounds what one hook body may hold: each JSON value costs far more memory than its bytes.
const HookValueLimit = 4 << 20

// HookWorld is the body of the hook's /world.
type HookWorld struct {
	Run           string
	Users         []HookUser
	Conversations []HookConversation
}

// HookUser is a user to be made.
type HookUser struct{ ID, Name string }

// HookConversation is a conversation to be made. For a direct one (Type 1) ID is only a handle.
type HookConversation struct {
	ID       string
	Type     int64
	Members  []string
	Messages []HookMessage
}

// HookMessage is a message to be sent.
type HookMessage struct {
	From, ClientMsgNo string
	Payload           []byte
}

// HookMessages is the body of the hook's /messages.
type HookMessages struct {
	Run, Conversation string
	Messages          []HookMessage
}

// HookSeeded is the answer of /world and, with messages alone, of /messages.
type HookSeeded struct {
	Users         map[string]HookSeededUser `json:"users,omitempty"`
	Conversations map[string]HookName       `json:"conversations,omitempty"`
	Messages      map[string]HookSent       `json:"messages"`
}

// HookSeededUser is a user as the server knows it: its id, and the headers that its requests must carry.
type HookSeededUser struct {
	ID      string            `json:"id"`
	Headers map[string]string `json:"headers"`
}

// HookName is a conversation as the server knows it.
type HookName struct {
	ID       string `json:"id"`
	Instance string `json:"instance"`
}

// HookSent is a message as the server stored it.
type HookSent struct {
	ID  string `json:"id"`
	Seq int64  `json:"seq"`
}

// Encode is the answer as JSON.
func (s HookSeeded) Encode() []byte { return encode(s) }

// DecodeHookWorld reads a body and checks all that is in it, so that a world is added whole or not at all. Errors are
// *RequestError.
func DecodeHookWorld(body []byte) (HookWorld, error) {
	f := readHook(body)
	w := HookWorld{Run: f.name("run")}
	if api := f.name("api"); api != "ozeki" {
		f.fail("api", "must be ozeki on this server, got %s", Quote(api))
	}
	f.objects("users", func(f *fields) { w.Users = append(w.Users, HookUser{f.name("id"), f.text("name")}) })
	seen := map[string]bool{}
	f.objects("conversations", func(f *fields) {
		c := f.conversation()
		if seen[c.ID] {
			f.fail("id", "%s stands twice in one world", Quote(c.ID))
		}
		seen[c.ID] = true
		w.Conversations = append(w.Conversations, c)
	})
	return w, f.err
}

// DecodeHookMessages reads a body. Errors are *RequestError.
func DecodeHookMessages(body []byte) (HookMessages, error) {
	f := readHook(body)
	m := HookMessages{Run: f.name("run"), Conversation: f.name("conversation")}
	m.Messages = f.messages(nil)
	return m, f.err
}

// DecodeHookClean reads a body, and gives the run. Errors are *RequestError.
func DecodeHookClean(body []byte) (string, error) {
	f := readHook(body)
	run := f.name("run")
	return run, f.err
}

func readHook(body []byte) *fields {
	if n := bytes.Count(body, []byte{','}); n > HookValueLimit {
		return &fields{err: &RequestError{Reason: fmt.Sprintf(
			"the body has some %d JSON values, more than the %d that one call takes: seed the world in parts", n, HookValueLimit)}}
	}
	f := read(body)
	if schema := f.int("schema", mostInt); schema != HookSchema {
		f.fail("schema", "must be %d, got %d", HookSchema, schema)
	}
	return f
}

func (f *fields) conversation() HookConversation {
	c := HookConversation{ID: f.name("id"), Type: f.int("type", 255), Members: f.names("members")}
	switch {
	case c.Type < 1:
		f.fail("type", "must be 1 (two people) or above (a group)")
	case c.Type == 1 && (len(c.Members) != 2 || c.Members[0] == c.Members[1]):
		f.fail("members", "of a direct conversation (type 1) must be two different users")
	case len(c.Members) == 0:
		f.fail("members", "must name somebody")
	}
	c.Messages = f.messages(c.Members)
	return c
}

// messages are those of a conversation; members, where they are given, are who may send.
func (f *fields) messages(members []string) (all []HookMessage) {
	f.objects("messages", func(f *fields) {
		m := HookMessage{From: f.name("from"), ClientMsgNo: f.name("client_msg_no")}
		if members != nil && !slices.Contains(members, m.From) {
			f.fail("from", "must be one of the members, got %s", Quote(m.From))
		}
		var err error
		if m.Payload, err = base64.StdEncoding.DecodeString(f.text("payload")); err != nil {
			f.fail("payload", "must be standard base64 with padding")
		}
		all = append(all, m)
	})
	return all
}
