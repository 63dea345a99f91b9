package faults

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// window edits which messages an answer shows: whole is the conversation's history, newest first, and n how many of it
// the honest server would show.
func window(edit func(op model.Sync, whole []*model.Message, n int) []*model.Message) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		all, histories := m.Sync(op), historiesOf(m, op.UID)
		for i, c := range all {
			if n := len(c.Recents); n > 0 && n <= len(histories[c.Channel]) {
				all[i].Recents = edit(op, histories[c.Channel], n)
			}
		}
		return all
	})
}

// onlyFor edits what a sync asks for where it is of that kind.
func onlyFor(kind func(op model.Sync) bool, edit func(op *model.Sync)) decorator {
	return asking(func(op *model.Sync) {
		if kind(*op) {
			edit(op)
		}
	})
}

func isIncremental(op model.Sync) bool { return op.Version > 0 }

func noCap(op *model.Sync) { op.Cap = 0 }

var syncMessages = []Fault{
	{Fault: named("msg-count-0-lists-nothing", "msg_count 0 is answered with no conversation", "WK-SYNC-06"),
		Handler: around(syncPath, func(c *call, next func()) {
			next()
			if f := c.fields(); c.Status == http.StatusOK && string(f["msg_count"]) == "0" {
				c.says(http.StatusOK, "[]")
			}
		})},
	{Fault: named("msg-count-0-means-15", "msg_count 0 stands for 15 messages", "WK-SYNC-06"),
		Model: onlyFor(func(op model.Sync) bool { return op.MsgCount == 0 }, func(op *model.Sync) { op.MsgCount = 15 })},
	{Fault: named("msg-count-0-gives-one-on-incremental", "msg_count 0 gives one message on the incremental path", "WK-SYNC-06"),
		Model: onlyFor(isIncremental, func(op *model.Sync) { op.MsgCount = max(op.MsgCount, 1) })},

	{Fault: named("one-message-too-few", "msg_count n gives n-1 messages of a conversation that has more", "WK-SYNC-07"),
		Model: window(func(op model.Sync, whole []*model.Message, n int) []*model.Message {
			if len(whole) > n && n > 1 {
				n--
			}
			return whole[:n]
		})},
	{Fault: named("msg-count-50-gives-49", "msg_count 50 gives 49 messages", "WK-SYNC-07"),
		Model: onlyFor(func(op model.Sync) bool { return op.MsgCount == 50 }, func(op *model.Sync) { op.MsgCount = 49 })},
	{Fault: named("msg-count-of-the-shortest", "every conversation of an answer gives as many messages as the one that has the fewest", "WK-SYNC-07"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			all := m.Sync(op)
			fewest := everything
			for _, c := range all {
				fewest = min(fewest, max(1, len(c.Recents)))
			}
			for i := range all {
				all[i].Recents = all[i].Recents[:min(len(all[i].Recents), fewest)]
			}
			return all
		})},
	{Fault: named("unread-messages-only", "only_unread 1 gives no more messages of a conversation than are unread in it", "WK-SYNC-07"),
		Model: showing(func(op model.Sync, c *model.Conversation) {
			if op.OnlyUnread {
				c.Recents = c.Recents[:min(len(c.Recents), int(c.Unread))]
			}
		})},
	{Fault: rare("a-message-lost-now-and-then", "one answer in fifty lacks the oldest message of its first conversation", "WK-SYNC-07"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			all := m.Sync(op)
			if len(all) > 0 && len(all[0].Recents) > 1 {
				all[0].Recents = all[0].Recents[:len(all[0].Recents)-1]
			}
			return all
		})},

	{Fault: named("no-cap", "msg_count above 50 is not limited", "WK-SYNC-08"), Model: asking(noCap)},
	{Fault: named("cap-51", "msg_count is limited to 51", "WK-SYNC-08"),
		Model: onlyFor(func(op model.Sync) bool { return op.Cap == 50 }, func(op *model.Sync) { op.Cap = 51 })},
	{Fault: named("no-cap-on-incremental", "msg_count above 50 is not limited on the incremental path", "WK-SYNC-08"),
		Model: onlyFor(isIncremental, noCap)},
	{Fault: named("no-cap-with-last-msg-seqs", "msg_count above 50 is not limited where last_msg_seqs is given", "WK-SYNC-08"),
		Model: onlyFor(func(op model.Sync) bool { return op.After != nil }, noCap)},
	{Fault: named("no-cap-with-only-unread", "msg_count above 50 is not limited where only_unread is 1", "WK-SYNC-08"),
		Model: onlyFor(func(op model.Sync) bool { return op.OnlyUnread }, noCap)},
	{Fault: named("no-cap-with-excluded-types", "msg_count above 50 is not limited where types are excluded", "WK-SYNC-08"),
		Model: onlyFor(func(op model.Sync) bool { return len(op.Exclude) > 0 }, noCap)},
	{Fault: named("msg-count-over-50-refused", "msg_count above 50 is refused with 400", "WK-SYNC-08"),
		Handler: around(syncPath, func(c *call, next func()) {
			if number(c.fields(), "msg_count") > 50 {
				c.says(http.StatusBadRequest, `{"msg":"msg_count must not be above 50","status":400}`)
				return
			}
			next()
		})},

	{Fault: named("oldest-messages", "recents are the oldest messages of the conversation", "WK-SYNC-09"),
		Model: window(func(_ model.Sync, whole []*model.Message, n int) []*model.Message { return whole[len(whole)-n:] })},
	{Fault: named("newest-message-missing", "of a conversation with more messages than msg_count, the newest one is left out", "WK-SYNC-09"),
		Model: window(func(_ model.Sync, whole []*model.Message, n int) []*model.Message {
			skip := min(1, len(whole)-n)
			return whole[skip : skip+n]
		})},
	{Fault: named("recents-end-at-the-100th", "recents do not go beyond a conversation's 100th message", "WK-SYNC-09"),
		Model: window(func(_ model.Sync, whole []*model.Message, n int) []*model.Message {
			skip := max(0, len(whole)-max(100, n))
			return whole[skip : skip+n]
		})},
	{Fault: named("own-newest-message-missing-on-incremental", "an incremental sync leaves out the newest message where it is the user's own", "WK-SYNC-09"),
		Model: window(func(op model.Sync, whole []*model.Message, n int) []*model.Message {
			if isIncremental(op) && whole[0].From == op.UID && len(whole) > n {
				return whole[1 : n+1]
			}
			return whole[:n]
		})},

	{Fault: named("oldest-of-the-new-messages", "of more new messages than msg_count, last_msg_seqs gets the oldest", "WK-SYNC-09"),
		Model: window(func(op model.Sync, whole []*model.Message, n int) []*model.Message {
			fresh := slices.IndexFunc(whole, func(m *model.Message) bool {
				return slices.ContainsFunc(slices.Collect(maps.Values(op.After)), func(seq int64) bool { return m.Seq <= seq })
			})
			if fresh < n {
				return whole[:n]
			}
			return whole[fresh-n : fresh]
		})},

	{Fault: named("recents-in-no-order", "recents stand in no order: every second message first", "WK-SYNC-10"),
		Model: window(func(_ model.Sync, whole []*model.Message, n int) []*model.Message {
			shown := whole[:n]
			slices.SortStableFunc(shown, func(a, b *model.Message) int { return cmp.Compare(a.Seq%2, b.Seq%2) })
			return shown
		})},
	{Fault: named("recents-turned-in-personal-channels", "recents of a personal channel run oldest first, those of a group newest first", "WK-SYNC-10"),
		Model: showing(func(_ model.Sync, c *model.Conversation) {
			if c.Channel.Type == model.Direct {
				slices.Reverse(c.Recents)
			}
		})},
	{Fault: named("recents-turned-on-incremental", "recents run oldest first on the incremental path only", "WK-SYNC-10"),
		Model: showing(func(op model.Sync, c *model.Conversation) {
			if isIncremental(op) {
				slices.Reverse(c.Recents)
			}
		})},

	{Fault: named("message-seq-shared-by-two", "two messages of a channel, one after the other, share a message_seq", "WK-SYNC-41", "WK-CLEAR-03"),
		Model: telling(func(_ model.Sync, _ model.Conversation, _ int, m *model.Message) { m.Seq = (m.Seq + 1) / 2 })},
	{Fault: named("message-seq-by-sender", "message_seq counts for each sender by itself", "WK-SYNC-41", "WK-CLEAR-03"),
		Model: window(func(_ model.Sync, whole []*model.Message, n int) []*model.Message {
			counts := map[string]int64{}
			for i := len(whole) - 1; i >= 0; i-- {
				counts[whole[i].From]++
				told := *whole[i]
				told.Seq = counts[told.From]
				whole[i] = &told
			}
			return whole[:n]
		})},
	{Fault: named("message-seq-restarts-after-delete", "after somebody deletes a conversation its message_seq begins at 1 again", "WK-SYNC-41", "WK-CLEAR-03"),
		Model: func(m model.Model) model.Model {
			from := map[model.Channel]int64{}
			return override{Model: m,
				remove: func(op model.Delete) error {
					if c, ok := find(m, op.UID, op.Channel, 0); ok {
						from[own(op.UID, op.Channel)] = c.LastMsgSeq
					}
					return m.Delete(op)
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for _, c := range all {
						for i, told := range c.Recents {
							if start := from[own(op.UID, c.Channel)]; told.Seq > start {
								copied := *told
								copied.Seq -= start
								c.Recents[i] = &copied
							}
						}
					}
					return all
				}}
		}},
}
