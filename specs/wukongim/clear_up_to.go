package wukongim

import (
	"fmt"

	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

func registerClearUpTo(s *specs.Suite) {
	const id = "WK-CLEAR-03"
	for i, which := range []string{"first", "second", "third", "fourth", "fifth", "sixth and last"} {
		s.Requirement(id, fmt.Sprintf("a group is cleared up to the %s of 6 messages: unread is %d", which, 5-i), func(t *specs.Trial) {
			w, g, _ := unreadChats(t, 6)
			w.clearsUpTo(g, i, 5-i)
		})
	}
	s.Requirement(id, "a personal chat is cleared up to the second of 6 messages: unread is 4", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 6)
		w.clearsUpTo(d, 1, 4)
	})
	s.Requirement(id, "cleared up to the fourth message of two senders: unread counts both senders' later ones", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob", "cid").says("bob", 3).says("cid", 2).says("bob", 1)
		w.seed()
		w.clearsUpTo(g, 3, 2)
	})
	s.Requirement(id, "the user's own messages come before k: unread is the number of others' messages after k", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2).says("ann", 2).says("bob", 4)
		w.seed()
		w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[5])})
		w.sees("ann", unread(g.key("ann"), 2))
	})
	s.Requirement(id, "the user's own messages come after k: unread is one less when the first of others' is cleared", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3).says("ann", 2).says("bob", 2)
		w.seed()
		k := g.key("ann")
		w.given(unreadCounted, "ann", unreadFrom(k, 2, 7))
		before, _ := w.conversation("ann", g, 1).integer("unread")
		w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[0])})
		w.sees("ann", oneCleared(k, before))
	})
	s.Requirement(id, "70 messages, cleared up to the 30th: unread is 40", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 70)
		w.clearsUpTo(g, 29, 40)
	})
	s.Requirement(id, "110 messages, cleared up to the 10th: unread is 100", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 40)
		k := w.seqOf("ann", g, g.sent[9])
		g.says("bob", 70)
		w.given(unreadCounted, "ann", unread(g.key("ann"), 110))
		w.clear("ann", g, with{"message_seq": k})
		w.sees("ann", unread(g.key("ann"), 100))
	})
	registerClearUpToInTurn(s, id)
}

// oneCleared matches a conversation of 3 messages of bob's, 2 of the user's own and 2 more of bob's, when it was cleared up
// to the first and before were unread. Whether speaking reads what came before is nobody's rule, and whether one's own
// messages count is not this statement's.
func oneCleared(k key, before int64) *match.Matcher {
	const byOthersAfterIt, afterSpeaking = 4, 2
	if before == afterSpeaking {
		return unread(k, afterSpeaking)
	}
	return unreadOneOf(k, before-1, byOthersAfterIt)
}

func registerClearUpToInTurn(s *specs.Suite, id string) {
	s.Requirement(id, "cleared up to the second and then up to the fifth of 6 messages: unread is 1", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		w.clearsUpTo(g, 1, 4)
		w.clearsUpTo(g, 4, 1)
	})
	s.Requirement(id, "cleared up to the fourth of 6 messages, and a new message: unread is 3", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		w.clearsUpTo(g, 3, 2)
		g.says("bob", 1)
		w.sees("ann", unread(g.key("ann"), 3))
	})
	s.Requirement(id, "deleted, brought back by 3 messages, and cleared up to the first of these: unread is 2", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 4)
		w.remove("ann", g)
		w.given(deleteWorks, "ann", omits(g.key("ann")))
		w.broughtBack(g, "bob", 3)
		w.given(unreadCounted, "ann", unreadFrom(g.key("ann"), 3, 7))
		w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[4])})
		w.sees("ann", unread(g.key("ann"), 2))
	})
}

// clearsUpTo clears ann's conversation up to its message at index i and judges what is unread then. The messages before
// it must count as unread first.
func (w *world) clearsUpTo(ch *channel, i, left int) {
	k := ch.key("ann")
	w.given(unreadCounted, "ann", unreadFrom(k, int64(left)+1, int64(len(ch.sent))))
	w.clear("ann", ch, with{"message_seq": w.seqOf("ann", ch, ch.sent[i])})
	w.sees("ann", unread(k, int64(left)))
}

func registerClearNeverBack(s *specs.Suite) {
	const id = "WK-CLEAR-04"
	s.Requirement(id, "all is cleared, then up to the first message: unread stays 0", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		k := with{"message_seq": w.seqOf("ann", g, g.sent[0])}
		w.clear("ann", g, nil)
		w.given(clearWorks, "ann", unread(g.key("ann"), 0))
		w.clear("ann", g, k)
		w.sees("ann", unread(g.key("ann"), 0))
	})
	s.Requirement(id, "cleared up to the fifth, then up to the second of 6 messages: unread stays 1", func(t *specs.Trial) {
		w, _, d := unreadChats(t, 6)
		w.clear("ann", d, with{"message_seq": w.seqOf("ann", d, d.sent[4])})
		w.given(clearUpToWorks, "ann", unread(d.key("ann"), 1))
		w.clear("ann", d, with{"message_seq": w.seqOf("ann", d, d.sent[1])})
		w.sees("ann", unread(d.key("ann"), 1))
	})
	s.Requirement(id, "set to 2, then cleared up to the first of 6 messages: unread is no more than 2", func(t *specs.Trial) {
		w, g, _ := unreadChats(t, 6)
		w.set("ann", g, 2)
		w.given(setWorks, "ann", unread(g.key("ann"), 2))
		w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[0])})
		w.sees("ann", unreadFrom(g.key("ann"), 0, 2))
	})
}

func registerClearBeyond(s *specs.Suite) {
	const id = "WK-CLEAR-05"
	for _, beyond := range []int64{1, 1000} {
		clearsBeyond := func(t *specs.Trial, n int) (*world, *channel) {
			w, g, _ := unreadChats(t, n)
			w.clear("ann", g, with{"message_seq": w.seqOf("ann", g, g.sent[n-1]) + beyond})
			return w, g
		}
		s.Requirement(id, fmt.Sprintf("a k %d beyond the last of 4 messages: unread is 0", beyond), func(t *specs.Trial) {
			w, g := clearsBeyond(t, 4)
			w.sees("ann", unread(g.key("ann"), 0))
		})
		s.Requirement(id, fmt.Sprintf("a k %d beyond the last message, then 3 messages: unread is 3", beyond), func(t *specs.Trial) {
			w, g := clearsBeyond(t, 4)
			w.given(id, "ann", unread(g.key("ann"), 0))
			g.says("bob", 1)
			w.sees("ann", unread(g.key("ann"), 1))
			g.says("bob", 2)
			w.sees("ann", unread(g.key("ann"), 3))
		})
	}
}
