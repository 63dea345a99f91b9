package model

import (
	"cmp"
	"slices"

	"github.com/parley-im/parley/reference/runid"
)

// ownership lists what belongs to one run, so that cleaning one does not look at the others.
type ownership struct {
	users []*user
	chats []*chat
}

// own puts something new into the list of its run: the one that its name begins with, else the one that made it.
func (s *State) own(name, maker string, add func(*ownership)) {
	id := cmp.Or(runid.Of(name), maker)
	if id == "" {
		return
	}
	r := s.runs[id]
	if r == nil {
		r = &ownership{}
		s.runs[string([]byte(id))] = r // a copy: id may be a part of a long name
	}
	add(r)
}

// Clean implements Model.
func (s *State) Clean(op Clean) {
	r := s.runs[op.Run]
	if r == nil {
		return
	}
	delete(s.runs, op.Run)
	for _, c := range r.chats {
		s.removeChat(c)
	}
	for _, u := range r.users {
		delete(s.users, u.id)
		for _, memberships := range u.chats {
			for _, m := range memberships {
				s.leave(m)
			}
		}
		u.chats = nil
	}
}

// leave takes a removed user out of a chat; a chat between two goes with either.
func (s *State) leave(m *membership) {
	delete(m.chat.members, m.user)
	if m.chat.key.kind == User || len(m.chat.members) == 0 {
		s.removeChat(m.chat)
	}
}

func (s *State) removeChat(c *chat) {
	if s.chats[c.key] != c {
		return
	}
	delete(s.chats, c.key)
	for u, m := range c.members {
		seen := c.key.as(u.id).ID
		u.chats[seen] = slices.DeleteFunc(u.chats[seen], func(other *membership) bool { return other == m })
		if len(u.chats[seen]) == 0 {
			delete(u.chats, seen)
		}
	}
	c.members = nil
}
