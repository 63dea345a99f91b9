package faults

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// retyped writes a list in which every varint of one field of its conversations is replaced by bytes of another type.
func retyped(number protowire.Number, write func(dst []byte, n uint64) []byte) func(http.Handler) http.Handler {
	return listingBytes(func(c *call, l *pb.ListResponse) {
		data := l.Data
		l.Data = nil
		out := written(l)
		for _, p := range data {
			one := written(&pb.ListResponse{Data: []*pb.Conversation{p}})
			_, _, n := protowire.ConsumeTag(one)
			body, _ := protowire.ConsumeBytes(one[n:])
			out = protowire.AppendBytes(protowire.AppendTag(out, 2, protowire.BytesType), replaced(body, number, write))
		}
		c.Answer = out
	})
}

// replaced is a message with one field written anew.
func replaced(message []byte, number protowire.Number, write func(dst []byte, n uint64) []byte) []byte {
	var out []byte
	for len(message) > 0 {
		num, typ, tag := protowire.ConsumeTag(message)
		value := protowire.ConsumeFieldValue(num, typ, message[tag:])
		if num == number {
			n, _ := protowire.ConsumeVarint(message[tag:])
			out = write(out, n)
		} else {
			out = append(out, message[:tag+value]...)
		}
		message = message[tag+value:]
	}
	return out
}

var listForm = []Fault{
	{Fault: named("list-as-json", "list is answered as JSON", "YH-LIST-1", "YH-LIST-17"),
		Handler: listingBytes(func(c *call, l *pb.ListResponse) { c.Answer, _ = protojson.Marshal(l) })},
	{Fault: named("total-fixed32", "total is a 32-bit value", "YH-LIST-1"),
		Handler: listingBytes(func(c *call, l *pb.ListResponse) {
			total := uint32(l.Total)
			l.Total = 0
			c.Answer = protowire.AppendFixed32(protowire.AppendTag(written(l), 3, protowire.Fixed32Type), total)
		})},
	{Fault: named("timestamp-as-text", "timestamp_ms is a string of digits", "YH-LIST-1"),
		Handler: retyped(5, func(dst []byte, n uint64) []byte {
			return protowire.AppendString(protowire.AppendTag(dst, 5, protowire.BytesType), fmt.Sprint(n))
		})},
	{Fault: named("at-fixed64", "at is a 64-bit value, where it stands", "YH-LIST-1"),
		Handler: retyped(7, func(dst []byte, n uint64) []byte {
			return protowire.AppendFixed64(protowire.AppendTag(dst, 7, protowire.Fixed64Type), n)
		})},
	{Fault: named("list-wants-content-type", "list without a Content-Type is answered with HTTP 415", "YH-LIST-1"),
		Handler: answering(listPath, func(c *call) {
			if c.Header.Get("Content-Type") == "" && c.Status == http.StatusOK && !c.refused() {
				c.Status = http.StatusUnsupportedMediaType
			}
		})},
	{Fault: named("last-byte-missing", "the last byte of a list is missing", "YH-LIST-1", "YH-LIST-17"),
		Handler: listingBytes(func(c *call, _ *pb.ListResponse) { c.Answer = c.Answer[:len(c.Answer)-1] })},
	{Fault: named("cut-in-character", "long texts are cut in the middle of a character", "YH-LIST-17"),
		Handler: listingBytes(func(c *call, l *pb.ListResponse) { c.Answer = cutTexts(c.Answer) })},
	{Fault: named("list-ends-at-8-kib", "a list ends after 8 KiB", "YH-LIST-17", "YH-LIST-3"),
		Handler: listingBytes(func(c *call, _ *pb.ListResponse) { c.Answer = c.Answer[:min(len(c.Answer), 8<<10)] })},
	{Fault: named("status-msg-ok", "status.msg is ok", "YH-LIST-2"), Handler: listing(func(_ *call, l *pb.ListResponse) { l.Status.Msg = "ok" })},
	{Fault: named("status-code-0", "status.code is 0", "YH-LIST-2", "YH-COM-3"), Handler: listing(func(_ *call, l *pb.ListResponse) { l.Status.Code = 0 })},
	{Fault: named("empty-without-status", "a list without a conversation has no status", "YH-LIST-2"),
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			if len(l.Data) == 0 {
				l.Status = nil
			}
		})},
}

