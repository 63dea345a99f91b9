package model

// State is all users and chats. The zero value is not usable; see New.
//
// A message costs the same however many members its chat has: the chat counts, and each membership remembers the count at
// which it was last read.
type State struct {
	users map[string]*user
	chats map[key]*chat
	runs  map[string]*ownership
}

// New is a State with nothing in it.
func New() *State {
	return &State{users: map[string]*user{}, chats: map[key]*chat{}, runs: map[string]*ownership{}}
}

// key finds a chat whoever looks: a is the id of a group or bot, or a and b are two users in order.
type key struct {
	a, b string
	kind int
}

func keyOf(uid string, c Chat) key {
	if c.Kind != User {
		return key{a: c.ID, kind: c.Kind}
	}
	return key{a: min(uid, c.ID), b: max(uid, c.ID), kind: User}
}

// as names the chat the way uid sees it.
func (k key) as(uid string) Chat {
	if k.kind == User && k.a == uid {
		return Chat{k.b, User}
	}
	return Chat{k.a, k.kind}
}

// chat is one chat. Of its messages only what a list can show is kept: how many there were, and the last one.
type chat struct {
	key     key
	count   int64
	content []byte
	sent    int64 // unix milliseconds
	members map[*user]*membership
}

type user struct {
	id, name string
	chats    map[string][]*membership // by the id under which the user sees them; mostly one each
}

// membership is one user's view of one chat.
type membership struct {
	user    *user
	chat    *chat
	unread  int64 // when it was last settled
	settled int64 // chat.count when it was last settled; all that came since is by others
	removed int64 // chat.count when the user took it out of the list
	entered int64 // when the user moved it, unix milliseconds
	mention *Mention
	silent  bool
}

// unreadNow holds because whoever sends settles the own membership at once: no message after settled is the user's own.
func (m *membership) unreadNow() int64 { return m.unread + m.chat.count - m.settled }

func (m *membership) settle(unread int64) { m.unread, m.settled = unread, m.chat.count }

// exists tells whether the user's list has it: a message came that the user did not remove.
func (m *membership) exists() bool { return m.chat.count > m.removed }

func (m *membership) place() int64 { return max(m.entered, m.chat.sent) }

// user finds or makes the user.
func (s *State) user(id, run string) *user {
	if u := s.users[id]; u != nil {
		return u
	}
	u := &user{id: id, name: id, chats: map[string][]*membership{}}
	s.users[id] = u
	s.own(id, run, func(r *ownership) { r.users = append(r.users, u) })
	return u
}

// AddUser implements Model.
func (s *State) AddUser(op AddUser) {
	u := s.user(op.ID, op.Run)
	if op.Name != "" {
		u.name = op.Name
	}
}

// Join implements Model.
func (s *State) Join(op Join) {
	k := key{a: op.Chat.ID, kind: op.Chat.Kind}
	if op.Chat.Kind == User {
		if len(op.Members) != 2 || op.Members[0] == op.Members[1] {
			return
		}
		k = keyOf(op.Members[0], Chat{op.Members[1], User})
	}
	c := s.chats[k]
	if c == nil {
		c = &chat{key: k, members: map[*user]*membership{}}
		s.chats[k] = c
		s.own(k.a, op.Run, func(r *ownership) { r.chats = append(r.chats, c) })
	}
	for _, id := range op.Members {
		c.join(s.user(id, op.Run))
	}
}

// join makes the user a member; what is in the chat already is history, and not unread.
func (c *chat) join(u *user) {
	if c.members[u] != nil {
		return
	}
	m := &membership{user: u, chat: c, settled: c.count}
	c.members[u] = m
	seen := c.key.as(u.id).ID
	u.chats[seen] = append(u.chats[seen], m)
}

// Send implements Model. Its cost does not depend on the number of members, but on the mentions.
func (s *State) Send(op Send) Sent {
	c := s.chats[keyOf(op.From, op.Chat)]
	if c == nil {
		return Sent{}
	}
	own := c.members[s.users[op.From]]
	unread := int64(0)
	if own != nil {
		unread = own.unreadNow()
	}
	c.count++
	c.content, c.sent = op.Content, max(c.sent, op.Now.UnixMilli())
	if own != nil {
		own.settle(unread)
	}
	for _, id := range op.Mentions {
		if m := c.members[s.users[id]]; m != nil && id != op.From {
			m.mention = &Mention{Seq: c.count, From: op.From, FromName: s.nameOf(op.From), In: c.key.as(id).ID, Mentioned: id, Name: m.user.name}
		}
	}
	return Sent{Seq: c.count}
}

// nameOf is a user's name; who is no user, a bot, goes by the id.
func (s *State) nameOf(id string) string {
	if u := s.users[id]; u != nil {
		return u.name
	}
	return id
}

// Silence implements Model.
func (s *State) Silence(op Silence) {
	u := s.users[op.UID]
	c := s.chats[keyOf(op.UID, op.Chat)]
	if u == nil || c == nil || c.members[u] == nil {
		return
	}
	c.members[u].silent = op.On
}

// Knows implements Model.
func (s *State) Knows(uid string) bool { return s.users[uid] != nil }
