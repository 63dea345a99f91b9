package faults

import (
	"hash/crc32"
	"maps"
	"slices"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// twice gives the conversations of that kind a second time.
func twice(kind func(op model.Sync, i int, c model.Conversation) bool) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		all := m.Sync(op)
		for i, c := range slices.Clone(all) {
			if kind(op, i, c) {
				c.Recents = slices.Clone(c.Recents)
				all = append(all, c)
			}
		}
		return all
	})
}

// firstOf gives at most n conversations.
func firstOf(n int) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		all := m.Sync(op)
		return all[:min(len(all), n)]
	})
}

// asMember is the channel as one of its members sees it: what a stranger must not get.
func asMember(m model.Model, members roster, c model.Channel, op model.Sync) (model.Conversation, bool) {
	for _, uid := range members[c] {
		op.UID = uid
		all := m.Sync(op)
		if at := slices.IndexFunc(all, func(found model.Conversation) bool { return found.Channel == c }); at >= 0 {
			return all[at], true
		}
	}
	return model.Conversation{}, false
}

// strangers lets a fault add groups to the answers of users who are not in them: those that wanted names.
func strangers(wanted func(op model.Sync, newest model.Channel) []model.Channel) decorator {
	return withRoster(func(m model.Model, members roster) override {
		var newest model.Channel
		return override{
			subscribe: func(op model.Subscribe) {
				newest = op.Channel
				m.Subscribe(op)
			},
			sync: func(op model.Sync) []model.Conversation {
				all := m.Sync(op)
				for _, c := range wanted(op, newest) {
					if c.Type == model.Direct || slices.Contains(members[c], op.UID) {
						continue
					}
					if theirs, ok := asMember(m, members, c, op); ok {
						all = append(all, theirs)
					}
				}
				return all
			}}
	})
}

// inLastSeqs are the channels that last_msg_seqs names.
func inLastSeqs(op model.Sync, _ model.Channel) []model.Channel {
	return slices.Collect(maps.Keys(op.After))
}

var scope = []Fault{
	{Fault: named("newest-group-for-everybody", "a sync gives the newest group there is, whoever is in it", "WK-SYNC-31"),
		Model: strangers(func(_ model.Sync, newest model.Channel) []model.Channel { return []model.Channel{newest} })},
	{Fault: named("stranger-by-last-msg-seqs", "an entry of last_msg_seqs brings the group that it names to whoever asks", "WK-SYNC-31"),
		Model: strangers(inLastSeqs)},
	{Fault: rare("answer-of-another-user-now-and-then", "one sync in fifty is answered with the conversations of whoever synced before", "WK-SYNC-31"),
		Model: func(m model.Model) model.Model {
			before, latest := "", ""
			return override{Model: m, sync: func(op model.Sync) []model.Conversation {
				if op.UID != latest {
					before, latest = latest, op.UID
				}
				if before != "" {
					op.UID = before
				}
				return m.Sync(op)
			}}
		}},
	{Fault: named("clear-makes-a-conversation", "clearUnread up to a message of a group that nobody made adds a conversation with nothing in it", "WK-SYNC-31", "WK-CLEAR-09"),
		Model: func(m model.Model) model.Model {
			phantoms := map[string][]model.Channel{}
			return override{Model: m,
				clear: func(op model.Clear) error {
					err := m.Clear(op)
					if err != nil && op.MessageSeq > 0 && op.Channel.Type != model.Direct {
						phantoms[op.UID] = append(phantoms[op.UID], op.Channel)
						return nil
					}
					return err
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for _, c := range phantoms[op.UID] {
						all = append(all, model.Conversation{Channel: c})
					}
					return all
				}}
		}},

	{Fault: named("page-of-100", "a full sync ends after 100 conversations", "WK-SYNC-35"), Model: firstOf(100)},
	{Fault: named("page-of-149", "a full sync ends after 149 conversations", "WK-SYNC-35"), Model: firstOf(149)},
	{Fault: named("page-of-128-with-messages", "a full sync with more than one message a conversation ends after 128", "WK-SYNC-35"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			all := m.Sync(op)
			if op.MsgCount > 1 {
				all = all[:min(len(all), 128)]
			}
			return all
		})},
	{Fault: rare("conversation-lost-now-and-then", "one full sync in fifty of more than 16 conversations leaves the last one out", "WK-SYNC-35"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			all := m.Sync(op)
			if !isIncremental(op) && len(all) > 16 {
				all = all[:len(all)-1]
			}
			return all
		})},

	{Fault: named("personal-channels-twice", "a personal channel stands twice in an answer", "WK-SYNC-44"),
		Model: twice(func(_ model.Sync, _ int, c model.Conversation) bool { return c.Channel.Type == model.Direct })},
	{Fault: named("same-checksum-twice", "a personal channel between two names of one CRC-32 stands twice", "WK-SYNC-44"),
		Model: twice(func(op model.Sync, _ int, c model.Conversation) bool {
			return c.Channel.Type == model.Direct && crc32.ChecksumIEEE([]byte(op.UID)) == crc32.ChecksumIEEE([]byte(c.Channel.ID))
		})},
	{Fault: named("66th-conversation-twice", "the 66th conversation of an answer stands twice", "WK-SYNC-44"),
		Model: twice(func(_ model.Sync, i int, _ model.Conversation) bool { return i == beyond+1 })},
	{Fault: named("twice-by-last-msg-seqs", "a channel that last_msg_seqs names stands twice where the entry is behind", "WK-SYNC-44"),
		Model: twice(func(op model.Sync, _ int, c model.Conversation) bool {
			seq, named := op.After[c.Channel]
			return named && seq < c.LastMsgSeq
		})},
	{Fault: named("twice-after-delete-and-resend", "a conversation that comes back after a delete stands twice", "WK-SYNC-44"),
		Model: func(m model.Model) model.Model {
			gone := map[place]bool{}
			o := twice(func(op model.Sync, _ int, c model.Conversation) bool { return gone[place{op.UID, c.Channel}] })(m).(override)
			o.remove = func(op model.Delete) error {
				gone[place{op.UID, op.Channel}] = true
				return m.Delete(op)
			}
			return o
		}},
}
