// Errors are answered as WuKongIM answers them, {"msg": text, "status": number}, with the status codes of the pages
// of sync and clear unread: 400 for a bad request, 403 without permission, 404 for a conversation that does not exist.

package server

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

func (s *Server) fail(status int, msg string) serve.Reply {
	return serve.Reply{Status: status, Type: serve.JSON, Body: s.codec.AppendError(nil, wire.Error{Msg: msg, Status: status})}
}

func (s *Server) refuse(r *serve.Refusal) serve.Reply { return s.fail(r.Status, r.Reason) }

// badRequest is the answer to a body that cannot be decoded.
func (s *Server) badRequest(err error) serve.Reply { return s.fail(http.StatusBadRequest, err.Error()) }

// changed is the answer of clearUnread, setUnread and delete.
func (s *Server) changed(err error, uid, channelID string, channelType int) serve.Reply {
	switch {
	case err == nil:
		return serve.OK(s.codec.AppendStatus(nil))
	case errors.Is(err, model.ErrNoConversation):
		return s.fail(http.StatusNotFound, fmt.Sprintf("uid %s has no conversation with the channel_id %s and the channel_type %d",
			fields.Quote(uid), fields.Quote(channelID), channelType))
	}
	return s.badRequest(err)
}
