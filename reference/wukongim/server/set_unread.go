// Document: 设置最近会话未读数量 (set the unread number of a recent conversation), POST /conversations/setUnread.

package server

import (
	"time"

	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
)

func (s *Server) setUnread(body []byte) serve.Reply {
	r, err := s.codec.DecodeSetUnread(body)
	if err != nil {
		return s.badRequest(err)
	}
	s.write(func(now time.Time) {
		channel := model.Channel{ID: r.ChannelID, Type: r.ChannelType}
		err = s.model.Set(model.Set{UID: r.UID, Channel: channel, Unread: r.Unread, Now: now})
	})
	return s.changed(err, r.UID, r.ChannelID, r.ChannelType)
}
