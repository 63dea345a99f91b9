package ozeki

import (
	"github.com/parley-im/parley/loadgen/scan"
)

// added is the message in the answer to add.
type added struct {
	id, typ, created, validUntil []byte
	object                       bool
}

// read reads it, or passes over whatever stands there instead.
func (a *added) read(s *scan.Scanner) {
	if s.Peek() != '{' {
		s.Skip(0)
		return
	}
	a.object = true
	s.At++
	for first := true; s.More('}', first); first = false {
		switch string(s.Key()) {
		case "ID":
			a.id, _ = s.TryText()
		case "Type":
			a.typ, _ = s.TryText()
		case "Created":
			a.created, _ = s.TryText()
		case "ValidUntil":
			a.validUntil, _ = s.TryText()
		default:
			s.Skip(0)
		}
	}
}

// judgeAdd judges the answer to a message, and counts on the message from now on.
func (u *user) judgeAdd(r *reply, shows bool) {
	j, t, sent := &u.judge, &u.talks[u.on], &r.sent
	l := &u.w.ledgers[t.chat]
	l.mu.Lock()
	created := l.added[u.number].created
	// With an instance from before a clear nobody knows where the message went.
	there := t.epoch == u.before[u.on].begun && u.before[u.on].sure
	l.mu.Unlock()
	var id [len(idLayout)]byte
	var from, until [len(timeLayout)]byte
	want := appendID(id[:0], u.w.tag, origin{chat: int(t.chat), number: u.number, sender: u.index})
	begin, end := appendTime(from[:0], created), appendTime(until[:0], created+validFor)
	switch {
	case !shows:
		j.Find("OZ-ADD-2", "add is answered without the message")
	case !sent.object:
		j.Find("OZ-ADD-3", "the message in the answer to add is no object")
	case len(sent.id) == 0:
		j.Find("OZ-ADD-2", "the message in the answer to add has no ID")
	case string(sent.id) != string(want), string(sent.typ) != "Message", string(sent.created) != string(begin), string(sent.validUntil) != string(end):
		j.Find("OZ-ADD-4", "the message %s of %s, valid until %s, came back as %q %q of %q, valid until %q", want, begin, end, sent.id, sent.typ, sent.created, sent.validUntil)
	}
	if a, ok := readTime(sent.created); ok {
		if b, ok := readTime(sent.validUntil); ok && b < a {
			j.Find("OZ-ADD-5", "the message of %q came back valid until %q", sent.created, sent.validUntil)
		}
	}
	u.finish(there)
}

// judgeClear judges the answer to a clear.
func (u *user) judgeClear(r *reply, shows bool) {
	t, v, j := &u.talks[u.on], &r.view, &u.judge
	l := &u.w.ledgers[t.chat]
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !shows:
		j.Find("OZ-CLEAR-2", "clear is answered without the conversation")
	case string(v.id) != u.w.Populated.Chats[t.chat].ID:
		j.Find("OZ-CLEAR-3", "clear of %q is answered with the conversation %q", u.w.Populated.Chats[t.chat].ID, clip(v.id))
		shows = false
	default:
		u.judgeForm(v)
		u.judgePeople(t, v)
		u.judgeEmptied(t, v, l)
		u.judgeKept(t, v, l)
		u.judgeMarks(t, v, l)
		j.freshness = max(j.freshness, u.took)
	}
	u.rememberClear(t, r, l, shows)
}

// rememberClear is what the user knows after a clear: what was there is gone. l is locked.
func (u *user) rememberClear(t *talk, r *reply, l *ledger, shows bool) {
	v, before, alone := &r.view, u.before[u.on], u.alone(t, l)
	calm := before.still && before.added == len(l.added)
	l.endClear(u.ended)
	t.was, t.wasInstance, t.cleared, t.clearEnded, t.clearSaid = t.shown, "", u.sent, u.ended, len(r.message) > 0
	t.newest, t.oldest, t.epoch, t.heard = place{}, place{}, uncertain, uncertain
	if !shows {
		return
	}
	if string(v.instance) != t.instance {
		t.wasInstance = t.instance
	}
	if len(v.instance) > 0 {
		t.instance = string(v.instance)
		if alone {
			t.epoch, t.heard = l.begun, l.begun+l.ended
		}
	}
	t.shown = shown{last: u.w.hashOf(v.last), report: u.w.hashOf(v.report), access: v.access, group: v.group,
		any: true, still: alone && calm, added: len(l.added), begun: l.begun}
}

// judgeEmptied judges that a cleared conversation shows nothing of what was there. l is locked.
func (u *user) judgeEmptied(t *talk, v *view, l *ledger) {
	j := &u.judge
	held := u.alone(t, l) && l.holds(u.sent, u.w.settle) // what is empty already need not change
	if len(v.last) > 0 || len(v.report) > 0 {
		// What was added meanwhile may show already.
		meanwhile := len(l.added) > u.before[u.on].added || u.pendingOrSince(l)
		o, ours := readID(v.last, u.w.tag)
		old := len(v.last) > 0 && (!ours || o.number >= len(l.added) || u.beforeClear(l.added[o.number]))
		if !meanwhile || old {
			j.Find("OZ-CLEAR-4", "the answer to clear of %q has the lastmessageid %q and the lastreportid %q", v.id, v.last, v.report)
			if held && string(v.instance) == t.instance {
				j.Find("OZ-CLEAR-2", "the answer to clear of %q is the conversation as it was", v.id)
			}
		}
	}
	if held && string(v.instance) == t.instance {
		j.Find("OZ-CLEAR-5", "the answer to clear of %q has the instance of the request: %q", v.id, v.instance)
	}
}

// pendingOrSince tells whether a message may have come after the clear began. l is locked.
func (u *user) pendingOrSince(l *ledger) bool {
	return l.pending > 0 || l.changed+u.w.settle > u.sent
}

// beforeClear tells whether a message was there when the clear began.
func (u *user) beforeClear(a addition) bool { return a.acked > 0 && a.acked+u.w.settle <= u.sent }

// judgeKept judges what a clear leaves as it is. l is locked.
func (u *user) judgeKept(t *talk, v *view, l *ledger) {
	j, was := &u.judge, &t.shown
	if !was.any {
		return
	}
	usual := v.has &^ v.wrong
	if usual&hasGroup != 0 && v.group != was.group {
		j.Lesser("OZ-CLEAR-2", "clear of %q: isgroup is %v, and was %v", v.id, v.group, was.group)
	}
	quiet := was.still && was.added == len(l.added) && u.before[u.on].still
	if quiet && l.begun == was.begun+1 && v.access != was.access {
		j.Find("OZ-CLEAR-7", "clear of %q: lastaccess is %d, and was %d", v.id, v.access, was.access)
	}
}
