package model

import (
	"cmp"
	"slices"
)

// List implements Model. It changes nothing, and its cost depends only on the user's own conversations.
func (s *State) List(op List) []Conversation {
	u := s.users[op.UID]
	if u == nil {
		return nil
	}
	var all []Conversation
	for _, memberships := range u.chats {
		for _, m := range memberships {
			if m.exists() {
				all = append(all, s.conversation(m))
			}
		}
	}
	slices.SortFunc(all, newestFirst)
	return all
}

// newestFirst orders by place; the rest only makes the order the same each time.
func newestFirst(a, b Conversation) int {
	return cmp.Or(cmp.Compare(b.Entered, a.Entered), cmp.Compare(a.Chat.ID, b.Chat.ID), cmp.Compare(a.Chat.Kind, b.Chat.Kind))
}

func (s *State) conversation(m *membership) Conversation {
	seen := m.chat.key.as(m.user.id)
	c := Conversation{
		Chat: seen, Name: seen.ID, Content: m.chat.content, Entered: m.place(), Sent: m.chat.sent,
		Unread: m.unreadNow(), Mention: m.mention, DoNotDisturb: m.silent,
	}
	if seen.Kind == User {
		c.Name = s.nameOf(seen.ID)
	}
	return c
}

// found are the user's conversations with that id: the calls name no kind, so that all of them are meant.
func (s *State) found(uid, chatID string) ([]*membership, error) {
	u := s.users[uid]
	if u == nil {
		return nil, ErrNoConversation
	}
	var found []*membership
	for _, m := range u.chats[chatID] {
		if m.exists() {
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return nil, ErrNoConversation
	}
	return found, nil
}

// Dismiss implements Model.
func (s *State) Dismiss(op Dismiss) error {
	found, err := s.found(op.UID, op.ChatID)
	for _, m := range found {
		m.settle(0)
		m.mention = nil
	}
	return err
}

// SortChange implements Model.
func (s *State) SortChange(op SortChange) error {
	found, err := s.found(op.UID, op.ChatID)
	for _, m := range found {
		m.entered = max(m.entered, op.Now.UnixMilli())
	}
	return err
}

// Remove implements Model.
func (s *State) Remove(op Remove) error {
	found, err := s.found(op.UID, op.ChatID)
	for _, m := range found {
		m.removed = m.chat.count
		m.settle(0)
		m.mention = nil
	}
	return err
}