// cutTexts spoils the last character of every chat_content that is long, keeping its length.
func cutTexts(answer []byte) []byte {
	out := bytes.Clone(answer)
	const long = 256
	for at := 0; at+long < len(out); at++ {
		if run := textRun(out[at:]); run >= long {
			out[at+run-1] = 'x' // the character's last byte becomes another character
			at += run
		}
	}
	return out
}

// textRun is how many bytes of characters of three bytes stand at the beginning of data.
func textRun(data []byte) int {
	n := 0
	for n+2 < len(data) && data[n]&0xf0 == 0xe0 && data[n+1]&0xc0 == 0x80 && data[n+2]&0xc0 == 0x80 {
		n += 3
	}
	return n
}

var listTotals = []Fault{
	{Fault: named("total-plus-one", "total is one more", "YH-LIST-3"), Handler: listing(func(_ *call, l *pb.ListResponse) { l.Total++ })},
	{Fault: named("total-of-unread", "total counts only conversations with unread messages", "YH-LIST-3"),
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			l.Total = 0
			for _, p := range l.Data {
				if p.Unread > 0 {
					l.Total++
				}
			}
		})},
	{Fault: named("list-cut-at-100", "a list has at most 100 conversations", "YH-LIST-3"),
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			l.Data = l.Data[:min(len(l.Data), 100)]
			l.Total = uint64(len(l.Data))
		})},
	{Fault: named("list-hides-read", "conversations that are read are left out", "YH-LIST-3"),
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			l.Data = slices.DeleteFunc(l.Data, func(p *pb.Conversation) bool { return p.Unread == 0 })
			l.Total = uint64(len(l.Data))
		})},
}

// ofKind edits conversations of one kind.
func ofKind(kind uint64, edit func(*pb.Conversation)) func(http.Handler) http.Handler {
	return showing(func(p *pb.Conversation) {
		if p.ChatType == kind {
			edit(p)
		}
	})
}

var listKinds = []Fault{
	{Fault: named("bot-as-4", "a bot has chat_type 4", "YH-LIST-4"), Handler: ofKind(3, func(p *pb.Conversation) { p.ChatType = 4 })},
	{Fault: named("bot-as-user", "a bot has chat_type 1", "YH-LIST-4"), Handler: ofKind(3, func(p *pb.Conversation) { p.ChatType = 1 })},
	{Fault: named("group-without-type", "a group has chat_type 0", "YH-LIST-4"), Handler: ofKind(2, func(p *pb.Conversation) { p.ChatType = 0 })},
	{Fault: named("user-without-id", "a chat with a user has no chat_id", "YH-LIST-4"), Handler: ofKind(1, func(p *pb.Conversation) { p.ChatId = "" })},
	{Fault: named("certification-3", "certification_level of a bot is 3", "YH-LIST-8"), Handler: ofKind(3, func(p *pb.Conversation) { p.CertificationLevel = 3 })},
	{Fault: named("certification-negative", "certification_level of a group is -1 where do-not-disturb is on", "YH-LIST-8"),
		Handler: ofKind(2, func(p *pb.Conversation) {
			if p.DoNotDisturb == 1 {
				p.CertificationLevel = 1<<64 - 1
			}
		})},
}

var listTimes = []Fault{
	{Fault: named("timestamp-in-ms", "timestamp is in milliseconds", "YH-LIST-5"), Handler: showing(func(p *pb.Conversation) { p.Timestamp = p.TimestampMs })},
	{Fault: named("timestamp-ms-in-seconds", "timestamp_ms is in seconds", "YH-LIST-5"), Handler: showing(func(p *pb.Conversation) { p.TimestampMs /= 1000 })},
	{Fault: named("mention-in-microseconds", "timestamp_ms is in microseconds where the user was mentioned", "YH-LIST-5"),
		Handler: showing(func(p *pb.Conversation) {
			if p.At == 1 {
				p.TimestampMs *= 1000
			}
		})},
	{Fault: named("read-without-time", "a conversation that is read has no timestamp_ms", "YH-LIST-5"),
		Handler: showing(func(p *pb.Conversation) {
			if p.Unread == 0 {
				p.TimestampMs = 0
			}
		})},
}

