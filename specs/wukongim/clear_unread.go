package wukongim

import (
	"fmt"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

func registerClearUnread(s *specs.Suite) {
	if s.Profile() == "v1" { // the older page alone has no clearUnread
		return
	}
	registerClearAnswer(s)
	registerClearAll(s)
	registerClearUpTo(s)
	registerClearNeverBack(s)
	registerClearBeyond(s)
	registerClearOthers(s)
	registerClearOtherConversations(s)
	registerClearLater(s)
	registerClearKeeps(s)
	registerClearRefusals(s)
}

// unreadChats is the world of most specs about one conversation: ann has n unread messages of bob's in a group, and as
// many in a personal chat.
func unreadChats(t *specs.Trial, n int) (w *world, g, d *channel) {
	w = newWorld(t)
	g = w.group("g", "ann", "bob", "cid").says("bob", n)
	d = w.direct("ann", "bob").says("bob", n)
	w.seed()
	return w, g, d
}

// manyGroups is a world in which ann is in n groups, with one message of bob's in each.
func manyGroups(t *specs.Trial, n int) (*world, []*channel) {
	w := newWorld(t)
	groups := make([]*channel, n)
	for i := range groups {
		groups[i] = w.group(fmt.Sprintf("g%d", i+1), "ann", "bob").says("bob", 1)
	}
	w.seed()
	return w, groups
}

func registerClearAnswer(s *specs.Suite) {
	s.Requirement("WK-CLEAR-01", "a group with unread messages is cleared: 200 with status ok", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		t.Expect(w.clear("ann", g, nil), saysOK())
	})
	s.Requirement("WK-CLEAR-01", "a personal chat with unread messages is cleared: 200 with status ok", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 3)
		t.Expect(w.clear("ann", d, nil), saysOK())
	})
	s.Requirement("WK-CLEAR-01", "a group is cleared up to a message_seq: 200 with status ok", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		t.Expect(w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[1])}), saysOK())
	})
	s.Requirement("WK-CLEAR-11", "what is cleared is cleared again: the same answer", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		first := w.clear("ann", g, nil)
		t.Need(first, answers())
		w.given(clearWorks, "ann", unread(g.key("ann"), 0))
		t.Expect(w.clear("ann", g, nil), sameAnswer(first))
	})
	s.Requirement("WK-CLEAR-11", "what is cleared up to a message is cleared up to it again: the same answer", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 3)
		k := with{"message_seq": w.seqOf("ann", d, d.sent[1])}
		first := w.clear("ann", d, k)
		t.Need(first, answers())
		w.given(clearUpToWorks, "ann", unread(d.key("ann"), 1))
		t.Expect(w.clear("ann", d, k), sameAnswer(first))
	})
}

func registerClearAll(s *specs.Suite) {
	const id = "WK-CLEAR-02"
	s.Requirement(id, "a group with unread messages is cleared: unread is 0", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		w.clear("ann", g, nil)
		w.sees("ann", unread(g.key("ann"), 0))
	})
	s.Requirement(id, "both sides of a personal chat clear it, one after the other: unread is 0 for both", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob").says("bob", 3).says("ann", 2)
		w.seed()
		for _, user := range d.members {
			w.clear(user, d, nil)
			w.sees(user, unread(d.key(user), 0))
		}
	})
	s.Requirement(id, "70 unread messages are cleared: unread is 0", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 70)
		w.clear("ann", g, nil)
		w.sees("ann", unread(g.key("ann"), 0))
	})
	s.Requirement(id, "the oldest of 70 conversations is cleared: its unread is 0", func(t *specs.Trial) {
		w, groups := manyGroups(t, 70)
		w.clear("ann", groups[0], nil)
		w.sees("ann", unread(groups[0].key("ann"), 0))
	})
	s.Requirement(id, "cleared, a new message, and cleared again: unread is 0", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 3)
		w.clear("ann", g, nil)
		g.says("bob", 1)
		w.clear("ann", g, nil)
		w.sees("ann", unread(g.key("ann"), 0))
	})
	s.Requirement(id, "set to 2 and then cleared: unread is 0", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		w.set("ann", g, 2)
		w.clear("ann", g, nil)
		w.sees("ann", unread(g.key("ann"), 0))
	})
	s.Requirement(id, "deleted, brought back by a message, and then cleared: unread is 0", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		w.remove("ann", g)
		w.broughtBack(g, "bob", 2)
		w.clear("ann", g, nil)
		w.sees("ann", unread(g.key("ann"), 0))
	})
	s.Requirement(id, "after a clear, unread is 0 in whatever sync lists the conversation", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		looks := w.changed("ann", g, func() { w.clear("ann", g, nil) })
		w.sees("ann", unread(g.key("ann"), 0))
		for _, body := range looks {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, buildsOn(syncReadsNothing, unreadWhereListed(g.key("ann"), 0)))
		}
	})
}

