package faults

import (
	"net/http"
	"slices"
	"time"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// order numbers each user's conversations in the order in which they were first seen.
type order map[place]int

func (o order) of(uid string, c model.Channel, next map[string]int) int {
	at := place{uid, c}
	if _, known := o[at]; !known {
		o[at] = next[uid]
		next[uid]++
	}
	return o[at]
}

// byAge is a sync in which each conversation has a number: 0 is the oldest of its user.
func byAge(stays func(op model.Sync, c model.Conversation, number int) bool) decorator {
	return func(m model.Model) model.Model {
		numbers, next := order{}, map[string]int{}
		return override{Model: m, sync: func(op model.Sync) []model.Conversation {
			known := m.Sync(model.Sync{UID: op.UID})
			slices.Reverse(known) // the one with the oldest message first
			for _, c := range known {
				numbers.of(op.UID, c.Channel, next)
			}
			return slices.DeleteFunc(m.Sync(op), func(c model.Conversation) bool {
				return !stays(op, c, numbers.of(op.UID, c.Channel, next))
			})
		}}
	}
}

// perUser gives a sync a memory with one number for each user.
func perUser(edit func(m model.Model, op model.Sync, memory map[string]int64) []model.Conversation) decorator {
	return func(m model.Model) model.Model {
		memory := map[string]int64{}
		return override{Model: m, sync: func(op model.Sync) []model.Conversation { return edit(m, op, memory) }}
	}
}

var incremental = []Fault{
	{Fault: named("version-ignored", "version is ignored: every sync is full", "WK-SYNC-16"),
		Model: asking(func(op *model.Sync) { op.Version = 0 })},
	{Fault: named("version-inclusive", "an incremental sync gives what changed at its version as well", "WK-SYNC-16"),
		Model: onlyFor(isIncremental, func(op *model.Sync) { op.Version-- })},
	{Fault: named("version-means-only-unread", "an incremental sync gives what is unread, whatever its version", "WK-SYNC-16"),
		Model: onlyFor(isIncremental, func(op *model.Sync) { op.Version, op.OnlyUnread = 0, true })},
	{Fault: named("incremental-without-read", "an incremental sync leaves out what changed and is read", "WK-SYNC-16"),
		Model: onlyFor(isIncremental, func(op *model.Sync) { op.OnlyUnread = true })},
	{Fault: named("incremental-without-personal-channels", "an incremental sync has no personal channels", "WK-SYNC-16"),
		Model: onlyFor(isIncremental, func(op *model.Sync) { op.Exclude = append(slices.Clone(op.Exclude), model.Direct) })},
	{Fault: named("incremental-of-64-conversations", "an incremental sync looks at a user's first 64 conversations only", "WK-SYNC-16"),
		Model: byAge(func(op model.Sync, _ model.Conversation, number int) bool {
			return !isIncremental(op) || number < beyond
		})},
	{Fault: named("clear-raises-versions-of-all-members", "clearUnread raises the version that the other members of the channel get", "WK-SYNC-16"),
		Model: withRoster(func(m model.Model, members roster) override {
			return override{clear: func(op model.Clear) error {
				err := m.Clear(op)
				for _, uid := range members[own(op.UID, op.Channel)] {
					if c := seenBy(uid, op.UID, op.Channel); err == nil && uid != op.UID {
						touch(m, place{uid, c}, op.Now)
					}
				}
				return err
			}}
		})},
	{Fault: named("set-raises-all-versions-of-the-user", "setUnread raises the versions of all of the user's conversations", "WK-SYNC-16"),
		Model: onSet(func(m model.Model, op model.Set) error {
			err := m.Set(op)
			for _, c := range m.Sync(model.Sync{UID: op.UID}) {
				if err == nil && c.Channel != op.Channel {
					touch(m, place{op.UID, c.Channel}, op.Now)
				}
			}
			return err
		})},
	{Fault: rare("incremental-forgets-now-and-then", "one incremental sync in fifty leaves its first conversation out", "WK-SYNC-16"),
		Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
			all := m.Sync(op)
			if isIncremental(op) && len(all) > 0 {
				return all[1:]
			}
			return all
		})},

	{Fault: named("full-sync-without-read", "a full sync leaves out what is read", "WK-SYNC-17", "WK-SYNC-35"),
		Model: onlyFor(func(op model.Sync) bool { return op.Version == 0 }, func(op *model.Sync) { op.OnlyUnread = true })},
	{Fault: named("version-0-gives-nothing", "version 0, where it is written out, stands for now: nothing has changed since", "WK-SYNC-17"),
		Handler: around(syncPath, func(c *call, next func()) {
			next()
			if f := c.fields(); string(f["version"]) == "0" && c.Status == http.StatusOK {
				c.says(http.StatusOK, "[]")
			}
		})},
	{Fault: named("full-after-incremental-is-incremental", "the first full sync after an incremental one goes on from that one's version", "WK-SYNC-17"),
		Model: perUser(func(m model.Model, op model.Sync, last map[string]int64) []model.Conversation {
			if isIncremental(op) {
				last[op.UID] = op.Version
			} else {
				op.Version = last[op.UID]
				delete(last, op.UID)
			}
			return m.Sync(op)
		})},

	{Fault: named("sync-of-unread-reads", "a sync that asks for unread only marks what it gives as read", "WK-SYNC-32"),
		Model: marking(func(op model.Sync) bool { return op.OnlyUnread })},
	{Fault: named("incremental-sync-raises-versions", "an incremental sync raises the version of what it gives", "WK-SYNC-32", "WK-SYNC-16"),
		Model: touching(isIncremental)},
	{Fault: named("sync-with-last-msg-seqs-reads", "a sync with last_msg_seqs marks what it gives as read", "WK-SYNC-32"),
		Model: marking(func(op model.Sync) bool { return op.After != nil })},
}

// touch raises the version of a conversation, and changes nothing in it.
func touch(m model.Model, at place, now time.Time) {
	if c, ok := find(m, at.uid, at.channel, 0); ok {
		_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Unread: c.Unread, Now: now}) // it was listed: it cannot be refused
	}
}

// marking marks what syncs of that kind give as read.
func marking(kind func(op model.Sync) bool) decorator {
	return afterSync(kind, func(m model.Model, at place, _ int64) {
		_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Now: longAgo}) // it was listed: it cannot be refused
	})
}

// touching raises the versions of what syncs of that kind give.
func touching(kind func(op model.Sync) bool) decorator {
	return afterSync(kind, func(m model.Model, at place, unread int64) {
		_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Unread: unread, Now: longAgo})
	})
}

func afterSync(kind func(op model.Sync) bool, do func(m model.Model, at place, unread int64)) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		all := m.Sync(op)
		for _, c := range all {
			if kind(op) {
				do(m, place{op.UID, c.Channel}, c.Unread)
			}
		}
		return all
	})
}

// longAgo makes the next version follow the last one: a sync does not know the time.
var longAgo = time.Unix(0, 0)
