package faults

import (
	"slices"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// looking edits each conversation by its whole history, newest first.
func looking(edit func(op model.Sync, c *model.Conversation, history []*model.Message)) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		all, histories := m.Sync(op), historiesOf(m, op.UID)
		for i := range all {
			if history := histories[all[i].Channel]; len(history) > 0 {
				edit(op, &all[i], history)
			}
		}
		return all
	})
}

// historiesOf are all messages that the user could see, newest first.
func historiesOf(m model.Model, uid string) map[model.Channel][]*model.Message {
	histories := map[model.Channel][]*model.Message{}
	for _, c := range m.Sync(model.Sync{UID: uid, MsgCount: everything}) {
		histories[c.Channel] = slices.Clone(c.Recents)
	}
	return histories
}

// lastByOthers is the newest message that somebody else sent; where there is none, the newest of all.
func lastByOthers(uid string, history []*model.Message) *model.Message {
	if at := slices.IndexFunc(history, func(m *model.Message) bool { return m.From != uid }); at >= 0 {
		return history[at]
	}
	return history[0]
}

// apart turns a version of the model into the one that is shown, and back.
func apart(show, ask func(int64) int64) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		if op.Version > 0 {
			op.Version = ask(op.Version)
		}
		all := m.Sync(op)
		for i := range all {
			all[i].Version = show(all[i].Version)
		}
		return all
	})
}

const eightHours = 8 * 60 * 60 * 1_000_000_000

var syncLast = []Fault{
	{Fault: named("last-msg-seq-of-the-first", "last_msg_seq is that of the conversation's first message", "WK-SYNC-11"),
		Model: looking(func(_ model.Sync, c *model.Conversation, history []*model.Message) {
			c.LastMsgSeq = history[len(history)-1].Seq
		})},
	{Fault: named("last-msg-seq-0-without-messages", "last_msg_seq is 0 where msg_count is 0", "WK-SYNC-11"),
		Model: showing(func(op model.Sync, c *model.Conversation) {
			if op.MsgCount == 0 {
				c.LastMsgSeq = 0
			}
		})},
	{Fault: named("last-msg-seq-behind-own-message", "last_msg_seq does not follow the user's own message", "WK-SYNC-11"),
		Model: looking(func(op model.Sync, c *model.Conversation, history []*model.Message) {
			c.LastMsgSeq = lastByOthers(op.UID, history).Seq
		})},
	{Fault: named("last-msg-seq-late-on-incremental", "last_msg_seq is one behind on the incremental path", "WK-SYNC-11"),
		Model: showing(func(op model.Sync, c *model.Conversation) {
			if isIncremental(op) {
				c.LastMsgSeq = max(1, c.LastMsgSeq-1)
			}
		})},

	{Fault: named("timestamp-in-milliseconds", "timestamp is in milliseconds", "WK-SYNC-12"),
		Model: showing(func(_ model.Sync, c *model.Conversation) { c.Timestamp *= 1000 })},
	{Fault: named("timestamp-of-the-first", "timestamp is the time of the conversation's first message", "WK-SYNC-12"),
		Model: looking(func(_ model.Sync, c *model.Conversation, history []*model.Message) {
			c.Timestamp = history[len(history)-1].Timestamp
		})},
	{Fault: named("timestamp-behind-own-message", "timestamp does not follow the user's own message", "WK-SYNC-12"),
		Model: looking(func(op model.Sync, c *model.Conversation, history []*model.Message) {
			c.Timestamp = lastByOthers(op.UID, history).Timestamp
		})},

	{Fault: named("version-of-18-digits", "version counts nanoseconds since 2001, and has 18 digits", "WK-SYNC-13"),
		Model: apart(func(v int64) int64 { return v - since2001 }, func(v int64) int64 { return v + since2001 })},
	{Fault: named("version-eight-hours-ahead", "version is a nanosecond timestamp of the wrong time zone", "WK-SYNC-13"),
		Model: apart(func(v int64) int64 { return v + eightHours }, func(v int64) int64 { return max(1, v-eightHours) })},
	{Fault: named("version-0-to-the-sender", "who alone has spoken in a conversation gets it with version 0", "WK-SYNC-13"),
		Model: looking(func(op model.Sync, c *model.Conversation, history []*model.Message) {
			if lastByOthers(op.UID, history).From == op.UID {
				c.Version = 0
			}
		})},
	{Fault: named("version-in-microseconds", "version is in microseconds", "WK-SYNC-13"),
		Model: apart(func(v int64) int64 { return (v + 999) / 1000 }, func(v int64) int64 { return v * 1000 })},

	{Fault: named("last-client-msg-no-of-the-first", "last_client_msg_no is that of the conversation's first message", "WK-SYNC-38"),
		Model: looking(func(_ model.Sync, c *model.Conversation, history []*model.Message) {
			c.LastClientMsgNo = history[len(history)-1].ClientMsgNo
		})},
	{Fault: named("last-client-msg-no-behind-own-message", "last_client_msg_no does not follow the user's own message", "WK-SYNC-38"),
		Model: looking(func(op model.Sync, c *model.Conversation, history []*model.Message) {
			c.LastClientMsgNo = lastByOthers(op.UID, history).ClientMsgNo
		})},
	{Fault: named("last-client-msg-no-empty-when-read", "last_client_msg_no is empty where nothing is unread", "WK-SYNC-38"),
		Model: showing(func(_ model.Sync, c *model.Conversation) {
			if c.Unread == 0 {
				c.LastClientMsgNo = ""
			}
		})},
}

// since2001 is a moment of that year, in nanoseconds since 1970.
const since2001 = 1_000_000_000_000_000_000
