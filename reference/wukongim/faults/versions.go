package faults

import (
	"slices"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// veil shows other versions than the model has, and lets syncs go by those.
type veil map[place]map[int64]int64 // the version of the model, and the one that is shown for it

func (v veil) shown(at place, version int64) int64 {
	if shown, ok := v[at][version]; ok {
		return shown
	}
	return version
}

// hold does something, and keeps the version that at shows.
func (v veil) hold(m model.Model, at place, do func() error) error {
	before, listed := find(m, at.uid, at.channel, 0)
	err := do()
	after, still := find(m, at.uid, at.channel, 0)
	if listed && still && after.Version != before.Version {
		v.put(at, after.Version, v.shown(at, before.Version))
	}
	return err
}

func (v veil) put(at place, version, shown int64) {
	v[at] = map[int64]int64{version: shown} // an earlier one never comes back
}

// sync goes by what is shown.
func (v veil) sync(m model.Model, op model.Sync) []model.Conversation {
	return sinceShown(m, op, func(c model.Conversation) int64 { return v.shown(place{op.UID, c.Channel}, c.Version) })
}

// sinceShown is a sync with other versions than the model's, which decide what has changed.
func sinceShown(m model.Model, op model.Sync, shown func(c model.Conversation) int64) []model.Conversation {
	since := op.Version
	op.Version = 0
	all := m.Sync(op)
	for i, c := range all {
		all[i].Version = shown(c)
	}
	return slices.DeleteFunc(all, func(c model.Conversation) bool { return c.Version <= since })
}

// veiled builds a model whose syncs go by a veil.
func veiled(build func(m model.Model, v veil) override) decorator {
	return func(m model.Model) model.Model {
		v := veil{}
		o := build(m, v)
		o.Model = m
		o.sync = func(op model.Sync) []model.Conversation { return v.sync(m, op) }
		return o
	}
}

// versioned shows for each conversation the version that shown makes of it.
func versioned(shown func(c model.Conversation) int64) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation { return sinceShown(m, op, shown) })
}

// holdingClears keeps the version at clears of that kind.
func holdingClears(kind func(model.Clear) bool) decorator {
	return veiled(func(m model.Model, v veil) override {
		return override{clear: func(op model.Clear) error {
			if !kind(op) {
				return m.Clear(op)
			}
			return v.hold(m, place{op.UID, op.Channel}, func() error { return m.Clear(op) })
		}}
	})
}

// holdingSets keeps the version at sets of that kind.
func holdingSets(kind func(model.Set) bool) decorator {
	return veiled(func(m model.Model, v veil) override {
		return override{set: func(op model.Set) error {
			if !kind(op) {
				return m.Set(op)
			}
			return v.hold(m, place{op.UID, op.Channel}, func() error { return m.Set(op) })
		}}
	})
}

const (
	second = 1_000_000_000
	hour   = 3600 * second
)

var versions = []Fault{
	{Fault: named("version-in-whole-seconds", "version is a whole second in nanoseconds: two changes within one share it", "WK-SYNC-18", "WK-SYNC-16"),
		Model: versioned(func(c model.Conversation) int64 { return c.Version - c.Version%second })},
	{Fault: named("version-not-raised-by-message", "a conversation keeps the version with which it was first given", "WK-SYNC-18", "WK-SYNC-16"),
		Model: func(m model.Model) model.Model {
			first := map[place]int64{}
			return override{Model: m, sync: func(op model.Sync) []model.Conversation {
				return sinceShown(m, op, func(c model.Conversation) int64 {
					at := place{op.UID, c.Channel}
					if first[at] == 0 {
						first[at] = c.Version
					}
					return first[at]
				})
			}}
		}},
	{Fault: named("version-counts-in-the-conversation", "a version is only above the earlier ones of its own conversation", "WK-SYNC-18"),
		Model: versioned(func(c model.Conversation) int64 { return c.Version - c.Version%hour + c.LastMsgSeq })},
	{Fault: named("version-old-after-delete-and-resend", "a conversation that comes back after a delete has the version of before", "WK-SYNC-18"),
		Model: veiled(func(m model.Model, v veil) override {
			gone := map[place]int64{}
			return override{
				remove: func(op model.Delete) error {
					at := place{op.UID, op.Channel}
					if c, ok := find(m, op.UID, op.Channel, 0); ok {
						gone[at] = v.shown(at, c.Version)
					}
					return m.Delete(op)
				},
				send: func(op model.Send) model.Sent {
					sent := m.Send(op)
					for at, version := range gone {
						if own(at.uid, at.channel) != own(op.From, op.Channel) {
							continue
						}
						if c, ok := find(m, at.uid, at.channel, 0); ok {
							v.put(at, c.Version, version)
							delete(gone, at)
						}
					}
					return sent
				}}
		})},

	{Fault: named("version-not-raised-by-clear", "clearUnread of all messages leaves the version as it is", "WK-SYNC-19"),
		Model: holdingClears(func(op model.Clear) bool { return op.MessageSeq == 0 })},
	{Fault: named("version-not-raised-by-clear-up-to", "clearUnread up to a message leaves the version as it is", "WK-SYNC-19"),
		Model: holdingClears(func(op model.Clear) bool { return op.MessageSeq > 0 })},
	{Fault: named("version-not-raised-by-set", "setUnread leaves the version as it is", "WK-SYNC-19"),
		Model: holdingSets(func(model.Set) bool { return true })},
	{Fault: named("version-not-raised-by-set-0", "setUnread 0 leaves the version as it is", "WK-SYNC-19"),
		Model: holdingSets(func(op model.Set) bool { return op.Unread == 0 })},
	{Fault: named("version-not-raised-by-own-message", "a user's own message does not raise the version that the user gets", "WK-SYNC-19"),
		Model: veiled(func(m model.Model, v veil) override {
			return override{send: func(op model.Send) (sent model.Sent) {
				_ = v.hold(m, place{op.From, op.Channel}, func() error { sent = m.Send(op); return nil })
				return sent
			}}
		})},
}
