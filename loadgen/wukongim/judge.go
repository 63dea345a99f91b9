package wukongim

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/loadgen/scan"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// judge is one answer while it is looked at.
type judge struct {
	loadgen.Findings
	freshness time.Duration
	ids       *seen // message ids of this answer
	scratch   []byte
}

// Judge implements loadgen.User.
func (u *user) Judge(answer loadgen.Answer, checked bool) loadgen.Judgement {
	u.judge.Begin(checked)
	u.judge.freshness = 0
	worked := answer.Err == nil && answer.Status == http.StatusOK
	if answer.Err == nil && !worked && answer.Status >= 200 && answer.Status < 300 {
		u.judge.Find(successRule[u.doing], "the status is %d, and success is 200", answer.Status)
	}
	switch u.doing {
	case send:
		u.sent(answer, worked)
	case clearUnread, setUnread, remove:
		u.changed(answer, worked)
	default:
		if worked {
			u.judgeSync(answer)
		}
	}
	return loadgen.Judgement{Findings: u.judge.All(), Freshness: u.judge.freshness}
}

// successRule is the statement that says what success is.
var successRule = [kinds]string{
	login: "WK-SYNC-01", incremental: "WK-SYNC-01", catchUp: "WK-SYNC-01", unread: "WK-SYNC-01", send: "WK-SYNC-41",
	clearUnread: "WK-CLEAR-01", setUnread: "WK-SET-01", remove: "WK-DEL-01",
}

func (u *user) sent(answer loadgen.Answer, worked bool) {
	t := &u.talks[u.on]
	l := &u.w.ledgers[t.chat]
	t.touched = true
	if !worked {
		t.doubt = true // it may be there, or may come yet
		return
	}
	seq := u.numberOf(answer.Body)
	if seq <= 0 { // the target does not say where the message went
		t.own++
		t.unnamed, t.spoke = true, answer.Ended
		l.acknowledge(0, answer.Started, u.w.Settle)
		return
	}
	if before := u.least[u.on]; seq <= before {
		l.muddled.Store(true)
		u.judge.Find("WK-SYNC-41", "the message has the number %d, and number %d was acknowledged before it was sent", seq, before)
	}
	if u.w.dense() && seq > l.most() {
		u.w.numbers.Store(numbersWithGaps) // from here on at least: gaps are free
	}
	t.own++
	t.lastOwn, t.guessed = seq, false
	l.acknowledge(seq, answer.Started, u.w.Settle)
}

// numberOf is the sequence number that the answer to a send tells; 0: it tells none.
func (u *user) numberOf(body []byte) int64 {
	if u.w.Send != loadgen.SendByHook {
		sent, _ := wire.DecodeSent(body) // what cannot be read tells none
		return sent.MessageSeq
	}
	var answer struct {
		Messages map[string]struct{ Seq int64 }
	}
	_ = json.Unmarshal(body, &answer)
	for _, m := range answer.Messages {
		return m.Seq
	}
	return 0
}

// changed remembers what a clear, set or delete did: somewhere between its start and its end.
func (u *user) changed(answer loadgen.Answer, worked bool) {
	t := &u.talks[u.on]
	before := t.count
	t.touched = true
	sure := worked && t.known && !t.doubt && t.own == 0 && !t.deleted && !t.maybe
	l := &u.w.ledgers[t.chat]
	t.low, t.high, t.count = u.least[u.on], l.most(), 0
	t.fromSends, t.toSends = u.sends[u.on], l.begun.Load()
	if !u.w.counted(t.chat) {
		t.high = notKnown // a number that nobody can know beforehand
	}
	t.own, t.lastOwn, t.unnamed, t.guessed, t.rule, t.changed = 0, 0, false, false, unreadRule[u.doing], answer.Ended
	t.known, t.chosen = worked, u.doing == setUnread
	if u.doing == clearUnread && worked && u.w.cap > 0 && !saysOK(answer.Body) {
		u.judge.Find("WK-CLEAR-01", `the answer is %.100q, and {"status":"ok"} is documented`, answer.Body)
	}
	switch {
	case u.doing == setUnread:
		t.count = u.number
	case u.doing == clearUnread && u.upTo > 0:
		t.low, t.high, t.count, t.rule = t.seen, t.seen, u.number, "WK-CLEAR-03"
	case u.doing == remove && worked:
		t.deleted, t.moved, t.hidden = true, false, t.high
	case u.doing == remove:
		t.maybe, t.hidden = true, t.high
	}
	// Only where the number has surely become another one is there something that other devices must learn.
	if u.doing != remove && sure && before > t.count {
		t.moved, t.before = true, u.version
	}
}

