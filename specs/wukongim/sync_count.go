package wukongim

import (
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerMessageCount(s *specs.Suite) {
	s.Requirement("WK-SYNC-06", "msg_count 0 lists every conversation with no message", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 60)
		d := w.direct("ann", "bob").says("bob", 3)
		w.seed()
		for _, body := range []with{{"msg_count": 0}, {"msg_count": 0, "version": 1}} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, listsExactly(g.key("ann"), d.key("ann")), noMessages())
		}
	})
	registerExactCount(s)
	limited := func(title string, parameters func(g *channel) with) {
		s.Requirement("WK-SYNC-08", title, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 120)
			w.seed()
			limit := match.All(match.Status(200), count(g.key("ann"), 50))
			for _, n := range []int{51, 64, 100, 1000} {
				body := parameters(g)
				body["msg_count"] = n
				w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, limit)
				limit = buildsOn(syncReadsNothing, limit) // from the second look on
			}
		})
	}
	limited("msg_count 51, 64, 100 and 1000 give 50 of 120 messages in a full sync", func(*channel) with { return with{} })
	limited("… and in an incremental sync", func(*channel) with { return with{"version": 1} })
	if s.Profile() != "v1" { // whose page has neither of these fields
		limited("… and with only_unread 1", func(*channel) with { return with{"only_unread": 1} })
		limited("… and with only_unread 0 and a type excluded", func(*channel) with {
			return with{"only_unread": 0, "exclude_channel_types": []int{personal}}
		})
	}
	limited("… and with last_msg_seqs", func(g *channel) with { return with{"last_msg_seqs": g.entry("ann", 1)} })
	s.Requirement("WK-SYNC-08", "the limit holds at 51 messages of a personal channel", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob").says("bob", 51)
		w.seed()
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 51}) }, count(d.key("ann"), 50))
	})
}

// givesCount declares a spec of "msg_count n gives n messages, where there are as many". What the older page says of n is that
// it is 获取最大 (the most to get): fewer are another, softer, thing there.
func givesCount(s *specs.Suite, title string, body func(t *specs.Trial, gives func(k key, n int) *match.Matcher), options ...specs.Option) {
	if s.Profile() != "v1" {
		s.Requirement("WK-SYNC-07", title, func(t *specs.Trial) { body(t, count) }, options...)
		return
	}
	s.Requirement("WK-SYNC-07", title+", at most", func(t *specs.Trial) { body(t, noMoreThan) }, options...)
	s.Requirement("WK-SYNC-07", title+", and no fewer", func(t *specs.Trial) { body(t, count) }, append(options, specs.AtMost(catalog.Should))...)
}

func registerExactCount(s *specs.Suite) {
	givesCount(s, "msg_count 1, 2, 49, 50 and one between give so many of 60 messages", func(t *specs.Trial, gives func(key, int) *match.Matcher) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 60)
		w.seed()
		for _, n := range []int{1, 2, 3 + t.Rand.IntN(46), 49, 50} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": n}) }, gives(g.key("ann"), n))
		}
	})
	givesCount(s, "a channel with fewer messages than msg_count gives all of them, beside one that has more", func(t *specs.Trial, gives func(key, int) *match.Matcher) {
		w := newWorld(t)
		more, fewer := w.group("more", "ann", "bob").says("bob", 12), w.direct("ann", "bob").says("bob", 3)
		w.seed()
		w.sees("ann", gives(more.key("ann"), 10), gives(fewer.key("ann"), 3))
	})
	givesCount(s, "msg_count counts on the incremental path as well", func(t *specs.Trial, gives func(key, int) *match.Matcher) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2)
		w.seed()
		version := greatestVersion(w.full("ann"))
		g.says("bob", 4).saysLater("ann", version)
		for _, n := range []int{1, 3} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": n, "version": version}) }, changed(g.key("ann")), gives(g.key("ann"), n))
		}
	})
	if s.Profile() == "v1" { // whose page has no only_unread
		return
	}
	// No document says what the two fields are together.
	givesCount(s, "only_unread 1 says which conversations, and not how many of their messages: one half read gives msg_count", func(t *specs.Trial, gives func(key, int) *match.Matcher) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("bob", 6), w.direct("ann", "bob").says("bob", 4)
		w.seed()
		w.set("ann", g, 2)
		w.set("ann", d, 1)
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 5, "only_unread": 1}) },
			gives(g.key("ann"), 5), gives(d.key("ann"), 4))
	}, specs.AtMost(catalog.Should))
}

func noMessages() *match.Matcher {
	return eachConversation("no message in any recents", func(c conversation) match.Result {
		if n := len(c.Get("recents").Elements); n > 0 {
			return match.Failf("%d messages in recents of %s", n, c.key())
		}
		return match.Pass()
	})
}
