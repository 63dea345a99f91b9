package wukongim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerSyncIncremental(s *specs.Suite) {
	registerSince(s)
	registerUnchanged(s)
	registerFullSync(s)
	registerVersionGrows(s)
	registerLastSeqs(s)
	registerSeveralLastSeqs(s)
	registerSyncIsARead(s)
}

// since is an incremental sync.
func (w *world) since(user string, version int64) *exchange.Exchange {
	return w.sync(user, with{"msg_count": 10, "version": version})
}

func registerSince(s *specs.Suite) {
	s.Requirement("WK-SYNC-16", "with the greatest version that the client got, a sync gives nothing while nothing changes", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("a", "ann", "bob").says("bob", 2)
		w.direct("ann", "bob").says("bob", 1)
		w.seed()
		version := greatestVersion(w.full("ann"))
		t.Expect(w.since("ann", version), listsExactly())
	})
	s.Requirement("WK-SYNC-16", "two of five conversations change, one of them personal: the next sync gives these two, the one after none", func(t *specs.Trial) {
		w := newWorld(t)
		for i := range 4 {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 2)
		}
		d := w.direct("ann", "bob").says("bob", 1)
		w.seed()
		version := greatestVersion(w.full("ann"))
		w.channels[1].saysLater("ann", version)
		d.saysLater("ann", version)
		x := w.eventually(func() *exchange.Exchange { return w.since("ann", version) }, listsExactly(w.channels[1].key("ann"), d.key("ann")))
		t.Expect(w.since("ann", greatestVersion(x)), listsExactly())
	})
	s.Requirement("WK-SYNC-16", "a version from between two changes gives what changed after it", func(t *specs.Trial) {
		w := newWorld(t)
		a, b, c := w.group("a", "ann", "bob").says("bob", 1), w.group("b", "ann", "bob").says("bob", 1), w.group("c", "ann", "bob").says("bob", 1)
		w.seed()
		first := greatestVersion(w.full("ann"))
		a.saysLater("ann", first)
		second := greatestVersion(w.full("ann"))
		b.saysLater("ann", second)
		w.eventually(func() *exchange.Exchange { return w.since("ann", second) }, listsExactly(b.key("ann")))
		w.eventually(func() *exchange.Exchange { return w.since("ann", first) }, listsExactly(a.key("ann"), b.key("ann")))
		w.eventually(func() *exchange.Exchange { return w.since("ann", 1) }, listsExactly(a.key("ann"), b.key("ann"), c.key("ann")))
	})
	s.Requirement("WK-SYNC-16", fmt.Sprintf("each of up to %d messages into two conversations by turns: the next sync gives that one alone", turns), func(t *specs.Trial) {
		w := newWorld(t)
		w.byTurns(func(ch *channel, version int64) *exchange.Exchange {
			return w.eventually(func() *exchange.Exchange { return w.since("ann", version) }, listsExactly(ch.key("ann")))
		})
	})
	s.Requirement("WK-SYNC-16", "a conversation that begins after the version is given", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("old", "ann", "bob").says("bob", 1)
		fresh := w.group("fresh", "ann", "bob")
		w.seed()
		version := greatestVersion(w.full("ann"))
		fresh.saysLater("ann", version)
		w.eventually(func() *exchange.Exchange { return w.since("ann", version) }, listsExactly(fresh.key("ann")))
	})
	s.Requirement("WK-SYNC-16", fmt.Sprintf("of %d conversations three change, the 66th among them", many), func(t *specs.Trial) {
		w := newWorld(t)
		for i := range many {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 1)
		}
		w.seed()
		version := greatestVersion(w.sync("ann", with{"msg_count": 1}))
		var changed []key
		for _, i := range []int{0, 65, many - 1} {
			w.channels[i].saysLater("ann", version)
			changed = append(changed, w.channels[i].key("ann"))
		}
		w.eventually(func() *exchange.Exchange { return w.since("ann", version) }, listsExactly(changed...))
	})
	s.Requirement("WK-SYNC-16", "what has changed is given whether it is read or not", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.group("a", "ann", "bob").says("bob", 1), w.group("b", "ann", "bob").says("bob", 1)
		w.seed()
		version := greatestVersion(w.full("ann"))
		a.saysLater("ann", version)
		b.saysLater("ann", version)
		w.set("ann", a, 0)
		w.eventually(func() *exchange.Exchange { return w.since("ann", version) }, listsExactly(a.key("ann"), b.key("ann")))
	})
}