// saysOK tells whether the answer of clearUnread is the documented one. More members than documented do no harm.
func saysOK(body []byte) bool {
	s := scan.New(body)
	ok := false
	if !s.Take('{') {
		return false
	}
	for first := true; s.More('}', first); first = false {
		if string(s.Key()) == "status" {
			text, isText := s.TryText()
			ok = isText && string(text) == "ok"
			continue
		}
		s.Skip(0)
	}
	return ok && s.End()
}

// conversation is one element of a sync's answer, as it was read.
type conversation struct {
	channel       []byte
	typ           int64
	unread        int64
	timestamp     int64
	last          int64
	version       int64
	number        []byte // last_client_msg_no; nil: not given
	has           uint8  // which of the fields above but number, and recents
	count         int64  // of recents
	newest, least int64  // of recents
	own           int64  // the newest of recents that is by the user
	gap, disorder bool
	same          bool     // two messages have one number
	place         [2]int64 // of the last seeded message: where it was sent, and its number
	direction     int64
	trouble       string // what is wrong with the form of recents
}

const (
	hasChannel = 1 << iota
	hasType
	hasUnread
	hasTimestamp
	hasLast
	hasVersion
	hasRecents
	hasAll = hasRecents<<1 - 1
)

// judgeSync reads a whole answer, and judges each conversation when it is read. Nothing is remembered of an answer
// that is no JSON to its end.
func (u *user) judgeSync(answer loadgen.Answer) {
	u.mark++
	u.unknown = 0
	u.judgeKind(answer)
	u.judge.ids = takeSeen()
	defer u.judge.ids.free()
	if !utf8.Valid(answer.Body) {
		u.judge.Find("WK-SYNC-01", "the answer is not UTF-8")
		return
	}
	s := scan.New(answer.Body)
	if s.Peek() != '[' {
		u.judge.Find("WK-SYNC-01", "the answer is no array: it begins %q", answer.Body[:min(len(answer.Body), 40)])
		return
	}
	s.At++
	highest := u.version
	for first := true; s.More(']', first); first = false {
		var c conversation
		u.readConversation(s, &c)
		if s.Bad {
			break
		}
		if t := u.judgeConversation(&c, answer); t != nil {
			highest = max(highest, c.version)
			u.remember(t, &c, answer)
		}
	}
	if !s.End() {
		u.judge.Find("WK-SYNC-01", "the answer is no JSON as documented from byte %d on", s.At)
		return
	}
	u.missing(answer)
	if !u.synced && u.doing == login {
		u.synced, u.first = true, highest
	}
	if u.doing != unread {
		// An answer that leaves conversations out says nothing of their changes: a client that went on from its
		// version would miss them.
		u.version = highest
	}
}

// judgeKind looks at what some of the answers of each kind call themselves, the first one among them: to read the headers of each would cost more than it tells.
func (u *user) judgeKind(answer loadgen.Answer) {
	const each = 8
	u.looks[u.doing]++
	if answer.Header == nil || u.looks[u.doing]%each != 1 || !u.judge.Checked {
		return
	}
	given := answer.Header().Get("Content-Type")
	if !exchange.IsJSON(given) {
		u.judge.Find("WK-SYNC-33", "the answer calls itself %.80q", given)
	}
}

