package ozeki

import (
	"fmt"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// lists matches a list with exactly these conversations, in any order, each once.
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
		if len(views) != len(wanted) {
			return match.Failf("%d conversations", len(views))
		}
		return match.Pass()
	})
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
	s.Requirement(id, "a user without a conversation: an empty list", func(t *specs.Trial) {
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
		if len(v.Get("participants").Elements) == 0 && len(v.Get("participantids").Elements) == 0 {
			return match.Failf("no participants: %s", v.JSON())
		}
		return match.Pass()
	}}
	participants := func(w *world, c *conversation) check {
		return check{"all of its participants", func(v view) match.Result {
			for _, m := range c.members {
				named := v.holds("participantids", w.id(m))
				for _, p := range v.Get("participants").Elements {
					named = named || p.Get("userid").Text == w.id(m)
				}
				if !named {
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
					checks = append(checks, participants(w, c))
				}
				w.sees("ann", listed(c, "ann", checks...))
			}
		}, needs(list))
	}
}
