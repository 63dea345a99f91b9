package model

import (
	"cmp"
	"slices"

	"github.com/parley-im/parley/reference/runid"
)

// run lists what belongs to one run, so that cleaning one does not look at the others. A direct chat is in no list:
// it goes with each of its users.
type run struct {
	users    []*user
	channels []*channel
}

// owner is the run that a name belongs to: the one it begins with, else the one that made it.
func owner(name, maker string) string {
	return cmp.Or(runid.Of(name), maker)
}

func (s *State) run(id string) *run {
	r := s.runs[id]
	if r == nil {
		r = &run{}
		s.runs[string([]byte(id))] = r // a copy: id may be a part of a long name
	}
	return r
}

func (s *State) ownUser(u *user, maker string) {
	if id := owner(u.id, maker); id != "" {
		r := s.run(id)
		r.users = append(r.users, u)
	}
}

func (s *State) ownChannel(c *channel, maker string) {
	if c.key.typ == Direct {
		return
	}
	if id := owner(c.key.a, maker); id != "" {
		r := s.run(id)
		r.channels = append(r.channels, c)
	}
}

// Clean implements Model. Its cost depends on what the run has, and on the conversations of those others who are in one of
// its channels.
func (s *State) Clean(op Clean) {
	r := s.runs[op.Run]
	if r == nil {
		return
	}
	delete(s.runs, op.Run)
	// The users first, whole: their many memberships are then not taken out one by one.
	left := make([][]membership, len(r.users))
	for i, u := range r.users {
		delete(s.users, u.id)
		left[i], u.conversations = u.conversations, nil
	}
	staying := map[*user]struct{}{}
	for _, c := range r.channels {
		s.removeChannel(c, staying)
	}
	for i := range left {
		for _, m := range left[i] {
			s.leave(m.channel, staying)
		}
	}
	for u := range staying {
		u.conversations = slices.DeleteFunc(u.conversations, func(m membership) bool { return m.channel.gone })
	}
}

// leave takes a removed user out of a channel; a direct chat goes with it.
func (s *State) leave(c *channel, staying map[*user]struct{}) {
	switch {
	case c.gone:
	case c.key.typ == Direct:
		s.removeChannel(c, staying)
	default:
		// To look for one in a large group would cost as much as all its members, so that many go at once.
		if c.left++; 2*c.left >= len(c.members) {
			c.members = slices.DeleteFunc(c.members, func(u *user) bool { return s.users[u.id] != u })
			c.left = 0
		}
	}
}

// removeChannel adds to staying the users who still have it among their conversations.
func (s *State) removeChannel(c *channel, staying map[*user]struct{}) {
	if c.gone {
		return
	}
	c.gone = true
	delete(s.channels, c.key)
	for _, u := range c.members {
		if len(u.conversations) > 0 {
			staying[u] = struct{}{}
		}
	}
	c.members = nil
}
