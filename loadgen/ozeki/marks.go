package ozeki

import (
	"fmt"
	"strconv"

	"github.com/parley-im/parley/reference/ozeki/wire"
)

// What a user sets for a conversation.
const (
	muted = iota
	favored
	hidden
	colored
	markCount
)

// mark is one of them as the user knows it. A color is its number, and the others are 0 or 1.
type mark struct {
	value        uint32
	known        bool
	doubt        bool // a change without an answer may come late: it is never judged again
	fresh        bool // it was changed, and no other answer has shown it yet
	timed        bool // how long the change took to show is counted
	said         bool // the change was answered with OK and an errormessage
	action       act  // the change
	clears       int  // that were begun when it was last known: whether a clear leaves it, no document says
	began, ended instant
}

// act is one call that sets something.
type act int

const (
	none act = iota
	favorites
	unfavorites
	mutes
	unmutes
	hides
	unhides
	colors
)

// acts are what each call is called, what it sets, and the statements about it: that it does so (a MUST), and that its
// answer shows it.
var acts = [...]struct {
	action      string
	which       int
	value       uint32
	does, shows string
}{
	none:        {},
	favorites:   {wire.Favorite, favored, 1, "OZ-FAV-1", "OZ-FAV-2"},
	unfavorites: {wire.Unfavorite, favored, 0, "OZ-UNFAV-1", "OZ-UNFAV-2"},
	mutes:       {wire.Mute, muted, 1, "OZ-MUTE-1", "OZ-MUTE-2"},
	unmutes:     {wire.Unmute, muted, 0, "OZ-UNMUTE-1", "OZ-UNMUTE-2"},
	hides:       {wire.Hide, hidden, 1, "OZ-HIDE-1", "OZ-HIDE-2"},
	unhides:     {wire.Unhide, hidden, 0, "OZ-UNHIDE-1", "OZ-UNHIDE-2"},
	colors:      {wire.Color, colored, 0, "OZ-COLOR-1", "OZ-COLOR-2"},
}

// pairs are the calls of an operation: the one that sets, and the one that takes back.
var pairs = map[kind][2]act{favorite: {favorites, unfavorites}, mute: {mutes, unmutes}, hide: {hides, unhides}, color: {colors, colors}}

// change is what the request on its way sets.
type change struct {
	act   act
	value uint32
	text  string // color or hideid
	again bool   // the user had set the same already
}

// repeats is how often something is set that is set: twice must be as once.
const repeats = 0.2

// draft chooses the call of an operation: mostly the one that changes something.
func (u *user) draft(t *talk, k kind) {
	pair := pairs[k]
	m := t.marks[acts[pair[0]].which]
	on := m.value == 0
	if m.known && u.random.Float64() < repeats {
		on = !on
	}
	if on {
		u.draftAs(t, pair[0])
	} else {
		u.draftAs(t, pair[1])
	}
}

func (u *user) draftAs(t *talk, a act) {
	m := t.marks[acts[a].which]
	u.change = change{act: a, value: acts[a].value, again: m.known && !m.doubt && m.value == acts[a].value}
	switch a {
	case hides:
		u.change.text = t.instance + ";"
	case colors:
		u.change.value = u.random.Uint32N(1 << 24)
		u.change.text = fmt.Sprintf("#%06x", u.change.value)
	}
}

func (u *user) renderMark(t *talk) {
	u.begin(t, acts[u.change.act].action, false)
	switch u.change.act {
	case hides:
		u.body = appendText(append(u.body, `,"hideid":`...), u.change.text)
	case colors:
		u.body = append(append(append(u.body, `,"color":"`...), u.change.text...), '"')
	}
}

// readColor is the number of #rrggbb, in whichever case.
func readColor(b []byte) (uint32, bool) {
	if len(b) != 7 || b[0] != '#' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[1:]), 16, 32)
	return uint32(n), err == nil && b[1] != '+'
}

// set remembers what a call set; it was answered with OK.
func (u *user) set(t *talk, said bool) {
	m := &t.marks[acts[u.change.act].which]
	m.value, m.known, m.fresh, m.said, m.action = u.change.value, true, true, said, u.change.act
	m.began, m.ended = u.sent, u.ended
	l := &u.w.ledgers[t.chat]
	l.mu.Lock()
	m.clears = u.clearsNow(t, l)
	l.mu.Unlock()
}

