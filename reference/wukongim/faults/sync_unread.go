package faults

import (
	"encoding/json"
	"slices"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// counting lets a fault decide what a message does to the unread numbers: after each stored message it sets the
// conversation of each member whom change names a number for. Numbers that the channel cannot have are left alone.
func counting(change func(m model.Model, op model.Send, uid string, before, after int64) int64) decorator {
	return withRoster(func(m model.Model, members roster) override {
		return override{send: func(op model.Send) model.Sent {
			all := members[own(op.From, op.Channel)]
			before := make([]int64, len(all))
			for i, uid := range all {
				before[i] = unreadOf(m, uid, seenBy(uid, uidOfPeer(uid, op), op.Channel))
			}
			sent := m.Send(op)
			for i, uid := range all {
				c := seenBy(uid, uidOfPeer(uid, op), op.Channel)
				after := unreadOf(m, uid, c)
				if want := change(m, op, uid, before[i], after); want != after && sent.Seq > 0 {
					_ = m.Set(model.Set{UID: uid, Channel: c, Unread: want, Now: op.Now}) // refused: it stays as it is
				}
			}
			return sent
		}}
	})
}

// uidOfPeer is how uid's own side names the other one of a personal channel.
func uidOfPeer(uid string, op model.Send) string {
	if uid == op.From {
		return op.Channel.ID
	}
	return op.From
}

var syncUnread = []Fault{
	{Fault: named("unread-is-a-flag", "unread is 1 wherever there is something unread", "WK-SYNC-14"),
		Model: showing(func(_ model.Sync, c *model.Conversation) { c.Unread = min(c.Unread, 1) })},
	{Fault: named("unread-ends-at-99", "unread does not go beyond 99", "WK-SYNC-14"),
		Model: showing(func(_ model.Sync, c *model.Conversation) { c.Unread = min(c.Unread, 99) })},
	{Fault: named("unread-of-the-page", "unread counts only the messages that are given", "WK-SYNC-14"),
		Model: showing(func(op model.Sync, c *model.Conversation) {
			if op.MsgCount > 0 {
				c.Unread = min(c.Unread, int64(len(c.Recents)))
			}
		})},
	{Fault: named("unread-of-the-last-sender", "unread counts only what the sender of the last message sent", "WK-SYNC-14"),
		Model: looking(func(op model.Sync, c *model.Conversation, history []*model.Message) {
			var n int64
			for _, m := range history {
				if m.From == history[0].From {
					n++
				}
			}
			c.Unread = min(c.Unread, n)
		})},
	{Fault: named("unread-since-the-version", "an incremental sync counts only what came after its version", "WK-SYNC-14"),
		Model: func(m model.Model) model.Model {
			known := map[place]map[int64]int64{} // unread by version
			return override{Model: m, sync: func(op model.Sync) []model.Conversation {
				all := m.Sync(op)
				for i, c := range all {
					at := place{op.UID, c.Channel}
					if known[at] == nil {
						known[at] = map[int64]int64{}
					}
					if was, ok := known[at][op.Version]; ok && c.Unread > was {
						all[i].Unread -= was
					}
					known[at][c.Version] = c.Unread
				}
				return all
			}}
		}},
	{Fault: named("unread-of-four-members", "only the first four members of a group have an unread number", "WK-SYNC-14"),
		Model: withRoster(func(m model.Model, members roster) override {
			return override{sync: func(op model.Sync) []model.Conversation {
				all := m.Sync(op)
				for i, c := range all {
					if slices.Index(members[c.Channel], op.UID) > 3 {
						all[i].Unread = 0
					}
				}
				return all
			}}
		})},
	{Fault: rare("unread-one-short-now-and-then", "one answer in fifty has one unread message too few in its first conversation", "WK-SYNC-14"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			all := m.Sync(op)
			if len(all) > 0 {
				all[0].Unread = max(0, all[0].Unread-1)
			}
			return all
		})},

	{Fault: named("own-messages-unread", "a user's own messages count as unread", "WK-SYNC-15"),
		Model: counting(func(_ model.Model, op model.Send, uid string, before, after int64) int64 {
			if uid == op.From {
				return before + 1
			}
			return after
		})},
	{Fault: named("own-first-message-unread", "the first message of a conversation counts as unread to its sender too", "WK-SYNC-15"),
		Model: counting(func(m model.Model, op model.Send, uid string, before, after int64) int64 {
			if c, _ := find(m, uid, op.Channel, 0); uid == op.From && c.LastMsgSeq == 1 {
				return 1
			}
			return after
		})},
	{Fault: named("own-answer-unread", "a user's own message counts as unread where it answers somebody else's", "WK-SYNC-15"),
		Model: counting(func(m model.Model, op model.Send, uid string, before, after int64) int64 {
			c, _ := find(m, uid, op.Channel, 2)
			if uid == op.From && len(c.Recents) == 2 && c.Recents[1].From != uid {
				return before + 1
			}
			return after
		})},

	{Fault: named("set-below-zero", "setUnread takes a negative number, and unread is negative", "WK-SYNC-46"),
		Codec: takingNegative,
		Model: extraUnread(func(err *model.UnreadError) (int64, bool) { return err.Unread, err.Unread < 0 })},
	{Fault: named("set-on-an-empty-group-underflows", "setUnread 1 on a group without messages makes unread 4294967295 with its first message", "WK-SET-04"),
		Model: func(m model.Model) model.Model {
			broken := map[place]bool{}
			return override{Model: m,
				set: func(op model.Set) error {
					err := m.Set(op)
					if err != nil && op.Channel.Type != model.Direct && op.Unread > 0 {
						broken[place{op.UID, op.Channel}] = true
						return nil
					}
					return err
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for i, c := range all {
						if broken[place{op.UID, c.Channel}] {
							all[i].Unread = 1<<32 - 1
						}
					}
					return all
				}}
		}},
	{Fault: named("clear-beyond-the-end-below-zero", "a clear with a message_seq beyond the last makes unread negative", "WK-SYNC-46", "WK-CLEAR-05"),
		Model: func(m model.Model) model.Model {
			debts := map[place]int64{}
			return override{Model: m,
				clear: func(op model.Clear) error {
					at := place{op.UID, op.Channel}
					delete(debts, at)
					if c, ok := find(m, op.UID, op.Channel, 0); ok && op.MessageSeq > c.LastMsgSeq {
						debts[at] = op.MessageSeq - c.LastMsgSeq
					}
					return m.Clear(op)
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for i, c := range all {
						all[i].Unread -= debts[place{op.UID, c.Channel}]
					}
					return all
				}}
		}},
}

