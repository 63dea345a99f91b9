package variants

import (
	"slices"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// lists are freedoms in what a sync lists, and in which order.
func lists() []Variant {
	return []Variant{
		{
			Name: "oldest-first", Summary: "Recents run from the oldest message to the newest.",
			Freedom: "recents are 最新消息列表 (a list of the newest messages), with no word on their order",
			model: syncing(func(_ kit, _ model.Sync, all []model.Conversation) []model.Conversation {
				for i := range all {
					all[i].Recents = slices.Clone(all[i].Recents)
					slices.Reverse(all[i].Recents)
				}
				return all
			}),
		},
		{
			Name: "any-order", Summary: "Conversations come in another order each time.",
			Freedom: "the answer is 一个会话数组 (an array of conversations), with no word on its order",
			model: syncing(func(k kit, _ model.Sync, all []model.Conversation) []model.Conversation {
				k.chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				return all
			}),
		},
		{
			Name: "up-to-date-left-out", Summary: "A full sync leaves out a conversation of which last_msg_seqs names the last message.",
			Freedom: "the older page says of last_msg_seqs: 填写了获取增量数据 (filled in, it gets incremental data)",
			model: syncing(func(_ kit, op model.Sync, all []model.Conversation) []model.Conversation {
				if op.Version > 0 || op.OnlyUnread { // which ask for conversations by something else
					return all
				}
				return keep(all, func(c model.Conversation) bool {
					seq, named := op.After[c.Channel]
					return named && seq >= c.LastMsgSeq
				})
			}),
		},
	}
}

type syncer struct {
	model.Model
	kit   kit
	after func(kit, model.Sync, []model.Conversation) []model.Conversation
}

// syncing changes what a sync gives. after owns the conversations, but not their messages.
func syncing(after func(kit, model.Sync, []model.Conversation) []model.Conversation) func(kit, model.Model) model.Model {
	return func(k kit, m model.Model) model.Model { return syncer{m, k, after} }
}

func (s syncer) Sync(op model.Sync) []model.Conversation { return s.after(s.kit, op, s.Model.Sync(op)) }
