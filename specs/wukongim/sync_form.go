package wukongim

import (
	"fmt"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

// many is more conversations than a page, a batch or a machine word has.
const many = 70

func registerSyncForm(s *specs.Suite) {
	registerAnswerForm(s)
	registerConversationForm(s)
	registerMessageForm(s)
	registerContentType(s)
}

func registerAnswerForm(s *specs.Suite) {
	uidAlone := "a body with uid alone"
	if s.Profile() == "v1" { // whose page has a version in every request
		uidAlone = "a body with uid and version 0 alone"
		registerNoVersion(s)
	}
	s.Requirement("WK-SYNC-01", uidAlone+" is answered 200 with an array", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 2)
		w.put()
		w.eventually(func() *exchange.Exchange { return w.sync("ann", nil) }, isAnswer())
	})
	s.Requirement("WK-SYNC-01", "a user without any conversation gets [], never null", func(t *specs.Trial) {
		w := newWorld(t)
		w.person("loner")
		w.put()
		t.Expect(w.sync("loner", nil), listsExactly())
	})
	s.Requirement("WK-SYNC-01", "an answer that a filter leaves empty is [], never null", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 2)
		w.put()
		for _, filter := range []with{
			{"msg_count": 10, "version": greatestVersion(w.full("ann"))},
			{"msg_count": 10, "only_unread": 1, "exclude_channel_types": []int{1, 2}},
		} {
			t.Expect(w.sync("ann", filter), isAnswer())
		}
	})
}

// registerNoVersion: the older page does not say what a sync without version is.
func registerNoVersion(s *specs.Suite) {
	s.Requirement("WK-SYNC-17", "version left out", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		x := w.post(syncPath, "ann", with{"msg_count": 10})
		conversations, _ := readConversations(x)
		_, listed := find(conversations, g.key("ann"))
		t.Observe(x, "without version: status %d, and the conversation is listed: %v", x.Status(), listed)
	}, specs.AtMost(catalog.Probe))
}

// wellFormed judges a conversation's own fields.
func wellFormed(c conversation) match.Result {
	for _, name := range []string{"channel_type", "unread", "timestamp", "last_msg_seq", "version"} {
		if !c.Get(name).IsInteger() {
			return match.Failf("%s of %s is %s", name, c.key(), c.Get(name).Describe())
		}
	}
	if n, ok := c.Get("unread").Int64(); ok && n < 0 {
		return match.Failf("unread of %s is %d", c.key(), n)
	}
	if kind := c.Get("channel_id").Kind; kind != strictjson.String {
		return match.Failf("channel_id is %s", c.Get("channel_id").Describe())
	}
	if kind := c.Get("recents").Kind; kind != strictjson.Array {
		return match.Failf("recents of %s is %s", c.key(), c.Get("recents").Describe())
	}
	return match.Pass()
}

func conversationsWellFormed() *match.Matcher {
	return eachConversation("channel_id as a string, channel_type, unread >= 0, timestamp, last_msg_seq and version as integers and "+
		"recents as an array in every conversation", wellFormed)
}

func registerConversationForm(s *specs.Suite) {
	form := func(title string, arrange func(w *world) (user string, body with)) {
		s.Requirement("WK-SYNC-02", title, func(t *specs.Trial) {
			w := newWorld(t)
			user, body := arrange(w)
			w.eventually(func() *exchange.Exchange { return w.sync(user, body) }, buildsOn(changesGiven, atLeastOne()), conversationsWellFormed())
		})
	}
	form("a group and a personal channel", func(w *world) (string, with) {
		w.group("g", "ann", "bob").says("bob", 3)
		w.direct("ann", "bob").says("bob", 2)
		w.seed()
		return "ann", with{"msg_count": 10}
	})
	form("a conversation that is read to its end", func(w *world) (string, with) {
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		w.set("ann", g, 0)
		return "ann", with{"msg_count": 10}
	})
	form("a conversation that the user has the only message in", func(w *world) (string, with) {
		w.direct("ann", "bob").says("ann", 1)
		w.seed()
		return "ann", with{"msg_count": 10}
	})
	form("an incremental answer", func(w *world) (string, with) {
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		version := greatestVersion(w.full("ann"))
		g.saysLater("ann", version)
		return "ann", with{"msg_count": 10, "version": version}
	})
	form("a conversation that was deleted and came back", func(w *world) (string, with) {
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		w.remove("ann", g)
		w.broughtBack(g, "bob", 1)
		return "ann", with{"msg_count": 10}
	})
	form(fmt.Sprintf("every one of %d conversations", many), func(w *world) (string, with) {
		for i := range many {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 1)
		}
		w.seed()
		return "ann", with{"msg_count": 1}
	})
	s.Requirement("WK-SYNC-02", "recents is an array where there is nothing to put into it", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		t.Expect(w.sync("ann", with{"msg_count": 0}), conversationsWellFormed())
		last := seqOf(w.full("ann"), g.key("ann"), g.last(1)[0])
		t.Expect(w.sync("ann", with{"msg_count": 10, "last_msg_seqs": g.entry("ann", last)}), conversationsWellFormed())
	})
}

