package model

import (
	"cmp"
	"slices"
)

// Room is memory for the results of syncs, for one who asks again and again. The zero value is empty.
type Room struct {
	conversations []Conversation
	recents       []*Message
}

// Empty forgets the result, so that the Room holds nothing of a State.
func (r *Room) Empty() {
	clear(r.conversations)
	clear(r.recents)
	r.conversations, r.recents = r.conversations[:0], r.recents[:0]
}

// Size is how many conversations and messages the Room has memory for.
func (r *Room) Size() int { return cap(r.conversations) + cap(r.recents) }

// Sync implements Model. It changes nothing, and its cost depends only on the user's own conversations and on the
// messages that it returns.
func (s *State) Sync(op Sync) []Conversation { return s.SyncIn(new(Room), op) }

// SyncIn is Sync with its result in the room, where it stands until the room is used or emptied.
func (s *State) SyncIn(room *Room, op Sync) []Conversation {
	room.Empty()
	u := s.users[op.UID]
	if u == nil {
		return nil
	}
	var few [64]*membership // most users have no more: sorting them then allocates nothing
	wanted := few[:0]
	for i := range u.conversations {
		if m := &u.conversations[i]; op.wants(m) {
			wanted = append(wanted, m)
		}
	}
	// A channel's version is the moment of its last message, and no two are alike.
	slices.SortFunc(wanted, func(a, b *membership) int { return cmp.Compare(b.channel.version, a.channel.version) })
	return op.conversations(room, u, wanted)
}

func (op *Sync) wants(m *membership) bool {
	return m.exists() &&
		m.lastChange() > op.Version &&
		!(op.OnlyUnread && m.unread() == 0) &&
		!slices.Contains(op.Exclude, m.channel.key.typ)
}

func (op *Sync) conversations(room *Room, u *user, wanted []*membership) []Conversation {
	found := slices.Grow(room.conversations, len(wanted))
	var total int64
	for _, m := range wanted {
		found = append(found, m.conversation(u.id))
		total += m.channel.lastSeq() - op.firstSeen(m, found[len(found)-1].Channel)
	}
	// All of it at once: the conversations keep parts of it, which must not move.
	all := slices.Grow(room.recents, int(total))
	for i, m := range wanted {
		start := len(all)
		stop := op.firstSeen(m, found[i].Channel)
		for seq := m.channel.lastSeq(); seq > stop; seq-- {
			all = append(all, &m.channel.messages[seq-1])
		}
		found[i].Recents = all[start:len(all):len(all)]
	}
	room.conversations, room.recents = found, all
	return found
}

// firstSeen is the sequence number after which the recents begin.
func (op *Sync) firstSeen(m *membership, name Channel) int64 {
	count := max(op.MsgCount, 0)
	if op.Cap > 0 {
		count = min(count, op.Cap)
	}
	last := m.channel.lastSeq()
	return min(last, max(m.deleted, last-min(count, last), op.After[name]))
}

func (m *membership) conversation(uid string) Conversation {
	c := m.channel
	last := &c.messages[len(c.messages)-1]
	return Conversation{
		Channel: c.key.as(uid), Unread: m.unread(), Timestamp: last.Timestamp, LastMsgSeq: c.lastSeq(),
		LastClientMsgNo: last.ClientMsgNo, Version: m.lastChange(),
	}
}
