package wukongim

import (
	"bytes"

	"github.com/parley-im/parley/fixtures"
)

// names is what the target calls the people and groups of a population. Most take our names.
type names struct {
	plan   *fixtures.Plan
	given  *fixtures.Populated
	byUser map[string]int // nil: all have our names
	byChat map[string]int
}

func newNames(plan *fixtures.Plan, given *fixtures.Populated) names {
	n := names{plan: plan, given: given}
	if given == nil {
		return n
	}
	for i, u := range given.Users {
		if u.ID != "" && u.ID != plan.UserID(i) && n.byUser == nil {
			n.byUser = map[string]int{}
		}
	}
	for i, c := range given.Chats {
		if c.ID != "" && c.ID != plan.ChatID(i) && plan.Chats[i].Type != fixtures.Direct && n.byChat == nil {
			n.byChat = map[string]int{}
		}
	}
	for i := range given.Users {
		if n.byUser != nil {
			n.byUser[n.user(i)] = i
		}
	}
	for i := range given.Chats {
		if n.byChat != nil && plan.Chats[i].Type != fixtures.Direct {
			n.byChat[n.chat(i)] = i
		}
	}
	return n
}

func (n *names) user(i int) string {
	if n.byUser != nil && n.given.Users[i].ID != "" {
		return n.given.Users[i].ID
	}
	return n.plan.UserID(i)
}

func (n *names) chat(i int) string {
	if n.byChat != nil && n.given.Chats[i].ID != "" {
		return n.given.Chats[i].ID
	}
	return n.plan.ChatID(i)
}

func (n *names) userOf(name []byte) (int, bool) {
	if n.byUser == nil {
		return n.plan.UserIndex(name)
	}
	i, ok := n.byUser[string(name)]
	return i, ok
}

func (n *names) chatOf(name []byte) (int, bool) {
	if n.byChat == nil {
		return n.plan.ChatIndex(name)
	}
	i, ok := n.byChat[string(name)]
	return i, ok
}

// find is the talk that a conversation of an answer is; nil: nothing tells. How a target spells the id of a direct chat is
// free: it is known by the peer's name in it, by what an earlier answer told, or by the messages that it holds.
func (u *user) find(c *conversation) *talk {
	if c.typ != fixtures.Direct {
		chat, ok := u.w.names.chatOf(c.channel)
		if t := u.inChat(chat); ok && t != nil && t.peer < 0 && int64(u.w.plan.Chats[chat].Type) == c.typ {
			return t
		}
		return nil
	}
	if peer, ok := u.w.names.userOf(c.channel); ok {
		return u.withPeer(peer)
	}
	if at, ok := u.spelled[string(c.channel)]; ok {
		return &u.talks[at]
	}
	if t := u.byMessages(); t != nil {
		return t
	}
	return u.byPeerIn(c.channel)
}

// ours tells whether a conversation belongs to the population: by its name, by that of anybody but the user in it, or by a
// message. Whatever else stands in a list, such as a system account's welcome, is the target's own business.
func (u *user) ours(c *conversation) bool {
	if _, chat := u.w.names.chatOf(c.channel); chat {
		return true
	}
	for i := range u.messages {
		if _, sent := u.w.plan.Origin(u.messages[i].number); sent {
			return true
		}
	}
	return u.w.names.someoneIn(c.channel, u.index)
}

// someoneIn tells whether an id holds the name of one of the population, but for that one. Of names that the target gave this is
// not looked for: they can be anything.
func (n *names) someoneIn(id []byte, but int) bool {
	for n.byUser == nil {
		at := bytes.Index(id, []byte(n.plan.Run))
		if at < 0 {
			return false
		}
		id = id[at:]
		end := len(n.plan.Run) + len("-u")
		for end < len(id) && wordly(id[end]) {
			end++
		}
		if user, ok := n.plan.UserIndex(id[:min(end, len(id))]); ok && user != but {
			return true
		}
		id = id[1:]
	}
	return false
}

// byMessages is the direct talk that the messages read last were sent into.
func (u *user) byMessages() *talk {
	for i := range u.messages {
		if origin, ours := u.w.plan.Origin(u.messages[i].number); ours {
			if t := u.inChat(origin.Chat); t != nil && t.peer >= 0 {
				return t
			}
			return nil
		}
	}
	return nil
}

// byPeerIn is the direct talk with the one whose name the id holds.
func (u *user) byPeerIn(id []byte) *talk {
	var found *talk
	longest := 0
	for i := range u.talks {
		t := &u.talks[i]
		if t.peer < 0 {
			continue
		}
		if name := u.w.names.user(int(t.peer)); len(name) > longest && holds(id, name) {
			found, longest = t, len(name)
		}
	}
	return found
}

// holds tells whether a name stands in an id, and not as a part of a longer one.
func holds(id []byte, name string) bool {
	for from := 0; ; {
		at := bytes.Index(id[from:], []byte(name))
		if at < 0 {
			return false
		}
		at += from
		end := at + len(name)
		if (at == 0 || !wordly(id[at-1])) && (end == len(id) || !wordly(id[end])) {
			return true
		}
		from = at + 1
	}
}

func wordly(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// learnSpelling remembers what the target calls a direct talk, where that is not the peer's name.
func (u *user) learnSpelling(t *talk, channel []byte) {
	t.told = true
	if t.peer < 0 || string(channel) == t.spelled || t.spelled == "" && string(channel) == u.w.names.user(int(t.peer)) {
		return
	}
	if u.spelled == nil {
		u.spelled = map[string]int32{}
	}
	delete(u.spelled, t.spelled)
	t.spelled = string(channel)
	u.spelled[t.spelled] = t.at
}

// unsaid tells whether a name can stand in last_msg_seqs: a text of names and numbers with | and : between them, which we
// write without escapes.
func unsaid(name string) bool {
	for _, c := range []byte(name) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '|' || c == ':' {
			return true
		}
	}
	return false
}
