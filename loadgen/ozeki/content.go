package ozeki

import (
	"bytes"
	"encoding/base64"
	"slices"

	"github.com/parley-im/parley/loadgen/scan"
)

// message is one element of a download, as it was read.
type message struct {
	id, created, validUntil, data []byte
	at                            int64 // Created
	has                           uint8
}

const (
	messageID = 1 << iota
	messageType
	messageCreated
	messageValid
	messageData
	messageAll = messageData<<1 - 1
)

// scratch is memory for one answer. It is shared by all users: few answers are judged at a time.
type scratch struct {
	messages []message
	formless int  // elements that lack an ID or a Created
	partial  bool // an element lacks a member that a download has
	added    []addition
	shown    []bool // of the additions
	seen     map[uint64]struct{}
	number   []byte
	payload  []byte
	data     []byte
}

// mostMemory is how many messages' places are kept between answers: a rare long one must not be paid for all the time.
const mostMemory = 1 << 14

func (s *scratch) reset() {
	if cap(s.messages) > mostMemory {
		*s = scratch{}
	}
	if s.seen == nil {
		s.seen = map[uint64]struct{}{}
	}
	clear(s.seen)
	clear(s.messages)
	s.messages, s.formless, s.partial = s.messages[:0], 0, false
}

// readMessages reads the messages of a download. false: there is no array of them.
func (sc *scratch) readMessages(s *scan.Scanner) bool {
	if s.Peek() != '[' {
		s.Skip(0)
		return false
	}
	s.At++
	for first := true; s.More(']', first); first = false {
		var m message
		if s.Peek() != '{' {
			s.Skip(0)
		} else {
			m.read(s)
		}
		sc.partial = sc.partial || m.has != messageAll
		if m.has&messageID == 0 || m.has&messageCreated == 0 {
			sc.formless++
			continue
		}
		sc.messages = append(sc.messages, m)
	}
	return true
}

func (m *message) read(s *scan.Scanner) {
	s.At++
	var twice uint8
	for first := true; s.More('}', first); first = false {
		var bit uint8
		ok := false
		switch string(s.Key()) {
		case "ID":
			bit = messageID
			m.id, ok = s.TryText()
		case "Type":
			bit = messageType
			_, ok = s.TryText()
		case "Created":
			bit = messageCreated
			m.created, ok = s.TryText()
		case "ValidUntil":
			bit = messageValid
			m.validUntil, ok = s.TryText()
		case "Data":
			bit = messageData
			m.data, ok = s.TryText()
		default:
			s.Skip(0)
		}
		s.Bad = s.Bad || twice&bit != 0
		twice |= bit
		if ok {
			m.has |= bit
		}
	}
}

// state is what is known of a conversation when a download of it is judged.
type state struct {
	current bool // the instance is, so everything that must be there must be shown
	gone    int
	base    int
	whole   bool // nobody ever cleared it
}

func (u *user) state(t *talk, s *scratch) state {
	l := &u.w.ledgers[t.chat]
	l.mu.Lock()
	defer l.mu.Unlock()
	s.added = append(s.added[:0], l.added...)
	s.shown = slices.Grow(s.shown[:0], len(s.added))[:len(s.added)]
	clear(s.shown)
	return state{current: u.current(t, l), gone: l.gone, base: l.base, whole: l.begun == 0}
}

// judgeContent judges a download, and remembers where the user is.
func (u *user) judgeContent(s *scratch, shows bool) {
	j, t := &u.judge, &u.talks[u.on]
	if !shows {
		j.Find(u.wanted(), "there is no array of messages")
		return
	}
	if all := u.doing == catchUp || u.doing == download; s.partial && (all || s.formless > 0) {
		j.Find("OZ-DL-4", "a message lacks one of ID, Type, Created, ValidUntil and Data, spelled so")
	}
	st := u.state(t, s)
	old := 0
	for i := range s.messages {
		m := &s.messages[i]
		var ok bool
		if m.at, ok = readTime(m.created); !ok {
			j.Find("OZ-COM-11", "Created is %q", m.created)
			s.formless++
			continue
		}
		old += u.judgeMessage(t, s, m)
	}
	u.judgeOrder(s)
	if s.formless > 0 {
		return
	}
	if st.current {
		u.judgeComplete(t, s, st, old)
	}
	u.remember(t, s)
}

// judgeMessage judges one message by what it must hold. It answers 1 for a message from before the attack.
func (u *user) judgeMessage(t *talk, s *scratch, m *message) int {
	o, ours := readID(m.id, u.w.tag)
	if ours {
		u.judgeOurs(t, s, m, o)
		return 0
	}
	hash := u.w.hashOf(m.id)
	if _, twice := s.seen[hash]; twice {
		u.judge.Find(u.wanted(), "the message %q stands there twice", m.id)
		return 0
	}
	s.seen[hash] = struct{}{}
	u.judgeOld(t, s, m)
	return 1
}

