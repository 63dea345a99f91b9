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
	Users         []string
	Conversations []HookConversation
}

// HookConversation is a conversation to be made. For a direct one (Type 1) ID is only a handle.
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
}

// HookMessages is the body of the hook's /messages. Type is 0 where it was not given; it tells conversations apart
// that have one handle.
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

// DecodeHookWorld reads a body and checks the shape of everything in it, so that a world is added whole or not
// at all. Errors are *RequestError.
func DecodeHookWorld(body []byte) (HookWorld, error) {
	f := readHook(body)
	w := HookWorld{Run: f.name("run")}
	if api := f.name("api"); api != "wukongim" {
		f.fail("api", "must be wukongim on this server, got %s", Quote(api))
	}
	f.objects("users", func(f *fields) {
		w.Users = append(w.Users, f.name("id"))
		f.text("name")
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
	m := HookMessages{Run: f.name("run"), Conversation: f.name("conversation"), Type: int(f.int("type", 0, 255))}
	f.required("messages")
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
	if schema := f.requiredInt("schema", 0, 1<<31); schema != HookSchema {
		f.fail("schema", "must be %d, got %d", HookSchema, schema)
	}
	return f
}

func (f *fields) conversation() HookConversation {
	c := HookConversation{ID: f.name("id"), Type: f.channelType("type")}
	f.required("members")
	c.Members = f.names("members")
	c.Messages = f.messages("messages")
	if c.Type == 1 && f.err == nil {
		f.checkDirect(c)
	}
	return c
}

func (f *fields) checkDirect(c HookConversation) {
	if len(c.Members) != 2 || c.Members[0] == c.Members[1] {
		f.fail("members", "of a direct conversation (type 1) must be two different users")
	} else if err := CheckSenders(c, c.Messages); err != nil {
		err.Field, f.err = f.prefix+err.Field, err
	}
}

// CheckSenders refuses messages into a direct conversation by anybody but its two members. A group takes them from
// everybody, as WuKongIM does.
func CheckSenders(c HookConversation, messages []HookMessage) *RequestError {
	if c.Type != 1 {
		return nil
	}
	for i, m := range messages {
		if !slices.Contains(c.Members, m.From) {
			return &RequestError{fmt.Sprintf("messages[%d].from", i), "must be one of the two members, got " + Quote(m.From)}
		}
	}
	return nil
}

func (f *fields) messages(name string) (all []HookMessage) {
	f.objects(name, func(f *fields) {
		all = append(all, HookMessage{
			From: f.name("from"), ClientMsgNo: f.text("client_msg_no"), Payload: f.payload("payload"),
		})
	})
	return all
}
