package wukongim

import (
	"bytes"

	"github.com/parley-im/parley/loadgen/scan"
)

// message is one element of recents, as it was read.
type message struct {
	id                    uint64 // 0: none that can be one
	seq, timestamp        int64
	number, from, payload []byte
	has                   uint8
}

const (
	hasID = 1 << iota
	hasSeq
	hasTime
	hasNumber
	hasFrom
	hasPayload
	hasWhole = hasPayload<<1 - 1
)

// mostMemory is how many messages' places a user's memory keeps between answers.
const mostMemory = 1 << 12

// readMessages reads recents. What is JSON but not as documented is passed over, and what is wrong with it comes back.
func (u *user) readMessages(s *scan.Scanner) (trouble string) {
	u.messages = u.messages[:0]
	if s.Peek() != '[' {
		s.Skip(0)
		return "WK-SYNC-02"
	}
	begin := s.At
	s.At++
	for first := true; s.More(']', first); first = false {
		var m message
		m.read(s)
		if !s.Bad && m.has != hasWhole {
			trouble = "WK-SYNC-03"
		}
		if u.judge.Checked {
			u.messages = append(u.messages, m)
		}
	}
	if s.Bad { // a field of another type, perhaps, in what is JSON all the same
		s.Bad, s.At = false, begin
		s.Skip(0)
		return "WK-SYNC-03"
	}
	return trouble
}

// judgeMessages judges the recents that were read last.
func (u *user) judgeMessages(t *talk, c *conversation) {
	switch c.trouble {
	case "":
	case "WK-SYNC-02":
		u.judge.Find(c.trouble, "%q: recents is no array", c.channel)
		return
	default:
		u.judge.Find(c.trouble, "%q: a message lacks a documented field, or has one of another type", c.channel)
		return
	}
	t.run = 0
	if !u.judge.Checked {
		return
	}
	after := u.after(t)
	for i := range u.messages {
		m := &u.messages[i]
		if m.seq <= after && u.w.numbered(t.chat) {
			u.judge.Find("WK-SYNC-20", "%q: message %d is there, and last_msg_seqs said %d", c.channel, m.seq, after)
		}
		c.follow(m.seq)
		if string(m.from) == u.id {
			c.own = max(c.own, m.seq)
		}
		u.judgeMessage(t, c, m)
	}
	u.judgeRecents(t, c, after)
	t.run = u.othersAtEnd(c)
	if t.hidden == notKnown && after == 0 && c.count > 0 {
		t.hidden = c.least - 1 // what stands before these may have gone with a deletion of somebody's before us
	}
	if clear(u.messages); cap(u.messages) > mostMemory {
		u.messages = nil // a rare long answer must not be paid for all the time
	}
}

// othersAtEnd counts the newest messages of the answer until one by the user.
func (u *user) othersAtEnd(c *conversation) (n int64) {
	if c.gap || c.disorder || c.newest != c.last {
		return 0
	}
	for i := range u.messages {
		m := &u.messages[i]
		if c.direction > 0 {
			m = &u.messages[len(u.messages)-1-i]
		}
		if string(m.from) == u.id {
			break
		}
		n++
	}
	return n
}

// after is the sequence number that the request said the user has.
func (u *user) after(t *talk) int64 {
	if u.doing == incremental && !(t.spelled != "" && unsaid(t.spelled)) {
		return t.seen
	}
	return 0
}

func (m *message) read(s *scan.Scanner) {
	if !s.Take('{') {
		return
	}
	for first := true; s.More('}', first); first = false {
		var field uint8
		switch string(s.Key()) {
		case "message_id":
			field, m.id = hasID, identity(s.Digits())
		case "message_seq":
			field, m.seq = hasSeq, s.Integer()
		case "client_msg_no":
			field, m.number = hasNumber, s.Text()
		case "from_uid":
			field, m.from = hasFrom, s.Text()
		case "timestamp":
			field, m.timestamp = hasTime, s.Integer()
		case "payload":
			field, m.payload = hasPayload, s.Text()
		default:
			s.Skip(0)
		}
		if m.has&field != 0 {
			s.Bad = true // a key twice
		}
		m.has |= field
	}
}

