package faults

import (
	"github.com/parley-im/parley/reference/wukongim/model"
)

// clearsUpTo replaces the clears up to a message; c is the conversation with its history.
func clearsUpTo(wrong func(m model.Model, op model.Clear, c model.Conversation) error) decorator {
	return onClear(func(m model.Model, op model.Clear) error {
		c, ok := find(m, op.UID, op.Channel, everything)
		if !ok || op.MessageSeq == 0 {
			return m.Clear(op)
		}
		return wrong(m, op, c)
	})
}

// clearsBeyond replaces the clears with a message_seq beyond the last message.
func clearsBeyond(wrong func(m model.Model, op model.Clear, c model.Conversation) error) decorator {
	return clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
		if op.MessageSeq <= c.LastMsgSeq {
			return m.Clear(op)
		}
		return wrong(m, op, c)
	})
}

var clearingUpTo = []Fault{
	{Fault: named("clear-ignores-message-seq", "clearUnread up to a message clears everything", "WK-CLEAR-03"),
		Model: onClear(func(m model.Model, op model.Clear) error {
			op.MessageSeq = 0
			return m.Clear(op)
		})},
	{Fault: named("clear-leaves-the-message-named", "clearUnread up to a message leaves that message unread", "WK-CLEAR-03"),
		Model: clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
			if op.MessageSeq == 1 {
				return settled(m, op, c.Unread)
			}
			if op.MessageSeq <= c.LastMsgSeq {
				op.MessageSeq--
			}
			return m.Clear(op)
		})},
	{Fault: named("clear-counts-own-messages", "clearUnread up to a message counts the user's own messages after it as unread", "WK-CLEAR-03"),
		Model: clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
			return settled(m, op, min(c.Unread, max(0, c.LastMsgSeq-op.MessageSeq)))
		})},
	{Fault: named("clear-counts-64-messages", "clearUnread up to a message leaves no more than 64 unread", "WK-CLEAR-03"),
		Model: clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
			return settled(m, op, min(c.Unread, leftAfter(op.UID, c.Recents, op.MessageSeq), beyond))
		})},
	{Fault: named("clear-up-to-ignored-in-personal-channels", "clearUnread up to a message of a personal channel clears everything", "WK-CLEAR-03"),
		Model: clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
			if op.Channel.Type == model.Direct {
				op.MessageSeq = 0
			}
			return m.Clear(op)
		})},

	{Fault: named("clear-brings-unread-back", "clearUnread up to a message makes all messages after it unread, read or not", "WK-CLEAR-04"),
		Model: clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
			return settled(m, op, leftAfter(op.UID, c.Recents, op.MessageSeq))
		})},
	{Fault: named("clear-brings-unread-back-unless-all-read", "clearUnread up to a message makes messages after it unread again where some were unread", "WK-CLEAR-04"),
		Model: clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
			if c.Unread == 0 {
				return m.Clear(op)
			}
			return settled(m, op, leftAfter(op.UID, c.Recents, op.MessageSeq))
		})},
	{Fault: named("clear-after-set-brings-unread-back", "clearUnread up to a message forgets what setUnread said", "WK-CLEAR-04"),
		Model: func(m model.Model) model.Model {
			wasSet := map[place]bool{}
			o := clearsUpTo(func(m model.Model, op model.Clear, c model.Conversation) error {
				if wasSet[place{op.UID, op.Channel}] {
					return settled(m, op, leftAfter(op.UID, c.Recents, op.MessageSeq))
				}
				return m.Clear(op)
			})(m).(override)
			o.set = func(op model.Set) error {
				wasSet[place{op.UID, op.Channel}] = true
				return m.Set(op)
			}
			return o
		}},

	{Fault: named("clear-beyond-the-end-ignored", "clearUnread with a message_seq beyond the last message changes nothing", "WK-CLEAR-05"),
		Model: clearsBeyond(func(m model.Model, op model.Clear, c model.Conversation) error { return settled(m, op, c.Unread) })},
	{Fault: named("clear-beyond-the-end-reads-ahead", "clearUnread with a message_seq beyond the last message reads the messages to come, up to that number", "WK-CLEAR-05"),
		Model: func(m model.Model) model.Model {
			ahead := map[place]int64{}
			o := clearsBeyond(func(m model.Model, op model.Clear, c model.Conversation) error {
				ahead[place{op.UID, op.Channel}] = op.MessageSeq
				return m.Clear(op)
			})(m).(override)
			o.send = func(op model.Send) model.Sent {
				sent := m.Send(op)
				for at, seq := range ahead {
					if own(at.uid, at.channel) == own(op.From, op.Channel) && sent.Seq <= seq {
						swallow(m, op, at)
					}
				}
				return sent
			}
			return o
		}},
	{Fault: named("clear-one-beyond-the-end-leaves-one", "clearUnread with a message_seq one beyond the last message leaves one unread", "WK-CLEAR-05"),
		Model: clearsBeyond(func(m model.Model, op model.Clear, c model.Conversation) error {
			if op.MessageSeq == c.LastMsgSeq+1 {
				return settled(m, op, min(c.Unread, 1))
			}
			return m.Clear(op)
		})},
	{Fault: named("clear-beyond-the-end-refused", "clearUnread with a message_seq far beyond the last message is refused with 400", "WK-CLEAR-05"),
		Model: clearsBeyond(func(m model.Model, op model.Clear, c model.Conversation) error {
			if op.MessageSeq > c.LastMsgSeq+100 {
				return &model.UnreadError{Unread: op.MessageSeq, Messages: c.LastMsgSeq}
			}
			return m.Clear(op)
		})},
}

