package yunhu

import (
	"bytes"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// judgeList reads a whole answer and then judges it: the status may stand last. Nothing is remembered of an answer that is
// not the documented message, or that refuses.
func (u *user) judgeList(answer loadgen.Answer) {
	j := &u.judge
	if begin := bytes.TrimLeft(answer.Body, " \t\r\n"); len(begin) > 0 && begin[0] == '{' {
		// As protobuf this would be field 15 as a group, which these messages never use.
		j.Find("YH-LIST-1", "JSON, where protobuf belongs: %s", shown(answer.Body))
		return
	}
	a := scratch.Get().(*answered)
	defer scratch.Put(a)
	defer a.reset()
	a.read(answer.Body, 2*len(u.talks)+spare)
	if a.trouble != "" {
		j.Find("YH-LIST-1", "%s", a.trouble)
		if a.malformed {
			j.Find("YH-LIST-17", "%s", a.trouble)
		}
		return
	}
	if a.foul != "" {
		j.Find("YH-LIST-17", "%s", a.foul)
	}
	if !u.judgeStatus(a) {
		return
	}
	if u.asked != noTag && len(a.items) == 0 && u.judgeUnchanged(u.w.moment(answer.Started)) {
		return
	}
	u.judgeWhole(a, answer)
}

// spare is how many more conversations of a list are looked at than twice those that the user has.
const spare = 100

func (u *user) judgeStatus(a *answered) bool {
	j := &u.judge
	switch {
	case a.code != wire.CodeSuccess:
		j.Find("YH-LIST-2", "status.code %d and status.msg %s", int64(a.code), shown(a.msg))
	case string(a.msg) != wire.MsgSuccess:
		j.Lesser("YH-LIST-2", "status.msg %s, where the examples say success", shown(a.msg))
	}
	if a.code != wire.CodeSuccess && len(a.items) > 0 {
		j.Find("YH-COM-3", "status.code %d beside %d conversations", int64(a.code), len(a.items))
	}
	if a.code >= 1<<31 && int64(a.code) > 0 {
		j.Find("YH-COM-8", "status.code %d, which is the unsigned twin of %d", a.code, int32(uint32(a.code)))
	}
	return a.code == wire.CodeSuccess
}

// judgeUnchanged judges an empty answer to a request that named a list: the user's list is said to be that one. It answers
// false where the answer may be a whole list with nothing in it as well.
func (u *user) judgeUnchanged(started time.Duration) bool {
	left := false
	for i := range u.talks {
		left = left || u.talks[i].presence == there
	}
	if !left && len(u.talks) > 0 {
		u.tags = [2]tag{} // it can be read both ways: from now on the user asks for the whole list
		return true
	}
	for i := range u.talks {
		t := &u.talks[i]
		switch had := t.views[u.asked]; {
		case !u.settled(t, started):
		case had == notRead && t.unread == zero && t.presence == there:
			u.judge.Find("YH-LIST-10", "no list in answer to its md5, and %s was set to read since", shown([]byte(u.named(t))))
		case had != absent && t.presence == gone:
			u.judge.Find("YH-LIST-10", "no list in answer to its md5, and %s was removed since", shown([]byte(u.named(t))))
		}
	}
	u.tags[u.asked].started = started // the target says that it is the current list
	return true
}

// judgeWhole judges a list.
func (u *user) judgeWhole(a *answered, answer loadgen.Answer) {
	started := u.w.moment(answer.Started)
	u.mark++
	distinct, twice := 0, false
	for i := range a.items {
		c := &a.items[i]
		t := u.recognise(c)
		if t == nil && !u.w.names.ours(c.id, c.kind) && len(c.id) > 0 {
			distinct++ // the target's own
			continue
		}
		u.judgeItem(c)
		switch {
		case t == nil:
			distinct++
			continue
		case t.mark == u.mark:
			twice = true
			u.judge.Find("YH-LIST-14", "%s stands in the list twice", shown(c.id))
			u.judgeSorted("%s stands in the list twice after a change of order", shown(c.id))
			continue
		}
		distinct++
		u.judgeTalk(t, c, started)
		u.fresh(t, c, int32(i), answer.Ended)
		u.remember(t, c, int32(i), started)
	}
	u.ailing = !u.judgeTotal(a, distinct) || twice
	u.judgeMissing(answer, started)
	u.judgeTag(a, started)
	u.conclude(a, started)
}

// judgeSorted says that what a change of order must leave alone is otherwise since the user made one.
func (u *user) judgeSorted(format string, args ...any) {
	if u.since&sorted != 0 && !u.ailing {
		u.judge.Find("YH-SORT-3", format, args...)
	}
}

// judgeTotal tells whether total is right.
func (u *user) judgeTotal(a *answered, distinct int) bool {
	n := len(a.items) + a.more
	if a.more > 0 {
		u.judge.Find("YH-LIST-3", "%d conversations are in the list, and the user has %d", n, len(u.talks))
	}
	if a.total == uint64(n) || a.total == uint64(distinct) {
		return a.more == 0
	}
	u.judge.Find("YH-LIST-3", "total is %d, and %d conversations are in the list", int64(a.total), n)
	if u.since&removed != 0 && !u.ailing {
		u.judge.Find("YH-REMOVE-1", "total is %d after a removal, and %d conversations are in the list", int64(a.total), n)
	}
	u.judgeSorted("total is %d after a change of order, and %d conversations are in the list", int64(a.total), n)
	return false
}

// judgeMissing says what the list lacks.
func (u *user) judgeMissing(answer loadgen.Answer, started time.Duration) {
	for i := range u.talks {
		t := &u.talks[i]
		if t.mark == u.mark {
			continue
		}
		if u.follow.kind != list && u.follow.on == i {
			if u.follow.kind == remove {
				u.judge.freshness = max(1, answer.Ended.Sub(u.follow.began))
			}
			u.follow = follow{}
		}
		if t.presence == there && u.settled(t, started) {
			u.judgeLack(t)
		}
		u.lacked(t, started)
	}
}

// judgeLack judges one conversation that should be in the list, by who may have taken it away.
func (u *user) judgeLack(t *talk) {
	id := shown([]byte(u.named(t)))
	own, others := u.since&removed != 0, t.removals.byOthers(u.w.ledgers[t.chat].removals.Load())
	switch {
	case t.views[latest] == absent:
		u.judge.Find("YH-LIST-3", "%s is not in the list", id)
		return
	case own && !others:
		u.judge.Find("YH-REMOVE-1", "%s is not in the list after another conversation was removed", id)
	case others && !own:
		u.judge.Find("YH-ISO-1", "%s is not in the list after another member removed it", id)
	default:
		u.judge.Find("YH-LIST-3", "%s is not in the list", id)
	}
	if u.since&sorted != 0 {
		u.judge.Find("YH-SORT-3", "%s is not in the list after a change of order", id)
	}
}

// lacked is what the user knows after a list without the talk.
func (u *user) lacked(t *talk, started time.Duration) {
	t.views[latest] = absent
	if !u.settled(t, started) {
		return
	}
	switch t.presence {
	case unknownPresence:
		t.presence = gone
	case leaving:
		t.presence, t.done = gone, t.done|removed
		t.changed = started // on an eventual target it may still be elsewhere for a moment
	}
}

// judgeTag judges a whole list in answer to the md5 of one.
func (u *user) judgeTag(a *answered, started time.Duration) {
	if u.asked == noTag || len(a.items) == 0 {
		return
	}
	asked := &u.tags[u.asked]
	switch {
	case bytes.Equal(a.tag, asked.text):
		u.judge.Find("YH-LIST-10", "the md5 of the list is %s, which was asked with, and the list is not empty", shown(a.tag))
	case !u.lost && !u.stale(asked.started):
		u.judge.Find("YH-LIST-10", "nothing has changed since the list with the md5 %s, and the list is not empty", shown(asked.text))
	}
}

// mostTag is how long an md5 may be for a user to remember it.
const mostTag = 256

// conclude is what the user knows after a whole list.
func (u *user) conclude(a *answered, started time.Duration) {
	begins := !u.listed
	u.listed = true
	if u.follow.kind == sortUp && !u.stale(started) {
		u.follow = follow{} // no document says that a change of order shows
	}
	if !u.stale(started) {
		u.since = 0
	}
	for i := range u.talks {
		t := &u.talks[i]
		t.dismissals.seen, t.removals.seen = t.dismissals.asked, t.removals.asked
		if begins {
			t.views[first] = t.views[latest]
		}
	}
	if !u.w.later {
		return
	}
	u.tags[latest].text, u.tags[latest].started = u.tags[latest].text[:0], started
	if len(a.tag) <= mostTag && a.foul == "" {
		u.tags[latest].text = append(u.tags[latest].text, a.tag...)
	}
	if begins {
		u.tags[first] = tag{bytes.Clone(u.tags[latest].text), started}
	}
}
