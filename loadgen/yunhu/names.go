package yunhu

import (
	"encoding/json"

	"github.com/parley-im/parley/fixtures"
)

// names are what the target calls users and conversations. It may take our names for them, or give its own.
type names struct {
	plan  *fixtures.Plan
	users []fixtures.SeededUser         // by the plan's index; nil: our names
	chats []fixtures.SeededConversation // the same
	user  map[string]int32              // names that are not ours
	chat  map[key]int32
}

// key is how a conversation is told apart: by id and kind.
type key struct {
	id   string
	kind uint64
}

func namesOf(plan *fixtures.Plan, populated *fixtures.Populated) names {
	n := names{plan: plan, user: map[string]int32{}, chat: map[key]int32{}}
	if populated == nil {
		return n
	}
	n.users, n.chats = populated.Users, populated.Chats
	for i, u := range n.users {
		if u.ID != "" && u.ID != plan.UserID(i) {
			n.user[u.ID] = int32(i)
		}
	}
	for i, c := range n.chats {
		if c.ID != "" && (plan.Chats[i].Type == fixtures.Direct || c.ID != plan.ChatID(i)) {
			n.chat[key{c.ID, uint64(plan.Chats[i].Type)}] = int32(i)
		}
	}
	return n
}

// userID is a user's name on the target.
func (n *names) userID(i int) string {
	if n.users != nil && n.users[i].ID != "" {
		return n.users[i].ID
	}
	return n.plan.UserID(i)
}

// chatID is what a conversation is called where its name does not depend on who looks; empty: it does.
func (n *names) chatID(i int) string {
	switch {
	case n.chats != nil && n.chats[i].ID != "":
		return n.chats[i].ID
	case n.plan.Chats[i].Type == fixtures.Direct:
		return ""
	}
	return n.plan.ChatID(i)
}

// userOf is the user of a name.
func (n *names) userOf(id []byte) (int, bool) {
	if i, ok := n.plan.UserIndex(id); ok && (n.users == nil || n.users[i].ID == "" || n.users[i].ID == string(id)) {
		return i, true
	}
	i, ok := n.user[string(id)]
	return int(i), ok
}

// chatOf is the conversation of a name that does not depend on who looks.
func (n *names) chatOf(id []byte, kind uint64) (int, bool) {
	if i, ok := n.plan.ChatIndex(id); ok && uint64(n.plan.Chats[i].Type) == kind && kind != fixtures.Direct {
		if n.chats == nil || n.chats[i].ID == "" || n.chats[i].ID == string(id) {
			return i, true
		}
	}
	i, ok := n.chat[key{string(id), kind}]
	return int(i), ok
}

// ours tells whether a name, of whatever kind, is one of the population's.
func (n *names) ours(id []byte, kind uint64) bool {
	if _, ok := n.userOf(id); ok {
		return true
	}
	_, known := n.chatOf(id, kind)
	_, planned := n.plan.ChatIndex(id)
	return known || planned
}

// find is the talk that a conversation of a list is; nil: it is none of the user's.
func (u *user) find(id []byte, kind uint64) *talk {
	if kind == fixtures.Direct {
		if peer, ok := u.w.names.userOf(id); ok {
			if t := u.withPeer(peer); t != nil {
				return t
			}
		}
	}
	if chat, ok := u.w.names.chatOf(id, kind); ok {
		return u.inChat(chat)
	}
	return nil
}

// named is how the user names a talk in a request.
func (u *user) named(t *talk) string {
	if id := u.w.names.chatID(int(t.chat)); id != "" {
		return id
	}
	return u.w.names.userID(int(t.peer))
}

// appendText writes a JSON string. Our own names need no escaping; a target's own may.
func appendText(dst []byte, s string) []byte {
	if fixtures.PlainName(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	text, _ := json.Marshal(s) // a text: this cannot fail
	return append(dst, text...)
}
