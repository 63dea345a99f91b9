package faults

import (
	"math"
	"slices"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// override is a model in which some operations are replaced.
type override struct {
	model.Model
	subscribe func(model.Subscribe)
	send      func(model.Send) model.Sent
	sync      func(model.Sync) []model.Conversation
	clear     func(model.Clear) error
	set       func(model.Set) error
	remove    func(model.Delete) error
}

func (o override) Subscribe(op model.Subscribe) {
	if o.subscribe != nil {
		o.subscribe(op)
		return
	}
	o.Model.Subscribe(op)
}

func (o override) Send(op model.Send) model.Sent {
	if o.send != nil {
		return o.send(op)
	}
	return o.Model.Send(op)
}

func (o override) Sync(op model.Sync) []model.Conversation {
	if o.sync != nil {
		return o.sync(op)
	}
	return o.Model.Sync(op)
}

func (o override) Clear(op model.Clear) error {
	if o.clear != nil {
		return o.clear(op)
	}
	return o.Model.Clear(op)
}

func (o override) Set(op model.Set) error {
	if o.set != nil {
		return o.set(op)
	}
	return o.Model.Set(op)
}

func (o override) Delete(op model.Delete) error {
	if o.remove != nil {
		return o.remove(op)
	}
	return o.Model.Delete(op)
}

// sometimes asks one of two models over the same state for each operation.
type sometimes struct {
	honest, wrong model.Model
	hit           func() bool
}

func (s sometimes) pick() model.Model {
	if s.hit() {
		return s.wrong
	}
	return s.honest
}

func (s sometimes) Subscribe(op model.Subscribe)            { s.pick().Subscribe(op) }
func (s sometimes) Send(op model.Send) model.Sent           { return s.pick().Send(op) }
func (s sometimes) Sync(op model.Sync) []model.Conversation { return s.pick().Sync(op) }
func (s sometimes) Clear(op model.Clear) error              { return s.pick().Clear(op) }
func (s sometimes) Set(op model.Set) error                  { return s.pick().Set(op) }
func (s sometimes) Delete(op model.Delete) error            { return s.pick().Delete(op) }
func (s sometimes) Clean(op model.Clean)                    { s.honest.Clean(op) }

// The decorators with one operation replaced; m is the model below.
type decorator = func(model.Model) model.Model

func onSync(f func(m model.Model, op model.Sync) []model.Conversation) decorator {
	return func(m model.Model) model.Model {
		return override{Model: m, sync: func(op model.Sync) []model.Conversation { return f(m, op) }}
	}
}

func onSend(f func(m model.Model, op model.Send) model.Sent) decorator {
	return func(m model.Model) model.Model {
		return override{Model: m, send: func(op model.Send) model.Sent { return f(m, op) }}
	}
}

func onClear(f func(m model.Model, op model.Clear) error) decorator {
	return func(m model.Model) model.Model {
		return override{Model: m, clear: func(op model.Clear) error { return f(m, op) }}
	}
}

func onSet(f func(m model.Model, op model.Set) error) decorator {
	return func(m model.Model) model.Model {
		return override{Model: m, set: func(op model.Set) error { return f(m, op) }}
	}
}

func onDelete(f func(m model.Model, op model.Delete) error) decorator {
	return func(m model.Model) model.Model {
		return override{Model: m, remove: func(op model.Delete) error { return f(m, op) }}
	}
}

// asking edits what a sync asks for.
func asking(edit func(op *model.Sync)) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		edit(&op)
		return m.Sync(op)
	})
}

// showing edits each conversation of an answer.
func showing(edit func(op model.Sync, c *model.Conversation)) decorator {
	return onSync(func(m model.Model, op model.Sync) []model.Conversation {
		all := m.Sync(op)
		for i := range all {
			edit(op, &all[i])
		}
		return all
	})
}

// telling edits each message of an answer, in a copy; i counts from the newest.
func telling(edit func(op model.Sync, c model.Conversation, i int, m *model.Message)) decorator {
	return showing(func(op model.Sync, c *model.Conversation) {
		for i, m := range c.Recents {
			told := *m
			edit(op, *c, i, &told)
			c.Recents[i] = &told
		}
	})
}

// place is a conversation of one user.
type place struct {
	uid     string
	channel model.Channel
}

// everything is more messages than any channel has.
const everything = math.MaxInt32

// find is the user's conversation as an unrestricted sync shows it, with count of its messages.
func find(m model.Model, uid string, c model.Channel, count int64) (model.Conversation, bool) {
	all := m.Sync(model.Sync{UID: uid, MsgCount: count})
	if at := slices.IndexFunc(all, func(found model.Conversation) bool { return found.Channel == c }); at >= 0 {
		return all[at], true
	}
	return model.Conversation{}, false
}

// unreadOf is the user's unread number of a channel; 0 where the user does not have it.
func unreadOf(m model.Model, uid string, c model.Channel) int64 {
	found, _ := find(m, uid, c, 0)
	return found.Unread
}

// roster knows who is in which channel, by the channel's own name.
type roster map[model.Channel][]string

func (r roster) add(c model.Channel, uids ...string) {
	for _, uid := range uids {
		if !slices.Contains(r[c], uid) {
			r[c] = append(r[c], uid)
		}
	}
}

// own is a channel's name whoever looks: of a personal one, both uids in order.
func own(uid string, c model.Channel) model.Channel {
	if c.Type == model.Direct {
		c.ID = min(uid, c.ID) + "\x00" + max(uid, c.ID)
	}
	return c
}

// seenBy is the channel c of uid as the other member calls it.
func seenBy(other, uid string, c model.Channel) model.Channel {
	if c.Type == model.Direct {
		c.ID = uid
	}
	return c
}

// withRoster gives a replaced model the members of every channel that it sees made.
func withRoster(build func(m model.Model, members roster) override) decorator {
	return func(m model.Model) model.Model {
		members := roster{}
		o := build(m, members)
		o.Model = m
		send, subscribe := o.send, o.subscribe
		o.subscribe = func(op model.Subscribe) {
			members.add(op.Channel, op.UIDs...)
			if subscribe != nil {
				subscribe(op)
				return
			}
			m.Subscribe(op)
		}
		o.send = func(op model.Send) model.Sent {
			if op.Channel.Type == model.Direct {
				members.add(own(op.From, op.Channel), op.From, op.Channel.ID)
			}
			if send != nil {
				return send(op)
			}
			return m.Send(op)
		}
		return o
	}
}