// readConversation reads one element, its messages too.
func (u *user) readConversation(s *scan.Scanner, c *conversation) {
	if !s.Take('{') {
		return
	}
	for first := true; s.More('}', first); first = false {
		var field uint8
		switch string(s.Key()) {
		case "channel_id":
			field, c.channel = hasChannel, s.Text()
		case "channel_type":
			field, c.typ = hasType, s.Integer()
		case "unread":
			field, c.unread = hasUnread, s.Integer()
		case "timestamp":
			field, c.timestamp = hasTimestamp, s.Integer()
		case "last_msg_seq":
			field, c.last = hasLast, s.Integer()
		case "version":
			field, c.version = hasVersion, s.Integer()
		case "last_client_msg_no":
			c.number, _ = s.TryText()
		case "recents":
			field, c.trouble = hasRecents, u.readMessages(s)
		default:
			s.Skip(0)
		}
		if c.has&field != 0 {
			s.Bad = true // a key twice
		}
		c.has |= field
	}
}

// judgeConversation judges all but the messages. nil: the conversation is not the user's.
func (u *user) judgeConversation(c *conversation, answer loadgen.Answer) *talk {
	j := &u.judge
	if c.has != hasAll {
		j.Find("WK-SYNC-02", "the conversation %q lacks a documented field", c.channel)
		return nil
	}
	t := u.find(c)
	if t == nil && c.typ == fixtures.Direct && len(u.messages) == 0 && u.unknown < u.untold() {
		u.unknown++ // it may be any of those of which no answer has told the name so far
		return nil
	}
	if t == nil && !u.ours(c) {
		return nil
	}
	if t == nil {
		j.Find("WK-SYNC-31", "the conversation %q of type %d is not one of %s", c.channel, c.typ, u.id)
		return nil
	}
	if t.mark == u.mark {
		j.Find("WK-SYNC-44", "the conversation %q stands in the answer twice", c.channel)
		return nil
	}
	t.mark = u.mark
	l := &u.w.ledgers[t.chat]
	u.learnNumbers()
	l.learn(c.last)
	u.judgeMessages(t, c) // first: it tells what of the rest can be judged
	if least := u.least[t.at]; c.last < least && u.w.numbered(t.chat) {
		j.Find("WK-SYNC-11", "%q: last_msg_seq is %d, and message %d was acknowledged before the sync began", c.channel, c.last, least)
	}
	if most := l.most(); u.w.counted(t.chat) && c.last > most {
		j.Find("WK-SYNC-11", "%q: last_msg_seq is %d, and at most %d messages were sent", c.channel, c.last, most)
	}
	u.judgeVersion(t, c)
	if t.deleted && c.last <= t.low && u.w.numbered(t.chat) && !u.settling(t, answer.Started) {
		j.Find("WK-DEL-02", "%q was deleted, and is there again without a new message", c.channel)
	}
	u.judgeUnread(t, c, answer.Started)
	if fresh := l.shown(c.last, answer.Ended); fresh > 0 {
		j.freshness = fresh
	}
	return t
}

func (u *user) judgeVersion(t *talk, c *conversation) {
	j := &u.judge
	if c.version < t.version || c.last < t.seen && u.w.numbered(t.chat) {
		j.Find("WK-STATE-04", "%q went back: version %d after %d, last_msg_seq %d after %d", c.channel, c.version, t.version, c.last, t.seen)
	}
	if u.since > 0 && c.version <= u.since {
		j.Find("WK-SYNC-16", "%q with version %d did not change since the version %d that was asked for", c.channel, c.version, u.since)
	}
	if u.untouched(t) && c.version > u.since && t.version <= u.since && c.last == t.seen && c.unread == t.count {
		j.Find("WK-SYNC-16", "%q has no new message, unread is still %d, the user has done nothing, and it is in the answer with the version %d after %d", c.channel, c.unread, c.version, t.version)
	}
	if u.w.Settle == 0 && t.seen > 0 && c.last > t.seen && u.w.numbered(t.chat) && c.version <= u.version {
		j.Find("WK-SYNC-18", "%q has a new message, and the version %d is not above %d, which the user saw before", c.channel, c.version, u.version)
	}
	if t.moved && u.w.Settle == 0 && c.version <= t.before {
		j.Find("WK-SYNC-19", "%q: the user's own clear or set changed unread, and the version %d is not above %d, which the user saw before it", c.channel, c.version, t.before)
	}
	if u.w.cap > 0 && (c.version < 1e18 || c.version < 0) {
		j.Find("WK-SYNC-13", "%q: version %d is no time in nanoseconds", c.channel, c.version)
	}
	if c.timestamp < 1e9 || c.timestamp > 1e10 {
		j.Find("WK-SYNC-12", "%q: timestamp %d is no time in seconds", c.channel, c.timestamp)
	}
}

