package wire

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// List is the answer of POST /v1/conversation/list, with what a conversation is in both profiles.
type List struct {
	Data []*pb.Conversation
	// Tag is the request's id in profile 2025. Profile 2026 has the list's digest instead; see Digest.
	Tag string
}

// StatusError says that list was answered with another code than 1, as JSON or in the protobuf status.
type StatusError struct {
	Envelope
	Protobuf bool
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the code is %d (%s), want %d", e.Code, fields.Quote(e.Msg), CodeSuccess)
}

// AppendListRequest writes a request of profile 2026. An empty md5 is no bytes at all, as in profile 2025.
func AppendListRequest(dst []byte, md5 string) []byte {
	dst, _ = proto.MarshalOptions{}.MarshalAppend(dst, &pb.ListRequest{Md5: strings.ToValidUTF8(md5, "\uFFFD")}) // of valid UTF-8: this cannot fail
	return dst
}

// DecodeListRequest reads a request: the digest of the list that the client has. Fields that are not documented are
// skipped. Errors are *fields.Error.
func DecodeListRequest(body []byte) (md5 string, err error) {
	var r pb.ListRequest
	if err := proto.Unmarshal(body, &r); err != nil {
		return "", &fields.Error{Reason: "the body must be a protobuf message: " + plain(err)}
	}
	return r.Md5, nil
}

// plain takes the invisible differences out of protobuf's error texts, which are there to keep programs from relying on them.
func plain(err error) string { return strings.ReplaceAll(err.Error(), "\u00a0", " ") }

// Digest names a list's content: the same digest, the same conversations.
func Digest(data []*pb.Conversation) string {
	encoded := marshal(&pb.ListResponse{Data: data})
	sum := md5.Sum(encoded)
	return hex.EncodeToString(sum[:])
}

// AppendList writes a whole list.
func AppendList(dst []byte, l List) []byte {
	return append(dst, marshal(&pb.ListResponse{
		Status: success(), Data: l.Data, Total: uint64(len(l.Data)), Tag: l.Tag,
	})...)
}

// AppendUnchanged writes the answer to a client that has this list already.
func AppendUnchanged(dst []byte, digest string) []byte {
	return append(dst, marshal(&pb.ListResponse{Status: success(), Tag: digest})...)
}

func success() *pb.Status { return &pb.Status{Number: 1, Code: CodeSuccess, Msg: MsgSuccess} }

func marshal(m proto.Message) []byte {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic("wire: a text that is no UTF-8 was not made so: " + err.Error())
	}
	return data
}

// DecodeList reads an answer of list. JSON is told first, since refusals come as JSON on this endpoint too: 0x7b would be
// field 15 as a group, which these messages never use.
func DecodeList(body []byte) (*pb.ListResponse, error) {
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		e, err := DecodeEnvelope(body)
		if err != nil {
			return nil, err
		}
		return nil, &StatusError{Envelope: e}
	}
	var r pb.ListResponse
	if err := proto.Unmarshal(body, &r); err != nil {
		return nil, errors.New("the answer is no protobuf list: " + plain(err))
	}
	if code := r.GetStatus().GetCode(); code != CodeSuccess {
		return nil, &StatusError{Envelope: Envelope{Code: code, Msg: r.GetStatus().GetMsg()}, Protobuf: true}
	}
	return &r, nil
}