// turns is how many messages show whether each gets a version of its own. A server whose clock ticks too slowly for one in fifty of
// them escapes with a probability of (49/50)^400 = 0.03 %.
const turns = 400

// enoughTurns is how long byTurns goes on at most where answers are slow, once it had leastTurns.
const (
	leastTurns  = 60
	enoughTurns = 4 * time.Second
)

// byTurns lets bob write into two conversations of ann's in turn, and looks each time with the greatest version of the look before. As
// little as can be comes between two messages: a look, and no more.
func (w *world) byTurns(look func(ch *channel, version int64) *exchange.Exchange) {
	a, b := w.group("a", "ann", "bob").says("bob", 1), w.direct("ann", "bob").says("bob", 1)
	w.seed()
	a.key("ann") // which may ask for it
	b.key("ann")
	version, began := greatestVersion(w.full("ann")), w.t.Now()
	for i := range turns {
		if i >= leastTurns && w.t.Now().Sub(began) > enoughTurns {
			return
		}
		ch := []*channel{a, b}[i%2]
		ch.deliver([]fixtures.Message{ch.message("bob", len(ch.sent)+1)})
		version = max(version, greatestVersion(look(ch, version)))
	}
}

// saysLater lets bob write one message, or more until the user sees a version of the channel above the one from before. On some servers
// messages within a tick of the clock share a version: that is for the messages by turns to judge, and no other spec is to fail of it
// now and then.
func (ch *channel) saysLater(user string, version int64) *channel {
	w := ch.w
	for range 3 {
		ch.says("bob", 1)
		if _, later := w.t.Await(func() *exchange.Exchange { return w.sync(user, with{"msg_count": 1}) }, versionAbove(ch.key(user), version)); later {
			break
		}
	}
	return ch
}

// registerUnchanged: what one user does to one conversation changes no other conversation, and nothing for anybody else.
func registerUnchanged(s *specs.Suite) {
	changes := map[string]func(w *world, ch *channel){
		"set to 1": func(w *world, ch *channel) { w.set("ann", ch, 1) },
		"set to 0": func(w *world, ch *channel) { w.set("ann", ch, 0) },
	}
	if s.Profile() != "v1" { // the older page alone has no clearUnread
		changes["cleared"] = func(w *world, ch *channel) { w.clear("ann", ch, nil) }
		changes["cleared up to a message"] = func(w *world, ch *channel) {
			w.clear("ann", ch, with{"message_seq": w.seqOf("ann", ch, ch.sent[1])})
		}
	}
	for _, title := range slices.Sorted(maps.Keys(changes)) {
		for _, kind := range []string{"group", "personal chat"} {
			s.Requirement("WK-SYNC-16", "a "+kind+" is "+title+": nothing has changed for the others in it, and no other conversation", func(t *specs.Trial) {
				w, g, d := unreadChats(t, 3)
				ch := map[string]*channel{"group": g, "personal chat": d}[kind]
				w.changesNothingElse(ch, func() { changes[title](w, ch) })
			})
		}
	}
}

// changesNothingElse judges that ann's change of a conversation shows to nobody else and in no other conversation.
// Whether it shows to ann is for another statement.
func (w *world) changesNothingElse(ch *channel, change func()) {
	known := map[string]int64{}
	for _, user := range w.users {
		known[user] = w.knownVersion(user)
	}
	before := w.conversation("ann", ch, 1)
	change()
	w.t.Await(func() *exchange.Exchange { return w.full("ann") }, changedSince(before))
	w.t.Expect(w.since("ann", known["ann"]), listsNoOther(ch.key("ann")))
	for _, user := range w.users[1:] {
		w.t.Expect(w.since(user, known[user]), listsExactly())
	}
}

// knownVersion is the greatest version that the user gets: without one above 0 there is no incremental sync.
func (w *world) knownVersion(user string) int64 {
	x := w.before(user)
	version := greatestVersion(x)
	w.t.Need(x, buildsOn("WK-SYNC-13", answered("a version above 0", func([]conversation) match.Result {
		if version <= 0 {
			return match.Failf("version %d, asked by %s", version, user)
		}
		return match.Pass()
	})))
	return version
}

