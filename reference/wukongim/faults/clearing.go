package faults

import (
	"net/http"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// rememberingDeletes remembers which conversations were deleted once.
func rememberingDeletes(build func(m model.Model, gone map[place]bool) override) decorator {
	return func(m model.Model) model.Model {
		gone := map[place]bool{}
		o := build(m, gone)
		o.Model = m
		o.remove = func(op model.Delete) error {
			err := m.Delete(op)
			if err == nil {
				gone[place{op.UID, op.Channel}] = true
			}
			return err
		}
		return o
	}
}

// settled sets the unread number that a fault wants; a number that the channel cannot have is left out.
func settled(m model.Model, op model.Clear, unread int64) error {
	return m.Set(model.Set{UID: op.UID, Channel: op.Channel, Unread: unread, Now: op.Now})
}

// leftAfter is how many of a history's messages after k are by others.
func leftAfter(uid string, history []*model.Message, k int64) (n int64) {
	for _, m := range history {
		if m.Seq > k && m.From != uid {
			n++
		}
	}
	return n
}

// clearedOnce remembers which conversations were cleared, and what the next message into one does.
func clearedOnce(next func(m model.Model, op model.Send, at place, clears int, before int64)) decorator {
	return func(m model.Model) model.Model {
		type state struct {
			clears int
			before int64 // unread before the latest clear
		}
		cleared := map[place]state{}
		return override{Model: m,
			clear: func(op model.Clear) error {
				before := unreadOf(m, op.UID, op.Channel)
				err := m.Clear(op)
				if at := (place{op.UID, op.Channel}); err == nil && op.MessageSeq == 0 {
					cleared[at] = state{cleared[at].clears + 1, before}
				}
				return err
			},
			send: func(op model.Send) model.Sent {
				sent := m.Send(op)
				for at, s := range cleared {
					if own(at.uid, at.channel) == own(op.From, op.Channel) && at.uid != op.From {
						next(m, op, at, s.clears, s.before)
						delete(cleared, at)
					}
				}
				return sent
			}}
	}
}

// swallow takes a new message for read.
func swallow(m model.Model, op model.Send, at place) {
	_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Now: op.Now}) // it was just listed: it cannot be refused
}

