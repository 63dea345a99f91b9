package faults

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// after edits the sequence number of each entry of last_msg_seqs.
func after(edit func(seq int64) int64) decorator {
	return asking(func(op *model.Sync) {
		op.After = maps.Clone(op.After)
		for c, seq := range op.After {
			op.After[c] = edit(seq)
		}
	})
}

// entries edits the list of last_msg_seqs as it was read.
func entries(edit func(all []wire.ChannelSeq) []wire.ChannelSeq) func(*server.Codec) {
	return func(codec *server.Codec) {
		honest := codec.DecodeSync
		codec.DecodeSync = func(p wire.Profile, body []byte) (wire.SyncRequest, error) {
			r, err := honest(p, body)
			r.LastMsgSeqs = edit(r.LastMsgSeqs)
			return r, err
		}
	}
}

// lent gives the entries of last_msg_seqs to channels of other types as well: from an entry's type, to which types.
func lent(types func(typ int) []int) decorator {
	return asking(func(op *model.Sync) {
		lent := map[model.Channel]int64{}
		for c, seq := range op.After {
			for _, typ := range types(c.Type) {
				lent[model.Channel{ID: c.ID, Type: typ}] = seq
			}
		}
		for c, seq := range op.After { // an entry of its own goes first
			lent[c] = seq
		}
		op.After = lent
	})
}

var lastSeqs = []Fault{
	{Fault: named("last-msg-seqs-ignored", "last_msg_seqs is ignored", "WK-SYNC-20"), Model: asking(func(op *model.Sync) { op.After = nil })},
	{Fault: named("last-msg-seqs-inclusive", "recents hold the message that last_msg_seqs names as well", "WK-SYNC-20"),
		Model: after(func(seq int64) int64 { return max(0, seq-1) })},
	{Fault: named("last-msg-seqs-ignored-with-version", "last_msg_seqs is ignored on the incremental path", "WK-SYNC-20"),
		Model: onlyFor(isIncremental, func(op *model.Sync) { op.After = nil })},
	{Fault: named("last-msg-seqs-at-the-end-ignored", "an entry of last_msg_seqs that is the channel's last message is ignored", "WK-SYNC-20"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			op.After = maps.Clone(op.After)
			for _, c := range m.Sync(model.Sync{UID: op.UID}) {
				if op.After[c.Channel] == c.LastMsgSeq {
					delete(op.After, c.Channel)
				}
			}
			return m.Sync(op)
		})},

	{Fault: named("first-of-last-msg-seqs-only", "only the first entry of last_msg_seqs counts", "WK-SYNC-21"),
		Codec: entries(func(all []wire.ChannelSeq) []wire.ChannelSeq { return all[:min(len(all), 1)] })},
	{Fault: named("64-of-last-msg-seqs", "only the first 64 entries of last_msg_seqs count", "WK-SYNC-21"),
		Codec: entries(func(all []wire.ChannelSeq) []wire.ChannelSeq { return all[:min(len(all), beyond)] })},
	{Fault: named("unlisted-channels-without-messages", "where last_msg_seqs is given, a channel that it does not name has no messages", "WK-SYNC-21"),
		Model: showing(func(op model.Sync, c *model.Conversation) {
			if _, listed := op.After[c.Channel]; !listed && len(op.After) > 0 {
				c.Recents = c.Recents[:0]
			}
		})},
	{Fault: named("unknown-entry-voids-last-msg-seqs", "an entry of a channel that the user does not have voids all of last_msg_seqs", "WK-SYNC-21"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			own := 0
			for _, c := range m.Sync(model.Sync{UID: op.UID}) {
				if _, named := op.After[c.Channel]; named {
					own++
				}
			}
			if own < len(op.After) {
				op.After = nil
			}
			return m.Sync(op)
		})},

	{Fault: named("colons-end-the-id", "an entry of last_msg_seqs is read from the left: a colon ends the channel's id", "WK-SYNC-23"),
		Codec: entries(func(all []wire.ChannelSeq) []wire.ChannelSeq {
			return slices.DeleteFunc(all, func(c wire.ChannelSeq) bool { return strings.Contains(c.ChannelID, ":") })
		})},
	{Fault: named("second-colon-ends-the-id", "an entry of last_msg_seqs with two colons in the channel's id is ignored", "WK-SYNC-23"),
		Codec: entries(func(all []wire.ChannelSeq) []wire.ChannelSeq {
			return slices.DeleteFunc(all, func(c wire.ChannelSeq) bool { return strings.Count(c.ChannelID, ":") > 1 })
		})},

	{Fault: named("last-msg-seqs-by-id-alone", "an entry of last_msg_seqs counts for every channel of its id, whatever the type", "WK-SYNC-22"),
		Model: lent(func(int) []int { return []int{1, 2} })},
	{Fault: named("group-entry-counts-for-the-peer", "an entry of a group counts for the personal channel of the same id too", "WK-SYNC-22"),
		Model: lent(func(typ int) []int {
			if typ == 2 {
				return []int{1}
			}
			return nil
		})},
	{Fault: named("type-3-counts-as-2", "an entry of last_msg_seqs of a type that is neither 1 nor 2 counts for the group", "WK-SYNC-22"),
		Model: lent(func(typ int) []int {
			if typ > 2 {
				return []int{2}
			}
			return nil
		})},
}