// changedSince matches an answer that has the conversation with another unread or version.
func changedSince(before conversation) *match.Matcher {
	return about(before.key(), "another unread or version of "+before.key().String(), func(c conversation) match.Result {
		if c.Get("unread").Equal(before.Get("unread")) && c.Get("version").Equal(before.Get("version")) {
			return match.Failf("the same")
		}
		return match.Pass()
	})
}

func registerFullSync(s *specs.Suite) {
	s.Requirement("WK-SYNC-17", "version 0 and no version give every conversation, read or not, however often the client has synced", func(t *specs.Trial) {
		w := newWorld(t)
		a, b, d := w.group("a", "ann", "bob").says("bob", 2), w.group("b", "ann", "bob").says("bob", 1), w.direct("ann", "bob").says("ann", 1)
		w.seed()
		w.set("ann", b, 0)
		all := listsExactly(a.key("ann"), b.key("ann"), d.key("ann"))
		for _, body := range []with{{"msg_count": 10}, {"msg_count": 10, "version": 0}, {"msg_count": 10, "version": 0, "last_msg_seqs": ""}} {
			version := greatestVersion(w.full("ann"))
			w.since("ann", version) // nothing stands between it and the full sync
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, all)
		}
	})
}

// versionAbove matches a conversation whose version is above what was seen before.
func versionAbove(k key, before int64) *match.Matcher {
	return about(k, fmt.Sprintf("a version of %s above %d", k, before), func(c conversation) match.Result {
		v, r := c.integer("version")
		if r.OK && v <= before {
			return match.Failf("version %d", v)
		}
		return r
	})
}

func registerVersionGrows(s *specs.Suite) {
	s.Requirement("WK-SYNC-18", fmt.Sprintf("each of up to %d messages into two conversations by turns gives a version above all seen before", turns), func(t *specs.Trial) {
		w := newWorld(t)
		w.byTurns(func(ch *channel, version int64) *exchange.Exchange {
			look := func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1}) }
			return w.eventually(look, showsMessage(ch.last(1)[0]), versionAbove(ch.key("ann"), version))
		})
	})
	s.Requirement("WK-SYNC-18", "a conversation that was deleted comes back with a version above all seen before", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.group("a", "ann", "bob").says("bob", 2), w.group("b", "ann", "bob").says("bob", 1)
		w.seed()
		before := greatestVersion(w.full("ann"))
		w.remove("ann", a)
		w.broughtBack(a, "bob", 1)
		w.sees("ann", lists(b.key("ann")), showsMessage(a.last(1)[0]), versionAbove(a.key("ann"), before))
	})
	raises := func(title string, act func(w *world, g *channel)) {
		s.Requirement("WK-SYNC-19", title, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 3)
			w.group("other", "ann", "bob").says("bob", 1)
			w.seed()
			before := greatestVersion(w.full("ann"))
			act(w, g)
			w.sees("ann", versionAbove(g.key("ann"), before))
			w.eventually(func() *exchange.Exchange { return w.since("ann", before) }, lists(g.key("ann")))
		})
	}
	if s.Profile() != "v1" { // the older page alone has no clearUnread
		raises("clearUnread raises the version, and an incremental sync tells of it", func(w *world, g *channel) { w.clear("ann", g, nil) })
		raises("clearUnread up to a message raises it", func(w *world, g *channel) {
			w.clear("ann", g, with{"message_seq": seqOf(w.full("ann"), g.key("ann"), g.sent[0])})
		})
	}
	raises("setUnread raises it", func(w *world, g *channel) { w.set("ann", g, 1) })
	raises("setUnread to 0 raises it", func(w *world, g *channel) { w.set("ann", g, 0) })
	raises("a message by the user raises it", func(_ *world, g *channel) { g.says("ann", 1) })
}

// upToDate matches an answer that brings no message of the conversation, listed or not.
func upToDate(k key) *match.Matcher {
	return answered(fmt.Sprintf("no message of %s", k), func(all []conversation) match.Result {
		c, ok := find(all, k)
		if messages := c.Get("recents").Elements; ok && len(messages) > 0 {
			return match.Failf("%d messages of it: %s", len(messages), some(numbers(messages)))
		}
		return match.Pass()
	})
}

