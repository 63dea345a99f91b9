package yunhu

import (
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
)

// registerIsolation judges that a token opens its own user's conversations and no others.
func registerIsolation(s *specs.Suite) {
	const id = "YH-ISO-1"
	s.Requirement(id, "three users list in turns: each sees their own conversations", func(t *specs.Trial) {
		w, g, d, b := withEve(t)
		hers := w.chats[3]
		for range 3 {
			w.sees("ann", w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")))
			w.sees("eve", w.listsExactly(hers.key("eve")))
			w.sees("bob", w.listsExactly(g.key("bob"), d.key("bob")))
		}
	}, onList)
	s.Requirement(id, "a user without a conversation sees none, also after others have listed", func(t *specs.Trial) {
		w, g, _, _ := withEve(t)
		w.sees("ann", lists(g.key("ann")))
		w.sees("fay", totals(), w.listsExactly())
	}, onList)
	s.Requirement(id, "a user dismisses: the unread of the other members stays", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob", "cid").says("bob", 2)
		d := w.direct("ann", "bob").says("bob", 1).says("ann", 1)
		w.seed()
		w.givenUnread("cid", g)
		w.givenUnread("bob", d)
		w.givenRead("ann", g)
		w.dismiss("ann", d)
		w.sees("cid", unread(g.key("cid"), true))
		w.sees("bob", unread(d.key("bob"), true))
	}, onList, onDismiss)
	for _, c := range callsIn(s.Profile()) {
		if c.field != "" {
			registerIntruder(s, c)
		}
	}
	if s.Profile() != "2026" {
		return
	}
	s.Requirement(id, "a user removes a conversation: the other members keep it, with its unread", func(t *specs.Trial) {
		w, g, d, _ := everyKind(t)
		w.givenUnread("cid", g)
		w.remove("ann", g)
		w.remove("bob", d)
		w.sees("ann", omits(g.id("ann")), lists(d.key("ann")))
		w.sees("cid", lists(g.key("cid")), unread(g.key("cid"), true))
		w.sees("bob", lists(g.key("bob")))
	}, onList, onRemove)
}

// withEve is everyKind beside a group that eve and cid have to themselves; fay has no conversation.
func withEve(t *specs.Trial) (w *world, g, d, b *chat) {
	w = newWorld(t)
	g, d, b = w.addEveryKind()
	w.group("hers", "eve", "cid").says("cid", 1)
	w.person("fay")
	w.seed()
	return w, g, d, b
}

// registerIntruder declares what becomes of a call in the name of somebody who is not in the conversation: whatever it is
// answered with, it changes nothing of others', and shows nothing.
func registerIntruder(s *specs.Suite, c call) {
	s.Requirement("YH-ISO-1", c.name+" of others' conversations changes and shows nothing", func(t *specs.Trial) {
		w, g, d, b := withEve(t)
		hers := w.chats[3]
		w.givenUnread("ann", g, d, b)
		for _, about := range []*chat{g, d, b} {
			c.do(w, w.headers("eve"), c.body(about, "ann"))
			c.do(w, w.headers("fay"), c.body(about, "ann"))
		}
		w.t.Eventually(func() *exchange.Exchange { return w.list("eve") }, w.listsExactly(hers.key("eve")))
		w.sees("fay", totals(), w.listsExactly())
		w.untouched(g, d, b)
		w.sees("cid", unread(g.key("cid"), true))
	}, c.needs(), onList)
}
