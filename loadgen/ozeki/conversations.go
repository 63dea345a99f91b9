package ozeki

import (
	"github.com/parley-im/parley/loadgen/scan"
)

// readList reads the conversations of a list, and judges each when it is read.
func (u *user) readList(s *scan.Scanner) {
	if s.Peek() != '[' {
		s.Skip(0)
		return
	}
	s.At++
	if u.doing == list {
		u.mark++
	}
	for first := true; s.More(']', first); first = false {
		var v view
		u.readView(s, &v)
		if !s.Bad && u.doing == list {
			u.judgeListed(&v)
		}
	}
}

// judgeListed judges one conversation of a list.
func (u *user) judgeListed(v *view) {
	j := &u.judge
	named := v.has&hasID != 0 && v.wrong&hasID == 0
	chat, known := u.w.byID[string(v.id)]
	if named && !known {
		return // the target's own, a system account's welcome: it is no business of ours
	}
	u.judgeForm(v)
	if !named {
		return
	}
	t := u.inChat(chat)
	switch {
	case t == nil:
		j.Find("OZ-LIST-1", "the conversation %q is none of %s", clip(v.id), u.id)
		return
	case t.mark == u.mark:
		j.Find("OZ-LIST-1", "the conversation %q is listed twice", v.id)
		return
	}
	t.mark = u.mark
	u.judgeView(t, v)
}

// judgeList says what a list lacks.
func (u *user) judgeList(r *reply, shows bool) {
	if !shows {
		u.judge.Find("OZ-LIST-1", "there is no array of conversations")
		return
	}
	u.listed = true
	for i := range u.talks {
		t := &u.talks[i]
		m := &t.marks[hidden]
		// Whether a hidden conversation is listed is open; so is what was hidden before the attack.
		visible := m.known && m.value == 0 || !m.known && u.w.Certain(int(t.chat))
		if t.mark == u.mark || m.doubt || !visible || m.ended > 0 && u.sent < m.ended+u.w.settle {
			continue
		}
		id := u.w.Populated.Chats[t.chat].ID
		if m.known && m.fresh && m.action == unhides {
			u.judge.Find("OZ-UNHIDE-1", "%q is not listed after unhide", id)
		} else {
			u.judge.Find("OZ-LIST-1", "%q is not listed", id)
		}
		if len(r.message) > 0 {
			u.judge.Find("OZ-LIST-4", "the list has the status OK and an errormessage, and lacks %q", id)
		}
		return
	}
}

// judgeSet judges the answer to a call that sets something.
func (u *user) judgeSet(r *reply, shows bool) {
	t, a, j := &u.talks[u.on], acts[u.change.act], &u.judge
	t.marks[a.which].timed = false
	switch {
	case !shows:
		j.Find(a.does, "%s is answered without the conversation", a.action)
	case string(r.view.id) != u.w.Populated.Chats[t.chat].ID:
		j.Find(a.does, "%s is answered with the conversation %q", a.action, clip(r.view.id))
	default:
		u.judgeForm(&r.view)
		u.judgeView(t, &r.view)
	}
	u.set(t, len(r.message) > 0)
}

// judgeView judges a conversation of the user's, and remembers it.
func (u *user) judgeView(t *talk, v *view) {
	u.judgePeople(t, v)
	l := &u.w.ledgers[t.chat]
	l.mu.Lock()
	defer l.mu.Unlock()
	before := u.before[t.at]
	now := shown{
		last: u.w.hashOf(v.last), report: u.w.hashOf(v.report), access: v.access, group: v.group, any: true,
		added: len(l.added), begun: l.begun, still: before.still && before.added == len(l.added) && before.begun == l.begun,
	}
	if u.doing == list {
		u.judgeCleared(t, v, &now)
	} else {
		u.judgeSame(t, v, l, &now)
	}
	if v.has&^v.wrong&hasLast != 0 {
		u.judgeLast(t, v, l, now.last)
	}
	u.judgeMarks(t, v, l)
	t.shown = now
	if v.has&^v.wrong&hasInstance != 0 && len(v.instance) > 0 {
		u.learn(t, v.instance, l)
	}
}

