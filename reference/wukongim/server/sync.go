// Document: 同步用户会话 (synchronise a user's conversations), POST /conversation/sync; profile v1: 同步最近会话.

package server

import (
	"net/http"

	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

func (s *Server) sync(body []byte) serve.Reply {
	request, err := s.codec.DecodeSync(s.profile, body)
	if err != nil {
		return s.badRequest(err)
	}
	// Messages never change once they are stored: they can be written out without the lock.
	answer := answers.Get().(*answer)
	found := s.lookUp(SyncOp(s.profile, request), &answer.room)
	if s.forming != nil {
		answer.writeForms(s.profile, found)
	} else {
		answer.write(s.codec, s.profile, found)
	}
	return serve.Reply{Status: http.StatusOK, Type: serve.JSON, Body: answer.body, Done: answer.release}
}

func (s *Server) lookUp(op model.Sync, room *model.Room) []model.Conversation {
	if s.exclusiveSync {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	if s.forming != nil {
		return s.forming.SyncIn(room, op)
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