var syncFilters = []Fault{
	{Fault: named("only-unread-ignored", "only_unread is ignored", "WK-SYNC-24"), Model: asking(func(op *model.Sync) { op.OnlyUnread = false })},
	{Fault: named("only-unread-with-own-last", "only_unread 1 also gives the conversations whose last message is the user's own", "WK-SYNC-24"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			if !op.OnlyUnread {
				return m.Sync(op)
			}
			op.OnlyUnread = false
			histories := historiesOf(m, op.UID)
			return slices.DeleteFunc(m.Sync(op), func(c model.Conversation) bool {
				return c.Unread == 0 && histories[c.Channel][0].From != op.UID
			})
		})},
	{Fault: named("only-unread-of-64-conversations", "only_unread 1 looks at a user's first 64 conversations only", "WK-SYNC-24"),
		Model: byAge(func(op model.Sync, _ model.Conversation, number int) bool { return !op.OnlyUnread || number < beyond })},
	{Fault: named("only-unread-0-means-1", "only_unread 0, where it is written out, counts as 1", "WK-SYNC-24"),
		Codec: func(codec *server.Codec) {
			honest := codec.DecodeSync
			codec.DecodeSync = func(p wire.Profile, body []byte) (wire.SyncRequest, error) {
				r, err := honest(p, body)
				if strings.Contains(string(body), `"only_unread":0`) {
					r.OnlyUnread = 1
				}
				return r, err
			}
		}},
	{Fault: named("only-unread-remembers", "only_unread 1 goes on giving a conversation whose only unread message setUnread 0 read", "WK-SYNC-24"),
		Model: func(m model.Model) model.Model {
			was := map[place]bool{}
			return override{Model: m, set: func(op model.Set) error {
				at := place{op.UID, op.Channel}
				was[at] = was[at] || unreadOf(m, op.UID, op.Channel) == 1 && op.Unread == 0
				return m.Set(op)
			}, sync: func(op model.Sync) []model.Conversation {
				wanted := op.OnlyUnread
				op.OnlyUnread = false
				return slices.DeleteFunc(m.Sync(op), func(c model.Conversation) bool {
					return wanted && c.Unread == 0 && !was[place{op.UID, c.Channel}]
				})
			}}
		}},

	{Fault: named("exclude-ignored", "exclude_channel_types is ignored", "WK-SYNC-25"), Model: asking(func(op *model.Sync) { op.Exclude = nil })},
	{Fault: named("exclude-first-type-only", "only the first of exclude_channel_types is left out", "WK-SYNC-25"),
		Model: asking(func(op *model.Sync) { op.Exclude = op.Exclude[:min(len(op.Exclude), 1)] })},
	{Fault: named("excluded-back-by-last-msg-seqs", "a channel that last_msg_seqs names is given although its type is excluded", "WK-SYNC-25"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			excluded := op.Exclude
			op.Exclude = nil
			return slices.DeleteFunc(m.Sync(op), func(c model.Conversation) bool {
				_, named := op.After[c.Channel]
				return slices.Contains(excluded, c.Channel.Type) && !named
			})
		})},
	{Fault: named("exclude-ignored-on-incremental", "exclude_channel_types is ignored on the incremental path", "WK-SYNC-25"),
		Model: onlyFor(isIncremental, func(op *model.Sync) { op.Exclude = nil })},
	{Fault: named("exclude-nothing-excludes-all", "an empty exclude_channel_types leaves everything out", "WK-SYNC-25"),
		Handler: around(syncPath, func(c *call, next func()) {
			next()
			if f := c.fields(); string(f["exclude_channel_types"]) == "[]" && c.Status == http.StatusOK {
				c.says(http.StatusOK, "[]")
			}
		})},
}
