package yunhu

import "time"

// The ranges of times in each unit: from September 2001 to November 2286.
const (
	leastSecond, mostSecond = 1_000_000_000, 9_999_999_999
)

// judgeItem judges what one conversation says whoever looks: units, and ranges on the wire.
func (u *user) judgeItem(c *item) {
	j := &u.judge
	if c.kind < 1 || c.kind > 3 || len(c.id) == 0 {
		j.Find("YH-LIST-4", "chat_id %s with chat_type %d", shown(c.id), int64(c.kind))
	}
	if c.entered < leastSecond*1000 || c.entered > mostSecond*1000+999 {
		j.Find("YH-LIST-5", "%s: timestamp_ms %d is no time in milliseconds", shown(c.id), c.entered)
	}
	// Clients of the later page fall back to field 5 where field 12 is not given.
	if (c.sent < leastSecond || c.sent > mostSecond) && !(u.w.later && c.sent == 0) {
		j.Find("YH-LIST-5", "%s: timestamp %d is no time in seconds", shown(c.id), c.sent)
	}
	if c.at > 1 || c.silent > 1 {
		j.Find("YH-LIST-6", "%s: at is %d and do_not_disturb %d", shown(c.id), int64(c.at), int64(c.silent))
	}
	if c.unread >= 1<<31 { // a count is as good as a flag
		j.Find("YH-LIST-7", "%s: unread is %d", shown(c.id), int64(c.unread))
	}
	if c.certified > 2 {
		j.Find("YH-LIST-8", "%s: certification_level is %d", shown(c.id), int64(c.certified))
	}
	if c.at == 1 && !c.mentions {
		j.Find("YH-LIST-9", "%s: at is 1, and at_data has nothing in it (it is there: %v)", shown(c.id), c.mention)
	}
}

// recognise is the talk that a conversation of a list is; nil: it is none of the user's. Another's is wrong; one that nobody
// of the population has is the target's own, a welcome to everybody, which no document forbids.
func (u *user) recognise(c *item) *talk {
	if t := u.find(c.id, c.kind); t != nil {
		return t
	}
	for kind := uint64(1); kind <= 3; kind++ {
		if t := u.find(c.id, kind); t != nil && t.mark != u.mark {
			u.judge.Find("YH-LIST-4", "%s has chat_type %d, and it is %d", shown(c.id), int64(c.kind), kind)
			return t
		}
	}
	if u.w.names.ours(c.id, c.kind) {
		u.judge.Find("YH-ISO-1", "%s with chat_type %d is none of the conversations of %s", shown(c.id), int64(c.kind), u.w.names.userID(u.index))
	}
	return nil
}

// judgeTalk compares what a list shows of a talk with what it must show.
func (u *user) judgeTalk(t *talk, c *item, started time.Duration) {
	j := &u.judge
	if !u.settled(t, started) {
		return
	}
	switch {
	case t.presence == gone && t.done&removed != 0:
		j.Find("YH-REMOVE-1", "%s was removed, and is in the list", shown(c.id))
	case t.presence == gone:
		j.Find("YH-STATE-1", "%s was not in an earlier list, and nobody has written since", shown(c.id))
	}
	switch {
	case t.unread == zero && c.unread > 0 && t.done&dismissed != 0:
		j.Find("YH-DISMISS-3", "%s was set to read, and unread is %d", shown(c.id), int64(c.unread))
	case t.unread == zero && c.unread > 0:
		j.Find("YH-LIST-7", "%s had no unread messages, nobody has written since, and unread is %d", shown(c.id), int64(c.unread))
	case t.unread == some && c.unread == 0:
		u.judgeRead(t, c)
	}
	if t.mentioned == 0 && c.at == 1 {
		j.Find("YH-LIST-6", "%s: at is 1, and nobody has mentioned the user", shown(c.id))
	}
	if t.silent != unknownFlag && c.silent <= 1 && uint64(t.silent) != c.silent {
		j.Find("YH-LIST-6", "%s: do_not_disturb is %d, and it was %d without a call in between", shown(c.id), c.silent, t.silent)
	}
}

// judgeRead judges a conversation that is shown as read although the user has not read it, by who may have done that. What
// the user's own calls may have done is a SHOULD, and is found once: from then on it is read.
func (u *user) judgeRead(t *talk, c *item) {
	j := &u.judge
	others := t.dismissals.byOthers(u.w.ledgers[t.chat].dismissals.Load())
	switch {
	case t.views[latest] == absent:
		j.Find("YH-LIST-7", "%s has unread messages, and unread is 0", shown(c.id))
	case t.views[latest] == read:
		j.Find("YH-STATE-1", "%s has unread messages that the user did not dismiss, and unread is still 0", shown(c.id))
	case u.since&dismissed != 0:
		j.Find("YH-DISMISS-5", "%s is read after another conversation was dismissed", shown(c.id))
		t.unread = unknownUnread
	case u.since&sorted != 0:
		j.Find("YH-SORT-3", "%s is read after a change of order", shown(c.id))
		t.unread = unknownUnread
	case others:
		j.Find("YH-ISO-1", "%s is read after another member dismissed it", shown(c.id))
	default:
		j.Find("YH-STATE-1", "%s has unread messages that the user did not dismiss, and unread is 0", shown(c.id))
	}
}

// remember is what the user knows of a talk after a list that shows it. What is known already stays: a list that says
// otherwise is wrong, and so is the next one.
func (u *user) remember(t *talk, c *item, place int32, started time.Duration) {
	t.mark, t.place, t.entered = u.mark, place, c.entered
	t.views[latest] = read
	if c.unread > 0 {
		t.views[latest] = notRead
	}
	if !u.settled(t, started) {
		return
	}
	if t.presence == unknownPresence {
		t.presence = there
	}
	switch {
	case t.unread == unknownUnread && c.unread > 0:
		t.unread = some
	case t.unread == unknownUnread:
		t.unread = zero
	case t.unread == fading && c.unread == 0:
		t.unread = zero
		t.changed = started // on an eventual target it may still be unread elsewhere for a moment
	}
	if c.at == 0 {
		t.mentioned = 0 // how long a mention stays, no document says
	}
	if t.silent == unknownFlag && c.silent <= 1 {
		t.silent = int8(c.silent)
	}
}

// fresh tells whether a list is the first to show the change that is followed.
func (u *user) fresh(t *talk, c *item, place int32, ended time.Time) {
	f := &u.follow
	if f.kind == list || &u.talks[f.on] != t {
		return
	}
	shows := f.kind == dismiss && c.unread == 0 || f.kind == sortUp && (c.entered != f.entered || place != f.place)
	if shows {
		u.judge.freshness = max(1, ended.Sub(f.began))
		*f = follow{}
	}
}
