package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// firstMessageID is where message ids begin: in the range of real snowflake ids, far above 2^53, so that a client
// that rounds to a float64 is found out.
const firstMessageID = 2_100_000_000_000_000_000

// State is all users, channels and messages. The zero value is not usable; see New.
//
// A message costs the same however many members its channel has: the channel counts, and each membership remembers
// the count at which its unread number was last settled.
type State struct {
	users         map[string]*user
	channels      map[key]*channel
	runs          map[string]*run
	form          func(*Message) string // nil: messages have no form
	lastVersion   int64
	lastMessageID int64
	lastNumber    uint64
}

// New is a State with nothing in it. Two States of the same seed give the same message ids.
func New(seed int64) *State { return NewForming(seed, nil) }

// NewForming is New for a reader that wants each message in a form of its own: form is called once for each message, when
// all else of it is known, and what it gives is stored as Message.Form. It must be a function of the message alone, and
// may give an empty text for a message that is not worth it.
func NewForming(seed int64, form func(*Message) string) *State {
	return &State{
		form:          form,
		users:         map[string]*user{},
		channels:      map[key]*channel{},
		runs:          map[string]*run{},
		lastMessageID: firstMessageID + int64(uint64(seed)%(1<<40))<<16,
	}
}

// key finds a channel whoever looks: a is the id of a group, or a and b are the two uids of a direct chat in order.
type key struct {
	a, b string
	typ  int
}

func keyOf(uid string, c Channel) key {
	if c.Type != Direct {
		return key{a: c.ID, typ: c.Type}
	}
	return key{a: min(uid, c.ID), b: max(uid, c.ID), typ: Direct}
}

// as names the channel the way uid sees it.
func (k key) as(uid string) Channel {
	if k.typ == Direct && k.a == uid {
		return Channel{k.b, Direct}
	}
	return Channel{k.a, k.typ}
}

type channel struct {
	key      key
	number   uint64    // channels count from 1 in the order of their making
	messages []Message // the message with sequence number n is at n-1; never changed, only appended to
	counted  int64     // messages that count as unread to everyone but their sender
	version  int64     // of the last message
	members  []*user
	left     int  // how many of the members were removed by a Clean at most, and not taken out yet
	gone     bool // removed by a Clean
}

func (c *channel) lastSeq() int64 { return int64(len(c.messages)) }

// countedFrom is how many counted messages after sequence number k are by others than uid. It stops at most, since
// no caller needs to know more.
func (c *channel) countedFrom(k int64, uid string, most int64) int64 {
	var n int64
	for i := c.lastSeq() - 1; i >= k && n < most; i-- {
		if m := &c.messages[i]; m.Header.RedDot && m.From != uid {
			n++
		}
	}
	return n
}

type user struct {
	id            string
	conversations []membership // ordered by the channel's number
}

// membership is one user's view of one channel.
type membership struct {
	number  uint64 // the channel's: a search that asked the channels for it would wait for the memory of each
	channel *channel
	base    int64 // unread when it was last settled
	settled int64 // channel.counted when it was last settled; all that came since is by others
	deleted int64 // the last sequence number that the user deleted
	version int64 // of the user's own last change
}

// unread holds because whoever sends settles the own membership at once: no message after settled is the user's own.
func (m *membership) unread() int64 { return m.base + m.channel.counted - m.settled }

func (m *membership) settle(unread int64) {
	m.base, m.settled = unread, m.channel.counted
}

// exists tells whether the user has the conversation: a message is in it that the user did not delete.
func (m *membership) exists() bool { return m.channel.lastSeq() > m.deleted }

func (m *membership) lastChange() int64 { return max(m.version, m.channel.version) }

// find is the place of c among the user's conversations, and whether it is there.
func (u *user) find(c *channel) (int, bool) {
	return slices.BinarySearchFunc(u.conversations, c.number, func(m membership, number uint64) int {
		return cmp.Compare(m.number, number)
	})
}

func (u *user) membership(c *channel) *membership {
	if u == nil {
		return nil
	}
	if at, ok := u.find(c); ok {
		return &u.conversations[at]
	}
	return nil
}

// conversation is the user's view of a conversation that exists for the user.
func (s *State) conversation(uid string, c Channel) (*membership, error) {
	ch := s.channels[keyOf(uid, c)]
	if ch == nil {
		return nil, ErrNoConversation
	}
	m := s.users[uid].membership(ch)
	if m == nil || !m.exists() {
		return nil, ErrNoConversation
	}
	return m, nil
}

// user finds or makes the user.
func (s *State) user(uid, run string) *user {
	if u := s.users[uid]; u != nil {
		return u
	}
	u := &user{id: strings.Clone(uid)} // uid may be a part of a long text, which would stay in memory with it
	s.users[u.id] = u
	s.ownUser(u, run)
	return u
}

// channel finds or makes the channel; a new direct chat has both its users as members.
func (s *State) channel(k key, run string) *channel {
	if c := s.channels[k]; c != nil {
		return c
	}
	s.lastNumber++
	c := &channel{key: k, number: s.lastNumber}
	if k.typ == Direct {
		a, b := s.user(k.a, run), s.user(k.b, run)
		// The users' own strings: otherwise every chat would keep its own copies of both names.
		c.key.a, c.key.b = a.id, b.id
		join(a, c, 0)
		join(b, c, 0)
	} else {
		c.key.a = strings.Clone(k.a)
	}
	s.channels[c.key] = c
	s.ownChannel(c, run)
	return c
}

// join makes the user a member; what is in the channel already is history, and not unread. It says whether the user
// was no member before.
func join(u *user, c *channel, version int64) bool {
	at, member := u.find(c)
	if member {
		return false
	}
	u.conversations = slices.Insert(u.conversations, at, membership{number: c.number, channel: c, settled: c.counted, version: version})
	c.members = append(c.members, u)
	return true
}

// nextVersion is the time in nanoseconds, moved on where that has been given out already.
func (s *State) nextVersion(now time.Time) int64 {
	s.lastVersion = max(now.UnixNano(), s.lastVersion+1)
	return s.lastVersion
}

func (s *State) nextMessageID() int64 {
	s.lastMessageID++
	return s.lastMessageID
}

// store finishes a message: it gets its form, and no text that is a part of the request that brought it, since that would
// keep the whole request in memory.
func (s *State) store(c *channel, m Message) {
	if s.form != nil {
		m.Form = s.form(&m)
	}
	if at := strings.Index(m.Form, m.ClientMsgNo); at >= 0 {
		m.ClientMsgNo = m.Form[at : at+len(m.ClientMsgNo)] // most forms have it in them: it is then kept once
	} else {
		m.ClientMsgNo = strings.Clone(m.ClientMsgNo)
	}
	c.messages = append(c.messages, m)
}

// clientMsgNo makes a number for a message that came without one; it has the 32 digits of a UUID.
func clientMsgNo(id int64) string { return fmt.Sprintf("%032x", id) }
