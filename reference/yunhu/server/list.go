// Document: 获取对话列表 (get the list of conversations), POST /v1/conversation/list.

package server

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// list takes no body in profile 2025: what is sent is not looked at. In 2026 it may be the digest of the last answer.
func (s *Server) list(uid string, body []byte) serve.Reply {
	var known string
	if s.profile == wire.P2026 {
		var err error
		if known, err = wire.DecodeListRequest(body); err != nil {
			return s.badRequest(err)
		}
	}
	found := s.lookUp(uid)
	data := make([]*pb.Conversation, len(found))
	for i, c := range found {
		data[i] = s.codec.Show(s.profile, c)
	}
	if s.profile == wire.P2025 {
		return protobuf(s.codec.AppendList(nil, wire.List{Data: data, Tag: fmt.Sprintf("%012x", s.requests.Add(1))}))
	}
	digest := s.codec.Digest(data)
	if known != "" && known == digest {
		return protobuf(s.codec.AppendUnchanged(nil, digest))
	}
	return protobuf(s.codec.AppendList(nil, wire.List{Data: data, Tag: digest}))
}

func protobuf(body []byte) serve.Reply {
	return serve.Reply{Status: http.StatusOK, Type: protobufType, Body: body}
}

func (s *Server) lookUp(uid string) []model.Conversation {
	if s.exclusiveList {
		s.mu.Lock()
		defer s.mu.Unlock()
	} else {
		s.mu.RLock()
		defer s.mu.RUnlock()
	}
	return s.model.List(model.List{UID: uid})
}

// Show is a conversation on the wire. Profile 2025 says whether there are unread messages, 2026 how many, and it has the
// name a second time.
func Show(profile wire.Profile, c model.Conversation) *pb.Conversation {
	p := &pb.Conversation{
		ChatId: valid(c.Chat.ID), ChatType: uint64(c.Chat.Kind), Name: valid(c.Name), ChatContent: valid(string(c.Content)),
		TimestampMs: uint64(c.Entered), Timestamp: uint64(c.Sent / 1000), Unread: uint64(c.Unread), DoNotDisturb: bit(c.DoNotDisturb),
	}
	if profile == wire.P2025 {
		p.Unread = min(p.Unread, 1)
	} else {
		p.RealName = p.Name
	}
	if m := c.Mention; m != nil {
		p.At = 1
		p.AtData = &pb.Mention{
			MentionedId: valid(m.Mentioned), MentionedName: valid(m.Name), MentionedIn: valid(m.In),
			MentionerId: valid(m.From), MentionerName: valid(m.FromName), MsgSeq: uint64(m.Seq),
		}
	}
	return p
}

// valid makes a text that protobuf can carry.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