// alsoClear clears further conversations after a clear went well.
func alsoClear(others func(m model.Model, members roster, op model.Clear) []place) decorator {
	return withRoster(func(m model.Model, members roster) override {
		return override{clear: func(op model.Clear) error {
			err := m.Clear(op)
			if err != nil {
				return err
			}
			for _, at := range others(m, members, op) {
				_ = m.Clear(model.Clear{UID: at.uid, Channel: at.channel, MessageSeq: op.MessageSeq, Now: op.Now}) // where there is one
			}
			return nil
		}}
	})
}

// othersOf are the other members of a channel, each with the name by which that one knows it.
func othersOf(members roster, uid string, c model.Channel) (all []place) {
	for _, other := range members[own(uid, c)] {
		if other != uid {
			all = append(all, place{other, seenBy(other, uid, c)})
		}
	}
	return all
}

// restOf are the user's other conversations, the newest first.
func restOf(m model.Model, uid string, c model.Channel) (all []place) {
	for _, found := range m.Sync(model.Sync{UID: uid}) {
		if found.Channel != c {
			all = append(all, place{uid, found.Channel})
		}
	}
	return all
}

// namesakes are the user's other conversations of the same id.
func namesakes(m model.Model, uid string, c model.Channel) (all []place) {
	for _, at := range restOf(m, uid, c) {
		if at.channel.ID == c.ID {
			all = append(all, at)
		}
	}
	return all
}

// neighbour is the conversation that stands after c in the user's list.
func neighbour(m model.Model, uid string, c model.Channel) []place {
	next := false
	for _, found := range m.Sync(model.Sync{UID: uid}) {
		if next {
			return []place{{uid, found.Channel}}
		}
		next = found.Channel == c
	}
	return nil
}

var clearingOthers = []Fault{
	{Fault: named("clear-for-everybody", "clearUnread clears a group for all its members", "WK-CLEAR-06"),
		Model: alsoClear(func(_ model.Model, members roster, op model.Clear) []place {
			if op.Channel.Type == model.Direct {
				return nil
			}
			return othersOf(members, op.UID, op.Channel)
		})},
	{Fault: named("clear-for-the-peer", "clearUnread of a personal channel clears it for the peer too", "WK-CLEAR-06"),
		Model: alsoClear(func(_ model.Model, members roster, op model.Clear) []place {
			if op.Channel.Type != model.Direct {
				return nil
			}
			return othersOf(members, op.UID, op.Channel)
		})},
	{Fault: named("clear-up-to-for-who-cleared-before", "clearUnread up to a message also clears for the members who did so before", "WK-CLEAR-06"),
		Model: func(m model.Model) model.Model {
			before := map[model.Channel][]place{}
			return alsoClear(func(_ model.Model, _ roster, op model.Clear) []place {
				if op.MessageSeq == 0 {
					return nil
				}
				c := own(op.UID, op.Channel)
				others := append([]place{}, before[c]...)
				before[c] = append(before[c], place{op.UID, op.Channel})
				return others
			})(m)
		}},

	{Fault: named("clear-of-everything", "clearUnread clears all of the user's conversations", "WK-CLEAR-07"),
		Model: alsoClear(func(m model.Model, _ roster, op model.Clear) []place { return restOf(m, op.UID, op.Channel) })},
	{Fault: named("clear-by-id-alone", "clearUnread clears the conversations of the same id and another type too", "WK-CLEAR-07"),
		Model: alsoClear(func(m model.Model, _ roster, op model.Clear) []place { return namesakes(m, op.UID, op.Channel) })},
	{Fault: named("clear-of-the-neighbour", "clearUnread of one of more than 64 conversations clears the one after it too", "WK-CLEAR-07"),
		Model: alsoClear(func(m model.Model, _ roster, op model.Clear) []place {
			if len(m.Sync(model.Sync{UID: op.UID})) <= beyond {
				return nil
			}
			return neighbour(m, op.UID, op.Channel)
		})},
}
