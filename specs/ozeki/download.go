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
			messages, r := readMessages(x)
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
		sent := c.adds("ann", 12)
		x := c.page("bob", 5, shows(c.last()))
		seen := map[string]bool{}
		for range 12 { // with the smallest step that still gets somewhere
			messages, _ := readMessages(x)
			fresh := false
			for _, id := range idsOf(messages) {
				fresh, seen[id] = fresh || !seen[id], true
			}
			oldest := oldestOf(sent, messages)
			if !fresh || oldest == nil {
				break
			}
			x = c.before("bob", oldest.created, oldest.id, 5)
			t.Need(x, buildsOn(id, shows()))
		}
		missing := slices.DeleteFunc(slices.Clone(c.ids), func(id string) bool { return seen[id] })
		t.Check(len(missing) == 0, x, "every message on one of the pages", "%d messages on none: %s", len(missing), some(missing))
	}, needs(add, partial, list))
	registerPartialCursor(s)
}

// oldestOf is the message sent first among those of a page.
func oldestOf(sent []message, page []strictjson.Value) *message {
	ids := idsOf(page)
	for i := range sent {
		if slices.Contains(ids, sent[i].id) {
			return &sent[i]
		}
	}
	return nil
}

// page judges a first page, in whichever way works.
func (c *conversation) page(user string, limit int, m *match.Matcher) *exchange.Exchange {
	instance := c.instance(user)
	return c.w.t.Eventually(func() *exchange.Exchange { return c.w.any(c.partials(user, instance, limit), m) }, m)
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
	for _, limit := range []int{1, 5, 50} {
		atMost := match.New(fmt.Sprintf("messages, %d at most", limit), func(x *exchange.Exchange) match.Result {
			messages, r := readMessages(x)
			if r.OK && (len(messages) > limit || len(messages) == 0) {
				return match.Failf("%d messages", len(messages))
			}
			return r
		})
		s.Requirement("OZ-PART-3", fmt.Sprintf("limit %d of 60 messages", limit), func(t *specs.Trial) {
			_, c := pair(t, 60)
			c.page("ann", limit, atMost)
		}, needs(partial, list))
	}
	s.Requirement("OZ-PART-3", "limit 3 before message 9 of 12", func(t *specs.Trial) {
		_, c := pair(t, 0)
		sent := c.adds("ann", 12)
		x := c.before("bob", sent[8].created, sent[8].id, 3)
		messages, _ := readMessages(x)
		t.Expect(x, shows())
		t.Check(len(messages) <= 3 && len(messages) > 0, x, "1 to 3 messages", "%d messages", len(messages))
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