// extraUnread keeps what a set asked for beyond the possible, until the conversation is set, cleared or deleted again.
func extraUnread(taken func(*model.UnreadError) (extra int64, ok bool)) decorator {
	return func(m model.Model) model.Model {
		extras := map[place]int64{}
		return override{Model: m,
			set: func(op model.Set) error {
				at := place{op.UID, op.Channel}
				delete(extras, at)
				err := m.Set(op)
				if refused, ok := err.(*model.UnreadError); ok {
					if extra, ok := taken(refused); ok {
						extras[at] = extra
						op.Unread = max(0, min(op.Unread, refused.Messages))
						return m.Set(op)
					}
				}
				return err
			},
			clear:  func(op model.Clear) error { delete(extras, place{op.UID, op.Channel}); return m.Clear(op) },
			remove: func(op model.Delete) error { delete(extras, place{op.UID, op.Channel}); return m.Delete(op) },
			sync: func(op model.Sync) []model.Conversation {
				all := m.Sync(op)
				for i, c := range all {
					all[i].Unread += extras[place{op.UID, c.Channel}]
				}
				return all
			}}
	}
}

// takingNegative reads a negative number where setUnread asks for one that is not.
func takingNegative(codec *server.Codec) {
	honest := codec.DecodeSetUnread
	codec.DecodeSetUnread = func(body []byte) (wire.SetUnreadRequest, error) {
		negative := (&call{&fault.Call{Body: body}}).fields()
		n := number(negative, "unread")
		if n >= 0 {
			return honest(body)
		}
		negative["unread"] = json.RawMessage("0")
		mended, err := json.Marshal(negative)
		if err != nil {
			return honest(body)
		}
		r, err := honest(mended)
		r.Unread = n
		return r, err
	}
}
