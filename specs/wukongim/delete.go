package wukongim

import (
	"fmt"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerDelete(s *specs.Suite) {
	registerDeleteAnswer(s)
	registerDeleteGone(s)
	registerDeleteOthers(s)
	registerDeleteBack(s)
	registerDeleteRefusals(s)
	registerDeleteStays(s)
	registerDeleteStaysAfter(s)
	registerDeleteEarly(s)
}

func registerDeleteAnswer(s *specs.Suite) {
	s.Requirement("WK-DEL-01", "a group with unread messages is deleted: HTTP 200", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		t.Expect(w.remove("ann", g), match.Status(200))
	})
	for _, user := range []string{"ann", "bob"} {
		side := map[string]string{"ann": "receiver", "bob": "sender"}[user]
		s.Requirement("WK-DEL-01", "a personal chat is deleted by the "+side+": HTTP 200", func(t *specs.Trial) {
			w, _, d := unreadChats(t, 3)
			t.Expect(w.remove(user, d), match.Status(200))
		})
	}
	s.Requirement("WK-DEL-01", "a group is deleted, brought back by a message, and deleted again: HTTP 200", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		w.remove("ann", g)
		w.broughtBack(g, "bob", 1)
		t.Expect(w.remove("ann", g), match.Status(200))
	})
}

func registerDeleteGone(s *specs.Suite) {
	const id = "WK-DEL-02"
	s.Requirement(id, "a group with unread messages is deleted: gone", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		w.deletes(g)
	})
	s.Requirement(id, "a group without unread messages is deleted: gone", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		w.set("ann", g, 0)
		w.deletes(g)
	})
	s.Requirement(id, "a personal chat is deleted by either side: gone", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 3)
		for _, user := range d.members {
			w.deletesOld(user, d)
		}
	})
	s.Requirement(id, "a group is deleted in which the user wrote last: gone", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2).says("ann", 1)
		w.seed()
		w.deletes(g)
	})
	s.Requirement(id, "a group with 70 messages is deleted: gone", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 70)
		w.deletes(g)
	})
	s.Requirement(id, "the five oldest of 70 conversations are deleted: all five are gone", func(t *specs.Trial) {
		w, groups := manyGroups(t, 70)
		for _, g := range groups[:5] {
			w.remove("ann", g)
		}
		for _, g := range groups[:5] {
			w.sees("ann", buildsOn(firstDeleteWorks, omits(g.key("ann"))))
		}
	})
	s.Requirement(id, "deleted, brought back by a message, and deleted again: gone", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		w.deletes(g)
		w.broughtBack(g, "bob", 1)
		w.deletes(g)
	})
}

// deletes deletes ann's conversation and judges that it is gone.
func (w *world) deletes(ch *channel) {
	k := ch.key("ann")
	w.remove("ann", ch)
	w.sees("ann", omits(k))
}

// newChat is for how long a personal chat counts as new: some servers store one only a while after its first message, and
// delete nothing before.
const newChat = 75 * time.Second

// deletesOld deletes a personal chat, and judges that it is gone. Where it is not, it may be too new, which is WK-DEL-10's: it
// is deleted again, until it is old enough.
func (w *world) deletesOld(user string, d *channel) {
	k := d.key(user)
	gone := func() bool {
		w.remove(user, d)
		_, ok := w.t.Await(func() *exchange.Exchange { return w.full(user) }, omits(k))
		return ok
	}
	for !gone() && w.t.Now().Sub(d.sent[0].before) < newChat {
		w.t.WholeSecond()
	}
	w.sees(user, omits(k))
}

// goneEarly matches an answer without a conversation that was deleted soon after its first message.
func goneEarly(k key) *match.Matcher {
	if k.typ == personal {
		return buildsOn(firstDeleteWorks, omits(k))
	}
	return buildsOn(deleteWorks, omits(k))
}

// gone deletes ann's conversation, as what the spec rests on.
func (w *world) gone(ch *channel) { w.goneFor("ann", ch) }

func (w *world) goneFor(user string, ch *channel) {
	k := ch.key(user)
	w.remove(user, ch)
	w.given(deleteWorks, user, goneEarly(k))
}

