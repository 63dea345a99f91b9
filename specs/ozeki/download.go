package ozeki

import (
	"fmt"
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// from downloads everything from a message on.
func (c *conversation) from(user string, m message) *exchange.Exchange {
	return c.w.call(user, download, with{"conversationid": c.id(), "instance": c.instance(user), "firstmessagedate": m.created,
		"firstmessageid": m.id, "firstreportdate": m.created, "firstreportid": noUUID})
}

// before asks for a page of what came before a message.
func (c *conversation) before(user string, created, id string, limit int) *exchange.Exchange {
	return c.w.call(user, partial, with{"conversationid": c.id(), "instance": c.instance(user), "lastmessagedate": created,
		"lastmessageid": id, "lastreportdate": created, "lastreportid": noUUID, "limit": limit})
}

func registerDownload(s *specs.Suite) {
	const id = "OZ-DL-1"
	s.Requirement(id, "a chat with 3 messages: all of them", func(t *specs.Trial) {
		_, c := pair(t, 3)
		c.reads("ann", shows(c.ids...))
	}, needs(download, list))
	s.Requirement(id, "a group with 120 messages: all of them, each once, for each participant", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid").says("bob", 60).says("cid", 60)
		w.seed()
		for _, user := range c.members {
			c.reads(user, match.All(shows(c.ids...), once()))
		}
	}, needs(download, list))
	s.Requirement(id, "two conversations: each has its own messages", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.direct("ann", "bob").says("bob", 2), w.group("g", "ann", "bob").says("bob", 2)
		w.seed()
		a.reads("ann", match.All(shows(a.ids...), withholds(b.ids...)))
		b.reads("ann", match.All(shows(b.ids...), withholds(a.ids...)))
	}, needs(download, list))
	registerCursor(s)
	s.Requirement("OZ-DL-4", "the members of a message are spelled ID, Type, Created, ValidUntil and Data", func(t *specs.Trial) {
		_, c := pair(t, 2)
		m := match.New("messages with ID, Type, Created, ValidUntil and Data", func(x *exchange.Exchange) match.Result {
			messages, r := rawMessages(x)
			if !r.OK || len(messages) == 0 {
				return match.Result{Got: "no messages: " + r.Got, BuildsOn: id}
			}
			for _, v := range messages {
				for _, name := range []string{"ID", "Type", "Created", "ValidUntil", "Data"} {
					if v.Get(name).Kind != strictjson.String {
						return match.Failf("%s is %s in %s", name, v.Get(name).Describe(), v.JSON())
					}
				}
			}
			return r
		})
		c.reads("ann", m)
	}, needs(download, list))
	s.Requirement("OZ-DL-5", "whether a download has status and errormessage", func(t *specs.Trial) {
		_, c := pair(t, 1)
		x := c.downloads("ann", c.instance("ann"))[0]()
		body, _ := match.JSONBody(x)
		t.Observe(x, "status is %s, errormessage is %s", body.Get("status").Describe(), body.Get("errormessage").Describe())
	}, needs(download, list))
}

// once matches a download in which no message stands twice.
func once() *match.Matcher {
	return match.New("no message twice", func(x *exchange.Exchange) match.Result {
		messages, r := readMessages(x)
		ids := idsOf(messages)
		slices.Sort(ids)
		if n := len(ids) - len(slices.Compact(slices.Clone(ids))); r.OK && n > 0 {
			return match.Failf("%d messages twice among %d", n, len(ids))
		}
		return r
	})
}

// ascending matches messages in the order of their creation, none before a date.
func ascending(from string) *match.Matcher {
	return match.New("messages by ascending Created, from "+from+" on", func(x *exchange.Exchange) match.Result {
		messages, r := readMessages(x)
		last := from
		for _, v := range messages {
			created := v.Get("Created").Text
			if r.OK && created < last {
				return match.Failf("Created %q after %q", created, last)
			}
			last = created
		}
		return r
	})
}

