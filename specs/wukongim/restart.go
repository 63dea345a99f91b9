package wukongim

import (
	"fmt"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
)

const restartLosesNothing = "WK-STATE-08"

// endings are the ways in which a target goes down: asked to, or killed.
var endings = []struct {
	title string
	again func(*specs.Trial)
}{
	{"stopped and started again", (*specs.Trial).Restart},
	{"killed and started again", (*specs.Trial).Crash},
}

// registerRestart: every spec looks at what a user sees before and after, so that whatever else the target does otherwise
// does not count.
func registerRestart(s *specs.Suite) {
	for _, ending := range endings {
		restarts := func(title string, body func(t *specs.Trial)) {
			s.Requirement(restartLosesNothing, "the target is "+ending.title+": "+title, body, specs.Restarts())
		}
		restarts("groups and personal channels are there, with their messages, for every member", func(t *specs.Trial) {
			w := newWorld(t)
			w.group("g", "ann", "bob", "cat").says("bob", 3).says("ann", 2)
			w.group("other", "ann", "cat").says("cat", 1)
			w.direct("ann", "bob").says("bob", 2).says("ann", 1)
			w.seed()
			before := map[string]*exchange.Exchange{}
			for _, user := range w.users {
				before[user] = w.before(user)
			}
			ending.again(t)
			for _, user := range w.users {
				w.sees(user, same(before[user], everything))
			}
		})
		restarts("the unread numbers are as they were: untouched, cleared and set", func(t *specs.Trial) {
			w := newWorld(t)
			untouched, cleared := w.group("untouched", "ann", "bob").says("bob", 4), w.group("cleared", "ann", "bob").says("bob", 3)
			set, chat := w.group("set", "ann", "bob").says("bob", 5), w.direct("ann", "bob").says("bob", 2)
			w.seed()
			works := w.reads("ann", cleared)
			w.set("ann", set, 1)
			w.reads("ann", chat)
			w.given(works, "ann", unread(cleared.key("ann"), 0), unread(chat.key("ann"), 0))
			w.given(setWorks, "ann", unread(set.key("ann"), 1))
			w.given(unreadCounted, "ann", unread(untouched.key("ann"), 4))
			before := w.before("ann")
			ending.again(t)
			w.sees("ann", same(before, unreadOnly))
		})
		restarts("a message that comes later stands behind the earlier ones, and adds one", func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 3)
			w.seed()
			k := g.key("ann")
			w.given(unreadCounted, "ann", unread(k, 3))
			ending.again(t)
			w.sees("ann", unread(k, 3))
			g.says("bob", 1)
			w.sees("ann", recents(k, g.sent), unread(k, 4))
		})
	}
	registerKilledAtOnce(s)
}

// reads lets the user read all of a channel, in the way that the profile has, and gives the requirement that says so.
func (w *world) reads(user string, ch *channel) (works string) {
	if w.t.Env.Profile == "v1" {
		w.set(user, ch, 0)
		return setWorks
	}
	w.clear(user, ch, nil)
	return clearWorks
}

func registerKilledAtOnce(s *specs.Suite) {
	s.Requirement(restartLosesNothing, "the target is killed as soon as it has acknowledged 20 messages to a group: all of them are there", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		k := g.key("ann")
		g.hurries("bob", 20)
		t.Crash()
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 50}) }, recents(k, g.sent))
	}, specs.Restarts())
	s.Requirement(restartLosesNothing, "the target is killed as soon as it has acknowledged the first messages of a personal channel: both sides see them", func(t *specs.Trial) {
		w := newWorld(t)
		d, g := w.direct("ann", "bob"), w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		d.hurries("bob", 2)
		t.Crash()
		w.sees("ann", showsMessage(d.sent[0]), showsMessage(d.sent[1]), showsMessage(g.sent[0]))
		w.sees("bob", showsMessage(d.sent[0]), showsMessage(d.sent[1]))
	}, specs.Restarts())
}

// hurries lets from send n messages, and waits only for the target to acknowledge them.
func (ch *channel) hurries(from string, n int) {
	for range n {
		m := []fixtures.Message{{From: ch.w.name(from), ClientMsgNo: fmt.Sprintf("%s-m%d", ch.handle, len(ch.sent)+1),
			Payload: fmt.Appendf(nil, "message %d of %s, in haste", len(ch.sent)+1, from)}}
		before := ch.w.t.Now()
		ch.note(m, ch.w.t.Append(ch.conversation(nil), m), before)
	}
}
