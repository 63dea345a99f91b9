package hook

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/runid"
)

// Schema is the version of the hook that is spoken here.
const Schema = 1

// ValueLimit bounds what one body may hold: each JSON value costs far more memory than its bytes.
const ValueLimit = 4 << 20

// Direct is the Type of a conversation between two people.
const Direct = 1

// World is the body of /world.
type World struct {
	Run           string
	Users         []User
	Conversations []Conversation
}

// User is a user to be made. DoNotDisturb holds handles of conversations of the same world.
type User struct {
	ID, Name     string
	DoNotDisturb []string
}

// Conversation is a conversation to be made. For a direct one ID is only a handle.
type Conversation struct {
	ID       string
	Type     int
	Members  []string
	Messages []Message
}

// Message is a message to be sent.
type Message struct {
	From        string
	ClientMsgNo string
	Payload     []byte
	Mentions    []string
}

// Messages is the body of /messages. Type is 0 where it was not given; it tells conversations apart that have one handle.
type Messages struct {
	Run          string
	Conversation string
	Type         int
	Messages     []Message
}

// SeenBy is the id under which a member knows the conversation: a direct one goes by the other member.
func (c Conversation) SeenBy(uid string) string {
	switch {
	case c.Type != Direct:
		return c.ID
	case c.Members[0] == uid:
		return c.Members[1]
	}
	return c.Members[0]
}

// Check refuses messages by anybody who may not write into the conversation. The error is a *fields.Error.
func (h *Hook) Check(c Conversation, messages []Message) error {
	var f fields.Reader
	h.check(&f, c, messages)
	return f.Err()
}

func (h *Hook) check(f *fields.Reader, c Conversation, messages []Message) {
	for i, m := range messages {
		if !slices.Contains(c.Members, m.From) && (h.Outsider == nil || !h.Outsider(c, m.From)) {
			f.Fail(fmt.Sprintf("messages[%d].from", i), "must be one of the members, got %s", fields.Quote(m.From))
		}
	}
}

// world reads a body and checks the shape of everything in it, so that a world is added whole or not at all. Errors are
// *fields.Error.
func (h *Hook) world(body []byte) (World, error) {
	f := read(body)
	w := World{Run: run(f)}
	if api := f.Name("api"); api != h.API {
		f.Fail("api", "must be %s on this server, got %s", h.API, fields.Quote(api))
	}
	f.Objects("users", func(f *fields.Reader) {
		w.Users = append(w.Users, User{ID: f.Name("id"), Name: f.Text("name"), DoNotDisturb: f.Names("do_not_disturb")})
	})
	type key struct {
		id  string
		typ int
	}
	seen := map[key]bool{}
	f.Objects("conversations", func(f *fields.Reader) {
		c := h.conversation(f)
		if seen[key{c.ID, c.Type}] {
			f.Fail("id", "%s with type %d stands twice in one world", fields.Quote(c.ID), c.Type)
		}
		seen[key{c.ID, c.Type}] = true
		w.Conversations = append(w.Conversations, c)
	})
	return w, f.Err()
}

func (h *Hook) conversation(f *fields.Reader) Conversation {
	c := Conversation{ID: f.Name("id"), Type: int(f.RequiredInt("type", 1, int64(h.MostType)))}
	f.Require("members")
	c.Members, c.Messages = f.Names("members"), messages(f)
	if c.Type == Direct && (len(c.Members) != 2 || c.Members[0] == c.Members[1]) {
		f.Fail("members", "of a direct conversation (type 1) must be two different users")
	}
	h.check(f, c, c.Messages)
	return c
}

func messages(f *fields.Reader) (all []Message) {
	f.Objects("messages", func(f *fields.Reader) {
		all = append(all, Message{
			From: f.Name("from"), ClientMsgNo: f.Name("client_msg_no"), Payload: f.Payload("payload"), Mentions: f.Names("mentions"),
		})
	})
	return all
}

// more reads the body of /messages. Errors are *fields.Error.
func (h *Hook) more(body []byte) (Messages, error) {
	f := read(body)
	m := Messages{Run: run(f), Conversation: f.Name("conversation"), Type: int(f.Int("type", 0, int64(h.MostType)))}
	f.Require("messages")
	m.Messages = messages(f)
	return m, f.Err()
}

func read(body []byte) *fields.Reader {
	if n := bytes.Count(body, []byte{','}); n > ValueLimit {
		return fields.Refuse("the body has some %d JSON values, more than the %d that one call takes: seed the world in parts", n, ValueLimit)
	}
	f := fields.Read(body)
	if schema := f.RequiredInt("schema", 0, 1<<31); schema != Schema {
		f.Fail("schema", "must be %d, got %d", Schema, schema)
	}
	return f
}

// run refuses an id that no harness makes: cleaning it up later could not be told from another's data.
func run(f *fields.Reader) string {
	id := f.Name("run")
	if !runid.Is(id) {
		f.Fail("run", "must be p and 8 hexadecimal digits in lower case, got %s", fields.Quote(id))
	}
	return id
}
