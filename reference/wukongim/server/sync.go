// Document: 同步用户会话 (synchronise a user's conversations), POST /conversation/sync; profile v1: 同步最近会话.

package server

import (
	"sync"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

func (s *Server) sync(body []byte) reply {
	request, err := s.codec.DecodeSync(s.profile, body)
	if err != nil {
		return s.badRequest(err)
	}
	found := s.lookUp(SyncOp(s.profile, request))
	// Messages never change once they are stored: they can be written out without the lock.
	scratch := scratches.Get().(*scratch)
	scratch.fill(found)
	scratch.body = s.codec.AppendConversations(scratch.body[:0], s.profile, scratch.conversations)
	return reply{status: 200, body: scratch.body, done: scratch.release}
}

func (s *Server) lookUp(op model.Sync) []model.Conversation {
	if s.exclusiveSync {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	return s.model.Sync(op)
}

// msgCountCap is the most messages of a conversation in one answer. Only the page of v2 has it.
const msgCountCap = 50

// SyncOp is what a request asks of the model.
func SyncOp(profile wire.Profile, r wire.SyncRequest) model.Sync {
	op := model.Sync{
		UID: r.UID, Version: r.Version, MsgCount: r.MsgCount,
		OnlyUnread: r.OnlyUnread == 1, Exclude: r.ExcludeChannelTypes,
	}
	if profile != wire.V1 {
		op.Cap = msgCountCap
	}
	if len(r.LastMsgSeqs) > 0 {
		op.After = make(map[model.Channel]int64, len(r.LastMsgSeqs))
	}
	for _, c := range r.LastMsgSeqs {
		op.After[model.Channel{ID: c.ChannelID, Type: c.ChannelType}] = c.LastMsgSeq
	}
	return op
}

// scratch is the memory of one answer, used again for later ones.
type scratch struct {
	conversations []wire.Conversation
	messages      []wire.Message
	body          []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// release gives the memory back, unless a rare large answer took so much that it is better let go.
func (s *scratch) release() {
	const most = 1 << 20
	if cap(s.body) > most || len(s.messages) > most/256 {
		return
	}
	clear(s.conversations)
	clear(s.messages)
	scratches.Put(s)
}

func (s *scratch) fill(found []model.Conversation) {
	total := 0
	for i := range found {
		total += len(found[i].Recents)
	}
	if cap(s.messages) < total {
		s.messages = make([]wire.Message, 0, total)
	}
	s.conversations, s.messages = s.conversations[:0], s.messages[:0]
	for i := range found {
		s.add(&found[i])
	}
}

func (s *scratch) add(c *model.Conversation) {
	start := len(s.messages)
	for _, m := range c.Recents {
		s.messages = append(s.messages, wireMessage(m, c.Channel))
	}
	s.conversations = append(s.conversations, wire.Conversation{
		ChannelID: c.Channel.ID, ChannelType: c.Channel.Type, Unread: c.Unread, Timestamp: c.Timestamp,
		LastMsgSeq: c.LastMsgSeq, LastClientMsgNo: c.LastClientMsgNo, Version: c.Version,
		Recents: s.messages[start:len(s.messages):len(s.messages)],
	})
}

// wireMessage names the message's channel as the asking user sees it.
func wireMessage(m *model.Message, c model.Channel) wire.Message {
	return wire.Message{
		MessageID: m.ID, MessageSeq: m.Seq, ClientMsgNo: m.ClientMsgNo, FromUID: m.From, Timestamp: m.Timestamp,
		Payload: m.Payload, Setting: int(m.Setting), ChannelID: c.ID, ChannelType: c.Type,
		Header: wire.Header{NoPersist: bit(m.Header.NoPersist), RedDot: bit(m.Header.RedDot), SyncOnce: bit(m.Header.SyncOnce)},
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
