// Answers of a sync. Nearly all of one is messages, which never change: the server's own model keeps each of them in the
// form in which it is answered, and an answer is put together from these. Whoever gives the server another Model or Codec
// may change what messages say, and each is then written anew.

package server

import (
	"sync"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// form is what the server's own model keeps of a message. Of a long one it keeps nothing: the copy would take much memory,
// and its writing is hardly dearer than the sending.
func form(m *model.Message) string {
	const most = 1 << 10
	if len(m.Payload)+len(m.ClientMsgNo)+len(m.From) > most {
		return ""
	}
	told := wireMessage(m, model.Channel{})
	return wire.Form(&told)
}

// answer is the memory of one answer, used again for later ones.
type answer struct {
	room          model.Room
	conversations []wire.Conversation
	messages      []wire.Message
	formed        []wire.Formed
	forms         []string
	body          []byte
}

var answers = sync.Pool{New: func() any { return new(answer) }}

// release gives the memory back, unless a rare large answer took so much that it is better let go.
func (a *answer) release() {
	const mostBytes, mostMessages = 1 << 20, 1 << 13
	if cap(a.body) > mostBytes || max(cap(a.messages), cap(a.forms), a.room.Size()) > mostMessages {
		return
	}
	a.room.Empty()
	clear(a.conversations)
	clear(a.messages)
	clear(a.formed)
	clear(a.forms)
	answers.Put(a)
}

// write makes the body of messages that may say anything.
func (a *answer) write(c Codec, profile wire.Profile, found []model.Conversation) {
	a.start()
	for i := range found {
		told := wireConversation(&found[i])
		told.Recents = a.recents(&found[i])
		a.conversations = append(a.conversations, told)
	}
	a.body = c.AppendConversations(a.body, profile, a.conversations)
}

// writeForms makes the body of the forms that the model keeps.
func (a *answer) writeForms(profile wire.Profile, found []model.Conversation) {
	a.start()
	for i := range found {
		start, whole := len(a.forms), true
		for _, m := range found[i].Recents {
			a.forms = append(a.forms, m.Form)
			whole = whole && m.Form != ""
		}
		c := wire.Formed{Conversation: wireConversation(&found[i]), Forms: a.forms[start:len(a.forms):len(a.forms)]}
		if profile == wire.V1 || !whole {
			c.Recents = a.recents(&found[i])
		}
		a.formed = append(a.formed, c)
	}
	a.body = wire.AppendFormed(a.body, profile, a.formed)
}

func (a *answer) start() {
	a.conversations, a.messages, a.formed, a.forms, a.body = a.conversations[:0], a.messages[:0], a.formed[:0], a.forms[:0], a.body[:0]
}

// recents are the messages of c as its user sees them.
func (a *answer) recents(c *model.Conversation) []wire.Message {
	start := len(a.messages)
	for _, m := range c.Recents {
		a.messages = append(a.messages, wireMessage(m, c.Channel))
	}
	return a.messages[start:len(a.messages):len(a.messages)]
}

func wireConversation(c *model.Conversation) wire.Conversation {
	return wire.Conversation{
		ChannelID: c.Channel.ID, ChannelType: c.Channel.Type, Unread: c.Unread, Timestamp: c.Timestamp,
		LastMsgSeq: c.LastMsgSeq, LastClientMsgNo: c.LastClientMsgNo, Version: c.Version,
	}
}