// identity tells ids apart. They may be longer than 64 bits: nobody says how long they are.
func identity(digits []byte) uint64 {
	if len(digits) == 0 || digits[0] == '-' || digits[0] == '0' {
		return 0
	}
	if len(digits) < 20 {
		n := uint64(0)
		for _, c := range digits {
			n = n*10 + uint64(c-'0')
		}
		return n
	}
	h := uint64(14695981039346656037) // FNV-1a
	for _, c := range digits {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h | 1<<63
}

// follow keeps track of the sequence numbers: either direction is right, as long as it is one.
func (c *conversation) follow(seq int64) {
	if c.count == 0 {
		c.newest, c.least = seq, seq
	} else {
		last := c.newest
		if c.direction <= 0 {
			last = c.least
		}
		step := seq - last
		if c.count == 1 {
			c.direction = 1
			if step < 0 {
				c.direction = -1
			}
		}
		if step*c.direction <= 0 {
			c.disorder, c.same = true, c.same || step == 0
		} else if step != c.direction {
			c.gap = true
		}
		c.newest, c.least = max(c.newest, seq), min(c.least, seq)
	}
	c.count++
}

func (u *user) judgeRecents(t *talk, c *conversation, after int64) {
	j := &u.judge
	asked := int64(u.w.MsgCount)
	if u.w.cap > 0 {
		asked = min(asked, u.w.cap)
	}
	least, most := u.messageBounds(t, c, after, asked)
	switch {
	case c.count > asked && asked == 0:
		j.Find("WK-SYNC-06", "%q: %d messages, and msg_count was 0", c.channel, c.count)
	case c.count > asked && asked < int64(u.w.MsgCount):
		j.Find("WK-SYNC-08", "%q: %d messages, and no more than %d may be given", c.channel, c.count, asked)
	case c.count > most || c.count < least:
		j.Find("WK-SYNC-07", "%q: %d messages, wanted are %d to %d (msg_count %d, last_msg_seq %d)", c.channel, c.count, least, most, u.w.MsgCount, c.last)
	}
	if c.count > 0 && u.w.numbered(t.chat) && (c.newest != c.last || c.gap && !c.disorder && u.w.dense()) {
		j.Find("WK-SYNC-09", "%q: messages %d to %d are not the newest without a gap, the last one is %d", c.channel, c.least, c.newest, c.last)
	}
	if c.same {
		u.w.ledgers[t.chat].muddled.Store(true)
		j.Find("WK-SYNC-41", "%q: two messages have the same number", c.channel)
		j.Find("WK-STATE-03", "%q: two messages have the same number", c.channel)
	}
	switch {
	case c.disorder:
		j.Find("WK-SYNC-10", "%q: the messages are in no order, or stand there twice", c.channel)
	case c.direction*u.turn < 0:
		j.Find("WK-SYNC-10", "%q: the messages run in another direction than others did before", c.channel)
	case c.direction != 0:
		u.turn = c.direction
	}
	u.judgeLast(t, c)
}

// messageBounds is how many messages a conversation can show.
func (u *user) messageBounds(t *talk, c *conversation, after, asked int64) (least, most int64) {
	least, most = u.newestMessages(t, c, after, asked)
	if u.w.cap == 0 || u.doing == unread {
		least = 0 // the older page says how many at most; what only_unread and msg_count do together is said nowhere
	}
	return least, most
}

func (u *user) newestMessages(t *talk, c *conversation, after, asked int64) (least, most int64) {
	switch {
	case u.w.counted(t.chat):
		return min(asked, max(0, c.last-max(after, t.hidden))), min(asked, max(0, c.last-after))
	case after == 0 && t.hidden == 0: // numbers tell nothing of how many there are, but what was seeded and sent does
		return min(asked, max(0, int64(u.w.plan.Chats[t.chat].Messages)+u.sends[t.at])), asked
	}
	return 0, asked
}

// judgePlace judges the number of the seeded message that was sent at a place of its conversation.
func (u *user) judgePlace(chat int32, c *conversation, m *message, place int64) {
	switch before := c.place; {
	case u.w.dense() && m.seq != place:
		u.w.ledgers[chat].muddled.Store(true)
		u.judge.Find("WK-SYNC-41", "%q was message %d of its conversation, and has the number %d", m.number, place, m.seq)
	case before[0] > 0 && (place-before[0])*(m.seq-before[1]) < 0:
		u.w.ledgers[chat].muddled.Store(true)
		u.judge.Find("WK-SYNC-41", "messages %d and %d of %q have the numbers %d and %d", before[0], place, c.channel, before[1], m.seq)
	}
	c.place = [2]int64{place, m.seq}
}

// judgeLast compares what the conversation says of its last message with that message, where it is there.
func (u *user) judgeLast(t *talk, c *conversation) {
	if c.count == 0 || c.newest != c.last {
		return
	}
	last := &u.messages[0]
	if c.direction > 0 {
		last = &u.messages[len(u.messages)-1]
	}
	if last.seq != c.last {
		return
	}
	if c.timestamp != last.timestamp {
		u.judge.Find("WK-SYNC-12", "%q: timestamp is %d, and that of the last message %d", c.channel, c.timestamp, last.timestamp)
	}
	if c.number != nil && !bytes.Equal(c.number, last.number) {
		u.judge.Find("WK-SYNC-38", "%q: last_client_msg_no is %.60q, and that of the last message %.60q", c.channel, c.number, last.number)
	}
}

// judgeMessage judges what a message holds: all of it follows from its client_msg_no.
func (u *user) judgeMessage(t *talk, c *conversation, m *message) {
	j, plan := &u.judge, u.w.plan
	origin, ours := plan.Origin(m.number)
	switch {
	case !ours:
		j.Find("WK-SYNC-40", "message %d has the client_msg_no %q, which nobody sent", m.seq, m.number)
		return
	case origin.Chat != int(t.chat):
		j.Find("WK-SYNC-31", "message %d with client_msg_no %q is from another conversation", m.seq, m.number)
		return
	}
	if from, ok := u.w.names.userOf(m.from); !ok || from != origin.Sender {
		j.Find("WK-SYNC-40", "message %d of %q is by %q", m.seq, m.number, m.from)
	}
	if !bytes.Equal(m.payload, j.expected(plan, m.number)) {
		j.Find("WK-SYNC-04", "message %d of %q has another payload than was sent", m.seq, m.number)
	}
	if m.id == 0 || j.ids.again(m.id) {
		j.Find("WK-SYNC-05", "message %d of %q has the message_id %d, as another message of the answer has, or none can have", m.seq, m.number, m.id)
	}
	if origin.Seeded && u.w.Certain(int(t.chat)) {
		u.judgePlace(t.chat, c, m, int64(origin.N)+1)
	}
}
