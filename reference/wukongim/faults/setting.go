package faults

import (
	"net/http"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// setsTo sets another number than the one asked for, where that is a possible one; now is the conversation before.
func setsTo(number func(op model.Set, now model.Conversation) int64) decorator {
	return onSet(func(m model.Model, op model.Set) error {
		if now, ok := find(m, op.UID, op.Channel, 0); ok && op.Unread >= 0 && op.Unread <= now.LastMsgSeq {
			op.Unread = number(op, now)
		}
		return m.Set(op)
	})
}

// alsoSet sets further conversations to the same number, where they can have it.
func alsoSet(others func(m model.Model, members roster, op model.Set) []place) decorator {
	return withRoster(func(m model.Model, members roster) override {
		return override{set: func(op model.Set) error {
			err := m.Set(op)
			if err != nil {
				return err
			}
			for _, at := range others(m, members, op) {
				_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Unread: op.Unread, Now: op.Now})
			}
			return nil
		}}
	})
}

// afterSet decides what a message does to a conversation that was set before; set is the number it was set to.
func afterSet(next func(set, after int64) int64) decorator {
	return func(m model.Model) model.Model {
		numbers := map[place]int64{}
		return override{Model: m,
			set: func(op model.Set) error {
				err := m.Set(op)
				if err == nil {
					numbers[place{op.UID, op.Channel}] = op.Unread
				}
				return err
			},
			clear:  func(op model.Clear) error { delete(numbers, place{op.UID, op.Channel}); return m.Clear(op) },
			remove: func(op model.Delete) error { delete(numbers, place{op.UID, op.Channel}); return m.Delete(op) },
			send: func(op model.Send) model.Sent {
				sent := m.Send(op)
				for at, set := range numbers {
					if own(at.uid, at.channel) != own(op.From, op.Channel) || at.uid == op.From {
						continue
					}
					after := unreadOf(m, at.uid, at.channel)
					if want := next(set, after); want != after {
						_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Unread: want, Now: op.Now})
					}
				}
				return sent
			}}
	}
}

var setting = []Fault{
	{Fault: named("set-says-201", "setUnread is answered with 201", "WK-SET-01"),
		Handler: answering(setPath, func(c *call) { c.Status = replaced(c.Status, http.StatusOK, http.StatusCreated) })},
	{Fault: named("set-0-says-204", "setUnread 0 is answered with 204", "WK-SET-01"),
		Handler: answering(setPath, func(c *call) {
			if f := c.fields(); string(f["unread"]) == "0" {
				saysInstead(c, http.StatusNoContent, "")
			}
		})},
	{Fault: named("set-again-says-409", "setUnread to the number that is there already is answered with 409", "WK-SET-01"),
		Handler: func(honest http.Handler) http.Handler {
			before := &seen{}
			return answering(setPath, func(c *call) {
				if c.Status == http.StatusOK && before.again(string(c.Body)) {
					saysInstead(c, http.StatusConflict, `{"msg":"unchanged","status":409}`)
				}
			})(honest)
		}},

	{Fault: named("set-without-effect", "setUnread changes nothing", "WK-SET-02"),
		Model: setsTo(func(_ model.Set, now model.Conversation) int64 { return now.Unread })},
	{Fault: named("set-only-lowers", "setUnread does not raise the number", "WK-SET-02"),
		Model: setsTo(func(op model.Set, now model.Conversation) int64 { return min(op.Unread, now.Unread) })},
	{Fault: named("set-to-all-is-one-short", "setUnread to the number of messages sets one less", "WK-SET-02"),
		Model: setsTo(func(op model.Set, now model.Conversation) int64 {
			if op.Unread == now.LastMsgSeq && op.Unread > 1 {
				return op.Unread - 1
			}
			return op.Unread
		})},
	{Fault: named("set-ends-at-64", "setUnread to more than 64 sets 64", "WK-SET-02"),
		Model: setsTo(func(op model.Set, _ model.Conversation) int64 { return min(op.Unread, beyond) })},
	{Fault: named("set-not-raised-from-0", "setUnread does not raise the number of a conversation that is read", "WK-SET-02"),
		Model: setsTo(func(op model.Set, now model.Conversation) int64 {
			if now.Unread == 0 {
				return 0
			}
			return op.Unread
		})},
	{Fault: named("set-without-effect-after-delete-and-resend", "setUnread of a conversation that came back after a delete changes nothing", "WK-SET-02"),
		Model: rememberingDeletes(func(m model.Model, gone map[place]bool) override {
			return override{set: func(op model.Set) error {
				if gone[place{op.UID, op.Channel}] {
					op.Unread = unreadOf(m, op.UID, op.Channel)
				}
				return m.Set(op)
			}}
		})},

	{Fault: named("message-after-set-not-counted", "after setUnread later messages are not counted", "WK-SET-04"),
		Model: afterSet(func(set, _ int64) int64 { return set })},
	{Fault: named("message-after-set-starts-at-1", "the first message after setUnread makes unread 1, whatever was set", "WK-SET-04"),
		Model: afterSet(func(set, after int64) int64 {
			if after == set+1 {
				return 1
			}
			return after
		})},
	{Fault: named("message-after-set-0-counts-twice", "the first message after setUnread 0 counts twice where there is room", "WK-SET-04"),
		Model: afterSet(func(set, after int64) int64 {
			if set == 0 && after == 1 {
				return 2
			}
			return after
		})},
	{Fault: named("set-on-an-empty-group-reads-forever", "setUnread on a group without messages makes every later message read", "WK-SET-04"),
		Model: func(m model.Model) model.Model {
			deaf := map[place]bool{}
			return override{Model: m,
				set: func(op model.Set) error {
					err := m.Set(op)
					if err != nil && op.Channel.Type != model.Direct {
						deaf[place{op.UID, op.Channel}] = true
					}
					return err
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for i, c := range all {
						if deaf[place{op.UID, c.Channel}] {
							all[i].Unread = 0
						}
					}
					return all
				}}
		}},
}

var settingOthers = []Fault{
	{Fault: named("set-for-everybody", "setUnread sets a group for all its members", "WK-SET-03"),
		Model: alsoSet(func(_ model.Model, members roster, op model.Set) []place {
			if op.Channel.Type == model.Direct {
				return nil
			}
			return othersOf(members, op.UID, op.Channel)
		})},
	{Fault: named("set-for-the-peer", "setUnread of a personal channel sets the peer's number too", "WK-SET-03"),
		Model: alsoSet(func(_ model.Model, members roster, op model.Set) []place {
			if op.Channel.Type != model.Direct {
				return nil
			}
			return othersOf(members, op.UID, op.Channel)
		})},
	{Fault: named("set-by-id-alone", "setUnread sets the conversations of the same id and another type too", "WK-SET-03"),
		Model: alsoSet(func(m model.Model, _ roster, op model.Set) []place { return namesakes(m, op.UID, op.Channel) })},
	{Fault: named("set-of-the-neighbour", "setUnread of one of more than 64 conversations sets the one after it too", "WK-SET-03"),
		Model: alsoSet(func(m model.Model, _ roster, op model.Set) []place {
			if len(m.Sync(model.Sync{UID: op.UID})) <= beyond {
				return nil
			}
			return neighbour(m, op.UID, op.Channel)
		})},
}