func registerDeleteOthers(s *specs.Suite) {
	const id = "WK-DEL-03"
	s.Requirement(id, "a group is deleted by one member: the others keep it, with their unread and messages", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 4)
		bob, cid := w.before("bob"), w.before("cid")
		w.gone(g)
		w.sees("cid", same(cid, everything))
		w.sees("bob", same(bob, everything))
	})
	s.Requirement(id, "a personal chat is deleted by one side: the other keeps it, with its unread and messages", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob").says("bob", 2).says("ann", 3)
		w.seed()
		before := w.before("bob")
		w.gone(d)
		w.sees("bob", same(before, everything))
	})
	s.Requirement(id, "a personal chat is deleted: the user's other conversations stay, a group of the same id among them", func(t *specs.Trial) {
		w, d, _ := twins(t)
		before := w.before("ann")
		w.gone(d)
		w.sees("ann", same(before, everything, d.key("ann")))
	})
	s.Requirement(id, "a group is deleted: the user's other conversations stay, a personal chat of the same id among them", func(t *specs.Trial) {
		w, _, g := twins(t)
		before := w.before("ann")
		w.gone(g)
		w.sees("ann", same(before, everything, g.key("ann")))
	})
	s.Requirement(id, "one of 70 conversations is deleted: the other 69 stay", func(t *specs.Trial) {
		w, groups := manyGroups(t, 70)
		before := w.before("ann")
		w.remove("ann", groups[35])
		w.given(firstDeleteWorks, "ann", omits(groups[35].key("ann")))
		w.sees("ann", same(before, everything, groups[35].key("ann")))
	})
}

func registerDeleteBack(s *specs.Suite) {
	const id = "WK-DEL-04"
	for _, left := range []int64{0, 1, 5} {
		s.Requirement(id, fmt.Sprintf("a group with %d of 5 messages unread is deleted, then a message: it is back with unread 1", left), func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 5)
			w.set("ann", g, left)
			w.gone(g)
			g.says("bob", 1)
			w.sees("ann", unread(g.key("ann"), 1))
		})
	}
	s.Requirement(id, "a personal chat is deleted, then a message: it is back with unread 1", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 5)
		w.gone(d)
		d.says("bob", 1)
		w.sees("ann", unread(d.key("ann"), 1))
	})
	s.Requirement(id, "a personal chat is deleted by both sides, then a message: it is back for both", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 5)
		w.gone(d)
		w.goneFor("bob", d)
		d.says("bob", 1)
		w.sees("ann", unread(d.key("ann"), 1))
		w.sees("bob", lists(d.key("bob")))
	})
	s.Requirement(id, "deleted and brought back twice: unread is 1 the second time", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		for range 2 {
			w.gone(g)
			g.says("bob", 1)
		}
		w.sees("ann", unread(g.key("ann"), 1))
	})
	registerDeleteBackOften(s, id)
}

func registerDeleteBackOften(s *specs.Suite, id string) {
	s.Requirement(id, "a personal chat is deleted right after its first message, then a second: it is back with unread 1", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob")
		w.seed()
		d.says("bob", 1)
		k := d.key("ann")
		w.remove("ann", d)
		w.holding(firstDeleteWorks, "ann", omits(k))
		d.says("bob", 1)
		w.sees("ann", unread(d.key("ann"), 1))
	})
	s.Requirement(id, "the user's own message brings it back as well", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		w.gone(g)
		g.says("ann", 1)
		w.sees("ann", lists(g.key("ann")))
	})
	s.Requirement(id, "5 unread messages are deleted, then 3 messages: no more unread than messages to see", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		w.gone(g)
		g.says("bob", 3)
		w.sees("ann", unreadVisible(g.key("ann")))
	})
	s.Requirement("WK-DEL-05", "5 messages are deleted, then a new one: how many are there", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		w.remove("ann", g)
		w.broughtBack(g, "bob", 1)
		x := w.full("ann")
		conversations, _ := readConversations(x)
		c, _ := find(conversations, g.key("ann"))
		t.Observe(x, "of 5 deleted messages and a new one, %d come back", len(c.Get("recents").Elements))
	})
}

func registerDeleteRefusals(s *specs.Suite) {
	remove := mutation{path: deletePath, does: "a delete"}
	remove.registerBadBodies(s, "WK-DEL-06")
	remove.registerAbsent(s, "WK-DEL-07")
	remove.registerDenied(s, "WK-DEL-08")
}

// life is a conversation as it was before it was deleted.
type life struct{ version, last int64 }

// buries deletes ann's conversation, as what the spec rests on.
func (w *world) buries(ch *channel) life {
	c := w.conversation("ann", ch, 1)
	version, r := c.integer("version")
	if !r.OK {
		version = 2
	}
	last, r := c.integer("last_msg_seq")
	if !r.OK {
		last = int64(len(ch.sent))
	}
	w.gone(ch)
	return life{version, last}
}

// staysAway judges that no full sync of ann's lists the deleted conversation.
func (w *world) staysAway(ch *channel) {
	k := ch.key("ann")
	for _, n := range []int{0, 1, 50} {
		w.t.Need(w.sync("ann", with{"msg_count": n}), omits(k))
	}
	w.t.Expect(w.full("ann"), omits(k))
}

// staysAwayFromAny judges that no sync with any of the documented parameters lists the deleted conversation.
func (w *world) staysAwayFromAny(ch *channel, was life) {
	k := ch.key("ann")
	for _, body := range w.anySync("ann", ch, []int64{0, 1, was.version - 1, was.version}, []int64{0, was.last - 1, was.last}) {
		w.t.Need(w.sync("ann", body), omits(k))
	}
	w.t.Expect(w.full("ann"), omits(k))
}

