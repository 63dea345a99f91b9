// Documents: 将对话设为已读 (set a conversation to read), POST /v1/conversation/dismiss-notification; 更改对话排序 (change a
// conversation's order), POST /v1/conversation/sort-change; 删除对话 (remove a conversation), POST /v1/conversation/remove.

package server

import (
	"net/http"
	"time"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

func (s *Server) dismiss(uid string, body []byte) serve.Reply {
	r, err := wire.DecodeDismiss(body)
	if err != nil {
		return s.badRequest(err)
	}
	s.write(func(time.Time) { err = s.model.Dismiss(model.Dismiss{UID: uid, ChatID: r.ChatID}) })
	return s.changed(err, r.ChatID)
}

func (s *Server) sortChange(uid string, body []byte) serve.Reply {
	r, err := wire.DecodeSortChange(body)
	if err != nil {
		return s.badRequest(err)
	}
	s.write(func(now time.Time) {
		err = s.model.SortChange(model.SortChange{UID: uid, ChatID: r.UserID, Now: now})
	})
	return s.changed(err, r.UserID)
}

func (s *Server) remove(uid string, body []byte) serve.Reply {
	r, err := wire.DecodeRemove(body)
	if err != nil {
		return s.badRequest(err)
	}
	s.write(func(time.Time) { err = s.model.Remove(model.Remove{UID: uid, ChatID: r.ChatID}) })
	return s.changed(err, r.ChatID)
}

// changed is the answer of a call that changes a conversation.
func (s *Server) changed(err error, chatID string) serve.Reply {
	if err != nil {
		return s.say(http.StatusOK, wire.CodeFailed, "you have no conversation with "+fields.Quote(chatID))
	}
	return s.say(http.StatusOK, wire.CodeSuccess, wire.MsgSuccess)
}
