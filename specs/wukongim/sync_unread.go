package wukongim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerSyncUnread(s *specs.Suite) {
	registerUnreadNumber(s)
	registerOnlyUnread(s)
	registerOddNumbers(s)
	registerFlags(s)
}

func registerUnreadNumber(s *specs.Suite) {
	s.Requirement("WK-SYNC-14", "1, 5 and 120 messages of somebody else are as many unread", func(t *specs.Trial) {
		w := newWorld(t)
		few, some, lots := w.group("few", "ann", "bob").says("bob", 1), w.direct("ann", "bob").says("bob", 5), w.group("lots", "ann", "bob").says("bob", 120)
		w.seed()
		w.sees("ann", unread(few.key("ann"), 1), unread(some.key("ann"), 5), unread(lots.key("ann"), 120))
	})
	s.Requirement("WK-SYNC-14", "every member of a group has a number of their own", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob", "cat", "dan", "eve").says("bob", 4)
		w.seed()
		w.set("cat", g, 0)
		g.says("bob", 2)
		w.sees("cat", buildsOn(messageAfterSet, unread(g.key("cat"), 2)))
		for _, user := range []string{"ann", "dan", "eve"} {
			w.sees(user, unread(g.key(user), 6))
		}
	})
	s.Requirement("WK-SYNC-14", "messages of several senders add up, whatever msg_count asks for", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob", "cat").says("bob", 3).says("cat", 2).says("bob", 4)
		w.seed()
		for _, n := range []int{1, 3, 50} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": n}) }, unread(g.key("ann"), 9))
		}
	})
	s.Requirement("WK-SYNC-14", "an incremental sync gives the same number", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		version := greatestVersion(w.full("ann"))
		g.says("bob", 1).saysLater("ann", version)
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1, "version": version}) }, changed(g.key("ann")),
			unread(g.key("ann"), int64(len(g.sent))))
	})
	s.Requirement("WK-SYNC-15", "a user who alone has spoken has nothing unread, in a group and in a personal channel", func(t *specs.Trial) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("ann", 3), w.direct("ann", "bob").says("ann", 2)
		w.seed()
		w.sees("ann", unread(g.key("ann"), 0), unread(d.key("ann"), 0))
	})
	s.Requirement("WK-SYNC-15", "an own message among others' adds nothing", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2).says("ann", 4).says("bob", 3)
		w.seed()
		k := g.key("ann")
		// Whether speaking reads what came before is nobody's rule: 3 and 5 are both right.
		w.sees("ann", about(k, "unread 5, or 3 where speaking reads what came before", func(c conversation) match.Result {
			n, r := c.integer("unread")
			if r.OK && n != 5 && n != 3 {
				return match.Failf("unread %d of 2 + 3 messages of somebody else and 4 of one's own", n)
			}
			return r
		}))
	})
}

func registerOnlyUnread(s *specs.Suite) {
	onlyUnread := with{"msg_count": 10, "only_unread": 1}
	s.Requirement("WK-SYNC-24", "only_unread 1 gives the conversations with unread and no other; 0 and absent give all", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.group("a", "ann", "bob").says("bob", 1), w.group("b", "ann", "bob").says("bob", 3)
		d := w.direct("ann", "bob").says("bob", 2)
		w.seed()
		w.set("ann", b, 0)
		w.eventually(func() *exchange.Exchange { return w.sync("ann", onlyUnread) }, listsExactly(a.key("ann"), d.key("ann")))
		for _, body := range []with{{"msg_count": 10, "only_unread": 0}, {"msg_count": 10}} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, listsExactly(a.key("ann"), b.key("ann"), d.key("ann")))
		}
	})
	s.Requirement("WK-SYNC-24", "every conversation that only_unread 1 gives has unread > 0, one's own last message or not", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("mine", "ann", "bob").says("ann", 2)
		theirs := w.group("theirs", "ann", "bob").says("ann", 1).says("bob", 2)
		w.seed()
		w.eventually(func() *exchange.Exchange { return w.sync("ann", onlyUnread) }, lists(theirs.key("ann")),
			eachConversation("unread > 0 in every conversation", func(c conversation) match.Result {
				n, r := c.integer("unread")
				if r.OK && n <= 0 {
					return match.Failf("unread %d of %s", n, c.key())
				}
				return r
			}))
	})
	s.Requirement("WK-SYNC-24", "a conversation that was read comes back with a new message, another leaves when it is read", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.group("a", "ann", "bob").says("bob", 1), w.group("b", "ann", "bob").says("bob", 1)
		w.seed()
		w.set("ann", a, 0)
		a.says("bob", 1)
		w.set("ann", b, 0)
		w.given(messageAfterSet, "ann", unread(a.key("ann"), 1))
		w.eventually(func() *exchange.Exchange { return w.sync("ann", onlyUnread) }, listsExactly(a.key("ann")))
	})
	s.Requirement("WK-SYNC-24", fmt.Sprintf("of %d conversations, the four that were read stay away", many), func(t *specs.Trial) {
		w := newWorld(t)
		for i := range many {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 1)
		}
		w.seed()
		var left []key
		for i, ch := range w.channels {
			if i == 0 || i == 10 || i == 66 || i == many-1 {
				w.set("ann", ch, 0)
			} else {
				left = append(left, ch.key("ann"))
			}
		}
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1, "only_unread": 1}) }, listsExactly(left...))
	})
}