// showed edits how a conversation is shown, before it is on the wire.
func showed(edit func(c model.Conversation, p *pb.Conversation)) func(*server.Codec) {
	return func(codec *server.Codec) {
		honest := codec.Show
		codec.Show = func(profile wire.Profile, c model.Conversation) *pb.Conversation {
			p := honest(profile, c)
			edit(c, p)
			return p
		}
	}
}

var listFlags = []Fault{
	{Fault: named("at-is-2", "at is 2 where the user was mentioned", "YH-LIST-6"), Handler: showing(func(p *pb.Conversation) { p.At *= 2 })},
	{Fault: named("at-counts", "at is the number of the message that mentioned", "YH-LIST-6"),
		Codec: showed(func(c model.Conversation, p *pb.Conversation) {
			if c.Mention != nil {
				p.At = uint64(c.Mention.Seq)
			}
		})},
	{Fault: named("at-never", "at is never 1", "YH-LIST-6"), Handler: showing(func(p *pb.Conversation) { p.At = 0 })},
	{Fault: named("at-in-groups", "at is 1 in every group", "YH-LIST-6"), Handler: ofKind(2, func(p *pb.Conversation) { p.At = 1 })},
	{Fault: named("silence-negative", "do_not_disturb is -1 where it is on", "YH-LIST-6"),
		Handler: showing(func(p *pb.Conversation) { p.DoNotDisturb = -p.DoNotDisturb })},
	{Fault: named("silence-everywhere", "do_not_disturb of one conversation switches it on for all", "YH-LIST-6"),
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			if slices.ContainsFunc(l.Data, func(p *pb.Conversation) bool { return p.DoNotDisturb == 1 }) {
				for _, p := range l.Data {
					p.DoNotDisturb = 1
				}
			}
		})},
	{Fault: named("unread-negative", "unread is negative", "YH-LIST-7"), Handler: showing(func(p *pb.Conversation) { p.Unread = -p.Unread })},
	{Fault: named("unread-modulo-100", "unread is the last two digits of the count", "YH-LIST-7"),
		Codec: showed(func(c model.Conversation, p *pb.Conversation) { p.Unread = min(p.Unread, uint64(c.Unread%100)) })},
	{Fault: named("unread-silenced", "a silenced conversation is never unread", "YH-LIST-7"),
		Handler: showing(func(p *pb.Conversation) { p.Unread *= 1 - p.DoNotDisturb })},
	{Fault: named("at-data-missing", "at_data is left out", "YH-LIST-9"), Handler: showing(func(p *pb.Conversation) { p.AtData = nil })},
	{Fault: named("at-data-empty", "at_data has nothing in it", "YH-LIST-9"),
		Handler: showing(func(p *pb.Conversation) {
			if p.AtData != nil {
				p.AtData = &pb.Mention{}
			}
		})},
	{Fault: named("mentioner-in-field-5", "at_data has the id of who mentioned in field 5", "YH-LIST-9"),
		Handler: showing(func(p *pb.Conversation) {
			if p.AtData != nil {
				id := protowire.AppendString(protowire.AppendTag(nil, 5, protowire.BytesType), p.AtData.MentionerId)
				p.AtData.MentionerId = ""
				p.AtData.ProtoReflect().SetUnknown(id)
			}
		})},
}

// listTexts are wrong in what people read.
var listTexts = []Fault{
	{Fault: named("name-is-id", "name is the chat_id", "YH-LIST-1"), Handler: showing(func(p *pb.Conversation) { p.Name, p.RealName = p.ChatId, p.ChatId })},
	{Fault: named("name-in-field-15", "the name stands in field 15 alone", "YH-LIST-1"), Profiles: []string{"2025"},
		Handler: showing(func(p *pb.Conversation) { p.RealName, p.Name = p.Name, "" })},
	{Fault: named("no-preview-when-read", "chat_content of a conversation that is read is left out", "YH-LIST-1"),
		Handler: showing(func(p *pb.Conversation) {
			if p.Unread == 0 {
				p.ChatContent = ""
			}
		})},
	{Fault: named("mentioned-in-the-mentioner", "mentioned_in is the id of who mentioned", "YH-LIST-9"),
		Handler: showing(func(p *pb.Conversation) {
			if p.AtData != nil {
				p.AtData.MentionedIn = p.AtData.MentionerId
			}
		})},
	{Fault: named("read-is-not-silenced", "a conversation that is read has no do-not-disturb", "YH-LIST-6"),
		Handler: showing(func(p *pb.Conversation) {
			if p.Unread == 0 {
				p.DoNotDisturb = 0
			}
		})},
}

