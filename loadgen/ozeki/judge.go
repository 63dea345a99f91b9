package ozeki

import (
	"fmt"
	"hash/maphash"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/loadgen/scan"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// judge is one answer while it is looked at.
type judge struct {
	loadgen.Findings
	freshness time.Duration
}

// reply is an answer as it was read, but for what it shows.
type reply struct {
	status, message       []byte // errormessage
	hasStatus, hasMessage bool   // as strings
	wrong                 bool   // one of them is none
	form                  string // what is wrong with the whole; empty: nothing
	shows                 uint8
	view                  view  // of clear and of what sets something
	sent                  added // of add
}

const (
	showsView = 1 << iota
	showsList
	showsAdded
	showsContent
)

// shownBy is what the answer to each operation shows.
func shownBy(k kind) uint8 {
	switch k {
	case list:
		return showsList
	case open, scroll, catchUp, download:
		return showsContent
	case add:
		return showsAdded
	}
	return showsView
}

// Judge implements loadgen.User.
func (u *user) Judge(answer loadgen.Answer, checked bool) loadgen.Judgement {
	u.judge.Begin(checked)
	u.judge.freshness = 0
	u.ended, u.took, u.answered = u.w.at(answer.Ended), max(1, answer.Ended.Sub(answer.Started)), answer.Ended
	s := u.w.spare.Get().(*scratch)
	s.reset()
	var r reply
	whole := answer.Err == nil && answer.Status < http.StatusInternalServerError
	if whole {
		u.read(answer.Body, s, &r)
	}
	switch {
	case !whole || r.form != "" && (answer.Status < 200 || answer.Status > 299):
		u.lost()
	case r.form != "":
		u.judge.Find("OZ-COM-7", "the answer %s", r.form)
		u.lost()
	default:
		u.judgeWhole(answer, s, &r)
	}
	u.w.spare.Put(s)
	return loadgen.Judgement{Findings: u.judge.All(), Freshness: u.judge.freshness}
}

// read reads the whole of an answer. A list's conversations are judged as they are read.
func (u *user) read(body []byte, sc *scratch, r *reply) {
	if !utf8.Valid(body) {
		r.form = "is not UTF-8"
		return
	}
	s := scan.New(body)
	if s.Peek() != '{' {
		r.form = fmt.Sprintf("is no object: it begins %q", body[:min(len(body), 40)])
		return
	}
	s.At++
	for first := true; s.More('}', first); first = false {
		if twice := u.readTop(s, sc, r); twice {
			s.Bad = true
		}
	}
	if !s.End() {
		r.form = fmt.Sprintf("is no JSON as documented from byte %d on", s.At)
	}
}

// readTop reads one member of an answer. twice: it was there already.
func (u *user) readTop(s *scan.Scanner, sc *scratch, r *reply) (twice bool) {
	shown := r.shows
	switch string(s.Key()) {
	case "status":
		twice = r.hasStatus
		r.status, r.hasStatus = s.TryText()
		r.wrong = r.wrong || !r.hasStatus
	case "errormessage":
		twice = r.hasMessage
		r.message, r.hasMessage = s.TryText()
		r.wrong = r.wrong || !r.hasMessage
	case "conversation":
		if s.Peek() == '{' {
			r.shows |= showsView
		}
		u.readView(s, &r.view)
		return shown&showsView != 0
	case "conversations":
		if s.Peek() == '[' {
			r.shows |= showsList
		}
		u.readList(s)
		return shown&showsList != 0
	case "message":
		r.shows |= showsAdded
		r.sent.read(s)
		return shown&showsAdded != 0
	case "messages":
		if sc.readMessages(s) {
			r.shows |= showsContent
		}
		return shown&showsContent != 0
	default:
		s.Skip(0)
	}
	return twice
}

// judgeWhole judges an answer that is an object.
func (u *user) judgeWhole(answer loadgen.Answer, s *scratch, r *reply) {
	j := &u.judge
	bare := u.doing == download || u.doing == catchUp
	if r.wrong || (!r.hasStatus || !r.hasMessage) && !bare {
		j.Find("OZ-COM-7", "status and errormessage are not both there as strings")
	}
	if answer.Header != nil && !exchange.IsJSON(answer.Header().Get("Content-Type")) {
		j.Find("OZ-COM-6", "the Content-Type is %q", answer.Header().Get("Content-Type"))
	}
	shows := r.shows&shownBy(u.doing) != 0
	switch {
	case string(r.status) == wire.OK, !r.hasStatus && bare && shows:
	case shows:
		j.Find("OZ-COM-8", "what was asked for is there, and the status is %q", r.status)
	default:
		u.refused(r)
		return
	}
	if !shows && r.shows != 0 {
		j.Find("OZ-COM-4", "what was answered belongs to another action")
	}
	switch {
	case u.doing == list:
		u.judgeList(r, shows)
	case u.doing == add:
		u.judgeAdd(r, shows)
	case u.doing == clearAll:
		u.judgeClear(r, shows)
	case u.doing >= favorite:
		u.judgeSet(r, shows)
	default:
		u.judgeContent(s, shows)
	}
}

// wanted is the statement that an operation does what it is for.
func (u *user) wanted() string {
	switch u.doing {
	case list:
		return "OZ-LIST-1"
	case open, scroll:
		return "OZ-PART-1"
	case catchUp, download:
		return "OZ-DL-1"
	case add:
		return "OZ-ADD-1"
	case clearAll:
		return "OZ-CLEAR-1"
	}
	return acts[u.change.act].does
}

// refused judges an answer that is no success: what the user asked for must be done, unless somebody has cleared the
// conversation meanwhile. Nobody knows what a target does with an instance from before that.
func (u *user) refused(r *reply) {
	excused := false
	if u.doing != list && u.doing <= clearAll {
		t := &u.talks[u.on]
		l := &u.w.ledgers[t.chat]
		l.mu.Lock()
		excused = !u.current(t, l) && !(u.doing == clearAll && u.alone(t, l))
		l.mu.Unlock()
		if excused {
			t.epoch, t.heard = uncertain, uncertain
		} else if way := u.wayOf(); way != nil {
			excused = way.failed(u.way)
		}
	}
	if !excused {
		u.judge.Find(u.wanted(), "it was refused with the status %q: %q", clip(r.status), clip(r.message))
	}
	u.finish(false)
	if u.doing >= favorite {
		u.unset(&u.talks[u.on], false)
	}
}

func clip(b []byte) []byte { return b[:min(len(b), 200)] }

// finish closes the books of a request that was answered, whatever the answer was.
func (u *user) finish(there bool) {
	if u.doing != add && u.doing != clearAll {
		return
	}
	l := &u.w.ledgers[u.talks[u.on].chat]
	if u.doing == add {
		l.endAdd(u.number, u.ended, u.answered.Add(-u.took), there)
		return
	}
	l.mu.Lock()
	l.endClear(u.ended)
	l.mu.Unlock()
}

// lost is a request of which nobody knows whether it was done, or will be. A message or a clear of that kind stays
// pending for good.
func (u *user) lost() {
	if u.doing >= favorite {
		u.unset(&u.talks[u.on], true)
	}
}

// since is how long ago an instant was when the answer came.
func (u *user) since(begun instant) time.Duration { return max(1, time.Duration(u.ended-begun)) }

// alone tells whether the user's own clear is the only one since the instance was told. l is locked.
func (u *user) alone(t *talk, l *ledger) bool {
	return u.before[u.on].sure && t.epoch == u.before[u.on].begun && l.begun == t.epoch+1
}

// hashOf is a text as it is remembered: 0 is the empty one.
func (w *Workload) hashOf(b []byte) uint64 {
	if len(b) == 0 {
		return 0
	}
	return maphash.Bytes(w.hash, b) | 1
}