// sane matches a conversation whose unread number is possible.
func sane(k key) *match.Matcher {
	return about(k, "0 <= unread <= last_msg_seq", func(c conversation) match.Result {
		n, r := c.integer("unread")
		if !r.OK {
			return r
		}
		last, r := c.integer("last_msg_seq")
		if r.OK && (n < 0 || n > last) {
			return match.Failf("unread %d with last_msg_seq %d", n, last)
		}
		return r
	})
}

func registerOddNumbers(s *specs.Suite) {
	odd := func(title string, act func(w *world, g *channel)) {
		s.Requirement("WK-SYNC-46", title, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 10)
			w.seed()
			act(w, g)
			w.sees("ann", sane(g.key("ann")))
			g.says("bob", 1)
			w.sees("ann", showsMessage(g.last(1)[0]), sane(g.key("ann")))
		})
	}
	odd("after setUnread with a negative number", func(w *world, g *channel) { w.set("ann", g, -1) })
	odd("after a delete, with 10 unread before", func(w *world, g *channel) { w.remove("ann", g); g.says("bob", 1) })
	odd("after setUnread with a negative number and a delete", func(w *world, g *channel) {
		w.set("ann", g, -1)
		w.remove("ann", g)
		g.says("bob", 1)
	})
	if s.Profile() != "v1" { // the older page alone has no clearUnread
		odd("after clearUnread far beyond the end", func(w *world, g *channel) { w.clear("ann", g, with{"message_seq": 99999}) })
	}
}

func registerFlags(s *specs.Suite) {
	flagged := func(w *world, g *channel, flags map[string]int) message {
		if driver := w.t.Env.Seeder.Name(); driver != fixtures.DriverNative {
			w.t.NotTestable("a message with header.%s cannot be sent by the driver %s: version 1 of its messages has no header; the driver native sends it",
				inWordsOf(flags), driver)
		}
		m := fixtures.Message{From: w.name("bob"), ClientMsgNo: g.handle + "-flagged", Payload: []byte("flagged"), Header: flags}
		g.send(m)
		return message{clientMsgNo: m.ClientMsgNo}
	}
	s.Requirement("WK-SYNC-47", "a command message stands in no recents and is not unread", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2)
		w.seed()
		command := flagged(w, g, map[string]int{"no_persist": 0, "red_dot": 1, "sync_once": 1})
		g.says("bob", 1) // what comes after it shows that it has arrived
		w.sees("ann", recents(g.key("ann"), g.sent), unread(g.key("ann"), 3), noConversationHolds(command))
	})
	s.Requirement("WK-SYNC-47", "a personal channel that only had a command is no conversation", func(t *specs.Trial) {
		w := newWorld(t)
		d, g := w.direct("ann", "bob"), w.group("g", "ann", "bob")
		w.seed()
		flagged(w, d, map[string]int{"no_persist": 0, "red_dot": 1, "sync_once": 1})
		g.says("bob", 1)
		w.sees("ann", listsExactly(g.key("ann")))
	})
	if s.Profile() == "v1" {
		unstored := map[string]int{"no_persist": 1, "red_dot": 1, "sync_once": 0}
		for _, kind := range []string{"group", "personal channel"} {
			s.Requirement("WK-SYNC-48", "a message with no_persist 1 is not stored: it stands in no recents of a "+kind, func(t *specs.Trial) {
				w := newWorld(t)
				ch := map[string]*channel{"group": w.group("g", "ann", "bob"), "personal channel": w.direct("ann", "bob")}[kind].says("bob", 1)
				w.seed()
				m := flagged(w, ch, unstored)
				ch.says("bob", 1) // what comes after it shows that it has arrived
				w.sees("ann", recents(ch.key("ann"), ch.sent), noConversationHolds(m))
			})
		}
	}
	s.Requirement("WK-SYNC-48", "what no_persist 1 and red_dot 0 do to recents and unread", func(t *specs.Trial) {
		for _, flag := range []struct {
			name  string
			flags map[string]int
		}{
			{"no_persist 1", map[string]int{"no_persist": 1, "red_dot": 1, "sync_once": 0}},
			{"red_dot 0", map[string]int{"no_persist": 0, "red_dot": 0, "sync_once": 0}},
		} {
			w := newWorld(t)
			g := w.group("g-"+flag.name[:3], "ann", "bob").says("bob", 1)
			w.seed()
			m := flagged(w, g, flag.flags)
			g.says("bob", 1)
			x, _ := t.Await(func() *exchange.Exchange { return w.full("ann") }, showsMessage(g.last(1)[0]))
			t.Observe(x, "%s: %s", flag.name, told(x, g.key("ann"), m))
		}
	}, specs.AtMost(catalog.Probe))
}

// inWordsOf are the flags that make a message none of the ordinary ones, as the documents have them: sync_once 1.
func inWordsOf(flags map[string]int) string {
	ordinary := map[string]int{"red_dot": 1}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		if flags[name] != ordinary[name] {
			words = append(words, fmt.Sprintf("%s %d", name, flags[name]))
		}
	}
	return strings.Join(words, ", header.")
}

// told says what an answer makes of a message beside two ordinary ones.
func told(x *exchange.Exchange, k key, m message) string {
	conversations, _ := readConversations(x)
	c, ok := find(conversations, k)
	if !ok {
		return "the conversation is not listed"
	}
	in := "is not in recents"
	if c.holds(m) {
		in = "is in recents"
	}
	return fmt.Sprintf("it %s, unread is %s beside 2 ordinary messages", in, c.Get("unread").Describe())
}

func noConversationHolds(m message) *match.Matcher {
	return eachConversation("the flagged message in no recents", func(c conversation) match.Result {
		if c.holds(m) {
			return match.Failf("%s in recents of %s", m.clientMsgNo, c.key())
		}
		return match.Pass()
	})
}
