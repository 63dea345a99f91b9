package ozeki

import (
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerClear(s *specs.Suite) {
	registerClearEmpties(s)
	registerClearAnswer(s)
	registerClearKeeps(s)
	registerClearOthers(s)
	registerClearOpen(s)
}

// gone judges that no way of asking shows any of the messages: both downloads, with the instance of now, that of
// before, and none.
func (c *conversation) gone(user, stale string, ids []string) {
	w := c.w
	for _, instance := range []string{c.instance(user), stale, ""} {
		for action, ways := range map[string][]func() *exchange.Exchange{download: c.downloads(user, instance), partial: c.partials(user, instance, 50)} {
			if !w.t.Env.Has("action:" + action) {
				continue
			}
			for _, way := range ways {
				w.t.Eventually(way, withholds(ids...))
			}
		}
	}
}

func registerClearEmpties(s *specs.Suite) {
	const id = "OZ-CLEAR-1"
	for _, kind := range []struct {
		title string
		build func(*world) *conversation
	}{
		{"a chat with 3 messages", func(w *world) *conversation { return w.direct("ann", "bob").says("bob", 2).says("ann", 1) }},
		{"a group with 3 messages", func(w *world) *conversation { return w.group("g", "ann", "bob", "cid").says("bob", 3) }},
		{"a chat with 1 message", func(w *world) *conversation { return w.direct("ann", "bob").says("bob", 1) }},
		{"a chat with 120 messages", func(w *world) *conversation { return w.direct("ann", "bob").says("bob", 120) }},
	} {
		s.Requirement(id, kind.title+" is cleared: no download shows any of them", func(t *specs.Trial) {
			w := newWorld(t)
			c := kind.build(w)
			w.seed()
			c.given("ann", c.last())
			stale := c.instance("ann")
			if t.Env.Has("action:" + partial) { // what was looked at before must not be kept for later either
				w.any(c.partials("ann", stale, 50), shows(c.last()))
			}
			c.cleared("ann")
			c.gone("ann", stale, c.ids)
		}, needs(clear, download, list))
	}
	s.Requirement(id, "a conversation is cleared, and then a message comes: those before stay gone", func(t *specs.Trial) {
		_, c := pair(t, 3)
		c.given("ann", c.ids...)
		stale, old := c.instance("ann"), slices.Clone(c.ids)
		c.cleared("ann")
		c.says("bob", 1)
		c.given("ann", c.last())
		c.gone("ann", stale, old)
	}, needs(clear, download, list))
	s.Requirement(id, "messages that were added by the API are cleared", func(t *specs.Trial) {
		_, c := pair(t, 0)
		c.adds("ann", 3)
		c.given("ann", c.ids...)
		stale := c.instance("ann")
		c.cleared("ann")
		c.gone("ann", stale, c.ids)
	}, needs(clear, add, download, list))
	s.Requirement("OZ-CLEAR-8", "a download with the new instance shows no message from before", func(t *specs.Trial) {
		_, c := pair(t, 3)
		c.given("ann", c.ids...)
		c.cleared("ann")
		t.Eventually(c.look("ann", shows()), match.All(succeeds(), withholds(c.ids...)))
	}, needs(clear, download, list))
	s.Requirement("OZ-CLEAR-8", "a partial download with the new instance shows no message from before", func(t *specs.Trial) {
		_, c := pair(t, 3)
		m := buildsOn("OZ-PART-1", shows(c.last()))
		x, _ := t.Await(c.lookBack("ann", 50, m), m)
		t.Need(x, m)
		c.cleared("ann")
		t.Eventually(c.lookBack("ann", 50, shows()), match.All(succeeds(), withholds(c.ids...)))
	}, needs(clear, partial, list))
	s.Requirement("OZ-CLEAR-8", "a message after the clear is downloaded alone", func(t *specs.Trial) {
		_, c := pair(t, 3)
		c.given("ann", c.ids...)
		old := slices.Clone(c.ids)
		c.cleared("ann")
		c.says("bob", 1)
		c.reads("ann", match.All(shows(c.last()), withholds(old...)))
	}, needs(clear, download, list))
}

func registerClearAnswer(s *specs.Suite) {
	for _, kind := range []struct {
		title string
		build func(*world) *conversation
	}{
		{"a chat", func(w *world) *conversation { return w.direct("ann", "bob").says("bob", 2) }},
		{"a group", func(w *world) *conversation { return w.group("g", "ann", "bob", "cid").says("bob", 2) }},
	} {
		judge := func(id, more string, m func(c *conversation, before view) *match.Matcher, options ...specs.Option) {
			s.Requirement(id, kind.title+" is cleared: "+more, func(t *specs.Trial) {
				w := newWorld(t)
				c := kind.build(w)
				w.group("other", "ann", "bob").says("bob", 1)
				w.seed()
				before := c.view("ann")
				t.Expect(c.clear("ann"), m(c, before))
			}, append(options, needs(clear, list))...)
		}
		judge("OZ-CLEAR-2", "the answer is OK with the conversation, in which nothing is", func(c *conversation, _ view) *match.Matcher {
			return returns(c, "ann", text("lastmessageid", ""))
		})
		judge("OZ-CLEAR-3", "the conversation's id is the one that was asked for", func(c *conversation, _ view) *match.Matcher {
			return returns(c, "ann", text("id", c.id()))
		})
		judge("OZ-CLEAR-4", "lastmessageid is empty", func(c *conversation, _ view) *match.Matcher {
			return returns(c, "ann", text("lastmessageid", ""))
		})
		judge("OZ-CLEAR-4", "lastreportid is empty", func(c *conversation, _ view) *match.Matcher {
			return returns(c, "ann", text("lastreportid", ""))
		}, specs.AtMost(catalog.Should))
		judge("OZ-CLEAR-5", "the instance is another one", func(c *conversation, before view) *match.Matcher {
			return returns(c, "ann", changed(before))
		})
		s.Requirement("OZ-CLEAR-9", kind.title+" is cleared: list shows it with the new instance and empty last ids", func(t *specs.Trial) {
			w := newWorld(t)
			c := kind.build(w)
			w.seed()
			answer, _ := readReturned(c.cleared("ann"), w.id("ann"))
			w.sees("ann", listed(c, "ann", text("lastmessageid", ""), text("lastreportid", ""), same(answer, "instance")))
		}, needs(clear, list))
	}
	s.Requirement("OZ-CLEAR-5", "three clears with a message between them: each gives another instance than before it", func(t *specs.Trial) {
		_, c := pair(t, 1)
		for range 3 {
			before := c.view("ann")
			t.Expect(c.clear("ann"), returns(c, "ann", changed(before)))
			c.says("bob", 1)
		}
	}, needs(clear, list))
}

// view is the conversation in a user's list as it is now, or the end of the spec.
func (c *conversation) view(user string) view {
	m := listed(c, user)
	if len(c.ids) > 0 && c.w.t.Env.Eventual {
		c.w.t.Await(func() *exchange.Exchange { return c.w.list(user) }, listed(c, user, text("lastmessageid", c.last())))
	}
	x := c.w.awaits(user, m)
	v, _ := find(x, c.id(), c.w.id(user))
	return v
}

func changed(before view) check {
	return check{"another instance than " + before.Get("instance").JSON(), func(v view) match.Result {
		if got := v.Get("instance"); got.Text == "" || got.Text == before.Get("instance").Text {
			return match.Failf("instance is %s", got.Describe())
		}
		return match.Pass()
	}}
}

// kept is what makes it the same conversation after a clear; whether its secret and the caller's flags stay as well is open.
func kept(before view) []check {
	return []check{same(before, "isgroup"), sameSet(before, "participantids"), sameParticipants(before)}
}

func flagsKept(before view) []check {
	return []check{
		ownAsBefore(before),
		check{"the caller's flags as before", func(v view) match.Result {
			for _, list := range []string{"mutedby", "favoriteby"} {
				if v.holds(list, v.caller) != before.holds(list, v.caller) {
					return match.Failf("%s is %s, and was %s", list, v.Get(list).JSON(), before.Get(list).JSON())
				}
			}
			return match.Pass()
		}},
	}
}

func registerClearKeeps(s *specs.Suite) {
	const id = "OZ-CLEAR-2"
	s.Requirement(id, "a chat is cleared: participants and isgroup stay", func(t *specs.Trial) {
		w, c := pair(t, 2)
		before := c.view("ann")
		t.Expect(c.clear("ann"), returns(c, "ann", kept(before)...))
		w.sees("ann", listed(c, "ann", kept(before)...))
	}, needs(clear, list), specs.AtMost(catalog.Should))
	s.Requirement(id, "a group is cleared: participants and isgroup stay, for each of its members", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid").says("bob", 2)
		w.seed()
		before := map[string]view{"ann": c.view("ann"), "bob": c.view("bob"), "cid": c.view("cid")}
		t.Expect(c.clear("ann"), returns(c, "ann", kept(before["ann"])...))
		for user, was := range before {
			w.sees(user, listed(c, user, kept(was)...))
		}
	}, needs(clear, list), specs.AtMost(catalog.Should))
	s.Requirement("OZ-CLEAR-6", "whether the secret stays", func(t *specs.Trial) {
		_, c := pair(t, 2)
		before := c.view("ann")
		x := c.cleared("ann")
		t.Observe(x, "clear: the secret stays: %v", returns(c, "ann", same(before, "secret")).Judge(x).OK)
	}, needs(clear, list))
	for _, action := range []string{mute, favorite, color, hide} {
		s.Requirement("OZ-CLEAR-6", "whether what "+action+" set stays", func(t *specs.Trial) {
			w, c := pair(t, 2)
			before, _ := readReturned(c.marked("ann", action), w.id("ann"))
			x := c.cleared("ann")
			t.Observe(x, "%s and clear: what was set stays: %v", action, returns(c, "ann", flagsKept(before)...).Judge(x).OK)
		}, needs(clear, list, action))
	}
	s.Requirement("OZ-CLEAR-7", "a conversation whose last message is minutes old is cleared: lastaccess stays", func(t *specs.Trial) {
		w, c := pair(t, 0)
		c.adds("bob", 2)
		before := c.view("ann")
		t.Expect(c.clear("ann"), returns(c, "ann", same(before, "lastaccess")))
		w.sees("ann", listed(c, "ann", same(before, "lastaccess")))
	}, needs(clear, add, list))
}

