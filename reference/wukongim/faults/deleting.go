package faults

import (
	"net/http"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// ignoresDelete replaces the deletes of that kind by nothing at all, which is answered with 200.
func ignoresDelete(kind func(m model.Model, op model.Delete, c model.Conversation) bool) decorator {
	return onDelete(func(m model.Model, op model.Delete) error {
		if c, ok := find(m, op.UID, op.Channel, everything); ok && kind(m, op, c) {
			return nil
		}
		return m.Delete(op)
	})
}

// alsoDelete deletes further conversations after a delete went well.
func alsoDelete(others func(m model.Model, members roster, op model.Delete) []place) decorator {
	return withRoster(func(m model.Model, members roster) override {
		return override{remove: func(op model.Delete) error {
			further := others(m, members, op)
			err := m.Delete(op)
			if err != nil {
				return err
			}
			for _, at := range further {
				_ = m.Delete(model.Delete{UID: at.uid, Channel: at.channel, Now: op.Now}) // where there is one
			}
			return nil
		}}
	})
}

// grave is a conversation as it was when its user deleted it.
type grave struct {
	model.Conversation
	risen bool
}

// graves remembers each user's deleted conversations, until a new message brings them back.
type graves map[place]*grave

// deleted builds a model that remembers what was deleted.
func deleted(build func(m model.Model, buried graves) override) decorator {
	return func(m model.Model) model.Model {
		buried := graves{}
		o := build(m, buried)
		o.Model = m
		o.remove = func(op model.Delete) error {
			c, ok := find(m, op.UID, op.Channel, everything)
			err := m.Delete(op)
			if ok && err == nil {
				buried[place{op.UID, op.Channel}] = &grave{Conversation: c}
			}
			return err
		}
		send := o.send
		o.send = func(op model.Send) model.Sent {
			for at := range buried {
				if own(at.uid, at.channel) == own(op.From, op.Channel) {
					delete(buried, at)
				}
			}
			if send != nil {
				return send(op)
			}
			return m.Send(op)
		}
		return o
	}
}

// haunting adds deleted conversations to the syncs of that kind.
func haunting(kind func(op model.Sync, g *grave) bool) decorator {
	return deleted(func(m model.Model, buried graves) override {
		return override{sync: func(op model.Sync) []model.Conversation {
			all := m.Sync(op)
			for at, g := range buried {
				if at.uid == op.UID && kind(op, g) {
					all = append(all, g.shown(op))
				}
			}
			return all
		}}
	})
}

func (g *grave) shown(op model.Sync) model.Conversation {
	c := g.Conversation
	c.Recents = append([]*model.Message{}, c.Recents[:min(int64(len(c.Recents)), max(0, op.MsgCount))]...)
	return c
}

// risingByClear brings a deleted conversation back by a clear of it.
func risingByClear(m model.Model) model.Model {
	return deleted(func(m model.Model, buried graves) override {
		return override{
			clear: func(op model.Clear) error {
				if g := buried[place{op.UID, op.Channel}]; g != nil {
					g.risen = true
				}
				return m.Clear(op)
			},
			sync: func(op model.Sync) []model.Conversation {
				all := m.Sync(op)
				for at, g := range buried {
					if at.uid == op.UID && g.risen {
						all = append(all, g.shown(op))
					}
				}
				return all
			}}
	})(m)
}

var deleting = []Fault{
	{Fault: named("delete-says-204", "delete is answered with 204", "WK-DEL-01"),
		Handler: answering(deletePath, func(c *call) { saysInstead(c, http.StatusNoContent, "") })},
	{Fault: named("delete-by-the-sender-says-202", "delete of a personal channel by who wrote last is answered with 202", "WK-DEL-01"),
		Handler: func(honest http.Handler) http.Handler {
			wrote := &lastWriters{}
			return wrote.watch(answering(deletePath, func(c *call) {
				if f := c.fields(); number(f, "channel_type") == 1 && wrote.last(text(f, "uid"), text(f, "channel_id")) {
					saysInstead(c, http.StatusAccepted, `{"status":"ok"}`)
				}
			})(honest))
		}},
	{Fault: named("second-delete-says-404", "delete of a conversation that came back after a delete is answered with 404, and done", "WK-DEL-01"),
		Handler: func(honest http.Handler) http.Handler {
			before := &seen{}
			return answering(deletePath, func(c *call) {
				if c.Status == http.StatusOK && before.again(string(c.Body)) {
					saysInstead(c, http.StatusNotFound, `{"msg":"there is no such conversation","status":404}`)
				}
			})(honest)
		}},

	{Fault: named("delete-without-effect", "delete changes nothing", "WK-DEL-02"),
		Model: ignoresDelete(func(model.Model, model.Delete, model.Conversation) bool { return true })},
	{Fault: named("delete-of-read-without-effect", "delete of a conversation without unread messages changes nothing", "WK-DEL-02"),
		Model: ignoresDelete(func(_ model.Model, _ model.Delete, c model.Conversation) bool { return c.Unread == 0 })},
	{Fault: named("delete-of-long-without-effect", "delete of a conversation with more than 64 messages changes nothing", "WK-DEL-02"),
		Model: ignoresDelete(func(_ model.Model, _ model.Delete, c model.Conversation) bool { return c.LastMsgSeq > beyond })},
	{Fault: named("delete-of-the-first-four-only", "of one user's conversations, the fifth and later deletes change nothing", "WK-DEL-02"),
		Model: func(m model.Model) model.Model {
			deletes := map[string]int{}
			return ignoresDelete(func(_ model.Model, op model.Delete, _ model.Conversation) bool {
				deletes[op.UID]++
				return deletes[op.UID] > 4
			})(m)
		}},
	{Fault: named("second-delete-without-effect", "delete of a conversation that came back after a delete changes nothing", "WK-DEL-02"),
		Model: func(m model.Model) model.Model {
			deletes := map[place]int{}
			return ignoresDelete(func(_ model.Model, op model.Delete, _ model.Conversation) bool {
				deletes[place{op.UID, op.Channel}]++
				return deletes[place{op.UID, op.Channel}] == 2
			})(m)
		}},
	{Fault: rare("delete-without-effect-now-and-then", "one delete in fifty changes nothing", "WK-DEL-02"),
		Model: ignoresDelete(func(model.Model, model.Delete, model.Conversation) bool { return true })},

	{Fault: named("delete-for-everybody", "delete deletes a group for all its members", "WK-DEL-03"),
		Model: alsoDelete(func(_ model.Model, members roster, op model.Delete) []place {
			if op.Channel.Type == model.Direct {
				return nil
			}
			return othersOf(members, op.UID, op.Channel)
		})},
	{Fault: named("delete-for-the-peer", "delete of a personal channel deletes it for the peer too", "WK-DEL-03"),
		Model: alsoDelete(func(_ model.Model, members roster, op model.Delete) []place {
			if op.Channel.Type != model.Direct {
				return nil
			}
			return othersOf(members, op.UID, op.Channel)
		})},
	{Fault: named("delete-by-id-alone", "delete deletes the conversations of the same id and another type too", "WK-DEL-03"),
		Model: alsoDelete(func(m model.Model, _ roster, op model.Delete) []place { return namesakes(m, op.UID, op.Channel) })},
	{Fault: named("delete-of-the-neighbour", "delete of one of more than 64 conversations deletes the one after it too", "WK-DEL-03"),
		Model: alsoDelete(func(m model.Model, _ roster, op model.Delete) []place {
			if len(m.Sync(model.Sync{UID: op.UID})) <= beyond {
				return nil
			}
			return neighbour(m, op.UID, op.Channel)
		})},

	{Fault: named("deleted-back-by-only-unread", "a sync with only_unread 1 gives a deleted conversation of which exactly the last message was unread", "WK-DEL-09"),
		Model: haunting(func(op model.Sync, g *grave) bool { return op.OnlyUnread && g.Unread == 1 })},
	{Fault: named("deleted-back-by-version", "an incremental sync gives a deleted conversation", "WK-DEL-09"),
		Model: haunting(func(op model.Sync, g *grave) bool { return isIncremental(op) && op.Version < g.Version })},
	{Fault: named("deleted-back-by-last-msg-seqs", "an entry of last_msg_seqs one behind the end brings a deleted conversation back", "WK-DEL-09"),
		Model: haunting(func(op model.Sync, g *grave) bool { return op.After[g.Channel] == g.LastMsgSeq-1 && g.LastMsgSeq > 1 })},
	{Fault: named("deleted-back-by-clear", "clearUnread of a deleted conversation brings it back", "WK-DEL-09"), Model: risingByClear},

	{Fault: named("delete-of-fresh-personal-channel-without-effect", "delete of a personal channel with one message changes nothing", "WK-DEL-10"),
		Model: ignoresDelete(func(_ model.Model, _ model.Delete, c model.Conversation) bool {
			return c.Channel.Type == model.Direct && c.LastMsgSeq == 1
		})},
	{Fault: named("delete-of-fresh-group-without-effect", "delete of a group with one message changes nothing", "WK-DEL-10"),
		Model: ignoresDelete(func(_ model.Model, _ model.Delete, c model.Conversation) bool {
			return c.Channel.Type != model.Direct && c.LastMsgSeq == 1
		})},
	{Fault: named("delete-right-after-own-first-message-without-effect", "delete of a personal channel whose only message is the user's own changes nothing", "WK-DEL-10"),
		Model: ignoresDelete(func(_ model.Model, op model.Delete, c model.Conversation) bool {
			return c.Channel.Type == model.Direct && c.LastMsgSeq == 1 && c.Recents[0].From == op.UID
		})},
}