// untouched tells whether an incremental sync is judged, and nobody but others can have changed a talk since it was shown.
func (u *user) untouched(t *talk) bool {
	return u.since > 0 && u.w.Settle == 0 && t.known && !t.doubt && !t.touched && t.seen > 0
}

// judgeUnread compares with what the user's own reading and sending leave possible.
func (u *user) judgeUnread(t *talk, c *conversation, started time.Time) {
	j := &u.judge
	if c.unread < 0 {
		j.Find("WK-SYNC-02", "%q: unread is %d", c.channel, c.unread)
		return
	}
	if u.doing == unread && c.unread == 0 {
		j.Find("WK-SYNC-24", "%q has nothing unread, and only_unread was 1", c.channel)
	}
	if !t.known || t.doubt || u.settling(t, started) || u.unshown(t, c, started) {
		return
	}
	least, most := u.unreadBounds(t, c)
	switch withOwn := most + t.own; {
	case c.unread >= least && c.unread <= most:
	case c.unread > most && c.unread <= withOwn:
		j.Find("WK-SYNC-15", "%q: unread is %d, at most %d of them by others", c.channel, c.unread, most)
	default:
		j.Find(t.rule, "%q: unread is %d, possible are %d to %d", c.channel, c.unread, least, most)
	}
}

// settling tells whether the user's own change of a talk may not show yet.
func (u *user) settling(t *talk, started time.Time) bool {
	return u.w.Settle > 0 && started.Sub(t.changed) < u.w.Settle
}

// unshown tells whether the user's own last message may not be in the answer.
func (u *user) unshown(t *talk, c *conversation, started time.Time) bool {
	return u.w.Settle > 0 && c.last < t.lastOwn || t.unnamed && started.Sub(t.spoke) < cmp.Or(u.w.Settle, grace)
}

// untold counts the direct talks that no answer has shown so far.
func (u *user) untold() (n int) {
	for i := range u.talks {
		if t := &u.talks[i]; t.peer >= 0 && !t.told {
			n++
		}
	}
	return n
}

// unreadBounds is how many unread messages a conversation can have now.
func (u *user) unreadBounds(t *talk, c *conversation) (least, most int64) {
	if !u.w.counted(t.chat) {
		most = t.count + max(0, u.w.ledgers[t.chat].begun.Load()-t.fromSends-t.own)
		least = t.count + max(0, u.sends[t.at]-t.toSends-t.own)
		if t.lastOwn > 0 || t.unnamed || u.w.Settle > 0 {
			least = 0
		}
		return least, most
	}
	most = t.count + max(0, c.last-t.low-t.own)
	least = t.count + max(0, c.last-t.high-t.own)
	if t.lastOwn > 0 {
		// Whoever writes has read what stood before: some servers say so, the documents say nothing.
		least = min(least, c.last-t.mostOwn(c))
	}
	if t.unnamed {
		least = 0 // the same of a message whose number nobody knows
	}
	return least, most
}

// mostOwn is the highest number that the user's own last message can have. That of a seeded one is only known where the
// answer shows it: it can be any that the answer does not show.
func (t *talk) mostOwn(c *conversation) int64 {
	switch {
	case !t.guessed:
		return t.lastOwn
	case c.own > 0:
		return c.own
	case c.count > 0:
		return c.least - 1
	}
	return c.last
}