func registerClearOthers(s *specs.Suite) {
	const id = "OZ-CLEAR-10"
	s.Requirement(id, "one of several conversations is cleared: the others of the user stay as they are", func(t *specs.Trial) {
		w, cleared := neighbours(t)
		before := w.awaits("ann", listed(cleared, "ann"))
		cleared.cleared("ann")
		for _, c := range w.conversations {
			if c != cleared && slices.Contains(c.members, "ann") {
				v, r := find(before, c.id(), w.id("ann"))
				t.Need(before, buildsOn("OZ-LIST-1", match.New("all conversations listed", func(*exchange.Exchange) match.Result { return r })))
				w.sees("ann", listed(c, "ann", same(v, "id", "instance", "lastmessageid", "lastreportid", "lastaccess"), ownAsBefore(v)))
			}
		}
	}, needs(clear, list))
	s.Requirement(id, "one of several conversations is cleared: the messages of the others can still be downloaded", func(t *specs.Trial) {
		w, cleared := neighbours(t)
		for _, c := range w.conversations {
			c.given(c.members[0], c.ids...)
		}
		cleared.cleared("ann")
		for _, c := range w.conversations {
			if c != cleared {
				c.reads(c.members[0], shows(c.ids...))
			}
		}
	}, needs(clear, download, list))
}

