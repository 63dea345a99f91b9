package ozeki

// judgeComplete judges that a download shows what must be there.
func (u *user) judgeComplete(t *talk, s *scratch, st state, old int) {
	wanted := u.firstMissing(s, st)
	held := wanted >= 0 || u.doing != catchUp && u.doing != scroll && st.whole && st.base > 0
	if way := u.wayOf(); way != nil {
		switch {
		case len(s.messages) > 0:
			way.worked(u.way)
		case held && way.failed(u.way):
			return
		}
	}
	if held && len(s.messages) == 0 && st.whole && u.w.cleared.Load() {
		u.judge.Find("OZ-CLEAR-10", "there is no message; another conversation was cleared, and this one was not")
	}
	switch {
	case wanted >= 0:
		u.missing(wanted, s)
	case held && len(s.messages) == 0:
		u.judge.Find(u.wanted(), "there is no message, and %d were seeded", st.base)
	case u.doing == download && st.whole && len(s.messages) > 0:
		u.judgeBase(t, st, old)
	}
	if u.doing == catchUp && u.asked.epoch == t.epoch && u.sent >= u.asked.since+u.w.settle {
		u.judgeFirst(s)
	}
}

// judgeBase judges how many messages from before the attack there are, or learns it.
func (u *user) judgeBase(t *talk, st state, old int) {
	j := &u.judge
	switch {
	case st.base == notKnown:
		l := &u.w.ledgers[t.chat]
		l.mu.Lock()
		l.base = old
		l.mu.Unlock()
	case old < st.base:
		j.Find("OZ-DL-1", "%d of %d messages from before the load are there", old, st.base)
	case old > st.base && u.w.Certain(int(t.chat)):
		j.Find("OZ-DL-1", "%d messages from before the load are there, and %d were seeded", old, st.base)
	}
}

// firstMissing is the newest addition that the answer lacks; -1: none. Of a page only those count that are certainly
// newer than something on it.
func (u *user) firstMissing(s *scratch, st state) int {
	page := u.doing == open || u.doing == scroll
	oldest := s.oldest()
	for n := len(s.added) - 1; n >= st.gone; n-- {
		a := s.added[n]
		switch {
		case s.shown[n], !a.there(u.sent, u.w.settle):
		case u.doing == scroll && a.created >= u.asked.at, u.doing == catchUp && a.created <= u.asked.at:
		case page && oldest != nil && !u.older(s, oldest, a):
		default:
			return n
		}
	}
	return -1
}

// oldest is the message with the earliest Created; nil: there is none.
func (s *scratch) oldest() *message {
	var found *message
	for i := range s.messages {
		if m := &s.messages[i]; found == nil || m.at < found.at {
			found = m
		}
	}
	return found
}

// older tells whether a message on a page is older than an addition, and certainly came before it.
func (u *user) older(s *scratch, m *message, a addition) bool {
	if m.at >= a.created {
		return false
	}
	o, ours := readID(m.id, u.w.tag)
	return !ours || o.number < len(s.added) && s.added[o.number].before(a)
}

// missing names the statement that the lack of an addition breaks.
func (u *user) missing(n int, s *scratch) {
	if u.doing == open || u.doing == scroll {
		u.judge.Find("OZ-PART-1", "the page of %d messages lacks number %d of ours, which is newer than its oldest", len(s.messages), n)
		return
	}
	u.judge.Find("OZ-ADD-1", "among %d messages number %d of ours is missing, which was answered with OK before", len(s.messages), n)
}

// judgeFirst judges that a download begins with the message that its cursor names. Of messages of one second any may
// come first.
func (u *user) judgeFirst(s *scratch) {
	found := false
	for i := range s.messages {
		found = found || string(s.messages[i].id) == u.asked.id
	}
	if !found || s.messages[0].at != u.asked.at {
		u.judge.Find("OZ-DL-2", "the first of %d messages is not %s, which the cursor names", len(s.messages), u.asked.id)
	}
}

// remember keeps the newest and the oldest message that the user has, and counts how long a message took to show.
func (u *user) remember(t *talk, s *scratch) {
	oldest := s.oldest()
	if oldest == nil {
		if u.doing == open || u.doing == download {
			t.newest, t.oldest = place{}, place{}
		}
		return
	}
	newest := oldest
	for i := range s.messages {
		if m := &s.messages[i]; m.at >= newest.at {
			newest = m
		}
	}
	if u.doing != scroll {
		t.newest.keep(newest, t.epoch, u.ended)
	}
	if u.doing != catchUp {
		t.oldest.keep(oldest, t.epoch, u.ended)
	}
	if o, ours := readID(newest.id, u.w.tag); ours && o.chat == int(t.chat) {
		l := &u.w.ledgers[t.chat]
		l.mu.Lock()
		u.judge.freshness = max(u.judge.freshness, l.follow(o.number, u.answered))
		l.mu.Unlock()
	}
}

func (p *place) keep(m *message, epoch int, now instant) {
	if p.id != string(m.id) || p.epoch != epoch {
		*p = place{id: string(m.id), epoch: epoch, since: now}
	}
	p.at = m.at
}
