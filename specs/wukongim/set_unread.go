package wukongim

import (
	"fmt"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

func registerSetUnread(s *specs.Suite) {
	registerSetAnswer(s)
	registerSetNumber(s)
	registerSetAfter(s)
	registerSetOthers(s)
	registerSetLater(s)
	registerSetRefusals(s)
}

func registerSetAnswer(s *specs.Suite) {
	for _, n := range []int64{0, 3} {
		s.Requirement("WK-SET-01", fmt.Sprintf("unread of a group is set to %d: HTTP 200", n), func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 5)
			t.Expect(w.set("ann", g, n), match.Status(200))
		})
	}
	s.Requirement("WK-SET-01", "unread of a personal chat is set to 2, and to 2 again: HTTP 200", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 5)
		t.Expect(w.set("ann", d, 2), match.Status(200))
		t.Expect(w.set("ann", d, 2), match.Status(200))
	})
}

// sets sets ann's unread to each of the numbers, one after the other, and judges what is unread after the last.
func (w *world) sets(ch *channel, unreads ...int64) {
	for _, n := range unreads {
		w.set("ann", ch, n)
	}
	w.sees("ann", unread(ch.key("ann"), unreads[len(unreads)-1]))
}

func registerSetNumber(s *specs.Suite) {
	const id = "WK-SET-02"
	for _, n := range []int64{0, 1, 5, 6} {
		s.Requirement(id, fmt.Sprintf("a group with 6 messages, all unread, is set to %d: unread is %d", n, n), func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 6)
			w.sets(g, n)
		})
	}
	for _, n := range []int64{0, 1, 6} {
		s.Requirement(id, fmt.Sprintf("a personal chat with 6 messages is set to %d: unread is %d", n, n), func(t *specs.Trial) {
			w, _, d := unreadChats(t, 6)
			w.sets(d, n)
		})
	}
	for _, n := range []int64{1, 3, 6} {
		s.Requirement(id, fmt.Sprintf("of 6 messages, set to 0 and then to %d: unread is %d", n, n), func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 6)
			w.set("ann", g, 0)
			w.sees("ann", unread(g.key("ann"), 0))
			w.sets(g, n)
		})
	}
	s.Requirement(id, "set down, up and down again: unread is the last number each time", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 6)
		for _, n := range []int64{4, 2, 5, 1, 6, 3} {
			w.sets(d, n)
		}
	})
	s.Requirement(id, "set to the same number twice: unread is that number", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		w.sets(g, 4, 4)
	})
	s.Requirement(id, "a group with 70 messages is set to 65 and then to 69: unread is each of these", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 70)
		w.sets(g, 65)
		w.sets(g, 69)
	})
	s.Requirement(id, "the oldest of 70 conversations is set to 0 and then to 1: unread is 1", func(t *specs.Trial) {
		w, groups := manyGroups(t, 70)
		w.sets(groups[0], 0)
		w.sets(groups[0], 1)
	})
}

func registerSetAfter(s *specs.Suite) {
	const id = "WK-SET-02"
	if s.Profile() != "v1" { // whose page has no clear
		s.Requirement(id, "all of 6 messages are cleared, then set to 4: unread is 4", func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 6)
			w.clear("ann", g, nil)
			w.given(clearWorks, "ann", unread(g.key("ann"), 0))
			w.sets(g, 4)
		})
	}
	s.Requirement(id, "set to 1, then 2 messages, then set to 5: unread is 5", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		w.sets(g, 1)
		g.says("bob", 2)
		w.sets(g, 5)
	})
	s.Requirement(id, "deleted, brought back by 3 messages, then set to 2, 0 and 1: unread is each of these", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		w.remove("ann", g)
		w.given(deleteWorks, "ann", omits(g.key("ann")))
		w.broughtBack(g, "bob", 3)
		for _, n := range []int64{2, 0, 1} {
			w.sets(g, n)
		}
	})
	for _, n := range []int64{0, 2} {
		s.Requirement(id, fmt.Sprintf("set to %d: unread is %d in whatever sync lists the conversation", n, n), func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 5)
			looks := w.changed("ann", g, func() { w.set("ann", g, n) })
			w.sees("ann", unread(g.key("ann"), n))
			for _, body := range looks {
				w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, buildsOn(syncReadsNothing, unreadWhereListed(g.key("ann"), n)))
			}
		})
	}
}