// learnNumbers finds out from the first answer that shows seeded messages how the target numbers them. Numbers that do not
// ascend as they were sent tell nothing of it.
func (u *user) learnNumbers() {
	if u.w.numbers.Load() != numbersUnknown {
		return
	}
	kind, before := numbersUnknown, [2]int64{}
	for i := range u.messages {
		m := &u.messages[i]
		origin, ours := u.w.plan.Origin(m.number)
		if !ours || !origin.Seeded || u.w.Populated != nil && u.w.Populated.Uncertain[origin.Chat] {
			continue
		}
		place := int64(origin.N) + 1
		if kind != numbersUnknown && (place-before[0])*(m.seq-before[1]) <= 0 {
			return
		}
		before = [2]int64{place, m.seq}
		switch {
		case m.seq != place:
			kind = numbersWithGaps
		case kind == numbersUnknown:
			kind = numbersDense
		}
	}
	u.w.numbers.CompareAndSwap(numbersUnknown, kind)
}

// unreadRule is the statement that a wrong number breaks, by what set the number last.
var unreadRule = [kinds]string{
	login: "WK-SYNC-14", incremental: "WK-SYNC-14", catchUp: "WK-SYNC-14", unread: "WK-SYNC-14", send: "WK-SYNC-14",
	clearUnread: "WK-CLEAR-02", setUnread: "WK-SET-02", remove: afterDelete,
}

// afterDelete is the statement that what was unread before a deletion counts no more: the documents imply it, and so it is a
// SHOULD.
const afterDelete = "WK-DEL-04"

// remember is what the user knows after an answer.
func (u *user) remember(t *talk, c *conversation, answer loadgen.Answer) {
	u.learnSpelling(t, c.channel)
	t.seen, t.version = max(t.seen, c.last), max(t.version, c.version)
	if u.settling(t, answer.Started) || u.unshown(t, c, answer.Started) {
		return // it may be as it was before the change, or before the user's own message
	}
	t.deleted, t.maybe, t.moved, t.touched = false, false, false, false
	t.known, t.rule = true, unreadRule[u.doing]
	t.low, t.high, t.count, t.own, t.lastOwn, t.unnamed, t.guessed = c.last, c.last, c.unread, 0, 0, false, false
	t.fromSends, t.toSends = u.sends[t.at], u.w.ledgers[t.chat].begun.Load()
}

// missing says what the answer lacks.
func (u *user) missing(answer loadgen.Answer) {
	for i := range u.talks {
		t := &u.talks[i]
		if t.mark == u.mark || t.maybe || t.deleted && u.least[i] <= t.high || u.least[i] == 0 {
			continue
		}
		if t.changed.After(answer.Started.Add(-u.w.Settle)) || u.unknown > 0 && t.peer >= 0 && !t.told {
			continue
		}
		id, _ := u.channel(t)
		switch {
		case u.doing == unread:
			news := u.least[i] - t.high - t.own
			if !u.w.counted(t.chat) {
				news = max(0, u.sends[i]-t.toSends-t.own)
			}
			if t.known && !t.doubt && t.lastOwn == 0 && !t.unnamed && t.count+news > 0 {
				u.judge.Find("WK-SYNC-24", "%q has unread messages, and is not in the answer", id)
			}
		case u.since > 0:
			if u.least[i] > t.seen && u.w.numbered(t.chat) {
				u.judge.Find("WK-SYNC-16", "%q has the new message %d, and is not in the answer", id, u.least[i])
			}
		case t.seen > 0:
			u.judge.Find("WK-STATE-07", "%q was there before, nobody deleted it, and it is not in the answer", id)
		default:
			u.judge.Find("WK-SYNC-35", "%q is not in the full answer", id)
		}
	}
}

func appendSeq(dst []byte, id string, typ int, seq int64) []byte {
	dst = strconv.AppendInt(append(append(dst, id...), ':'), int64(typ), 10)
	return strconv.AppendInt(append(dst, ':'), seq, 10)
}

// expected is the base64 of the payload that a message must have.
func (j *judge) expected(plan *fixtures.Plan, number []byte) []byte {
	j.scratch = plan.AppendPayload(j.scratch[:0], number)
	n := len(j.scratch)
	j.scratch = base64.StdEncoding.AppendEncode(j.scratch, j.scratch[:n])
	return j.scratch[n:]
}