var clearing = []Fault{
	{Fault: named("clear-says-200", `clearUnread answers {"status":200}`, "WK-CLEAR-01"),
		Handler: answering(clearPath, func(c *call) { saysInstead(c, http.StatusOK, `{"status":200}`) })},
	{Fault: named("clear-says-success", `clearUnread of a personal channel answers {"status":"success"}`, "WK-CLEAR-01"),
		Handler: answering(clearPath, func(c *call) {
			if number(c.fields(), "channel_type") == 1 {
				saysInstead(c, http.StatusOK, `{"status":"success"}`)
			}
		})},
	{Fault: named("clear-up-to-says-nothing", "clearUnread up to a message is answered with 204", "WK-CLEAR-01"),
		Handler: answering(clearPath, func(c *call) {
			if number(c.fields(), "message_seq") > 0 {
				saysInstead(c, http.StatusNoContent, "")
			}
		})},

	{Fault: named("clear-without-effect", "clearUnread changes nothing", "WK-CLEAR-02"),
		Model: onClear(func(m model.Model, op model.Clear) error {
			return settled(m, op, unreadOf(m, op.UID, op.Channel))
		})},
	{Fault: named("clear-leaves-one-of-many", "clearUnread of more than 64 unread messages leaves one", "WK-CLEAR-02"),
		Model: onClear(func(m model.Model, op model.Clear) error {
			if op.MessageSeq == 0 && unreadOf(m, op.UID, op.Channel) > beyond {
				return settled(m, op, 1)
			}
			return m.Clear(op)
		})},
	{Fault: named("second-clear-without-effect", "the second clearUnread of a conversation changes nothing", "WK-CLEAR-02"),
		Model: func(m model.Model) model.Model {
			clears := map[place]int{}
			return onClear(func(m model.Model, op model.Clear) error {
				at := place{op.UID, op.Channel}
				if clears[at]++; clears[at] == 2 && op.MessageSeq == 0 {
					return settled(m, op, unreadOf(m, op.UID, op.Channel))
				}
				return m.Clear(op)
			})(m)
		}},
	{Fault: named("clear-without-effect-after-delete-and-resend", "clearUnread of a conversation that came back after a delete changes nothing", "WK-CLEAR-02"),
		Model: rememberingDeletes(func(m model.Model, gone map[place]bool) override {
			return override{clear: func(op model.Clear) error {
				if gone[place{op.UID, op.Channel}] && op.MessageSeq == 0 {
					return settled(m, op, unreadOf(m, op.UID, op.Channel))
				}
				return m.Clear(op)
			}}
		})},
	{Fault: rare("clear-without-effect-now-and-then", "one clearUnread in fifty changes nothing", "WK-CLEAR-02"),
		Model: onClear(func(m model.Model, op model.Clear) error {
			return settled(m, op, unreadOf(m, op.UID, op.Channel))
		})},

	{Fault: named("second-clear-is-404", "clearUnread of what has nothing unread is answered with 404", "WK-CLEAR-11"),
		Model: onClear(func(m model.Model, op model.Clear) error {
			if c, ok := find(m, op.UID, op.Channel, 0); ok && c.Unread == 0 && op.MessageSeq == 0 {
				return model.ErrNoConversation
			}
			return m.Clear(op)
		})},
	{Fault: named("second-clear-says-unchanged", `the same clearUnread up to a message a second time answers {"status":"unchanged"}`, "WK-CLEAR-11"),
		Handler: func(honest http.Handler) http.Handler {
			before := &seen{}
			return answering(clearPath, func(c *call) {
				if c.Status == http.StatusOK && number(c.fields(), "message_seq") > 0 && before.again(string(c.Body)) {
					saysInstead(c, http.StatusOK, `{"status":"unchanged"}`)
				}
			})(honest)
		}},

	{Fault: named("message-after-clear-swallowed", "the next message after clearUnread is not unread", "WK-CLEAR-12"),
		Model: clearedOnce(func(m model.Model, op model.Send, at place, _ int, _ int64) { swallow(m, op, at) })},
	{Fault: named("message-after-second-clear-swallowed", "the next message after a conversation was cleared twice is not unread", "WK-CLEAR-12"),
		Model: clearedOnce(func(m model.Model, op model.Send, at place, clears int, _ int64) {
			if clears > 1 {
				swallow(m, op, at)
			}
		})},
	{Fault: named("cleared-unread-comes-back", "the next message after clearUnread brings back what was unread before", "WK-CLEAR-12"),
		Model: clearedOnce(func(m model.Model, op model.Send, at place, _ int, before int64) {
			_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Unread: before + 1, Now: op.Now}) // within the messages there are
		})},

	{Fault: named("clear-writes-last-msg-seq", "clearUnread up to a message makes its message_seq the last_msg_seq", "WK-CLEAR-13"),
		Model: func(m model.Model) model.Model {
			written := map[place]int64{}
			return override{Model: m,
				clear: func(op model.Clear) error {
					if op.MessageSeq > 0 {
						written[place{op.UID, op.Channel}] = op.MessageSeq
					}
					return m.Clear(op)
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for i, c := range all {
						if seq := written[place{op.UID, c.Channel}]; seq > 0 {
							all[i].LastMsgSeq = seq
						}
					}
					return all
				}}
		}},
	{Fault: named("clear-moves-the-timestamp", "clearUnread makes its own time the timestamp", "WK-CLEAR-13"),
		Model: func(m model.Model) model.Model {
			moved := map[place]int64{}
			return override{Model: m,
				clear: func(op model.Clear) error {
					moved[place{op.UID, op.Channel}] = op.Now.Unix()
					return m.Clear(op)
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for i, c := range all {
						all[i].Timestamp = max(c.Timestamp, moved[place{op.UID, c.Channel}])
					}
					return all
				}}
		}},
	{Fault: named("clear-hides-what-it-read", "clearUnread up to a message hides the messages up to it", "WK-CLEAR-13"),
		Model: func(m model.Model) model.Model {
			read := map[place]int64{}
			return override{Model: m,
				clear: func(op model.Clear) error {
					read[place{op.UID, op.Channel}] = op.MessageSeq
					return m.Clear(op)
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for i, c := range all {
						shown := c.Recents[:0]
						for _, told := range c.Recents {
							if told.Seq > read[place{op.UID, c.Channel}] || told.Seq == c.LastMsgSeq {
								shown = append(shown, told)
							}
						}
						all[i].Recents = shown
					}
					return all
				}}
		}},
	{Fault: named("clear-brings-deleted-messages-back", "clearUnread of a conversation that came back after a delete brings the deleted messages back", "WK-CLEAR-13"),
		Model: resurrecting},
}

// saysInstead makes another answer of one that was ok.
func saysInstead(c *call, status int, body string) {
	if c.Status == http.StatusOK {
		c.says(status, body)
	}
}

// resurrecting keeps the messages that a delete hides, and shows them again after a clear.
func resurrecting(m model.Model) model.Model {
	hidden, shown := map[place][]*model.Message{}, map[place]bool{}
	return override{Model: m,
		remove: func(op model.Delete) error {
			if c, ok := find(m, op.UID, op.Channel, everything); ok {
				hidden[place{op.UID, op.Channel}] = append([]*model.Message{}, c.Recents...)
			}
			return m.Delete(op)
		},
		clear: func(op model.Clear) error {
			err := m.Clear(op)
			shown[place{op.UID, op.Channel}] = err == nil
			return err
		},
		sync: func(op model.Sync) []model.Conversation {
			all := m.Sync(op)
			for i, c := range all {
				if at := (place{op.UID, c.Channel}); shown[at] {
					more := hidden[at][:min(int64(len(hidden[at])), max(0, op.MsgCount-int64(len(c.Recents))))]
					all[i].Recents = append(c.Recents, more...)
				}
			}
			return all
		}}
}