func registerSetOthers(s *specs.Suite) {
	const id = "WK-SET-03"
	s.Requirement(id, "a group is set by one member: the others' unread stays", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 4)
		g.says("cid", 2)
		bob, cid := w.before("bob"), w.before("cid")
		w.set("ann", g, 1)
		w.given(setWorks, "ann", unread(g.key("ann"), 1))
		w.sees("cid", same(cid, unreadOnly))
		w.sees("bob", same(bob, unreadOnly))
	})
	s.Requirement(id, "a personal chat is set by one side: the other's unread stays", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob").says("ann", 2).says("bob", 3)
		w.seed()
		before := w.before("bob")
		w.set("ann", d, 1)
		w.given(setWorks, "ann", unread(d.key("ann"), 1))
		w.sees("bob", same(before, unreadOnly))
	})
	s.Requirement(id, "two members set a group to different numbers: the second leaves the first's unread", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		for _, set := range []struct {
			user string
			n    int64
		}{{"ann", 2}, {"cid", 5}} {
			w.set(set.user, g, set.n)
			w.given(setWorks, set.user, unread(g.key(set.user), set.n))
		}
		w.sees("ann", unread(g.key("ann"), 2))
	})
	s.Requirement(id, "a personal chat is set: the user's other conversations stay, a group of the same id among them", func(t *specs.Trial) {
		w, d, _ := twins(t)
		before := w.before("ann")
		w.set("ann", d, 1)
		w.given(setWorks, "ann", unread(d.key("ann"), 1))
		w.sees("ann", same(before, unreadOnly, d.key("ann")))
	})
	s.Requirement(id, "a group is set: the user's other conversations stay, a personal chat of the same id among them", func(t *specs.Trial) {
		w, _, g := twins(t)
		before := w.before("ann")
		w.set("ann", g, 1)
		w.given(setWorks, "ann", unread(g.key("ann"), 1))
		w.sees("ann", same(before, unreadOnly, g.key("ann")))
	})
	s.Requirement(id, "one of 70 conversations is set: the other 69 stay", func(t *specs.Trial) {
		w, groups := manyGroups(t, 70)
		before := w.before("ann")
		w.set("ann", groups[35], 0)
		w.given(setWorks, "ann", unread(groups[35].key("ann"), 0))
		w.sees("ann", same(before, unreadOnly, groups[35].key("ann")))
	})
}

func registerSetLater(s *specs.Suite) {
	const id = "WK-SET-04"
	for _, n := range []int64{0, 1, 3, 5} {
		s.Requirement(id, fmt.Sprintf("of 5 messages set to %d, then a message and two more: unread is %d, then %d", n, n+1, n+3), func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 5)
			w.set("ann", g, n)
			w.given(setWorks, "ann", unread(g.key("ann"), n))
			w.addsOne(g, "bob", n)
			g.says("cid", 2)
			w.sees("ann", unread(g.key("ann"), n+3))
		})
	}
	s.Requirement(id, "a personal chat is set to 0 and up to 4, then a message: unread is 5", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 5)
		w.set("ann", d, 0)
		w.set("ann", d, 4)
		w.given(setWorks, "ann", unread(d.key("ann"), 4))
		w.addsOne(d, "bob", 4)
	})
	s.Requirement(id, "a group without messages is set to 0, then its first message: unread is 1", func(t *specs.Trial) {
		w, g := emptyGroup(t)
		w.set("ann", g, 0)
		w.addsOne(g, "bob", 0)
	})
	s.Requirement(id, "a group without messages is set to 1, then two messages: the second adds one", func(t *specs.Trial) {
		w, g := emptyGroup(t)
		w.set("ann", g, 1) // whether it is refused or counts is free
		g.says("bob", 1)
		w.given(id, "ann", unreadFrom(g.key("ann"), 1, 2))
		n, _ := w.conversation("ann", g, 1).integer("unread")
		w.addsOne(g, "bob", n)
	})
}

// addsOne lets somebody send a message and judges that ann has one more unread message than n.
func (w *world) addsOne(ch *channel, from string, n int64) {
	ch.says(from, 1)
	w.sees("ann", unread(ch.key("ann"), n+1))
}

// emptyGroup is a world with a group that has no message yet.
func emptyGroup(t *specs.Trial) (*world, *channel) {
	w := newWorld(t)
	g := w.group("g", "ann", "bob")
	w.seed()
	return w, g
}

func registerSetRefusals(s *specs.Suite) {
	set := mutation{path: setPath, does: "a set", required: with{"unread": 1}}
	set.registerBadBodies(s, "WK-SET-05")
	s.Requirement("WK-SET-05", "a set to a negative number is answered with 400", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		t.Expect(w.set("ann", g, -1), match.Status(400))
		set.works(w, g)
	})
	s.Requirement("WK-SET-05", "a set to a negative number changes nothing", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		before := w.before("ann")
		for _, n := range []int64{-1, -5, -1000} {
			t.Need(w.set("ann", g, n), answers())
		}
		t.Expect(w.full("ann"), same(before, everything))
		set.works(w, g)
	})
	set.registerAbsent(s, "WK-SET-06")
	set.registerDenied(s, "WK-SET-07")
	s.Requirement("WK-SET-08", "numbers above the 5 messages of a group", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		var said []string
		var x *exchange.Exchange
		for _, n := range []int64{6, 7, 1000, 1 << 31} {
			x = w.set("ann", g, n)
			said = append(said, fmt.Sprintf("%d: HTTP %d, then unread %s", n, x.Status(), w.shownUnread("ann", g)))
		}
		t.Observe(x, "unread %s", strings.Join(said, "; "))
	})
	s.Requirement("WK-SET-08", "1 for a group without messages, and then its first message", func(t *specs.Trial) {
		w, g := emptyGroup(t)
		x := w.set("ann", g, 1)
		g.says("bob", 1)
		t.Observe(x, "unread 1 without messages: HTTP %d, then with the first one unread %s", x.Status(), w.shownUnread("ann", g))
	})
}

// shownUnread is what the user's full sync says of unread, for an observation.
func (w *world) shownUnread(user string, ch *channel) string {
	conversations, _ := readConversations(w.full(user))
	c, ok := find(conversations, ch.key(user))
	if !ok {
		return "of no conversation"
	}
	return c.Get("unread").Text
}