var listDouble = []Fault{
	{Fault: named("first-twice", "the first conversation stands twice", "YH-LIST-14"),
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			if len(l.Data) > 0 {
				l.Data = append(l.Data, l.Data[0])
			}
		})},
	{Fault: named("mentioned-twice", "a conversation with a mention stands twice", "YH-LIST-14"),
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			for _, p := range slices.Clone(l.Data) {
				if p.At == 1 {
					l.Data = append(l.Data, p)
					l.Total++
				}
			}
		})},
}

// asking edits requests of list, by their md5, before the honest server reads them.
func asking(edit func(c *call, md5 string)) func(http.Handler) http.Handler {
	return around(listPath, func(c *call, next func()) {
		if md5, err := wire.DecodeListRequest(c.Body); err == nil {
			edit(c, md5)
		}
		next()
	})
}

// hollow is a list that the client has.
func hollow(c *call) {
	if l, err := wire.DecodeList(c.Answer); err == nil {
		c.Answer = wire.AppendUnchanged(nil, l.Tag)
	}
}

// stranger tells whether a request has fields that no document names.
func stranger(body []byte) bool {
	for len(body) > 0 {
		number, typ, n := protowire.ConsumeTag(body)
		m := protowire.ConsumeFieldValue(number, typ, body[max(n, 0):])
		if n < 0 || m < 0 {
			return false
		}
		if number != 2 {
			return true
		}
		body = body[n+m:]
	}
	return false
}

var digests = []Fault{
	{Fault: named("md5-ignored", "the md5 of a request is not looked at", "YH-LIST-10"), Profiles: only2026,
		Handler: asking(func(c *call, _ string) { c.Body = nil })},
	{Fault: named("md5-any", "any md5 gets an empty list", "YH-LIST-10"), Profiles: only2026,
		Handler: answering(listPath, func(c *call) {
			if md5, err := wire.DecodeListRequest(c.Body); err == nil && md5 != "" {
				hollow(c)
			}
		})},
	{Fault: named("md5-of-ids", "the md5 is that of the ids alone", "YH-LIST-10"), Profiles: only2026,
		Codec: func(codec *server.Codec) {
			codec.Digest = func(data []*pb.Conversation) string {
				var ids []*pb.Conversation
				for _, p := range data {
					ids = append(ids, &pb.Conversation{ChatId: p.ChatId})
				}
				return wire.Digest(ids)
			}
		}},
	{Fault: named("md5-of-the-newest-50", "lists of more than 50 have no md5 that is recognised", "YH-LIST-10"), Profiles: only2026,
		Handler: listing(func(_ *call, l *pb.ListResponse) {
			if len(l.Data) > 50 {
				l.Tag = "0123456789abcdef0123456789abcdef"
			}
		})},
	{Fault: named("empty-md5-unchanged", "an md5 that is written but empty gets an empty list", "YH-LIST-11"), Profiles: only2026,
		Handler: answering(listPath, func(c *call) {
			if bytes.Equal(c.Body, []byte{0x12, 0}) {
				hollow(c)
			}
		})},
	{Fault: named("empty-md5-refused", "an md5 that is written but empty is refused", "YH-LIST-11"), Profiles: only2026,
		Handler: answering(listPath, func(c *call) {
			if bytes.Equal(c.Body, []byte{0x12, 0}) {
				c.says(http.StatusOK, wire.CodeBadParameters, "md5 is empty")
			}
		})},
	{Fault: named("unknown-fields-refused", "a request with unknown fields is refused", "YH-LIST-13"), Profiles: only2026,
		Handler: answering(listPath, func(c *call) {
			if stranger(c.Body) {
				c.says(http.StatusOK, wire.CodeBadParameters, "unknown field")
			}
		})},
	{Fault: named("unknown-fields-hide-md5", "unknown fields hide the md5", "YH-LIST-13"), Profiles: only2026,
		Handler: asking(func(c *call, _ string) {
			if stranger(c.Body) {
				c.Body = nil
			}
		})},
}