// changed does something to a conversation and returns the syncs that show it to a client which knew what was before.
func (w *world) changed(user string, ch *channel, change func()) []with {
	version, r := w.conversation(user, ch, 1).integer("version")
	if !r.OK {
		version = 1
	}
	behind := w.seqOf(user, ch, ch.sent[0])
	change()
	return w.anySync(user, ch, []int64{version - 1, version}, []int64{behind})
}

// clears are the two ways to clear: as a whole, and up to the message at index i.
var clears = []struct {
	title string
	works string // the requirement that the way has an effect
	more  func(w *world, ch *channel, i int) with
}{
	{"cleared", clearWorks, func(*world, *channel, int) with { return nil }},
	{"cleared up to a message", clearUpToWorks, func(w *world, ch *channel, i int) with {
		return with{"message_seq": w.seqOf("ann", ch, ch.sent[i])}
	}},
}

func registerClearOthers(s *specs.Suite) {
	for _, k := range clears {
		s.Requirement("WK-CLEAR-06", "a group is "+k.title+" by one member: the others' unread stays", func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 4)
			g.says("cid", 2)
			bob, cid := w.before("bob"), w.before("cid")
			w.clear("ann", g, k.more(w, g, 1))
			w.given(k.works, "ann", unreadFrom(g.key("ann"), 0, 4))
			w.sees("cid", same(cid, unreadOnly))
			w.sees("bob", same(bob, unreadOnly))
		})
		s.Requirement("WK-CLEAR-06", "a personal chat is "+k.title+" by one side: the other's unread stays", func(t *specs.Trial) {
			w := newWorld(t)
			d := w.direct("ann", "bob").says("ann", 2).says("bob", 3)
			w.seed()
			before := w.before("bob")
			w.clear("ann", d, k.more(w, d, 3))
			w.given(k.works, "ann", unreadFrom(d.key("ann"), 0, 2))
			w.sees("bob", same(before, unreadOnly))
		})
	}
	s.Requirement("WK-CLEAR-06", "two members clear a group up to different messages: the second leaves the first's unread", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[1])})
		w.given(clearUpToWorks, "ann", unread(g.key("ann"), 4))
		w.clear("cid", g, with{"message_seq": w.seqOf("cid", g, g.sent[4])})
		w.given(clearUpToWorks, "cid", unread(g.key("cid"), 1))
		w.sees("ann", unread(g.key("ann"), 4))
	})
}

func registerClearOtherConversations(s *specs.Suite) {
	for _, k := range clears {
		s.Requirement("WK-CLEAR-07", "a personal chat is "+k.title+": the user's other conversations stay, a group of the same id among them", func(t *specs.Trial) {
			w, d, _ := twins(t)
			before := w.before("ann")
			w.clear("ann", d, k.more(w, d, 1))
			w.given(k.works, "ann", unreadFrom(d.key("ann"), 0, 3))
			w.sees("ann", same(before, unreadOnly, d.key("ann")))
		})
		s.Requirement("WK-CLEAR-07", "a group is "+k.title+": the user's other conversations stay, a personal chat of the same id among them", func(t *specs.Trial) {
			w, _, g := twins(t)
			before := w.before("ann")
			w.clear("ann", g, k.more(w, g, 1))
			w.given(k.works, "ann", unreadFrom(g.key("ann"), 0, 2))
			w.sees("ann", same(before, unreadOnly, g.key("ann")))
		})
	}
	s.Requirement("WK-CLEAR-07", "one of 70 conversations is cleared: the other 69 stay", func(t *specs.Trial) {
		w, groups := manyGroups(t, 70)
		before := w.before("ann")
		w.clear("ann", groups[35], nil)
		w.given(clearWorks, "ann", unread(groups[35].key("ann"), 0))
		w.sees("ann", same(before, unreadOnly, groups[35].key("ann")))
	})
}

