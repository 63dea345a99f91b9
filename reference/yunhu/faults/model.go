package faults

import (
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/yunhu/model"
)

// The decorators with one operation replaced; m is the model below.
type decorator = func(model.Model) model.Model

func onDismiss(f func(m model.Model, op model.Dismiss) error) decorator {
	return func(m model.Model) model.Model {
		return model.Override{Model: m, OnDismiss: func(op model.Dismiss) error { return f(m, op) }}
	}
}

func onRemove(f func(m model.Model, op model.Remove) error) decorator {
	return func(m model.Model) model.Model {
		return model.Override{Model: m, OnRemove: func(op model.Remove) error { return f(m, op) }}
	}
}

func onSort(f func(m model.Model, op model.SortChange) error) decorator {
	return func(m model.Model) model.Model {
		return model.Override{Model: m, OnSort: func(op model.SortChange) error { return f(m, op) }}
	}
}

// find are the user's conversations with that id.
func find(m model.Model, uid, chatID string) (model.Conversation, int) {
	all := m.List(model.List{UID: uid})
	at := slices.IndexFunc(all, func(c model.Conversation) bool { return c.Chat.ID == chatID })
	if at < 0 {
		return model.Conversation{}, at
	}
	return all[at], at
}

// dismissEach dismisses all of the user's conversations that fit.
func dismissEach(m model.Model, uid string, fits func(model.Conversation) bool) {
	for _, c := range m.List(model.List{UID: uid}) {
		if fits(c) {
			_ = m.Dismiss(model.Dismiss{UID: uid, ChatID: c.Chat.ID}) // it was listed a moment ago
		}
	}
}

// place is a conversation of one user.
type place struct{ uid, chatID string }

// members knows who is in which chat, by the id under which each sees it.
type members map[string][]string

// withMembers gives a replaced model the members of every chat with an id of its own.
func withMembers(build func(m model.Model, in members) model.Override) decorator {
	return func(m model.Model) model.Model {
		in := members{}
		o := build(m, in)
		o.Model = m
		o.OnJoin = func(op model.Join) {
			if op.Chat.Kind != model.User {
				in[op.Chat.ID] = append(in[op.Chat.ID], op.Members...)
			}
			m.Join(op)
		}
		return o
	}
}

var dismissing = []Fault{
	{Fault: named("dismiss-msg-ok", "dismiss-notification says ok instead of success", "YH-DISMISS-1"),
		Handler: succeeding(dismissPath, rewriting(`"success"`, `"ok"`))},
	{Fault: named("dismiss-500", "dismiss-notification says code 1 with HTTP status 500", "YH-DISMISS-1"),
		Handler: succeeding(dismissPath, func(c *call) { c.Status = 500 })},
	{Fault: named("dismiss-no-users", "dismiss-notification knows no chat with a user", "YH-DISMISS-1", "YH-DISMISS-3"),
		Model: onDismiss(func(m model.Model, op model.Dismiss) error {
			if c, _ := find(m, op.UID, op.ChatID); c.Chat.Kind == model.User {
				return model.ErrNoConversation
			}
			return m.Dismiss(op)
		})},
	{Fault: named("dismiss-does-nothing", "dismiss-notification changes nothing", "YH-DISMISS-2", "YH-DISMISS-3", "YH-STATE-1"),
		Model: onDismiss(func(model.Model, model.Dismiss) error { return nil })},
	{Fault: named("dismiss-once", "a conversation can be dismissed only once", "YH-DISMISS-2", "YH-STATE-1"),
		Model: func(m model.Model) model.Model {
			done := map[place]bool{}
			return model.Override{Model: m, OnDismiss: func(op model.Dismiss) error {
				at := place{op.UID, op.ChatID}
				if done[at] {
					return nil
				}
				done[at] = true
				return m.Dismiss(op)
			}}
		}},
	{Fault: named("dismiss-forever", "what was dismissed stays read whatever comes", "YH-DISMISS-2", "YH-STATE-1"),
		Model: func(m model.Model) model.Model {
			done := map[place]bool{}
			return model.Override{Model: m, OnDismiss: func(op model.Dismiss) error {
				done[place{op.UID, op.ChatID}] = true
				return m.Dismiss(op)
			}, OnList: func(op model.List) []model.Conversation {
				all := m.List(op)
				for i := range all {
					if done[place{op.UID, all[i].Chat.ID}] {
						all[i].Unread = 0
					}
				}
				return all
			}}
		}},
	{Fault: named("dismiss-keeps-mentioned", "a conversation in which the user was mentioned stays unread", "YH-DISMISS-3"),
		Model: onDismiss(func(m model.Model, op model.Dismiss) error {
			if c, _ := find(m, op.UID, op.ChatID); c.Mention != nil {
				return nil
			}
			return m.Dismiss(op)
		})},
	{Fault: named("dismiss-newest-30", "only the newest 30 conversations can be dismissed", "YH-DISMISS-3"),
		Model: onDismiss(func(m model.Model, op model.Dismiss) error {
			if _, at := find(m, op.UID, op.ChatID); at >= 30 {
				return nil
			}
			return m.Dismiss(op)
		})},
	{Fault: named("dismiss-twice-refused", "what is read already cannot be dismissed", "YH-DISMISS-4"),
		Model: onDismiss(func(m model.Model, op model.Dismiss) error {
			if c, _ := find(m, op.UID, op.ChatID); c.Unread == 0 {
				return model.ErrNoConversation
			}
			return m.Dismiss(op)
		})},
	{Fault: named("dismiss-again-msg", "a second dismissal of a conversation has another msg", "YH-DISMISS-4"), Handler: secondTime(dismissPath, `"success"`, `"done before"`)},
	{Fault: named("dismiss-all", "all of the user's conversations are dismissed", "YH-DISMISS-5"),
		Model: onDismiss(func(m model.Model, op model.Dismiss) error {
			dismissEach(m, op.UID, func(model.Conversation) bool { return true })
			return m.Dismiss(op)
		})},
	{Fault: named("dismiss-prefix", "all conversations whose ids begin alike are dismissed", "YH-DISMISS-5"),
		Model: onDismiss(func(m model.Model, op model.Dismiss) error {
			dismissEach(m, op.UID, func(c model.Conversation) bool { return strings.HasPrefix(c.Chat.ID, op.ChatID) })
			return m.Dismiss(op)
		})},
	{Fault: named("dismiss-bots-too", "a dismissed group takes the bots along", "YH-DISMISS-5"),
		Model: onDismiss(func(m model.Model, op model.Dismiss) error {
			if c, _ := find(m, op.UID, op.ChatID); c.Chat.Kind == model.Group {
				dismissEach(m, op.UID, func(c model.Conversation) bool { return c.Chat.Kind == model.Bot })
			}
			return m.Dismiss(op)
		})},
}
