// Seeding: the calls of WuKongIM that put users, channels and messages there, as far as a harness needs them.

package server

import (
	"time"

	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// userToken checks the request and keeps nothing: a user's token is for the long connection, which is not here, and
// users need not exist before they are named.
func (s *Server) userToken(body []byte) serve.Reply {
	if _, err := wire.DecodeUserTokenRequest(body); err != nil {
		return s.badRequest(err)
	}
	return serve.OK(wire.AppendStatus200(nil))
}

func (s *Server) createChannel(body []byte) serve.Reply {
	r, err := wire.DecodeChannelRequest(body)
	if err != nil {
		return s.badRequest(err)
	}
	return s.subscribe(r.ChannelID, r.ChannelType, r.Subscribers)
}

func (s *Server) addSubscribers(body []byte) serve.Reply {
	r, err := wire.DecodeSubscribersRequest(body)
	if err != nil {
		return s.badRequest(err)
	}
	return s.subscribe(r.ChannelID, r.ChannelType, r.Subscribers)
}

func (s *Server) subscribe(channelID string, channelType int, uids []string) serve.Reply {
	s.write(func(now time.Time) {
		channel := model.Channel{ID: channelID, Type: channelType}
		s.model.Subscribe(model.Subscribe{Channel: channel, UIDs: uids, Now: now})
	})
	return serve.OK(wire.AppendStatus200(nil))
}

func (s *Server) send(body []byte) serve.Reply {
	r, err := s.codec.DecodeSend(body)
	if err != nil {
		return s.badRequest(err)
	}
	var sent model.Sent
	s.write(func(now time.Time) { sent = s.model.Send(sendOp(r, now)) })
	return serve.OK(wire.AppendSent(nil, wire.Sent{MessageID: sent.ID, MessageSeq: sent.Seq, ClientMsgNo: sent.ClientMsgNo}))
}

func sendOp(r wire.SendRequest, now time.Time) model.Send {
	header := model.Header{RedDot: true}
	if h := r.Header; h != nil {
		header = model.Header{NoPersist: h.NoPersist == 1, RedDot: h.RedDot == 1, SyncOnce: h.SyncOnce == 1}
	}
	return model.Send{
		Channel: model.Channel{ID: r.ChannelID, Type: r.ChannelType}, From: r.FromUID, ClientMsgNo: r.ClientMsgNo,
		Payload: r.Payload, Header: header, Setting: uint8(r.Setting), Now: now,
	}
}

func (s *Server) health([]byte) serve.Reply { return serve.OK(wire.AppendStatusOK(nil)) }
