package wukongim

import (
	"bytes"
	"fmt"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// How often a spec tries what goes wrong only now and then. An answer that is wrong one time in fifty escapes 342 tries
// with a probability of (49/50)^342 = 0.1 %. On an eventual target each try may have to wait: 40 tries find it with a
// probability of 55 %, and one wrong answer in ten with 98 %.
const (
	tries         = 342
	eventualTries = 40
)

func triesOn(t *specs.Trial) int {
	if t.Env.Eventual {
		return eventualTries
	}
	return tries
}

// again judges what look sees, as often as tries says. On a strong target an answer that is byte for byte the one judged
// last is not judged once more.
func (w *world) again(look func() *exchange.Exchange, m *match.Matcher) {
	var judged []byte
	for range triesOn(w.t) {
		if w.t.Env.Eventual {
			w.eventually(look, m)
			continue
		}
		if x := look(); judged == nil || x.Status() != 200 || !bytes.Equal(x.Body(), judged) {
			w.t.Expect(x, m)
			judged = x.Body()
		}
	}
}

func registerOften(s *specs.Suite) {
	reads := func(id, title string, arrange func(w *world) (look func() *exchange.Exchange, m *match.Matcher)) {
		s.Requirement(id, fmt.Sprintf("%s, each of %d times", title, tries), func(t *specs.Trial) {
			w := newWorld(t)
			look, m := arrange(w)
			w.again(look, m)
		})
	}
	reads("WK-SYNC-02", "every conversation of the same sync is well formed", func(w *world) (func() *exchange.Exchange, *match.Matcher) {
		w.groupAndChat()
		return func() *exchange.Exchange { return w.full("ann") }, match.All(atLeastOne(), conversationsWellFormed())
	})
	givesCount(s, fmt.Sprintf("the same sync gives 5 messages of a group and 3 of a personal channel, each of %d times", tries), func(t *specs.Trial, gives func(key, int) *match.Matcher) {
		w := newWorld(t)
		g, d := w.groupAndChat()
		w.again(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 5}) }, match.All(gives(g.key("ann"), 5), gives(d.key("ann"), 3)))
	})
	reads("WK-SYNC-14", "the same sync gives the same right unread numbers", func(w *world) (func() *exchange.Exchange, *match.Matcher) {
		g, d := w.groupAndChat()
		return func() *exchange.Exchange { return w.full("ann") }, match.All(unread(g.key("ann"), 6), unread(d.key("ann"), 3))
	})
	reads("WK-SYNC-16", "the same incremental sync gives the one conversation that changed", func(w *world) (func() *exchange.Exchange, *match.Matcher) {
		g, d := w.groupAndChat()
		version := greatestVersion(w.full("ann"))
		g.saysLater("ann", version)
		w.t.Need(w.full("ann"), lists(d.key("ann")))
		return func() *exchange.Exchange { return w.since("ann", version) }, listsExactly(g.key("ann"))
	})
	const several = 20
	reads("WK-SYNC-35", fmt.Sprintf("the same full sync gives all of %d conversations", several), func(w *world) (func() *exchange.Exchange, *match.Matcher) {
		for i := range several {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 1)
		}
		w.seed()
		return func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1}) }, listsExactly(keysOf("ann", w.channels)...)
	})
	registerOwnOften(s)
	registerChangesOften(s)
}

// groupAndChat is a world in which ann has six unread messages of bob's in a group, and three in a personal channel.
func (w *world) groupAndChat() (g, d *channel) {
	g, d = w.group("g", "ann", "bob").says("bob", 6), w.direct("ann", "bob").says("bob", 3)
	w.seed()
	return g, d
}

func registerOwnOften(s *specs.Suite) {
	s.Requirement("WK-SYNC-31", fmt.Sprintf("two users who sync by turns, %d times in all, each get their own conversations", tries), func(t *specs.Trial) {
		w := newWorld(t)
		own := map[string]*channel{"ann": w.group("anns", "ann", "bob").says("bob", 1), "cat": w.group("cats", "cat", "bob").says("bob", 1)}
		w.seed()
		turn := 0
		w.again(func() *exchange.Exchange {
			turn++
			return w.full([]string{"ann", "cat"}[turn%2])
		}, answered("one's own conversation, and no other", func(all []conversation) match.Result {
			user := []string{"ann", "cat"}[turn%2]
			if len(all) != 1 || all[0].key() != own[user].key(user) {
				return match.Failf("asked by %s, %s", user, listed(all))
			}
			return match.Pass()
		}))
	})
}

// registerChangesOften: each try is a conversation of its own, so that one sync shows at the end what became of all.
func registerChangesOften(s *specs.Suite) {
	each := func(id, title string, act func(w *world, ch *channel), then func(w *world) *match.Matcher) {
		s.Requirement(id, fmt.Sprintf("each of %d groups %s", tries, title), func(t *specs.Trial) {
			w, groups := manyGroups(t, triesOn(t))
			x, _ := t.Await(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1}) }, lists(groups[0].key("ann")))
			t.Need(x, lists(groups[0].key("ann")))
			for _, g := range groups {
				act(w, g)
			}
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1}) }, then(w))
		})
	}
	if s.Profile() != "v1" { // the older page alone has no clearUnread
		each("WK-CLEAR-02", "with an unread message is cleared: none has any", func(w *world, g *channel) { w.clear("ann", g, nil) },
			func(*world) *match.Matcher { return match.All(atLeastOne(), noneUnread()) })
	}
	each("WK-DEL-02", "is deleted: all are gone", func(w *world, g *channel) { w.remove("ann", g) },
		func(*world) *match.Matcher { return buildsOn(firstDeleteWorks, listsExactly()) })
}

func noneUnread() *match.Matcher {
	return eachConversation("unread 0 in every conversation", func(c conversation) match.Result {
		n, r := c.integer("unread")
		if r.OK && n != 0 {
			return match.Failf("unread %d of %s", n, c.key())
		}
		return r
	})
}