func registerCursor(s *specs.Suite) {
	for _, at := range []int{0, 2, 5} {
		title := fmt.Sprintf("from message %d of 6 on: ", at+1)
		s.Requirement("OZ-DL-2", title+"that message comes first", func(t *specs.Trial) {
			_, c := pair(t, 0)
			sent := c.adds("ann", 6)
			t.Eventually(func() *exchange.Exchange { return c.from("bob", sent[at]) }, match.New("the message "+sent[at].id+" first", func(x *exchange.Exchange) match.Result {
				messages, r := readMessages(x)
				if r.OK && (len(messages) == 0 || messages[0].Get("ID").Text != sent[at].id) {
					return match.Failf("%s", some(idsOf(messages)))
				}
				return r
			}))
		}, needs(add, download, list))
		s.Requirement("OZ-DL-3", title+"it and what came later, in the order of Created", func(t *specs.Trial) {
			_, c := pair(t, 0)
			sent := c.adds("ann", 6)
			t.Eventually(func() *exchange.Exchange { return c.from("bob", sent[at]) },
				match.All(shows(c.ids[min(at+1, 5)]), ascending(sent[at].created)))
		}, needs(add, download, list))
	}
	s.Requirement("OZ-DL-3", "a whole conversation comes in the order of Created", func(t *specs.Trial) {
		_, c := pair(t, 0)
		c.adds("ann", 5)
		c.reads("bob", match.All(shows(c.ids...), ascending("")))
	}, needs(add, download, list))
}

func registerPartial(s *specs.Suite) {
	const id = "OZ-PART-1"
	s.Requirement(id, "the first page of 12 messages holds the newest", func(t *specs.Trial) {
		_, c := pair(t, 0)
		c.adds("ann", 12)
		c.page("bob", 5, shows(c.last()))
	}, needs(add, partial, list))
	s.Requirement(id, "a conversation with fewer messages than the limit comes whole", func(t *specs.Trial) {
		_, c := pair(t, 3)
		c.page("ann", 50, shows(c.ids...))
	}, needs(partial, list))
	s.Requirement(id, "page by page backwards, 12 messages come complete", func(t *specs.Trial) {
		_, c := pair(t, 0)
		c.paged("bob", 5, c.adds("ann", 12))
	}, needs(add, partial, list))
	for _, each := range []int{3, 12} {
		s.Requirement(id, fmt.Sprintf("page by page backwards, 12 messages, %d of each second, come complete", each), func(t *specs.Trial) {
			_, c := pair(t, 0)
			c.paged("bob", 5, c.bursts("ann", 12, each))
		}, needs(add, partial, list))
	}
	registerPartialCursor(s)
}

// bursts sends n messages, of which so many have the same second.
func (c *conversation) bursts(user string, n, each int) []message {
	var all []message
	for i := range n {
		m := c.message()
		if i%each > 0 {
			c.clock = c.clock.Add(-apart)
			m.created, m.validUntil = all[i-1].created, all[i-1].validUntil
		}
		c.w.t.Need(c.add(user, m), succeeds())
		all = append(all, m)
	}
	return all
}

// paged judges that going back page by page shows every message.
func (c *conversation) paged(user string, limit int, sent []message) {
	var seen map[string]bool
	complete := match.New(fmt.Sprintf("every message on one of the pages of %d", limit), func(x *exchange.Exchange) match.Result {
		missing := slices.DeleteFunc(slices.Clone(c.ids), func(id string) bool { return seen[id] })
		if _, r := readMessages(x); !r.OK || len(missing) == 0 {
			return r
		}
		return match.Failf("%d of %d messages on none: %s", len(missing), len(sent), some(missing))
	})
	c.w.t.Eventually(func() *exchange.Exchange {
		var x *exchange.Exchange
		x, seen = c.walk(user, limit, sent)
		return x
	}, buildsOn("OZ-PART-1", complete))
}

