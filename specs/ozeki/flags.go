package ozeki

import (
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// shown checks a flag in whichever of its two places it shows: the own properties, or the list of users.
func shown(flag string, want bool) check {
	return check{map[bool]string{true: flag, false: "not " + flag}[want], func(v view) match.Result {
		own, readable := v.own()
		set := false
		switch flag {
		case "muted":
			set = own.Get("ismuted").Text == "true" || v.holds("mutedby", v.caller)
		case "favorite":
			set = own.Get("isfavorite").Text == "true" || v.holds("favoriteby", v.caller)
		case "hidden":
			set = own.Get("hideid").Text != "" || v.holds("hiddenby", v.caller)
		}
		if set != want {
			r := match.Failf("%s is %v: properties %s, mutedby %s, favoriteby %s", flag, set, v.Get("properties").JSON(), v.Get("mutedby").JSON(), v.Get("favoriteby").JSON())
			r.BuildsOn = readable.BuildsOn
			return r
		}
		return match.Pass()
	}}
}

// hiddenOr lets a list leave a hidden conversation out: whether it stands there is nowhere said.
func hiddenOr(hidden bool, m *match.Matcher) *match.Matcher {
	if !hidden {
		return m
	}
	return match.New(m.Expected+", or a list without it", func(x *exchange.Exchange) match.Result {
		r := m.Judge(x)
		if _, listing := readList(x, ""); listing.OK && r.BuildsOn == "OZ-LIST-1" {
			return match.Pass()
		}
		return r
	})
}

// flagOp is one of the marks: what it does, in which requirement, and how that shows.
type flagOp struct {
	action, does, shows string // the ids of what it does and of how the answer shows it
	undoes              string // the action that must come before, or empty
	effect              check  // in the list
	answer              []check
}

var flagOps = []flagOp{
	{favorite, "OZ-FAV-1", "OZ-FAV-2", "", shown("favorite", true), []check{ownIs("isfavorite", boolean(true)), member("favoriteby", true)}},
	{unfavorite, "OZ-UNFAV-1", "OZ-UNFAV-2", favorite, shown("favorite", false), []check{ownIs("isfavorite", boolean(false)), member("favoriteby", false)}},
	{mute, "OZ-MUTE-1", "OZ-MUTE-2", "", shown("muted", true), []check{ownIs("ismuted", boolean(true)), member("mutedby", true)}},
	{unmute, "OZ-UNMUTE-1", "OZ-UNMUTE-2", mute, shown("muted", false), []check{ownIs("ismuted", boolean(false)), member("mutedby", false)}},
	{hide, "OZ-HIDE-1", "OZ-HIDE-2", "", shown("hidden", true), nil},
	{unhide, "OZ-UNHIDE-1", "OZ-UNHIDE-2", hide, shown("hidden", false), []check{ownIs("hideid", str(""))}},
	{color, "OZ-COLOR-1", "OZ-COLOR-2", "", ownIs("listitembackgroundcolor", str(blue)), []check{ownIs("listitembackgroundcolor", str(blue))}},
}

// options are what a spec of the mark needs.
func (op flagOp) options() specs.Option {
	if op.undoes != "" {
		return needs(op.action, op.undoes, list)
	}
	return needs(op.action, list)
}

// prepare makes the conversation one on which the mark has an effect.
func (op flagOp) prepare(c *conversation, user string) {
	if op.undoes != "" {
		c.marked(user, op.undoes)
	}
}

func registerFlags(s *specs.Suite) {
	for _, op := range flagOps {
		op.register(s)
		op.registerKeeps(s)
	}
	registerColors(s)
	registerRounds(s)
	s.Requirement("OZ-HIDE-3", "what a hideid is", func(t *specs.Trial) {
		_, c := pair(t, 1)
		hideid := c.instance("ann") + ";"
		t.Observe(c.mark("ann", hide, hideid), "hideid %q was sent, the instance and a semicolon", hideid)
	}, needs(hide, list))
	// Every document shows a hideid of this one form alone: whether a target keeps another, refuses it, or makes its own of
	// it, is open.
	s.Requirement("OZ-HIDE-3", "what becomes of a hideid of another form", func(t *specs.Trial) {
		w, c := pair(t, 1)
		x := c.mark("ann", hide, "parley;")
		v, r := readReturned(x, w.id("ann"))
		own, _ := v.own()
		t.Observe(x, "hideid %q was sent: OK %v, the own hideid is %s", "parley;", r.OK, own.Get("hideid").Describe())
	}, needs(hide, list))
}

func (op flagOp) register(s *specs.Suite) {
	for _, kind := range []string{"a chat", "a group"} {
		begin := func(t *specs.Trial) (*world, *conversation) {
			w := newWorld(t)
			c := w.direct("ann", "bob").says("bob", 1)
			if kind == "a group" {
				c = w.group("g", "ann", "bob", "cid").says("bob", 1)
			}
			w.seed()
			op.prepare(c, "ann")
			return w, c
		}
		s.Requirement(op.does, op.action+" of "+kind+": the answer is OK with the conversation, and list shows it done", func(t *specs.Trial) {
			w, c := begin(t)
			t.Expect(c.mark("ann", op.action), returns(c, "ann", text("id", c.id())))
			w.sees("ann", hiddenOr(op.action == hide, listed(c, "ann", op.effect)))
		}, op.options())
		s.Requirement(op.shows, op.action+" of "+kind+": the answer shows it", func(t *specs.Trial) {
			_, c := begin(t)
			checks := op.answer
			var value []string
			if op.action == hide {
				value = []string{c.instance("ann") + ";"}
				checks = []check{ownIs("hideid", str(value[0]))}
			}
			t.Expect(c.mark("ann", op.action, value...), returns(c, "ann", checks...))
		}, op.options())
	}
}

func (op flagOp) registerKeeps(s *specs.Suite) {
	untouched := []string{"id", "instance", "lastmessageid", "lastreportid", "lastaccess"}
	s.Requirement("OZ-FLAG-1", op.action+" changes nothing else of the conversation", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid").says("bob", 2)
		w.seed()
		before := c.view("ann")
		op.prepare(c, "ann")
		t.Expect(c.mark("ann", op.action), returns(c, "ann", same(before, untouched...), sameSet(before, "participantids")))
		w.sees("ann", hiddenOr(op.action == hide, listed(c, "ann", same(before, untouched...), sameSet(before, "participantids"))))
	}, op.options())
	s.Requirement("OZ-FLAG-1", op.action+" long after the last message does not move lastaccess", func(t *specs.Trial) {
		w, c := pair(t, 0)
		c.adds("bob", 1)
		before := c.view("ann")
		op.prepare(c, "ann")
		t.Expect(c.mark("ann", op.action), returns(c, "ann", same(before, untouched...)))
		w.sees("ann", hiddenOr(op.action == hide, listed(c, "ann", same(before, untouched...))))
	}, op.options(), needs(add))
	s.Requirement("OZ-FLAG-2", op.action+" by one user leaves what the others set", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid").says("bob", 1)
		w.seed()
		op.prepare(c, "ann")
		before := map[string]view{}
		for _, user := range []string{"bob", "cid"} {
			if op.undoes == "" {
				before[user] = c.view(user)
				continue
			}
			// Hidden, the conversation need not be listed, and a list may not show the mark yet: its answer does.
			before[user], _ = readReturned(c.marked(user, op.undoes), w.id(user))
		}
		c.marked("ann", op.action)
		for user, was := range before {
			w.sees(user, hiddenOr(op.undoes == hide, listed(c, user, ownAsBefore(was))))
		}
	}, op.options())
}

