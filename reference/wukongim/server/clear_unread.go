// Document: 清除未读消息 (clear unread messages), POST /conversations/clearUnread.

package server

import (
	"time"

	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
)

func (s *Server) clearUnread(body []byte) serve.Reply {
	r, err := s.codec.DecodeClearUnread(body)
	if err != nil {
		return s.badRequest(err)
	}
	s.write(func(now time.Time) {
		channel := model.Channel{ID: r.ChannelID, Type: r.ChannelType}
		err = s.model.Clear(model.Clear{UID: r.UID, Channel: channel, MessageSeq: r.MessageSeq, Now: now})
	})
	return s.changed(err, r.UID, r.ChannelID, r.ChannelType)
}
