package faults

import (
	"net/http"
	"strings"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// commands lets a fault store what the honest server stores in no conversation: messages with sync_once.
func commands(edit func(op *model.Send)) decorator {
	return onSend(func(m model.Model, op model.Send) model.Sent {
		if op.Header.SyncOnce {
			edit(&op)
		}
		return m.Send(op)
	})
}

// The faults of what only the older page has: they show in profile v1.
var syncFlags = []Fault{
	{Fault: named("no-header", "messages carry no header", "WK-SYNC-39"),
		Codec: writingEach(func(_ wire.Conversation, _ int, _ wire.Message, written string) string {
			_, rest, found := strings.Cut(written, `"setting":`)
			if !found {
				return written
			}
			return `{"setting":` + rest
		})},
	{Fault: named("header-flags-as-booleans", "the flags of a header are true and false", "WK-SYNC-39"),
		Codec: writingEach(func(_ wire.Conversation, _ int, _ wire.Message, written string) string {
			return strings.NewReplacer(`"no_persist":0`, `"no_persist":false`, `"red_dot":1`, `"red_dot":true`,
				`"sync_once":0`, `"sync_once":false`).Replace(written)
		})},
	{Fault: named("setting-null", "setting is null in the messages of a personal channel", "WK-SYNC-39"),
		Codec: writingEach(func(c wire.Conversation, _ int, _ wire.Message, written string) string {
			if c.ChannelType != 1 {
				return written
			}
			return strings.Replace(written, `"setting":0`, `"setting":null`, 1)
		})},
	{Fault: named("message-type-2-in-personal-channels", "messages of a personal channel carry the channel_type of a group", "WK-SYNC-39"),
		Codec: writingEach(func(_ wire.Conversation, _ int, _ wire.Message, written string) string {
			return strings.Replace(written, `"channel_type":1`, `"channel_type":2`, 1)
		})},

	{Fault: named("command-stored", "a command message is stored like any other", "WK-SYNC-47"),
		Model: commands(func(op *model.Send) { op.Header.SyncOnce = false })},
	{Fault: named("command-stored-unless-counted", "a command message is stored, and not unread", "WK-SYNC-47"),
		Model: commands(func(op *model.Send) { op.Header.SyncOnce, op.Header.RedDot = false, false })},
	{Fault: named("command-counts-as-unread", "a command message is in no recents, but unread", "WK-SYNC-47"),
		Model: withRoster(func(m model.Model, members roster) override {
			return override{send: func(op model.Send) model.Sent {
				sent := m.Send(op)
				for _, uid := range members[own(op.From, op.Channel)] {
					c := seenBy(uid, uidOfPeer(uid, op), op.Channel)
					if found, ok := find(m, uid, c, 0); ok && op.Header.SyncOnce && uid != op.From && found.Unread < found.LastMsgSeq {
						_ = m.Set(model.Set{UID: uid, Channel: c, Unread: found.Unread + 1, Now: op.Now}) // within bounds
					} else if ok && op.Header.SyncOnce && uid != op.From {
						_ = m.Set(model.Set{UID: uid, Channel: c, Unread: found.Unread - 1, Now: op.Now})
					}
				}
				return sent
			}}
		})},
	{Fault: named("command-makes-a-conversation", "a command message makes a conversation of its own, named ____cmd", "WK-SYNC-47"),
		Model: commands(func(op *model.Send) {
			op.Header.SyncOnce = false
			if op.Channel.Type == model.Direct {
				op.Channel.ID += "____cmd"
			}
		})},

	{Fault: named("no-persist-stored", "a message with no_persist 1 is stored like any other", "WK-SYNC-48"),
		Model: onSend(func(m model.Model, op model.Send) model.Sent {
			op.Header.NoPersist = false
			return m.Send(op)
		})},
	{Fault: named("no-persist-stored-in-personal-channels", "a message with no_persist 1 is stored in a personal channel, and not unread", "WK-SYNC-48"),
		Model: onSend(func(m model.Model, op model.Send) model.Sent {
			if op.Header.NoPersist && op.Channel.Type == model.Direct {
				op.Header.NoPersist, op.Header.RedDot = false, false
			}
			return m.Send(op)
		})},

	{Fault: named("errors-as-text-plain", "an error is plain text", "WK-SYNC-50"),
		Handler: answering("", func(c *call) {
			if c.Status >= 400 {
				c.AnswerHeader.Set("Content-Type", "text/plain; charset=utf-8")
			}
		})},
	{Fault: named("empty-error-for-no-json", "a body that is no JSON object is refused without a word", "WK-SYNC-50"),
		Handler: refusing("", http.StatusBadRequest, func(c *call) {
			if c.fields() == nil {
				c.Answer = nil
			}
		})},
	{Fault: named("delete-refused-without-reason", "delete refuses a request with an empty msg", "WK-SYNC-50"),
		Handler: refusing(deletePath, http.StatusBadRequest, func(c *call) { c.Answer = []byte(`{"msg":"","status":400}`) })},
}