func registerColors(s *specs.Suite) {
	for _, want := range []string{"#000000", red, "#123abc"} {
		s.Requirement("OZ-COLOR-1", "the color "+want+" is set: list shows it", func(t *specs.Trial) {
			w, c := pair(t, 0)
			c.marked("ann", color, want)
			w.sees("ann", listed(c, "ann", ownIs("listitembackgroundcolor", str(want))))
		}, needs(color, list))
		s.Requirement("OZ-COLOR-2", "the color "+want+" is set over another: the answer has it", func(t *specs.Trial) {
			_, c := pair(t, 0)
			c.marked("ann", color, blue)
			t.Expect(c.mark("ann", color, want), returns(c, "ann", ownIs("listitembackgroundcolor", str(want))))
		}, needs(color, list))
	}
	for _, action := range marks {
		if action == color {
			continue
		}
		s.Requirement("OZ-COLOR-3", "the color stays through "+action, func(t *specs.Trial) {
			w, c := pair(t, 0)
			c.marked("ann", color)
			keeps := ownIs("listitembackgroundcolor", str(blue))
			t.Expect(c.mark("ann", action), returns(c, "ann", keeps))
			w.sees("ann", hiddenOr(action == hide, listed(c, "ann", keeps)))
		}, needs(action, color, list))
	}
}

func registerRounds(s *specs.Suite) {
	const id = "OZ-FLAG-3"
	for _, pairing := range [][2]string{{favorite, unfavorite}, {mute, unmute}, {hide, unhide}} {
		on, off := pairing[0], pairing[1]
		s.Requirement(id, on+" and "+off+": everything is as before", func(t *specs.Trial) {
			w, c := pair(t, 1)
			before := c.view("ann")
			c.marked("ann", on)
			t.Expect(c.mark("ann", off), returns(c, "ann", ownAsBefore(before)))
			w.sees("ann", listed(c, "ann", ownAsBefore(before)))
		}, needs(on, off, list))
		s.Requirement(id, on+" and "+off+" leave what else was set", func(t *specs.Trial) {
			w, c := pair(t, 1)
			answer := c.marked("ann", color, red)
			for _, other := range []string{favorite, mute} {
				if other != on {
					answer = c.marked("ann", other)
				}
			}
			before, _ := readReturned(answer, w.id("ann"))
			c.marked("ann", on)
			t.Expect(c.mark("ann", off), returns(c, "ann", ownAsBefore(before)))
			w.sees("ann", listed(c, "ann", ownAsBefore(before)))
		}, needs(on, off, favorite, mute, color, list))
		for _, action := range pairing {
			s.Requirement(id, action+" twice is "+action+" once", func(t *specs.Trial) {
				w, c := pair(t, 1)
				value := []string{c.instance("ann") + ";"}
				first, _ := readReturned(c.marked("ann", action, value...), w.id("ann"))
				t.Expect(c.mark("ann", action, value...), returns(c, "ann", ownAsBefore(first)))
			}, needs(action, list))
		}
	}
	s.Requirement(id, "every flag is set and taken back in turn: everything is as before", func(t *specs.Trial) {
		w, c := pair(t, 1)
		before := c.view("ann")
		was, _ := before.own()
		for _, action := range []string{favorite, mute, hide, unhide, unmute, unfavorite} {
			c.marked("ann", action)
		}
		w.sees("ann", listed(c, "ann", ownAsBefore(before)))
		t.Check(was.Kind == strictjson.Object, nil, "own properties to begin with", "none")
	}, needs(favorite, mute, hide, unhide, unmute, unfavorite, list))
}
