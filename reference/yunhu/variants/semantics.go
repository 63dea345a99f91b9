package variants

import (
	"github.com/parley-im/parley/reference/yunhu/model"
)

// override is a model in which some operations are replaced.
type override struct {
	model.Model
	send    func(model.Send) model.Sent
	dismiss func(model.Dismiss) error
	sort    func(model.SortChange) error
	list    func(model.List) []model.Conversation
}

func (o override) Send(op model.Send) model.Sent {
	if o.send != nil {
		return o.send(op)
	}
	return o.Model.Send(op)
}

func (o override) Dismiss(op model.Dismiss) error {
	if o.dismiss != nil {
		return o.dismiss(op)
	}
	return o.Model.Dismiss(op)
}

func (o override) SortChange(op model.SortChange) error {
	if o.sort != nil {
		return o.sort(op)
	}
	return o.Model.SortChange(op)
}

func (o override) List(op model.List) []model.Conversation {
	if o.list != nil {
		return o.list(op)
	}
	return o.Model.List(op)
}

var semantics = []Variant{
	{Name: "own-message-reads", Summary: "who writes into a conversation has read it", Freedom: "no document says what becomes of unread messages before one's own",
		model: func(m model.Model) model.Model {
			return override{Model: m, send: func(op model.Send) model.Sent {
				_ = m.Dismiss(model.Dismiss{UID: op.From, ChatID: op.Chat.ID}) // a first message finds nothing to read
				return m.Send(op)
			}}
		}},
	{Name: "dismiss-unknown-succeeds", Summary: "a dismissal of what is not there says success", Freedom: "what an unknown chatId is answered with is not documented",
		model: func(m model.Model) model.Model {
			return override{Model: m, dismiss: func(op model.Dismiss) error {
				_ = m.Dismiss(op)
				return nil
			}}
		}},
	{Name: "sort-does-nothing", Summary: "sort-change says success and leaves the order", Freedom: "how the order changes is not documented",
		model: func(m model.Model) model.Model {
			return override{Model: m, sort: func(model.SortChange) error { return nil }}
		}},
	{Name: "mention-of-the-last-message", Summary: "at is 1 only where the last message mentioned", Freedom: "how long at stays is not documented", Choice: "how long at stays",
		model: func(m model.Model) model.Model {
			last := map[model.Chat]int64{}
			return override{Model: m, send: func(op model.Send) model.Sent {
				sent := m.Send(op)
				if op.Chat.Kind != model.User {
					last[op.Chat] = sent.Seq
				}
				return sent
			}, list: func(op model.List) []model.Conversation {
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
			return override{Model: m, list: func(op model.List) []model.Conversation {
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
