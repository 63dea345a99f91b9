package ozeki

import (
	"fmt"
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// lists matches a list with exactly these conversations of the run, in any order, each once. One that the target itself
// gives the user, a welcome, no document forbids.
func (w *world) lists(user string, wanted ...*conversation) *match.Matcher {
	return match.New(fmt.Sprintf("a list of exactly the %d conversations of the user", len(wanted)), func(x *exchange.Exchange) match.Result {
		views, r := readList(x, w.id(user))
		if !r.OK {
			return r
		}
		count := map[string]int{}
		for _, v := range views {
			count[v.Get("id").Text]++
		}
		for _, c := range wanted {
			if count[c.id()] != 1 {
				return match.Failf("the conversation %s %d times among %d", c.id(), count[c.id()], len(views))
			}
		}
		for _, v := range views {
			known := slices.ContainsFunc(wanted, func(c *conversation) bool { return c.id() == v.Get("id").Text })
			if !known && !w.ofTheTarget(v) {
				return match.Failf("%d conversations, of which %s is none of the user's: participantids %s", len(views), v.Get("id").JSON(), v.Get("participantids").JSON())
			}
		}
		return match.Pass()
	})
}

// ofTheTarget tells whether a conversation is one that the target gave the user by itself: the user takes part in it, it is
// none of the world's, and somebody is in it whom the world does not know.
func (w *world) ofTheTarget(v view) bool {
	if slices.ContainsFunc(w.conversations, func(c *conversation) bool { return c.id() == v.Get("id").Text }) {
		return false
	}
	takesPart, stranger := false, false
	for _, id := range participants(v) {
		takesPart = takesPart || id == v.caller
		stranger = stranger || !slices.ContainsFunc(w.users, func(user string) bool { return w.id(user) == id })
	}
	return takesPart && stranger
}

// participants are the ids of who takes part, from whichever array has them.
func participants(v view) []string {
	var ids []string
	for _, e := range v.Get("participantids").Elements {
		ids = append(ids, e.Text)
	}
	for _, p := range v.Get("participants").Elements {
		ids = append(ids, p.Get("userid").Text)
	}
	return ids
}

func registerList(s *specs.Suite) {
	registerListAll(s)
	registerListForm(s)
	s.Requirement("OZ-LIST-4", "list is answered with OK, whatever errormessage says: the conversations are there", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.direct("ann", "bob").says("bob", 1), w.group("g", "ann", "cid")
		w.seed()
		w.sees("ann", itself(match.All(listed(a, "ann"), listed(b, "ann"))))
	}, needs(list))
	s.Requirement("OZ-LIST-5", "the order of the list", func(t *specs.Trial) {
		w := newWorld(t)
		for _, name := range []string{"first", "second", "third"} {
			w.group(name, "ann", "bob").says("bob", 1)
		}
		w.seed().conversations[0].says("bob", 1)
		x := w.list("ann")
		order := []int{}
		views, _ := readList(x, w.id("ann"))
		for _, v := range views {
			for i, c := range w.conversations {
				if c.id() == v.Get("id").Text {
					order = append(order, i+1)
				}
			}
		}
		t.Observe(x, "three conversations, the first with the newest message, are listed as %v", order)
	}, needs(list))
	s.Requirement("OZ-LIST-5", "whether a hidden conversation is listed", func(t *specs.Trial) {
		w, c := pair(t, 1)
		c.mark("ann", hide)
		x := w.list("ann")
		_, r := find(x, c.id(), w.id("ann"))
		t.Observe(x, "a hidden conversation is listed: %v", r.OK)
	}, needs(list, hide))
}

func registerListAll(s *specs.Suite) {
	const id = "OZ-LIST-1"
	s.Requirement(id, "chats and groups, with messages and without: all of the user's and no other", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.direct("ann", "bob").says("bob", 1), w.group("g", "ann", "bob", "cid")
		c := w.direct("bob", "cid").says("cid", 1)
		w.seed()
		w.sees("ann", w.lists("ann", a, b))
		w.sees("bob", w.lists("bob", a, b, c))
		w.sees("cid", w.lists("cid", b, c))
	}, needs(list))
	s.Requirement(id, "a user without a conversation: none of the others'", func(t *specs.Trial) {
		w := newWorld(t)
		w.direct("ann", "bob").says("bob", 1)
		w.person("eve")
		w.seed()
		w.awaits("ann", w.lists("ann", w.conversations[0]))
		w.sees("eve", w.lists("eve"))
	}, needs(list))
	s.Requirement(id, "120 conversations of one user: all of them", func(t *specs.Trial) {
		w := newWorld(t)
		for i := range 120 {
			w.group(fmt.Sprintf("g%d", i+1), "ann", "bob")
		}
		w.seed().sees("ann", w.lists("ann", w.conversations...))
	}, needs(list))
	s.Requirement(id, "a cleared conversation stays listed", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.direct("ann", "bob").says("bob", 2), w.group("g", "ann", "cid").says("cid", 1)
		w.seed()
		a.cleared("ann")
		w.sees("ann", w.lists("ann", a, b))
	}, needs(list, clear))
	s.Requirement(id, "the same list twice: a list changes nothing", func(t *specs.Trial) {
		w, c := pair(t, 2)
		before := c.view("ann")
		w.sees("ann", listed(c, "ann", same(before, "instance", "lastmessageid", "lastaccess")))
	}, needs(list))
}

func registerListForm(s *specs.Suite) {
	basics := check{"id, participants and time information", func(v view) match.Result {
		if v.Get("id").Kind != strictjson.String || v.Get("lastaccess").Kind != strictjson.Number {
			return match.Failf("id %s, lastaccess %s", v.Get("id").Describe(), v.Get("lastaccess").Describe())
		}
		if len(participants(v)) == 0 {
			return match.Failf("no participants: %s", v.JSON())
		}
		return match.Pass()
	}}
	complete := func(w *world, c *conversation) check {
		return check{"all of its participants", func(v view) match.Result {
			for _, m := range c.members {
				if !slices.Contains(participants(v), w.id(m)) {
					return match.Failf("participants without %s: %s", w.id(m), v.Get("participants").JSON())
				}
			}
			return match.Pass()
		}}
	}
	for _, id := range []string{"OZ-LIST-2", "OZ-LIST-3"} {
		form := basics
		if id == "OZ-LIST-3" {
			form = wellFormed()
		}
		s.Requirement(id, "each of several conversations: "+form.expected, func(t *specs.Trial) {
			w := newWorld(t)
			w.direct("ann", "bob").says("bob", 1)
			w.group("g", "ann", "bob", "cid").says("cid", 1)
			w.group("empty", "ann", "cid")
			w.seed()
			for _, c := range w.conversations {
				checks := []check{form}
				if id == "OZ-LIST-2" {
					checks = append(checks, complete(w, c))
				}
				w.sees("ann", listed(c, "ann", checks...))
			}
		}, needs(list))
	}
}
