// Errors are answered as WuKongIM answers them, {"msg": text, "status": number}, with the status codes of the pages
// of sync and clear unread: 400 for a bad request, 403 without permission, 404 for a conversation that does not exist.

package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

func (s *Server) fail(status int, msg string) reply {
	return reply{status: status, body: s.codec.AppendError(nil, wire.Error{Msg: msg, Status: status})}
}

// badRequest is the answer to a body that cannot be decoded.
func (s *Server) badRequest(err error) reply { return s.fail(http.StatusBadRequest, err.Error()) }

// changed is the answer of clearUnread, setUnread and delete.
func (s *Server) changed(err error, uid, channelID string, channelType int) reply {
	switch {
	case err == nil:
		return ok(s.codec.AppendStatus(nil))
	case errors.Is(err, model.ErrNoConversation):
		return s.fail(http.StatusNotFound, fmt.Sprintf("uid %s has no conversation with the channel_id %s and the channel_type %d",
			wire.Quote(uid), wire.Quote(channelID), channelType))
	}
	return s.badRequest(err)
}

// hookError answers as the hook's contract has it.
func hookError(status int, msg string) reply {
	body, _ := json.Marshal(struct { // a text and a number: this cannot fail
		Error  string `json:"error"`
		Status int    `json:"status"`
	}{msg, status})
	return reply{status: status, body: body}
}

// refuse is an error in the form that belongs to the path.
func (s *Server) refuse(isHook bool, status int, msg string) reply {
	if isHook {
		return hookError(status, msg)
	}
	return s.fail(status, msg)
}
