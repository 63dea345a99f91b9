package wire

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// HookSchema is the version of the seeding hook that is spoken here.
const HookSchema = 1

// HookValueLimit bounds what one hook body may hold: each JSON value costs far more memory than its bytes.
const HookValueLimit = 4 << 20

// HookWorld is the body of the hook's /world.
type HookWorld struct {
	Run           string
	Users         []HookPerson
	Conversations []HookConversation
}

// HookPerson is a user to be made. DoNotDisturb holds handles of conversations of the same world.
type HookPerson struct {
	ID, Name     string
	DoNotDisturb []string
}

// HookConversation is a conversation to be made. For one between two people (Type 1) ID is only a handle; for a bot
// (Type 3) it is the bot's id, and the bot may write as well as the members.
type HookConversation struct {
	ID       string
	Type     int
	Members  []string
	Messages []HookMessage
}

// HookMessage is a message to be sent.
type HookMessage struct {
	From        string
	ClientMsgNo string
	Payload     []byte
	Mentions    []string
}

// HookMessages is the body of the hook's /messages. Type is 0 where it was not given; it tells conversations apart that
// have one handle.
type HookMessages struct {
	Run          string
	Conversation string
	Type         int
	Messages     []HookMessage
}

// HookClean is the body of the hook's /clean.
type HookClean struct{ Run string }

// HookSeeded is the answer of /world: what the server calls what was seeded, by the names that the world gave.
type HookSeeded struct {
	Users         map[string]HookUser `json:"users"`
	Conversations map[string]HookName `json:"conversations"`
	Messages      map[string]HookSent `json:"messages"` // by client_msg_no
}

// HookAppended is the answer of /messages.
type HookAppended struct {
	Messages map[string]HookSent `json:"messages"`
}

// HookUser is a user as the server knows it: its id, and the headers that its requests must carry.
type HookUser struct {
	ID      string            `json:"id"`
	Headers map[string]string `json:"headers"`
}

// HookName is a conversation as the server knows it. ID is empty where it depends on who looks.
type HookName struct {
	ID       string `json:"id"`
	Instance string `json:"instance"`
}

// HookSent is a message as the server stored it.
type HookSent struct {
	ID  string `json:"id"`
	Seq int64  `json:"seq"`
}

// DecodeHookWorld reads a body and checks the shape of everything in it, so that a world is added whole or not at all.
// Errors are *RequestError.
func DecodeHookWorld(body []byte) (HookWorld, error) {
	f := readHook(body)
	w := HookWorld{Run: f.name("run")}
	if api := f.name("api"); api != "yunhu" {
		f.fail("api", "must be yunhu on this server, got %s", Quote(api))
	}
	f.objects("users", func(f *fields) {
		w.Users = append(w.Users, HookPerson{ID: f.name("id"), Name: f.text("name"), DoNotDisturb: f.names("do_not_disturb")})
	})
	seen := map[string]bool{}
	f.objects("conversations", func(f *fields) {
		c := f.conversation()
		if key := strconv.Itoa(c.Type) + ":" + c.ID; seen[key] {
			f.fail("id", "%s with type %d stands twice in one world", Quote(c.ID), c.Type)
		} else {
			seen[key] = true
		}
		w.Conversations = append(w.Conversations, c)
	})
	return w, f.err
}

// DecodeHookMessages reads a body. Errors are *RequestError.
func DecodeHookMessages(body []byte) (HookMessages, error) {
	f := readHook(body)
	m := HookMessages{Run: f.name("run"), Conversation: f.name("conversation"), Type: int(f.integer("type", 0, 3))}
	m.Messages = f.messages("messages")
	return m, f.err
}

// DecodeHookClean reads a body. Errors are *RequestError.
func DecodeHookClean(body []byte) (HookClean, error) {
	f := readHook(body)
	return HookClean{Run: f.name("run")}, f.err
}

func readHook(body []byte) *fields {
	if n := bytes.Count(body, []byte{','}); n > HookValueLimit {
		return &fields{err: &RequestError{Reason: fmt.Sprintf(
			"the body has some %d JSON values, more than the %d that one call takes: seed the world in parts", n, HookValueLimit)}}
	}
	f := read(body)
	if schema := f.integer("schema", 0, 1<<31); schema != HookSchema {
		f.fail("schema", "must be %d, got %d", HookSchema, schema)
	}
	return f
}

func (f *fields) conversation() HookConversation {
	c := HookConversation{ID: f.name("id"), Type: int(f.integer("type", 1, 3)), Members: f.names("members")}
	c.Messages = f.messages("messages")
	switch {
	case c.Type == 0:
		f.fail("type", "is required: 1 between two users, 2 a group, 3 a bot")
	case c.Type == 1 && (len(c.Members) != 2 || c.Members[0] == c.Members[1]):
		f.fail("members", "of a conversation between two people (type 1) must be two different users")
	}
	if err := CheckSenders(c, c.Messages); err != nil && f.err == nil {
		err.Field, f.err = f.prefix+err.Field, err
	}
	return c
}

// CheckSenders refuses messages by anybody but the members, and in a bot's conversation the bot.
func CheckSenders(c HookConversation, messages []HookMessage) *RequestError {
	for i, m := range messages {
		if !slices.Contains(c.Members, m.From) && (c.Type != 3 || m.From != c.ID) {
			return &RequestError{fmt.Sprintf("messages[%d].from", i), "must be one of the members, got " + Quote(m.From)}
		}
	}
	return nil
}

func (f *fields) messages(name string) (all []HookMessage) {
	f.objects(name, func(f *fields) {
		all = append(all, HookMessage{
			From: f.name("from"), ClientMsgNo: f.text("client_msg_no"), Payload: f.payload("payload"), Mentions: f.names("mentions"),
		})
	})
	return all
}
