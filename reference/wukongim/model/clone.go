package model

import "slices"

// Clone is a State of its own with the same content, for those who try several futures of one past. Messages are
// shared, since they never change.
func (s *State) Clone() *State {
	to := &State{
		users: make(map[string]*user, len(s.users)), channels: make(map[key]*channel, len(s.channels)),
		runs: make(map[string]*run, len(s.runs)), form: s.form, lastVersion: s.lastVersion,
		lastMessageID: s.lastMessageID, lastNumber: s.lastNumber,
	}
	users, channels := map[*user]*user{}, map[*channel]*channel{}
	for k, c := range s.channels {
		copied := *c
		copied.messages = slices.Clip(c.messages) // the two must not append to one array
		channels[c], to.channels[k] = &copied, &copied
	}
	for id, u := range s.users {
		copied := &user{id: u.id, conversations: slices.Clone(u.conversations)}
		for i := range copied.conversations {
			copied.conversations[i].channel = channels[copied.conversations[i].channel]
		}
		users[u], to.users[id] = copied, copied
	}
	for _, c := range to.channels {
		c.members, c.left = translate(c.members, users), 0
	}
	for id, r := range s.runs {
		to.runs[id] = &run{users: translate(r.users, users), channels: translate(r.channels, channels)}
	}
	return to
}

// translate leaves out what is not in the map: it was removed.
func translate[T any](from []*T, copies map[*T]*T) []*T {
	to := make([]*T, 0, len(from))
	for _, old := range from {
		if copied := copies[old]; copied != nil {
			to = append(to, copied)
		}
	}
	return to
}