// atLeastOne matches an answer that is not empty: a judgement over every conversation would otherwise hold of none.
func atLeastOne() *match.Matcher {
	return answered("at least one conversation", func(all []conversation) match.Result {
		if len(all) == 0 {
			return match.Failf("an empty array")
		}
		return match.Pass()
	})
}

// entry is one entry of last_msg_seqs.
func (ch *channel) entry(user string, seq int64) string {
	return fmt.Sprintf("%s:%d:%d", ch.id(user), ch.typ, seq)
}

func entries(list ...string) string { return strings.Join(list, "|") }

func messageWellFormed(c conversation, m strictjson.Value) match.Result {
	for _, name := range []string{"message_id", "message_seq", "timestamp"} {
		if !m.Get(name).IsInteger() {
			return match.Failf("%s of a message of %s is %s", name, c.key(), m.Get(name).Describe())
		}
	}
	for _, name := range []string{"client_msg_no", "from_uid", "payload"} {
		if m.Get(name).Kind != strictjson.String {
			return match.Failf("%s of a message of %s is %s", name, c.key(), m.Get(name).Describe())
		}
	}
	return match.Pass()
}

func messagesWellFormed() *match.Matcher {
	return eachMessage("message_id, message_seq and timestamp as integers, client_msg_no, from_uid and payload as strings in every message",
		messageWellFormed)
}

func registerMessageForm(s *specs.Suite) {
	s.Requirement("WK-SYNC-03", "messages of a group and of a personal channel, few and many", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 70)
		d := w.direct("ann", "bob").says("ann", 1).says("bob", 2)
		w.seed()
		for _, n := range []int{1, 2, 10, 50} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": n}) },
				buildsOn(messagesGiven, match.All(count(g.key("ann"), n), count(d.key("ann"), min(n, 3)))), messagesWellFormed())
		}
	})
	s.Requirement("WK-SYNC-03", "messages that an incremental sync and last_msg_seqs bring", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		first := seqOf(w.full("ann"), g.key("ann"), g.sent[0])
		version := greatestVersion(w.full("ann"))
		g.saysLater("ann", version)
		for _, body := range []with{{"msg_count": 10, "version": version}, {"msg_count": 10, "last_msg_seqs": g.entry("ann", first)}} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, changed(g.key("ann")), messagesWellFormed())
		}
	})
}

func registerContentType(s *specs.Suite) {
	s.Requirement("WK-SYNC-33", "a full, an incremental and an empty answer call themselves application/json", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 1)
		w.person("loner")
		w.put()
		for _, x := range []*exchange.Exchange{
			w.full("ann"), w.sync("ann", with{"msg_count": 10, "version": 1}), w.sync("loner", with{"msg_count": 10}),
		} {
			t.Need(x, isAnswer())
			t.Expect(x, match.ContentTypeJSON())
		}
	})
}

// greatestVersion is the version that a client would send after this answer: 0 where there is none to read.
func greatestVersion(x *exchange.Exchange) int64 {
	var greatest int64
	conversations, _ := readConversations(x)
	for _, c := range conversations {
		if v, ok := c.Get("version").Int64(); ok {
			greatest = max(greatest, v)
		}
	}
	return greatest
}

// seqOf is the message_seq that the answer gives a message: 0 where it does not stand in it.
func seqOf(x *exchange.Exchange, k key, m message) int64 {
	conversations, _ := readConversations(x)
	c, _ := find(conversations, k)
	for _, v := range c.Get("recents").Elements {
		if v.Get("client_msg_no").Text == m.clientMsgNo {
			seq, _ := v.Get("message_seq").Int64()
			return seq
		}
	}
	return 0
}