// judgeOurs judges a message of this attack.
func (u *user) judgeOurs(t *talk, s *scratch, m *message, o origin) {
	j := &u.judge
	switch {
	case o.chat != int(t.chat):
		j.Find(u.wanted(), "the message %q is of another conversation", m.id)
		return
	case o.number >= len(s.added) || o.sender >= u.w.plan.Users:
		j.Find(u.wanted(), "nobody sent the message %q", m.id)
		return
	case s.shown[o.number]:
		j.Find(u.wanted(), "the message %q stands there twice", m.id)
	}
	s.shown[o.number] = true
	a := s.added[o.number]
	if u.goneFor(t, a) {
		u.left(t, m)
	}
	u.judgeTimes(m, a)
	if m.has&messageData != 0 && j.Checked {
		s.number = u.w.appendNumber(s.number[:0], o)
		if s.data, s.payload = u.w.appendData(s.data[:0], s.payload, s.number); !bytes.Equal(m.data, s.data) {
			j.Find("OZ-ADD-1", "the message %q has another Data than was sent", m.id)
		}
	}
}

// judgeTimes compares a message's times with those that were sent.
func (u *user) judgeTimes(m *message, a addition) {
	j := &u.judge
	if d := m.at - a.created; d == 12*60*60 || d == -12*60*60 {
		j.Find("OZ-COM-11", "the message %q of unix second %d has the Created %q: 12 hours instead of 24", m.id, a.created, m.created)
	} else if d != 0 {
		j.Find("OZ-ADD-4", "the message %q of unix second %d has the Created %q", m.id, a.created, m.created)
	}
	if until, ok := readTime(m.validUntil); m.has&messageValid != 0 && (!ok || until != a.created+validFor) {
		j.Find("OZ-ADD-4", "the message %q of %q is valid until %q, and was sent with 7 days", m.id, m.created, m.validUntil)
		if ok && until < m.at {
			j.Find("OZ-ADD-5", "the message %q of %q is valid until %q", m.id, m.created, m.validUntil)
		}
	}
}

// left is a message that the user has cleared.
func (u *user) left(t *talk, m *message) {
	u.judge.Find("OZ-CLEAR-1", "the message %q was there when the user cleared the conversation, and is still there", m.id)
	u.judge.Find("OZ-CLEAR-8", "a download after the clear gives the message %q from before", m.id)
	if t.clearSaid {
		u.judge.Find("OZ-COM-9", "clear was answered with OK and an errormessage, and is not done: there is %q", m.id)
	}
}

// What is known of the Data of seeded messages: whether the target keeps it as it was given is its adapter's business.
const (
	unseen = iota
	readable
	closed
)

// judgeOld judges a message from before the attack: a seeded one, or one of an attack before.
func (u *user) judgeOld(t *talk, s *scratch, m *message) {
	w, j := u.w, &u.judge
	certain := w.Certain(int(t.chat))
	if certain && t.cleared > 0 && u.sent >= t.clearEnded+w.settle {
		u.left(t, m)
	}
	if m.has&messageData == 0 || !j.Checked {
		return
	}
	number := s.numberOf(m.data)
	from, named := w.plan.Origin(number)
	switch {
	case !named && w.opaque.CompareAndSwap(unseen, closed), !named && w.opaque.Load() == closed:
	case !named:
		j.Find(u.wanted(), "nobody sent the message %q with the Data %q", m.id, clip(m.data))
	case from.Chat != int(t.chat):
		j.Find(u.wanted(), "the message %q is of another conversation: %s", m.id, number)
	default:
		w.opaque.CompareAndSwap(unseen, readable)
		if s.data, s.payload = w.appendData(s.data[:0], s.payload, number); !bytes.Equal(m.data, s.data) {
			j.Find(u.wanted(), "the message %q has another Data than was seeded", m.id)
		}
	}
}

// numberOf is the number with which the content of a message begins.
func (s *scratch) numberOf(data []byte) []byte {
	const most = 80 // no number is longer
	head := data[:min(len(data), most)&^3]
	s.number = append(s.number[:0], make([]byte, base64.StdEncoding.DecodedLen(len(head)))...)
	n, err := base64.StdEncoding.Decode(s.number, head)
	if err != nil {
		return nil
	}
	s.number = s.number[:n]
	number, _, _ := bytes.Cut(s.number, []byte{' '})
	return number
}

// judgeOrder judges what a cursor and a limit leave possible.
func (u *user) judgeOrder(s *scratch) {
	j := &u.judge
	last := int64(0)
	if u.doing == catchUp {
		last = u.asked.at
	}
	for i := range s.messages {
		m := &s.messages[i]
		switch {
		case m.at == 0:
		case (u.doing == catchUp || u.doing == download) && m.at < last:
			j.Find("OZ-DL-3", "a message of %q comes after one of unix second %d, or a cursor of that", m.created, last)
			return
		case u.doing == scroll && m.at > u.asked.at:
			j.Find("OZ-PART-2", "a message of %q is newer than the cursor of unix second %d", m.created, u.asked.at)
			return
		}
		last = m.at
	}
	if n := len(s.messages) + s.formless; (u.doing == open || u.doing == scroll) && int64(n) > u.w.limit {
		j.Find("OZ-PART-3", "%d messages, and the limit was %d", n, u.w.limit)
	}
}