// walk goes back page by page while a page shows what none before it did. Which of several messages of one second stands
// at the border of a page is open, so that the next one is asked for from each of them.
func (c *conversation) walk(user string, limit int, sent []message) (*exchange.Exchange, map[string]bool) {
	seen := map[string]bool{}
	x := c.lookBack(user, limit, shows(c.last()))()
	for fresh := noted(seen, x); fresh; {
		fresh = false
		for _, m := range oldestOf(sent, seen) {
			x = c.before(user, m.created, m.id, limit)
			fresh = noted(seen, x) || fresh
		}
	}
	return x, seen
}

// noted adds the messages of a page to those seen, and tells whether one is new.
func noted(seen map[string]bool, x *exchange.Exchange) bool {
	messages, _ := readMessages(x)
	fresh := false
	for _, id := range idsOf(messages) {
		fresh, seen[id] = fresh || !seen[id], true
	}
	return fresh
}

// oldestOf are the messages of the oldest second among those seen.
func oldestOf(sent []message, seen map[string]bool) []message {
	known := slices.DeleteFunc(slices.Clone(sent), func(m message) bool { return !seen[m.id] })
	return slices.DeleteFunc(known, func(m message) bool { return m.created != known[0].created })
}

// page judges a first page, in whichever way works.
func (c *conversation) page(user string, limit int, m *match.Matcher) *exchange.Exchange {
	return c.w.t.Eventually(c.lookBack(user, limit, m), m)
}

// atMost matches a page with messages, but no more than the limit.
func atMost(limit int) *match.Matcher {
	return match.New(fmt.Sprintf("messages, %d at most", limit), func(x *exchange.Exchange) match.Result {
		messages, r := readMessages(x)
		if r.OK && (len(messages) > limit || len(messages) == 0) {
			return match.Failf("%d messages", len(messages))
		}
		return r
	})
}

func registerPartialCursor(s *specs.Suite) {
	for _, at := range []int{2, 5, 11} {
		s.Requirement("OZ-PART-2", fmt.Sprintf("before message %d of 12: nothing newer", at+1), func(t *specs.Trial) {
			_, c := pair(t, 0)
			sent := c.adds("ann", 12)
			m := match.All(shows(sent[at-1].id), eachMessage("Created up to "+sent[at].created, func(v strictjson.Value) bool { return v.Get("Created").Text <= sent[at].created }))
			t.Eventually(func() *exchange.Exchange { return c.before("bob", sent[at].created, sent[at].id, 50) }, m)
		}, needs(add, partial, list))
	}
	s.Requirement("OZ-PART-2", "page by page backwards, one message each: the oldest is reached", func(t *specs.Trial) {
		_, c := pair(t, 0)
		c.paged("bob", 1, c.adds("ann", 4))
	}, needs(add, partial, list))
	for _, limit := range []int{1, 5, 50} {
		s.Requirement("OZ-PART-3", fmt.Sprintf("limit %d of 60 messages", limit), func(t *specs.Trial) {
			_, c := pair(t, 60)
			c.page("ann", limit, atMost(limit))
		}, needs(partial, list))
	}
	s.Requirement("OZ-PART-3", "limit 3 before message 9 of 12", func(t *specs.Trial) {
		_, c := pair(t, 0)
		sent := c.adds("ann", 12)
		t.Eventually(func() *exchange.Exchange { return c.before("bob", sent[8].created, sent[8].id, 3) }, atMost(3))
	}, needs(add, partial, list))
	s.Requirement("OZ-PART-4", "how a first page is asked for, and its order", func(t *specs.Trial) {
		_, c := pair(t, 3)
		for i, way := range c.partials("ann", c.instance("ann"), 50) {
			x := way()
			messages, r := readMessages(x)
			t.Observe(x, "%s: OK %v, %d messages", []string{"cursors in the far future", "empty cursors", "no cursors"}[i], r.OK, len(messages))
		}
	}, needs(partial, list))
}