// learn remembers the instance that an answer told. l is locked.
func (u *user) learn(t *talk, instance []byte, l *ledger) {
	before := u.before[t.at]
	if string(instance) != t.instance {
		t.instance, t.newest, t.oldest = string(instance), place{}, place{}
	}
	t.epoch, t.heard = uncertain, before.stamp()
	switch {
	case before.sure && l.begun == before.begun:
		t.epoch = l.begun
	case before.begun == before.ended && !before.sure:
		t.heard = uncertain // the target may not have known of the last clear yet
	}
}

// judgeSame judges that a call which sets something changes nothing else, where nobody else did anything. l is locked.
func (u *user) judgeSame(t *talk, v *view, l *ledger, now *shown) {
	was := &t.shown
	if !was.any || !was.still || was.added != len(l.added) || was.begun != l.begun || !now.still {
		return
	}
	if string(v.instance) != t.instance || now.last != was.last || now.access != was.access || now.report == 0 && was.report != 0 {
		u.judge.Find("OZ-FLAG-1", "%q has now the instance %q, lastmessageid %q, lastreportid %q and lastaccess %d, and had the instance %q and lastaccess %d",
			v.id, v.instance, v.last, v.report, v.access, t.instance, was.access)
	}
}

// judgeCleared judges what a list shows of a conversation that the user has cleared.
func (u *user) judgeCleared(t *talk, v *view, now *shown) {
	if t.cleared == 0 || u.sent < t.clearEnded+u.w.settle {
		return
	}
	j := &u.judge
	if t.wasInstance != "" && string(v.instance) == t.wasInstance {
		j.Find("OZ-CLEAR-9", "%q was cleared, and is listed with the instance from before: %q", v.id, v.instance)
	}
	if now.last != 0 && now.last == t.was.last || now.report != 0 && now.report == t.was.report {
		j.Find("OZ-CLEAR-9", "%q was cleared, and is listed with a last id from before: %q, %q", v.id, v.last, v.report)
	}
}

// judgeLast judges which message a conversation names as its last. l is locked.
func (u *user) judgeLast(t *talk, v *view, l *ledger, last uint64) {
	j, settle := &u.judge, u.w.settle
	o, ours := readID(v.last, u.w.tag)
	if ours && (o.chat != int(t.chat) || o.number >= len(l.added)) {
		j.Find("OZ-ADD-6", "%q: nobody sent the message %q there", v.id, v.last)
		return
	}
	if ours {
		u.judgeLastOurs(t, v, l, l.added[o.number])
		j.freshness = max(j.freshness, l.follow(o.number, u.answered))
	} else if last != 0 && last == t.shown.last && v.access != t.shown.access {
		j.Find("OZ-ADD-6", "%q: lastaccess is %d, and was %d with the same last message", v.id, v.access, t.shown.access)
	}
	if l.begun != l.ended || l.cleared > 0 && u.sent < l.cleared+settle {
		return // a clear may have removed anything
	}
	n := l.latest(u.sent, settle)
	switch {
	case last == 0 && l.begun == 0 && u.w.cleared.Load() && l.holds(u.sent, settle):
		j.Find("OZ-CLEAR-10", "%q has no last message; another conversation was cleared, and this one was not", v.id)
	case last == 0 && l.holds(u.sent, settle), n >= 0 && v.access < l.added[n].created:
		j.Find("OZ-ADD-6", "%q: the last message is %q of %d, and a later one was added", v.id, v.last, v.access)
	case n >= 0 && ours && l.added[o.number].before(l.added[n]):
		j.Find("OZ-ADD-6", "%q: the last message is number %d of ours, and number %d was added later", v.id, o.number, n)
	}
}

// judgeLastOurs judges a last message that was sent in this attack.
func (u *user) judgeLastOurs(t *talk, v *view, l *ledger, a addition) {
	if v.access != a.created {
		u.judge.Find("OZ-ADD-6", "%q: lastaccess is %d, and the last message is of %d", v.id, v.access, a.created)
	}
	if u.goneFor(t, a) {
		u.judge.Find("OZ-CLEAR-9", "%q was cleared after the message %q, which is its last one", v.id, v.last)
	}
}

// before tells whether a message certainly came earlier, and is older, too.
func (a addition) before(b addition) bool {
	return a.acked > 0 && a.acked <= b.begun && a.created < b.created
}

// goneFor tells whether the user has cleared the message.
func (u *user) goneFor(t *talk, a addition) bool {
	return t.cleared > 0 && u.sent >= t.clearEnded+u.w.settle && a.acked > 0 && a.acked+u.w.settle <= t.cleared
}