// clearsNow is how many clears the answer was made after; uncertain: one was on its way. l is locked.
func (u *user) clearsNow(t *talk, l *ledger) int {
	if before := u.before[t.at]; before.sure && before.begun == l.begun {
		return l.begun
	}
	return uncertain
}

// unset remembers that a call was not answered, or refused.
func (u *user) unset(t *talk, lost bool) {
	m := &t.marks[acts[u.change.act].which]
	m.known, m.fresh, m.doubt = false, false, m.doubt || lost
	m.ended = u.ended
}

// judgeMarks compares what a conversation shows with what the user has set. l is locked.
func (u *user) judgeMarks(t *talk, v *view, l *ledger) {
	if !v.own.has {
		return
	}
	values := [markCount]uint32{muted: one(v.own.muted), favored: one(v.own.favorite), hidden: one(len(v.own.hide) > 0)}
	var ok bool
	if values[colored], ok = readColor(v.own.color); !ok && v.own.bits&ownColor != 0 {
		u.judge.Find("OZ-CONV-7", "%q: listitembackgroundcolor is %q", v.id, v.own.color)
	}
	for which, bit := range [markCount]uint8{muted: ownMuted, favored: ownFavorite, hidden: ownHide, colored: ownColor} {
		switch own := u.change.act != none && acts[u.change.act].which == which; {
		case v.own.bits&bit == 0 || which == colored && !ok:
		case own:
			u.judgeOwn(t, v, which, values[which])
		default:
			u.judgeMark(t, v, l, which, values[which])
		}
	}
}

func one(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// judgeOwn judges what the answer to a call shows of what it set.
func (u *user) judgeOwn(t *talk, v *view, which int, value uint32) {
	a, j := acts[u.change.act], &u.judge
	m := &t.marks[which]
	right := value == u.change.value
	switch {
	case u.change.act == hides:
		right = string(v.own.hide) == u.change.text
	case which == favored:
		right = right && v.favoriteBy == v.own.favorite
	case which == muted:
		right = right && v.mutedBy == v.own.muted
	}
	if m.timed = right; right {
		j.freshness = max(j.freshness, u.took)
		return
	}
	j.Find(a.shows, "the answer to %s of %q shows muted %v, favorite %v, hideid %q, color %q", a.action, v.id, v.own.muted, v.own.favorite, v.own.hide, v.own.color)
	if u.change.again {
		j.Find("OZ-FLAG-3", "a second %s of %q is not as the first", a.action, v.id)
	}
}

// judgeMark judges what any other answer shows.
func (u *user) judgeMark(t *talk, v *view, l *ledger, which int, value uint32) {
	m := &t.marks[which]
	switch {
	case m.doubt, u.sent < m.ended+u.w.settle && m.ended > 0:
		return
	case !m.known, m.clears != l.begun:
		m.known, m.value = true, value
	case m.value == value:
		if m.fresh && !m.timed {
			u.judge.freshness = max(u.judge.freshness, u.since(m.began))
		}
	default:
		u.wrongMark(v, m, which, value)
		m.value = value // who was told something else goes on from there
	}
	m.fresh, m.timed, m.clears = false, false, u.clearsNow(t, l)
}

// wrongMark names the statement: which one depends on what happened since the mark was right.
func (u *user) wrongMark(v *view, m *mark, which int, value uint32) {
	j := &u.judge
	what := [markCount]string{"ismuted", "isfavorite", "whether it is hidden", "the color"}[which]
	detail := fmt.Sprintf("%q: %s is %#x, and was %#x", v.id, what, value, m.value)
	switch {
	case u.doing != list && which == colored:
		j.Find("OZ-COLOR-3", "after %s of %s", acts[u.change.act].action, detail)
	case u.doing != list:
		j.Find("OZ-FLAG-3", "after %s of %s", acts[u.change.act].action, detail)
	case m.fresh:
		j.Find(acts[m.action].does, "list after %s of %s", acts[m.action].action, detail)
		if m.said {
			j.Find("OZ-COM-9", "%s was answered with OK and an errormessage, and is not done", acts[m.action].action)
		}
	default:
		j.Find("OZ-FLAG-2", "the user did nothing to %s", detail)
	}
}
