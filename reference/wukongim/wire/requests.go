package wire

import (
	"math"
	"strconv"
	"strings"

	"github.com/parley-im/parley/reference/fields"
)

// SyncRequest is the body of POST /conversation/sync.
type SyncRequest struct {
	UID     string
	Version int64 // nanoseconds; 0: full
	// LastMsgSeqs is what the client has already.
	LastMsgSeqs []ChannelSeq
	MsgCount    int64
	// V2 only:
	OnlyUnread          int64 // 0 or 1
	ExcludeChannelTypes []int
}

// ChannelSeq is one entry of last_msg_seqs.
type ChannelSeq struct {
	ChannelID   string
	ChannelType int
	LastMsgSeq  int64
}

// ClearUnreadRequest is the body of POST /conversations/clearUnread.
type ClearUnreadRequest struct {
	UID         string
	ChannelID   string
	ChannelType int
	MessageSeq  int64 // 0: all
}

// SetUnreadRequest is the body of POST /conversations/setUnread.
type SetUnreadRequest struct {
	UID         string
	ChannelID   string
	ChannelType int
	Unread      int64
}

// DeleteRequest is the body of POST /conversations/delete.
type DeleteRequest struct {
	UID         string
	ChannelID   string
	ChannelType int
}

// DecodeSyncRequest reads a body as the profile's page has it. Errors are *fields.Error.
func DecodeSyncRequest(profile Profile, body []byte) (SyncRequest, error) {
	f := fields.Read(body)
	r := SyncRequest{
		UID:         f.Name("uid"),
		Version:     f.Int("version", 0, math.MaxInt64),
		LastMsgSeqs: ParseLastMsgSeqs(f.Text("last_msg_seqs")),
		MsgCount:    f.Int("msg_count", 0, math.MaxInt64),
	}
	if profile != V1 {
		r.OnlyUnread = f.Int("only_unread", 0, 1)
		r.ExcludeChannelTypes = f.Ints("exclude_channel_types")
	}
	return r, f.Err()
}

// DecodeClearUnreadRequest reads a body. Errors are *fields.Error.
func DecodeClearUnreadRequest(body []byte) (ClearUnreadRequest, error) {
	f := fields.Read(body)
	r := ClearUnreadRequest{
		UID: f.Name("uid"), ChannelID: f.Name("channel_id"), ChannelType: channelType(f),
		MessageSeq: f.Int("message_seq", 0, math.MaxInt64),
	}
	return r, f.Err()
}

// DecodeSetUnreadRequest reads a body. Errors are *fields.Error.
func DecodeSetUnreadRequest(body []byte) (SetUnreadRequest, error) {
	f := fields.Read(body)
	r := SetUnreadRequest{
		UID: f.Name("uid"), ChannelID: f.Name("channel_id"), ChannelType: channelType(f),
		Unread: f.RequiredInt("unread", 0, math.MaxInt64),
	}
	return r, f.Err()
}

// DecodeDeleteRequest reads a body. Errors are *fields.Error.
func DecodeDeleteRequest(body []byte) (DeleteRequest, error) {
	f := fields.Read(body)
	r := DeleteRequest{
		UID: f.Name("uid"), ChannelID: f.Name("channel_id"), ChannelType: channelType(f),
	}
	return r, f.Err()
}

// channelType is a required channel type; it is one byte in WuKongIM, and 0 is none.
func channelType(f *fields.Reader) int { return int(f.RequiredInt("channel_type", 1, math.MaxUint8)) }

// ParseLastMsgSeqs reads channelID:channelType:last_msg_seq|… Each entry is read from the right, since a channel's
// id may contain colons. What cannot be read is left out.
func ParseLastMsgSeqs(s string) (all []ChannelSeq) {
	for entry := range strings.SplitSeq(s, "|") {
		if c, ok := parseChannelSeq(entry); ok {
			all = append(all, c)
		}
	}
	return all
}

func parseChannelSeq(entry string) (ChannelSeq, bool) {
	before, seq, ok := cutLast(entry)
	if !ok {
		return ChannelSeq{}, false
	}
	id, typ, ok := cutLast(before)
	if !ok || id == "" {
		return ChannelSeq{}, false
	}
	// 63 and 8 bits: both are never negative.
	n, err := strconv.ParseUint(seq, 10, 63)
	if err != nil {
		return ChannelSeq{}, false
	}
	t, err := strconv.ParseUint(typ, 10, 8)
	return ChannelSeq{ChannelID: id, ChannelType: int(t), LastMsgSeq: int64(n)}, err == nil
}

func cutLast(s string) (before, after string, found bool) {
	at := strings.LastIndexByte(s, ':')
	if at < 0 {
		return "", "", false
	}
	return s[:at], s[at+1:], true
}

// FormatLastMsgSeqs is the inverse of ParseLastMsgSeqs. An id with a '|' in it cannot be told apart by the reader.
func FormatLastMsgSeqs(all []ChannelSeq) string {
	var b []byte
	for i, c := range all {
		if i > 0 {
			b = append(b, '|')
		}
		b = append(append(b, c.ChannelID...), ':')
		b = append(strconv.AppendInt(b, int64(c.ChannelType), 10), ':')
		b = strconv.AppendInt(b, c.LastMsgSeq, 10)
	}
	return string(b)
}

// Append writes the request as JSON. Version, LastMsgSeqs and the fields of V2 are left out where they say nothing.
func (r SyncRequest) Append(dst []byte) []byte {
	dst = appendText(append(dst, `{"uid":`...), r.UID)
	if r.Version != 0 {
		dst = strconv.AppendInt(append(dst, `,"version":`...), r.Version, 10)
	}
	if len(r.LastMsgSeqs) > 0 {
		dst = appendText(append(dst, `,"last_msg_seqs":`...), FormatLastMsgSeqs(r.LastMsgSeqs))
	}
	dst = strconv.AppendInt(append(dst, `,"msg_count":`...), r.MsgCount, 10)
	if r.OnlyUnread != 0 {
		dst = strconv.AppendInt(append(dst, `,"only_unread":`...), r.OnlyUnread, 10)
	}
	for i, t := range r.ExcludeChannelTypes {
		if i == 0 {
			dst = append(dst, `,"exclude_channel_types":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(t), 10)
	}
	if len(r.ExcludeChannelTypes) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// Append writes the request as JSON; MessageSeq is left out where it is 0.
func (r ClearUnreadRequest) Append(dst []byte) []byte {
	dst = appendUserChannel(dst, r.UID, r.ChannelID, r.ChannelType)
	if r.MessageSeq != 0 {
		dst = strconv.AppendInt(append(dst, `,"message_seq":`...), r.MessageSeq, 10)
	}
	return append(dst, '}')
}

// Append writes the request as JSON.
func (r SetUnreadRequest) Append(dst []byte) []byte {
	dst = appendUserChannel(dst, r.UID, r.ChannelID, r.ChannelType)
	return append(strconv.AppendInt(append(dst, `,"unread":`...), r.Unread, 10), '}')
}

// Append writes the request as JSON.
func (r DeleteRequest) Append(dst []byte) []byte {
	return append(appendUserChannel(dst, r.UID, r.ChannelID, r.ChannelType), '}')
}

func appendUserChannel(dst []byte, uid, channelID string, channelType int) []byte {
	dst = appendText(append(dst, `{"uid":`...), uid)
	dst = appendText(append(dst, `,"channel_id":`...), channelID)
	return strconv.AppendInt(append(dst, `,"channel_type":`...), int64(channelType), 10)
}
