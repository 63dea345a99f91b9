package variants

import (
	"github.com/parley-im/parley/reference/yunhu/model"
)

var semantics = []Variant{
	{Name: "own-message-reads", Summary: "who writes into a conversation has read it", Freedom: "no document says what becomes of unread messages before one's own",
		model: func(m model.Model) model.Model {
			return model.Override{Model: m, OnSend: func(op model.Send) model.Sent {
				_ = m.Dismiss(model.Dismiss{UID: op.From, ChatID: op.Chat.ID}) // a first message finds nothing to read
				return m.Send(op)
			}}
		}},
	{Name: "dismiss-unknown-succeeds", Summary: "a dismissal of what is not there says success", Freedom: "what an unknown chatId is answered with is not documented",
		model: func(m model.Model) model.Model {
			return model.Override{Model: m, OnDismiss: func(op model.Dismiss) error {
				_ = m.Dismiss(op)
				return nil
			}}
		}},
	{Name: "welcome-chat", Summary: "everybody has an unread chat with the server's own bot", Freedom: "no document says that a list has nothing else than what users made; total counts it",
		model: func(m model.Model) model.Model {
			return model.Override{Model: m, OnList: func(op model.List) []model.Conversation {
				const opened = 1_700_000_000_000 // before anything that a user could see beside it
				return append(m.List(op), model.Conversation{Chat: model.Chat{ID: "100000001", Kind: model.Bot}, Name: "Welcome",
					Content: []byte("Welcome!"), Entered: opened, Sent: opened, Unread: 1})
			}}
		}},
	{Name: "sort-does-nothing", Summary: "sort-change says success and leaves the order", Freedom: "how the order changes is not documented",
		model: func(m model.Model) model.Model {
			return model.Override{Model: m, OnSort: func(model.SortChange) error { return nil }}
		}},
	{Name: "mention-of-the-last-message", Summary: "at is 1 only where the last message mentioned", Freedom: "how long at stays is not documented", Choice: "how long at stays",
		model: func(m model.Model) model.Model {
			last := map[model.Chat]int64{}
			return model.Override{Model: m, OnSend: func(op model.Send) model.Sent {
				sent := m.Send(op)
				if op.Chat.Kind != model.User {
					last[op.Chat] = sent.Seq
				}
				return sent
			}, OnList: func(op model.List) []model.Conversation {
				all := m.List(op)
				for i := range all {
					if c := &all[i]; c.Mention != nil && c.Mention.Seq < last[c.Chat] {
						c.Mention = nil
					}
				}
				return all
			}}
		}},
	{Name: "mention-stays", Summary: "at stays 1 when the conversation is dismissed", Freedom: "how long at stays is not documented", Choice: "how long at stays",
		model: func(m model.Model) model.Model {
			seen := map[string]map[model.Chat]*model.Mention{}
			return model.Override{Model: m, OnList: func(op model.List) []model.Conversation {
				all := m.List(op)
				for i := range all {
					c := &all[i]
					if seen[op.UID] == nil {
						seen[op.UID] = map[model.Chat]*model.Mention{}
					}
					if c.Mention != nil {
						seen[op.UID][c.Chat] = c.Mention
					}
					c.Mention = seen[op.UID][c.Chat]
				}
				return all
			}}
		}},
}
