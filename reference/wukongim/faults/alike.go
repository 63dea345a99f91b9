package faults

import (
	"strings"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// taken is the channel that a call of the user's goes to, where it goes astray.
type taken func(m model.Model, uid string, c model.Channel) model.Channel

func straying(to taken) (clear, set, remove decorator) {
	return onClear(func(m model.Model, op model.Clear) error {
			op.Channel = to(m, op.UID, op.Channel)
			return m.Clear(op)
		}), onSet(func(m model.Model, op model.Set) error {
			op.Channel = to(m, op.UID, op.Channel)
			return m.Set(op)
		}), onDelete(func(m model.Model, op model.Delete) error {
			op.Channel = to(m, op.UID, op.Channel)
			return m.Delete(op)
		})
}

// firstSpelledLike is the user's oldest conversation whose id is the same but for case.
func firstSpelledLike(m model.Model, uid string, c model.Channel) model.Channel {
	for _, found := range m.Sync(model.Sync{UID: uid}) {
		if found.Channel.Type == c.Type && strings.EqualFold(found.Channel.ID, c.ID) {
			c.ID = found.Channel.ID
		}
	}
	return c
}

func privateID(a, b string) string { return "private_" + min(a, b) + "_" + max(a, b) }

// behind is the peer by which the model knows the user's personal channel that a sync calls c.
func behind(m model.Model, uid string, c model.Channel) (model.Channel, bool) {
	for _, found := range m.Sync(model.Sync{UID: uid}) {
		if found.Channel.Type == model.Direct && privateID(uid, found.Channel.ID) == c.ID {
			return found.Channel, true
		}
	}
	return c, false
}

// addressed is the channel that a call names: a personal one may go by its private id.
func addressed(m model.Model, uid string, c model.Channel) model.Channel {
	if c.Type == model.Direct {
		c, _ = behind(m, uid, c)
	}
	return c
}

// chatOfThatID is addressed where the type is not looked at: a group of the id that a personal channel has is taken for it.
func chatOfThatID(m model.Model, uid string, c model.Channel) model.Channel {
	if _, group := find(m, uid, c, 0); !group {
		return c
	}
	chat, _ := behind(m, uid, c)
	return chat
}

// privately calls personal channels private_a_b throughout; one of the three calls goes astray.
func privately(pick func(clear, set, remove decorator) decorator) decorator {
	return func(m model.Model) model.Model {
		known := m
		for _, honest := range decorators(addressed) {
			known = honest(known)
		}
		known = pick(straying(func(_ model.Model, uid string, c model.Channel) model.Channel { return chatOfThatID(m, uid, c) }))(known)
		return override{Model: known, sync: func(op model.Sync) []model.Conversation {
			after := map[model.Channel]int64{}
			for c, seq := range op.After {
				after[addressed(m, op.UID, c)] = seq
			}
			op.After = after
			all := m.Sync(op)
			for i, c := range all {
				if c.Channel.Type == model.Direct {
					all[i].Channel.ID = privateID(op.UID, c.Channel.ID)
				}
			}
			return all
		}}
	}
}

func decorators(to taken) []decorator {
	clear, set, remove := straying(to)
	return []decorator{clear, set, remove}
}

func theClear(clear, _, _ decorator) decorator   { return clear }
func theSet(_, set, _ decorator) decorator       { return set }
func theDelete(_, _, remove decorator) decorator { return remove }

var alike = []Fault{
	{Fault: named("clear-of-any-case", "clearUnread takes ids that differ only in case for one", "WK-CLEAR-07"), Model: theClear(straying(firstSpelledLike))},
	{Fault: named("set-of-any-case", "setUnread takes ids that differ only in case for one", "WK-SET-03"), Model: theSet(straying(firstSpelledLike))},
	{Fault: named("delete-of-any-case", "delete takes ids that differ only in case for one", "WK-DEL-03"), Model: theDelete(straying(firstSpelledLike))},
	{Fault: named("clear-of-a-namesake", "personal channels are called private_a_b, and clearUnread of a group of such an id clears the personal channel", "WK-CLEAR-07"),
		Model: privately(theClear)},
	{Fault: named("set-of-a-namesake", "personal channels are called private_a_b, and setUnread of a group of such an id sets the personal channel", "WK-SET-03"),
		Model: privately(theSet)},
	{Fault: named("delete-of-a-namesake", "personal channels are called private_a_b, and delete of a group of such an id deletes the personal channel", "WK-DEL-03"),
		Model: privately(theDelete)},
}
