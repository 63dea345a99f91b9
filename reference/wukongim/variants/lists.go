package variants

import (
	"maps"
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
			Name: "system-conversation", Summary: "Everybody has a conversation with the system's account, with one message, in every answer.",
			Freedom: "the documents do not say that a user has no conversations but those that others began",
			model: syncing(func(_ kit, op model.Sync, all []model.Conversation) []model.Conversation {
				own := welcome
				if op.MsgCount <= 0 {
					own.Recents = nil
				}
				return append([]model.Conversation{own}, all...)
			}),
		},
		{
			Name: "seqs-beyond-ignored", Summary: "An entry of last_msg_seqs beyond the channel's last message is ignored.",
			Freedom: "last_msg_seqs holds 客户端最后消息序列号 (the client's last sequence numbers), and no client has one that was never given",
			model:   func(_ kit, m model.Model) model.Model { return seqsBeyond{m} },
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

// welcome is what the system's account wrote to everybody, long ago.
var welcome = model.Conversation{
	Channel: model.Channel{ID: "system", Type: model.Direct}, Unread: 1, Timestamp: 1640995200, LastMsgSeq: 1,
	LastClientMsgNo: "welcome", Version: 1640995200_000000000,
	Recents: []*model.Message{{ID: 123456789, Seq: 1, Timestamp: 1640995200, ClientMsgNo: "welcome", From: "system", Payload: []byte("welcome")}},
}

type seqsBeyond struct{ model.Model }

func (s seqsBeyond) Sync(op model.Sync) []model.Conversation {
	after := maps.Clone(op.After)
	for _, c := range s.Model.Sync(model.Sync{UID: op.UID}) {
		if after[c.Channel] > c.LastMsgSeq {
			delete(after, c.Channel)
		}
	}
	op.After = after
	return s.Model.Sync(op)
}
