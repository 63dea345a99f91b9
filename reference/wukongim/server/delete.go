// Document: 删除最近会话 (delete a recent conversation), POST /conversations/delete.

package server

import (
	"time"

	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
)

func (s *Server) delete(body []byte) serve.Reply {
	r, err := s.codec.DecodeDelete(body)
	if err != nil {
		return s.badRequest(err)
	}
	s.write(func(now time.Time) {
		channel := model.Channel{ID: r.ChannelID, Type: r.ChannelType}
		err = s.model.Delete(model.Delete{UID: r.UID, Channel: channel, Now: now})
	})
	return s.changed(err, r.UID, r.ChannelID, r.ChannelType)
}