func registerLastSeqs(s *specs.Suite) {
	s.Requirement("WK-SYNC-20", "with the sequence number of each message in turn, recents hold the messages after it", func(t *specs.Trial) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("bob", 6), w.direct("ann", "bob").says("bob", 2).says("ann", 2)
		w.seed()
		full := w.full("ann")
		t.Need(full, showsMessage(g.last(1)[0]))
		for _, ch := range []*channel{g, d} {
			k := ch.key("ann")
			for i, m := range ch.sent[:len(ch.sent)-1] {
				body := with{"msg_count": 50, "last_msg_seqs": ch.entry("ann", seqOf(full, k, m))}
				w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, recents(k, ch.sent[i+1:]))
			}
		}
	})
	beyond := func(title string, past []int64, options ...specs.Option) {
		s.Requirement("WK-SYNC-20", title, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 5)
			w.seed()
			full := w.full("ann")
			t.Need(full, showsMessage(g.last(1)[0]))
			last := seqOf(full, g.key("ann"), g.last(1)[0])
			for _, n := range past {
				w.eventually(func() *exchange.Exchange {
					return w.sync("ann", with{"msg_count": 50, "last_msg_seqs": g.entry("ann", last+n)})
				}, upToDate(g.key("ann")))
			}
		}, options...)
	}
	beyond("with the last one there is no message", []int64{0})
	beyond("with numbers beyond the last one, which no client can have", []int64{1, 99999, 1 << 40}, specs.AtMost(catalog.Probe))
	manyNew := func(id, title string, judge func(k key, of []message) *match.Matcher) {
		s.Requirement(id, title, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 80)
			w.seed()
			full := w.sync("ann", with{"msg_count": 50})
			t.Need(full, showsMessage(g.sent[70]))
			body := with{"msg_count": 5, "last_msg_seqs": g.entry("ann", seqOf(full, g.key("ann"), g.sent[69]))}
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, judge(g.key("ann"), g.last(10)))
			body["msg_count"] = 50
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, recents(g.key("ann"), g.last(10)))
		})
	}
	manyNew("WK-SYNC-20", "of more new messages than msg_count, none is given that the client has", func(k key, of []message) *match.Matcher {
		return recentsAmong(k, 5, of)
	})
	manyNew("WK-SYNC-09", "of more new messages than msg_count, last_msg_seqs gets the newest", func(k key, of []message) *match.Matcher {
		return recents(k, of[5:])
	})
	s.Requirement("WK-SYNC-20", "together with version, only the new message of the changed conversation comes", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 4)
		w.seed()
		full := w.full("ann")
		t.Need(full, showsMessage(g.last(1)[0]))
		body := with{"msg_count": 10, "version": greatestVersion(full), "last_msg_seqs": g.entry("ann", seqOf(full, g.key("ann"), g.last(1)[0]))}
		g.saysLater("ann", greatestVersion(full))
		w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, changed(g.key("ann")), recents(g.key("ann"), g.sent[4:]))
	})
}