// registerDeleteStays: the plain full sync is a spec of its own, so that what brings a conversation back has its name.
func registerDeleteStays(s *specs.Suite) {
	deleted := func(title string, arrange func(t *specs.Trial) (*world, *channel)) {
		s.Requirement("WK-DEL-09", title+" is deleted: no full sync lists it", func(t *specs.Trial) {
			w, ch := arrange(t)
			w.buries(ch)
			w.staysAway(ch)
		})
		s.Requirement("WK-DEL-09", title+" is deleted: no sync with other parameters lists it", func(t *specs.Trial) {
			w, ch := arrange(t)
			w.staysAwayFromAny(ch, w.buries(ch))
		})
	}
	deleted("a group with all of 4 messages unread", func(t *specs.Trial) (*world, *channel) {
		w, g, _ := unreadChats(t, 4)
		return w, g
	})
	deleted("a group with all messages read", func(t *specs.Trial) (*world, *channel) {
		w, g, _ := unreadChats(t, 4)
		w.set("ann", g, 0)
		return w, g
	})
	deleted("a group of which exactly the last message is unread", func(t *specs.Trial) (*world, *channel) {
		w, g, _ := unreadChats(t, 4)
		w.set("ann", g, 0)
		return w, g.says("bob", 1)
	})
	deleted("a group in which the user wrote last", func(t *specs.Trial) (*world, *channel) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2).says("ann", 1)
		return w.seed(), g
	})
	deleted("a personal chat", func(t *specs.Trial) (*world, *channel) {
		w, _, d := unreadChats(t, 4)
		return w, d
	})
	deleted("a personal chat of which exactly the last message is unread", func(t *specs.Trial) (*world, *channel) {
		w, _, d := unreadChats(t, 4)
		w.set("ann", d, 0)
		return w, d.says("bob", 1)
	})
	deleted("a group that was deleted once and brought back by a message", func(t *specs.Trial) (*world, *channel) {
		w, g, _ := unreadChats(t, 4)
		w.gone(g)
		w.broughtBack(g, "bob", 1)
		return w, g
	})
}

func registerDeleteStaysAfter(s *specs.Suite) {
	stays := func(title string, after func(w *world, ch *channel, last int64), options ...specs.Option) {
		s.Requirement("WK-DEL-09", "a deleted group stays away: "+title, func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 4)
			after(w, g, w.buries(g).last)
			w.staysAway(g)
		}, options...)
		s.Requirement("WK-DEL-09", "a deleted personal chat stays away: "+title, func(t *specs.Trial) {
			w, _, d := unreadChats(t, 4)
			after(w, d, w.buries(d).last)
			w.staysAway(d)
		}, options...)
	}
	stays("it is deleted a second time", func(w *world, ch *channel, _ int64) {
		w.remove("ann", ch)
	})
	if s.Profile() != "v1" { // the older page alone has no clearUnread
		stays("it is cleared as a whole", func(w *world, ch *channel, _ int64) { w.clear("ann", ch, nil) })
		stays("it is cleared up to messages", func(w *world, ch *channel, last int64) {
			for _, k := range []int64{last - 1, last, last + 5} {
				w.clear("ann", ch, with{"message_seq": k})
			}
		})
	}
	// No document says what a number for a conversation that is not there is.
	stays("it is set to 0, 1 and 4", func(w *world, ch *channel, _ int64) {
		for _, n := range []int64{0, 1, 4} {
			w.set("ann", ch, n)
		}
	}, specs.AtMost(catalog.Probe))
	stays("the others read, set and delete theirs", func(w *world, ch *channel, _ int64) {
		for _, user := range ch.members[1:] {
			w.reads(user, ch)
			w.set(user, ch, 1)
			w.remove(user, ch)
		}
	})
	stays("the user's other conversations get a message, and are set and read", func(w *world, ch *channel, _ int64) {
		for _, other := range w.channels {
			if other != ch {
				other.says("bob", 1)
				w.set("ann", other, 2)
				w.reads("ann", other)
			}
		}
	})
}

func registerDeleteEarly(s *specs.Suite) {
	const id = "WK-DEL-10"
	s.Requirement(id, "a personal chat is deleted by the receiver right after its first message: it is gone", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob")
		w.seed()
		d.says("bob", 1)
		w.deletes(d)
	})
	s.Requirement(id, "a personal chat is deleted by the sender right after its first message: it is gone", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob")
		w.seed()
		d.says("ann", 1)
		w.deletes(d)
	})
	s.Requirement(id, "a group is deleted right after its first message: it is gone", func(t *specs.Trial) {
		w, g := emptyGroup(t)
		g.says("bob", 1)
		w.deletes(g)
	})
}
