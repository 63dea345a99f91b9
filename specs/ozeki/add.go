package ozeki

import (
	"fmt"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// readAdded is the message in the answer to add, whether as an object or as text: only one statement is about which.
func readAdded(x *exchange.Exchange) (strictjson.Value, match.Result) {
	body, r := readSuccess(x)
	m := body.Get("message")
	if m.Kind == strictjson.String {
		if parsed, err := strictjson.Parse([]byte(m.Text)); err == nil {
			m = parsed
		}
	}
	if !r.OK || m.Kind == strictjson.Object {
		return m, r
	}
	r = match.Failf("message is %s: %s", m.Describe(), match.Told(x))
	if m.Kind != strictjson.Missing {
		r.BuildsOn = formOfAdded
	}
	return m, r
}

func answersMessage(expected string, judge func(strictjson.Value) match.Result) *match.Matcher {
	return match.New("status OK and message with "+expected, func(x *exchange.Exchange) match.Result {
		m, r := readAdded(x)
		if !r.OK {
			return r
		}
		return judge(m)
	})
}

func field(name, want string) *match.Matcher {
	return answersMessage(fmt.Sprintf("%s %q", name, want), func(v strictjson.Value) match.Result {
		if got := v.Get(name); got.Kind != strictjson.String || got.Text != want {
			return match.Failf("%s is %s", name, got.Describe())
		}
		return match.Pass()
	})
}

// carries matches a download in which the message stands once, with what was sent.
func carries(m message) *match.Matcher {
	return match.New("the message "+m.id+" once, with its Data", func(x *exchange.Exchange) match.Result {
		messages, r := readMessages(x)
		if !r.OK {
			return r
		}
		n := 0
		for _, v := range messages {
			if v.Get("ID").Text == m.id {
				n++
				if v.Get("Data").Text != m.data {
					return match.Failf("Data is %s", v.Get("Data").Describe())
				}
			}
		}
		if n != 1 {
			return match.Failf("%d messages, of which %d with this ID", len(messages), n)
		}
		return match.Pass()
	})
}

func registerAdd(s *specs.Suite) {
	registerAddShows(s)
	registerAddAnswer(s)
	registerAddList(s)
}

func registerAddShows(s *specs.Suite) {
	const id = "OZ-ADD-1"
	s.Requirement(id, "a message in a chat: the other participant can download it", func(t *specs.Trial) {
		_, c := pair(t, 1)
		m := c.adds("ann", 1)[0]
		c.reads("bob", carries(m))
		c.reads("ann", carries(m))
	}, needs(add, download, list))
	s.Requirement(id, "a message of each participant in a group: every participant can download it", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid", "dan").says("cid", 1)
		w.seed()
		for _, sender := range c.members {
			m := c.adds(sender, 1)[0]
			for _, user := range c.members {
				c.reads(user, carries(m))
			}
		}
	}, needs(add, download, list))
	s.Requirement(id, "messages of both participants of an empty chat: each can download all of them", func(t *specs.Trial) {
		_, c := pair(t, 0)
		sent := []message{c.adds("ann", 1)[0], c.adds("bob", 1)[0], c.adds("ann", 1)[0]}
		for _, m := range sent {
			c.reads("ann", carries(m))
			c.reads("bob", carries(m))
		}
	}, needs(add, download, list))
	s.Requirement(id, "a message after a clear can be downloaded", func(t *specs.Trial) {
		_, c := pair(t, 1)
		c.cleared("ann")
		m := c.adds("ann", 1)[0]
		c.reads("bob", carries(m))
	}, needs(add, clear, download, list))
}

func registerAddAnswer(s *specs.Suite) {
	answer := func(id, title string, m func(message) *match.Matcher) {
		for _, kind := range []string{"a chat", "a group"} {
			s.Requirement(id, "a message to "+kind+": "+title, func(t *specs.Trial) {
				w := newWorld(t)
				c := w.direct("ann", "bob")
				if kind == "a group" {
					c = w.group("g", "ann", "bob", "cid")
				}
				w.seed()
				sent := c.message()
				t.Expect(c.add("ann", sent), m(sent))
			}, needs(add, list))
		}
	}
	answer("OZ-ADD-2", "the answer has its data", func(m message) *match.Matcher { return field("ID", m.id) })
	answer("OZ-ADD-3", "it is a string in the request and an object in the answer", func(message) *match.Matcher {
		return match.New("status OK and message as an object", func(x *exchange.Exchange) match.Result {
			body, r := readSuccess(x)
			if r.OK && body.Get("message").Kind != strictjson.Object {
				return match.Failf("message is %s", body.Get("message").Describe())
			}
			return r
		})
	})
	answer("OZ-ADD-4", "ID, Type, Created and ValidUntil come back as sent", func(m message) *match.Matcher {
		return match.All(field("ID", m.id), field("Type", "Message"), field("Created", m.created), field("ValidUntil", m.validUntil))
	})
	answer("OZ-ADD-5", "ValidUntil is not before Created", func(message) *match.Matcher {
		return answersMessage("ValidUntil >= Created", inTime)
	})
	s.Requirement("OZ-ADD-5", "a message that is valid for a minute: ValidUntil is not before Created in the answer and in a download", func(t *specs.Trial) {
		_, c := pair(t, 0)
		m := c.message()
		m.validUntil = c.clock.UTC().Add(time.Minute).Format(timeLayout)
		t.Expect(c.add("ann", m), answersMessage("ValidUntil >= Created", inTime))
		if t.Env.Has("action:" + download) {
			c.reads("bob", match.All(shows(m.id), eachMessage("ValidUntil >= Created", func(v strictjson.Value) bool { return inTime(v).OK })))
		}
	}, needs(add, list))
}

// inTime compares as text: both are in the same form, the greatest unit first.
func inTime(v strictjson.Value) match.Result {
	created, until := v.Get("Created").Text, v.Get("ValidUntil").Text
	if created == "" || until < created {
		return match.Failf("Created %q and ValidUntil %q", created, until)
	}
	return match.Pass()
}

func registerAddList(s *specs.Suite) {
	const id = "OZ-ADD-6"
	is := func(c *conversation, m message) check {
		return check{"lastmessageid " + m.id + " and lastaccess " + m.created, func(v view) match.Result {
			created, _ := time.Parse(timeLayout, m.created)
			if n, _ := v.Get("lastaccess").Int64(); n != created.Unix() || v.Get("lastmessageid").Text != m.id {
				return match.Failf("lastmessageid %s and lastaccess %s, want %d", v.Get("lastmessageid").Describe(), v.Get("lastaccess").Describe(), created.Unix())
			}
			return match.Pass()
		}}
	}
	s.Requirement(id, "after each of three messages list shows the newest", func(t *specs.Trial) {
		w, c := pair(t, 0)
		for range 3 {
			m := c.adds("ann", 1)[0]
			w.sees("ann", listed(c, "ann", is(c, m)))
			w.sees("bob", listed(c, "bob", is(c, m)))
		}
	}, needs(add, list))
	s.Requirement(id, "a message to one of two conversations shows there alone", func(t *specs.Trial) {
		w := newWorld(t)
		c, other := w.direct("ann", "bob"), w.group("g", "ann", "bob")
		w.seed()
		before := other.view("ann")
		m := c.adds("ann", 1)[0]
		w.sees("ann", match.All(listed(c, "ann", is(c, m)), listed(other, "ann", same(before, "lastmessageid", "lastaccess"))))
	}, needs(add, list))
}