func registerSeveralLastSeqs(s *specs.Suite) {
	s.Requirement("WK-SYNC-21", "three entries joined by |, the personal channel among them, and a fourth channel that is not listed", func(t *specs.Trial) {
		w := newWorld(t)
		a, b, c := w.group("a", "ann", "bob").says("bob", 4), w.group("b", "ann", "bob").says("bob", 4), w.group("c", "ann", "bob").says("bob", 4)
		d := w.direct("ann", "bob").says("bob", 4)
		w.seed()
		full := w.full("ann")
		t.Need(full, showsMessage(d.sent[3]))
		seq := func(ch *channel, i int) string { return ch.entry("ann", seqOf(full, ch.key("ann"), ch.sent[i])) }
		body := with{"msg_count": 10, "last_msg_seqs": entries(seq(a, 0), seq(b, 2), seq(d, 1))}
		w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, recents(a.key("ann"), a.sent[1:]),
			recents(b.key("ann"), b.sent[3:]), recents(d.key("ann"), d.sent[2:]), recents(c.key("ann"), c.sent))
	})
	s.Requirement("WK-SYNC-21", fmt.Sprintf("%d entries: each counts, the last as well as the first", many), func(t *specs.Trial) {
		w := newWorld(t)
		for i := range many {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 2)
		}
		rest := w.group("rest", "ann", "bob").says("bob", 2)
		w.seed()
		full := w.full("ann")
		t.Need(full, showsMessage(rest.sent[1]))
		var list []string
		wanted := []*match.Matcher{recents(rest.key("ann"), rest.sent)}
		for _, ch := range w.channels[:many] {
			list = append(list, ch.entry("ann", seqOf(full, ch.key("ann"), ch.sent[0])))
			wanted = append(wanted, recents(ch.key("ann"), ch.sent[1:]))
		}
		w.eventually(func() *exchange.Exchange {
			return w.sync("ann", with{"msg_count": 10, "last_msg_seqs": entries(list...)})
		}, wanted...)
	})
	s.Requirement("WK-SYNC-21", "an entry of a channel that the user does not have changes nothing for the others", func(t *specs.Trial) {
		w := newWorld(t)
		a, b := w.group("a", "ann", "bob").says("bob", 3), w.group("b", "ann", "bob").says("bob", 3)
		w.seed()
		full := w.full("ann")
		t.Need(full, showsMessage(a.sent[2]))
		body := with{"msg_count": 10, "last_msg_seqs": entries(t.Name("nowhere")+":2:5", a.entry("ann", seqOf(full, a.key("ann"), a.sent[1])))}
		w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, recents(a.key("ann"), a.sent[2:]), recents(b.key("ann"), b.sent))
	})
	s.Requirement("WK-SYNC-22", "an entry with the right id and another type changes nothing", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 4)
		w.seed()
		seq := seqOf(w.full("ann"), g.key("ann"), g.sent[2])
		for _, typ := range []int{1, 3} {
			body := with{"msg_count": 10, "last_msg_seqs": fmt.Sprintf("%s:%d:%d", g.id("ann"), typ, seq)}
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, recents(g.key("ann"), g.sent))
		}
	})
	s.Requirement("WK-SYNC-22", "a group of the same id as the personal channel, and that one, each take their own entry", func(t *specs.Trial) {
		w, d, g := twins(t)
		full := w.full("ann")
		t.Need(full, showsMessage(g.sent[2]))
		one := g.entry("ann", seqOf(full, g.key("ann"), g.sent[1]))
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 10, "last_msg_seqs": one}) },
			recents(g.key("ann"), g.sent[2:]), recents(d.key("ann"), d.sent))
		both := entries(g.entry("ann", seqOf(full, g.key("ann"), g.sent[0])), d.entry("ann", seqOf(full, d.key("ann"), d.sent[1])))
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 10, "last_msg_seqs": both}) },
			recents(g.key("ann"), g.sent[1:]), recents(d.key("ann"), d.sent[2:]))
	})
}

func registerSyncIsARead(s *specs.Suite) {
	s.Requirement("WK-SYNC-32", "the same sync again gives the same conversations, unread and versions, full, incremental or filtered", func(t *specs.Trial) {
		w := newWorld(t)
		a := w.group("a", "ann", "bob").says("bob", 3)
		w.group("b", "ann", "bob").says("bob", 2)
		w.direct("ann", "bob").says("bob", 2)
		w.put() // nobody has looked yet
		for _, body := range []with{{"msg_count": 10}, {"msg_count": 10, "version": 1}, {"msg_count": 1, "only_unread": 1},
			{"msg_count": 10, "last_msg_seqs": a.entry("ann", 1)}} {
			first := w.sync("ann", body)
			t.Need(first, isAnswer())
			w.shows()
			for range 3 {
				t.Expect(w.sync("ann", body), sameState(first))
			}
		}
	})
}

// sameState matches an answer with the conversations of an earlier one, their unread and versions.
func sameState(earlier *exchange.Exchange) *match.Matcher {
	before, _ := readConversations(earlier)
	return answered("the conversations of the answer before, with the same unread and version", func(all []conversation) match.Result {
		if len(all) != len(before) {
			return match.Failf("%d conversations, where there were %d", len(all), len(before))
		}
		for _, was := range before {
			is, ok := find(all, was.key())
			if !ok {
				return match.Failf("%s is missing", was.key())
			}
			for _, name := range []string{"unread", "version"} {
				if !is.Get(name).Equal(was.Get(name)) {
					return match.Failf("%s of %s is %s, and was %s", name, was.key(), is.Get(name).JSON(), was.Get(name).JSON())
				}
			}
		}
		return match.Pass()
	})
}
