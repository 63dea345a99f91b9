package faults

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// payloads edits the bytes of each message.
func payloads(edit func([]byte) []byte) decorator {
	return telling(func(_ model.Sync, _ model.Conversation, _ int, m *model.Message) { m.Payload = edit(m.Payload) })
}

// encoding writes payloads in another base64.
func encoding(e *base64.Encoding) func(wire.Conversation, int, wire.Message, string) string {
	return func(_ wire.Conversation, _ int, m wire.Message, written string) string {
		honest := base64.StdEncoding.EncodeToString(m.Payload)
		return strings.Replace(written, `"payload":"`+honest+`"`, `"payload":"`+e.EncodeToString(m.Payload)+`"`, 1)
	}
}

var syncPayload = []Fault{
	{Fault: named("payload-url-alphabet", "payload is base64 of the URL alphabet, - and _ for + and /", "WK-SYNC-04"),
		Codec: writingEach(encoding(base64.URLEncoding))},
	{Fault: named("payload-unpadded", "payload is base64 without padding", "WK-SYNC-04"),
		Codec: writingEach(encoding(base64.RawStdEncoding))},
	{Fault: named("payload-ends-at-zero", "a payload ends before its first byte 0x00", "WK-SYNC-04"),
		Model: payloads(func(p []byte) []byte { before, _, _ := bytes.Cut(p, []byte{0}); return before })},
	{Fault: named("payload-repaired", "bytes that are no UTF-8 become U+FFFD in a payload", "WK-SYNC-04"),
		Model: payloads(func(p []byte) []byte { return bytes.ToValidUTF8(p, []byte("\uFFFD")) })},
	{Fault: named("payload-cut-at-65535", "a payload of more than 65535 bytes is cut there", "WK-SYNC-04"),
		Model: payloads(func(p []byte) []byte { return p[:min(len(p), 65535)] })},
	{Fault: named("payload-trimmed", "white space around a payload is lost", "WK-SYNC-04"),
		Model: payloads(bytes.TrimSpace)},

	{Fault: named("message-id-rounded", "message_id is rounded as a 64-bit floating-point number is", "WK-SYNC-05"),
		Model: telling(func(_ model.Sync, _ model.Conversation, _ int, m *model.Message) { m.ID = int64(float64(m.ID)) })},
	{Fault: named("message-id-per-channel", "message_id counts in each channel by itself", "WK-SYNC-05"),
		Model: telling(func(_ model.Sync, _ model.Conversation, _ int, m *model.Message) {
			m.ID = 2_100_000_000_000_000_000 + m.Seq
		})},
	{Fault: named("message-id-shared-by-two", "two messages sent one after the other share a message_id", "WK-SYNC-05"),
		Model: telling(func(_ model.Sync, _ model.Conversation, _ int, m *model.Message) { m.ID &^= 1 })},

	{Fault: named("from-uid-is-the-channel", "from_uid in a group is the channel's id", "WK-SYNC-40"),
		Model: telling(func(_ model.Sync, c model.Conversation, _ int, m *model.Message) {
			if c.Channel.Type != model.Direct {
				m.From = c.Channel.ID
			}
		})},
	{Fault: named("from-uid-of-the-newest", "every message of an answer bears the from_uid of the newest", "WK-SYNC-40"),
		Model: showing(func(_ model.Sync, c *model.Conversation) {
			for i := range c.Recents {
				told := *c.Recents[i]
				told.From = c.Recents[0].From
				c.Recents[i] = &told
			}
		})},
	{Fault: named("client-msg-no-cut-at-36", "a client_msg_no of more than 36 characters is cut there", "WK-SYNC-40"),
		Model: clientMsgNos(func(no string) string { return no[:min(len(no), 36)] })},
	{Fault: named("client-msg-no-in-ascii", "characters beyond ASCII in a client_msg_no become ?", "WK-SYNC-40"),
		Model: clientMsgNos(func(no string) string {
			return strings.Map(func(r rune) rune {
				if r > 127 {
					return '?'
				}
				return r
			}, no)
		})},
	{Fault: named("client-msg-no-escaped", "<, > and & in a client_msg_no become HTML entities", "WK-SYNC-40"),
		Model: clientMsgNos(func(no string) string {
			return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(no)
		})},

	{Fault: named("message-without-its-time", "the oldest message of each recents has the timestamp 0: one message reads differently by msg_count", "WK-SYNC-45"),
		Model: telling(func(op model.Sync, c model.Conversation, i int, m *model.Message) {
			if i > 0 && i == len(c.Recents)-1 {
				m.Timestamp = 0
			}
		})},
	{Fault: named("message-id-differs-on-incremental", "an incremental sync gives other message ids than a full one", "WK-SYNC-45"),
		Model: telling(func(op model.Sync, _ model.Conversation, _ int, m *model.Message) {
			if op.Version > 0 {
				m.ID++
			}
		})},
	{Fault: named("payload-differs-for-the-fourth", "the fourth member of a group reads another payload than the others", "WK-SYNC-45"),
		Model: withRoster(func(m model.Model, members roster) override {
			return override{sync: func(op model.Sync) []model.Conversation {
				all := m.Sync(op)
				for _, c := range all {
					for i, told := range c.Recents {
						if slices.Index(members[c.Channel], op.UID) == 3 {
							c.Recents[i] = withPayload(told, append(bytes.Clone(told.Payload), ' '))
						}
					}
				}
				return all
			}}
		})},
	{Fault: named("header-lost-with-the-oldest", "the oldest message of each recents has its header zeroed (profile v1)", "WK-SYNC-45"),
		Model: telling(func(_ model.Sync, c model.Conversation, i int, m *model.Message) {
			if i == len(c.Recents)-1 {
				m.Header = model.Header{}
			}
		})},
}

func clientMsgNos(edit func(string) string) decorator {
	return showing(func(_ model.Sync, c *model.Conversation) {
		c.LastClientMsgNo = edit(c.LastClientMsgNo)
		for i := range c.Recents {
			told := *c.Recents[i]
			told.ClientMsgNo = edit(told.ClientMsgNo)
			c.Recents[i] = &told
		}
	})
}

// withPayload is a copy of the message with another payload.
func withPayload(m *model.Message, payload []byte) *model.Message {
	told := *m
	told.Payload = payload
	return &told
}
