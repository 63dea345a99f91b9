package yunhu

import (
	"fmt"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerDismiss(s *specs.Suite) {
	for _, kind := range kinds {
		s.Requirement("YH-DISMISS-1", kind.title+" is dismissed: code 1", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			t.Expect(w.dismiss("ann", kind.pick(g, d, b)), succeeds())
		}, onDismiss)
		s.Requirement("YH-DISMISS-1", kind.title+" is dismissed: msg says success", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			t.Expect(w.dismiss("ann", kind.pick(g, d, b)), saysSo())
		}, onDismiss, specs.AtMost(catalog.Should))
		s.Requirement("YH-DISMISS-2", kind.title+" is dismissed and then gets a message: it is unread again", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			c := kind.pick(g, d, b)
			w.givenUnread("ann", c)
			w.givenRead("ann", c)
			c.others(1)
			w.sees("ann", unread(c.key("ann"), true))
		}, onDismiss, onList)
		s.Requirement("YH-DISMISS-2", kind.title+" is dismissed twice, with a message between: it is read", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			c := kind.pick(g, d, b)
			w.dismiss("ann", c)
			c.others(1)
			w.dismiss("ann", c)
			w.sees("ann", unread(c.key("ann"), false))
		}, onDismiss, onList)
		s.Requirement("YH-DISMISS-3", kind.title+" with unread messages is dismissed: unread is 0 in the next list", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			c := kind.pick(g, d, b)
			w.givenUnread("ann", c)
			w.dismiss("ann", c)
			w.sees("ann", unread(c.key("ann"), false))
		}, onDismiss, onList)
		s.Requirement("YH-DISMISS-4", kind.title+" is dismissed a second time: the same answer", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			first := w.dismiss("ann", kind.pick(g, d, b))
			t.Need(first, isEnvelope())
			w.awaitRead("ann", kind.pick(g, d, b))
			t.Expect(w.dismiss("ann", kind.pick(g, d, b)), sameEnvelope(first))
		}, onDismiss)
		s.Requirement("YH-DISMISS-5", "when "+kind.title+" is dismissed, the other conversations stay unread", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			c := kind.pick(g, d, b)
			w.givenUnread("ann", g, d, b)
			w.givenRead("ann", c)
			for _, other := range []*chat{g, d, b} {
				if other != c {
					w.sees("ann", unread(other.key("ann"), true))
				}
			}
		}, onDismiss, onList)
	}
	registerDismissMany(s)
	registerDismissOdd(s)
}

// awaitRead waits, on a target that has a list, until the chat is read.
func (w *world) awaitRead(user string, c *chat) {
	if w.t.Env.Eventual && w.t.Env.Has("endpoint:list") {
		w.t.Await(func() *exchange.Exchange { return w.list(user) }, unread(c.key(user), false))
	}
}

// sameEnvelope matches an answer with the status, code and msg of an earlier one.
func sameEnvelope(first *exchange.Exchange) *match.Matcher {
	want, _ := readEnvelope(first)
	return enveloped(fmt.Sprintf("the same answer as before: code %d, msg %q", want.code, want.msg), func(e envelope) match.Result {
		if e != want {
			return match.Failf("code %d, msg %q", e.code, e.msg)
		}
		return match.Pass()
	})
}

func registerDismissMany(s *specs.Suite) {
	s.Requirement("YH-DISMISS-3", "120 unread messages, a mention among them, are dismissed: unread is 0", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 60).names("bob", "ann").says("bob", 59)
		w.seed()
		w.dismiss("ann", g)
		w.sees("ann", unread(g.key("ann"), false))
	}, onDismiss, onList)
	s.Requirement("YH-DISMISS-3", "a group in which the user was just mentioned is dismissed: unread is 0", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 1).names("bob", "ann")
		w.seed()
		w.dismiss("ann", g)
		w.sees("ann", unread(g.key("ann"), false))
	}, onDismiss, onList)
	s.Requirement("YH-DISMISS-3", "the oldest and the newest of 40 conversations are dismissed: their unread is 0", func(t *specs.Trial) {
		w, groups := manyGroups(t, 40)
		w.givenUnread("ann", groups[0], groups[39])
		w.dismiss("ann", groups[0])
		w.dismiss("ann", groups[39])
		w.sees("ann", unread(groups[0].key("ann"), false), unread(groups[39].key("ann"), false))
	}, onDismiss, onList)
	s.Requirement("YH-DISMISS-5", "the oldest and the newest of 40 conversations are dismissed: the unread of the others stays", func(t *specs.Trial) {
		w, groups := manyGroups(t, 40)
		w.givenUnread("ann", groups...)
		w.givenRead("ann", groups[0], groups[39])
		w.sees("ann", unread(groups[1].key("ann"), true), unread(groups[20].key("ann"), true), unread(groups[38].key("ann"), true))
	}, onDismiss, onList)
	s.Requirement("YH-DISMISS-5", "groups whose ids begin or end alike: only the named one is read", func(t *specs.Trial) {
		w := newWorld(t)
		var all []*chat
		for _, name := range []string{"g", "g1", "g10", "1g", "G"} {
			all = append(all, w.group(name, "ann", "bob").says("bob", 1))
		}
		w.seed()
		w.givenUnread("ann", all...)
		w.givenRead("ann", all[1])
		w.sees("ann", unread(all[0].key("ann"), true), unread(all[2].key("ann"), true),
			unread(all[3].key("ann"), true), unread(all[4].key("ann"), true))
	}, onDismiss, onList)
}

// manyGroups is a world in which ann is in n groups, with one message of bob's in each.
func manyGroups(t *specs.Trial, n int) (*world, []*chat) {
	w := newWorld(t)
	groups := make([]*chat, n)
	for i := range groups {
		groups[i] = w.group(fmt.Sprintf("g%d", i+1), "ann", "bob").says("bob", 1)
	}
	w.seed()
	return w, groups
}

// registerDismissOdd records what no document says. A PROBE is never judged, but its answers stand in the report.
func registerDismissOdd(s *specs.Suite) {
	s.Requirement("YH-DISMISS-6", "an unknown, an empty and a non-string chatId", func(t *specs.Trial) {
		w, _, _, _ := everyKind(t)
		for _, odd := range []struct {
			title string
			body  string
		}{
			{"unknown", `{"chatId":"RUN-nobody"}`},
			{"empty", `{"chatId":""}`}, {"null", `{"chatId":null}`}, {"a number", `{"chatId":7}`}, {"true", `{"chatId":true}`},
			{"an array", `{"chatId":["RUN"]}`}, {"an object", `{"chatId":{}}`}, {"very long", `{"chatId":"RUN` + strings.Repeat("a", 5000) + `"}`},
			{"twice", `{"chatId":"RUN-a","chatId":"RUN-b"}`}, {"in other letters", `{"chatid":"RUN-a"}`}, {"spaces", `{"chatId":"  "}`}, {"a zero byte", `{"chatId":"RUN\u0000"}`},
		} {
			x := t.Do(specs.Request{Path: dismissPath, Header: w.headers("ann"), Body: []byte(strings.ReplaceAll(odd.body, "RUN", t.Env.Run))})
			t.Observe(x, "%s: %s", odd.title, told(x))
		}
	}, onDismiss)
}