func registerClearLater(s *specs.Suite) {
	const id = "WK-CLEAR-12"
	cleared := func(t *specs.Trial, direct bool) (*world, *channel) {
		w, ch, d := unreadChats(t, 4)
		if direct {
			ch = d
		}
		w.clear("ann", ch, nil)
		w.given(clearWorks, "ann", unread(ch.key("ann"), 0))
		return w, ch
	}
	s.Requirement(id, "a group is cleared, then a message: unread is 1", func(t *specs.Trial) {
		w, g := cleared(t, false)
		g.says("bob", 1)
		w.sees("ann", unread(g.key("ann"), 1))
	})
	s.Requirement(id, "a personal chat is cleared, then a message: unread is 1", func(t *specs.Trial) {
		w, d := cleared(t, true)
		d.says("bob", 1)
		w.sees("ann", unread(d.key("ann"), 1))
	})
	s.Requirement(id, "cleared twice, then a message: unread is 1", func(t *specs.Trial) {
		w, g := cleared(t, false)
		w.clear("ann", g, nil)
		g.says("cid", 1)
		w.sees("ann", unread(g.key("ann"), 1))
	})
	s.Requirement(id, "cleared, a message, cleared again, then a message: unread is 1", func(t *specs.Trial) {
		w, g := cleared(t, false)
		g.says("bob", 1)
		w.clear("ann", g, nil)
		w.given(clearWorks, "ann", unread(g.key("ann"), 0))
		g.says("bob", 1)
		w.sees("ann", unread(g.key("ann"), 1))
	})
	s.Requirement(id, "cleared up to the last message, then a message: unread is 1", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 4)
		w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[3])})
		w.given(clearUpToWorks, "ann", unread(g.key("ann"), 0))
		g.says("bob", 1)
		w.sees("ann", unread(g.key("ann"), 1))
	})
	s.Requirement(id, "set to 3, cleared, then a message: unread is 1", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 4)
		w.set("ann", g, 3)
		w.clear("ann", g, nil)
		w.given(clearWorks, "ann", unread(g.key("ann"), 0))
		g.says("bob", 1)
		w.sees("ann", unread(g.key("ann"), 1))
	})
}

func registerClearKeeps(s *specs.Suite) {
	const id = "WK-CLEAR-13"
	for _, k := range []struct {
		title string
		works string // the requirement that the way has an effect
		left  int64
		more  func(w *world, g *channel) with
	}{
		{"a group is cleared", clearWorks, 0, func(*world, *channel) with { return nil }},
		{"a group is cleared up to the third of 6 messages", clearUpToWorks, 3, func(w *world, g *channel) with {
			return with{"message_seq": w.seqOf("ann", g, g.sent[2])}
		}},
		{"a group is cleared with a message_seq beyond the last", clearBeyondWorks, 0, func(w *world, g *channel) with {
			return with{"message_seq": w.seqOf("ann", g, g.sent[5]) + 99999}
		}},
	} {
		s.Requirement(id, k.title+": messages, last_msg_seq and timestamp stay", func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 6)
			before := w.before("ann")
			w.clear("ann", g, k.more(w, g))
			w.given(k.works, "ann", unread(g.key("ann"), k.left))
			w.sees("ann", same(before, allButUnread))
		})
	}
	s.Requirement(id, "a group is cleared a second after its last message: timestamp stays", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 2)
		before := w.before("ann")
		t.NextSecond()
		w.clear("ann", g, nil)
		w.given(clearWorks, "ann", unread(g.key("ann"), 0))
		w.sees("ann", same(before, allButUnread))
	})
	s.Requirement(id, "cleared with a message_seq beyond the last, then a message: last_msg_seq is the message's", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 2)
		w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[1]) + 99999})
		w.given(clearBeyondWorks, "ann", unread(g.key("ann"), 0))
		g.says("bob", 1)
		w.sees("ann", field(g.key("ann"), "last_msg_seq", w.seqOf("ann", g, g.sent[2])))
	})
	s.Requirement(id, "deleted, brought back by a message, and then cleared: the messages stay those before the clear", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 5)
		w.remove("ann", g)
		w.broughtBack(g, "bob", 1)
		before := w.before("ann")
		w.clear("ann", g, nil)
		w.given(clearWorks, "ann", unread(g.key("ann"), 0))
		w.sees("ann", same(before, allButUnread))
	})
}

func registerClearRefusals(s *specs.Suite) {
	clear := mutation{path: clearPath, does: "a clear", optional: with{"message_seq": 1}}
	clear.registerBadBodies(s, "WK-CLEAR-08")
	clear.registerAbsent(s, "WK-CLEAR-09")
	s.Requirement("WK-CLEAR-09", "a clear up to a message_seq of a group that nobody made is answered with 404", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 2)
		x := w.post(clearPath, "ann", with{"channel_id": w.name("nowhere"), "channel_type": group, "message_seq": 5})
		t.Expect(x, match.Status(404))
		clear.works(w, g)
	})
	s.Requirement("WK-SYNC-31", "a clear up to a message_seq of a group that nobody made adds no conversation", func(t *specs.Trial) {
		w, _, _ := unreadChats(t, 2)
		w.post(clearPath, "ann", with{"channel_id": w.name("nowhere"), "channel_type": group, "message_seq": 5})
		w.sees("ann", omits(key{w.name("nowhere"), group}))
	})
	clear.registerDenied(s, "WK-CLEAR-10")
	s.Requirement("WK-CLEAR-14", "a group is cleared with channel types that no document names", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 2)
		var said []string
		var x *exchange.Exchange
		for _, typ := range []int{0, 3, 99, 255, 256, -1} {
			x = w.clear("ann", g, with{"channel_type": typ})
			said = append(said, fmt.Sprintf("%d: HTTP %d", typ, x.Status()))
		}
		t.Observe(x, "channel_type %s", strings.Join(said, ", "))
	})
}