// neighbours is a world around one conversation that is to be cleared: another with the same people, others of each of
// them, and one of neither.
func neighbours(t *specs.Trial) (*world, *conversation) {
	w := newWorld(t)
	w.group("first", "ann", "bob").says("bob", 2)
	c := w.direct("ann", "bob").says("bob", 2)
	w.group("last", "ann", "bob", "cid").says("cid", 2)
	w.direct("ann", "cid").says("cid", 2)
	w.direct("bob", "cid").says("cid", 2)
	w.direct("eve", "dan").says("eve", 2)
	return w.seed(), c
}

// registerClearOpen declares what the documents leave open: it is recorded, never judged.
func registerClearOpen(s *specs.Suite) {
	const id = "OZ-CLEAR-11"
	open := func(title string, body func(w *world, c *conversation) *exchange.Exchange) {
		s.Requirement(id, title, func(t *specs.Trial) {
			w, c := pair(t, 2)
			x := body(w, c)
			t.Observe(x, "%s: %s", title, match.Told(x))
		}, needs(clear, list))
	}
	open("a clear with a stale instance", func(w *world, c *conversation) *exchange.Exchange {
		stale := c.instance("ann")
		c.clear("ann")
		c.says("bob", 1)
		return w.call("ann", clear, with{"conversationid": c.id(), "instance": stale})
	})
	open("a clear without an instance", func(w *world, c *conversation) *exchange.Exchange {
		return w.call("ann", clear, with{"conversationid": c.id()})
	})
	open("a second clear in a row", func(_ *world, c *conversation) *exchange.Exchange {
		c.clear("ann")
		return c.clear("ann")
	})
	open("what the other participant sees after a clear", func(w *world, c *conversation) *exchange.Exchange {
		c.clear("ann")
		return c.downloads("bob", c.instance("bob"))[0]()
	})
}
