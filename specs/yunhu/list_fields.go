package yunhu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

func registerListFields(s *specs.Suite) {
	registerKind(s)
	registerTimes(s)
	registerFlags(s)
	registerUnread(s)
	registerCertification(s)
	registerMention(s)
	registerMentionTexts(s)
	registerTexts(s)
	registerZeros(s)
}

func registerKind(s *specs.Suite) {
	named := each("chat_type 1, 2 or 3, and a chat_id that is not empty", func(c conversation) match.Result {
		if c.numbers[2] < 1 || c.numbers[2] > 3 || c.id == "" {
			return match.Failf("a conversation with chat_id %q and chat_type %d", c.id, int64(c.numbers[2]))
		}
		return match.Pass()
	})
	for _, kind := range kinds {
		s.Requirement("YH-LIST-4", kind.title+" bears its id and its kind", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			t.Expect(w.list("ann"), named(w))
			w.sees("ann", bears(kind.pick(g, d, b).key("ann")))
		}, onList)
	}
	s.Requirement("YH-LIST-4", "both sides of a chat have it under the other's id", func(t *specs.Trial) {
		w, _, d, _ := everyKind(t)
		t.Expect(w.list("bob"), named(w))
		w.sees("ann", bears(d.key("ann")))
		w.sees("bob", bears(d.key("bob")))
	}, onList)
}

// bears matches a list that has the conversation under its id and kind. One that is missing may be there under others.
func bears(k key) *match.Matcher {
	m := lists(k)
	return match.New(m.Expected, func(x *exchange.Exchange) match.Result {
		r := m.Judge(x)
		if r.BuildsOn == completeList {
			r.BuildsOn = ""
		}
		return r
	})
}

// The ranges of times in each unit: from September 2001 to November 2286.
const (
	leastSecond, mostSecond = 1_000_000_000, 9_999_999_999
)

func registerTimes(s *specs.Suite) {
	const id = "YH-LIST-5"
	units := each("timestamp_ms in milliseconds (13 digits), timestamp in seconds (10 digits)", func(c conversation) match.Result {
		ms, seconds := c.numbers[5], c.numbers[12]
		if ms < leastSecond*1000 || ms > mostSecond*1000+999 {
			return match.Failf("timestamp_ms %d of %s", ms, c.key())
		}
		optional := s.Profile() == "2026" // clients of that time fall back to field 5 where it is 0
		if (seconds < leastSecond || seconds > mostSecond) && !(optional && seconds == 0) {
			return match.Failf("timestamp %d of %s", seconds, c.key())
		}
		return match.Pass()
	})
	s.Requirement(id, "a group, a chat and a bot: units of both times", func(t *specs.Trial) {
		w, g, d, b := everyKind(t)
		w.sees("ann", lists(g.key("ann"), d.key("ann"), b.key("ann")), units(w))
	}, onList)
	s.Requirement(id, "the user's own message, and a mention: units of both times", func(t *specs.Trial) {
		w, g, d, _ := everyKind(t)
		d.says("ann", 1)
		g.names("bob", "ann")
		w.sees("ann", lists(g.key("ann"), d.key("ann")), units(w))
		w.sees("bob", lists(g.key("bob"), d.key("bob")), units(w))
	}, onList)
	s.Requirement(id, "a dismissed conversation: units of both times", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		w.givenRead("ann", g)
		w.sees("ann", lists(g.key("ann")), units(w))
	}, onList, onDismiss)
}

func registerFlags(s *specs.Suite) {
	const id = "YH-LIST-6"
	bits := each("at and do_not_disturb of 0 or 1", func(c conversation) match.Result {
		if at, silent := c.numbers[7], c.numbers[11]; at > 1 || silent > 1 {
			return match.Failf("at %d and do_not_disturb %d of %s", int64(at), int64(silent), c.key())
		}
		return match.Pass()
	})
	s.Requirement(id, "a mentioned user with do-not-disturb has 1 in both", func(t *specs.Trial) {
		w, g := mentioned(t)
		t.Expect(w.list("ann"), bits(w))
		w.sees("ann", flag(g.key("ann"), 7, 1), flag(g.key("ann"), 11, 1))
	}, onList)
	s.Requirement(id, "who was not mentioned, and has do-not-disturb off, has 0 in both", func(t *specs.Trial) {
		w, g := mentioned(t)
		t.Expect(w.list("cid"), bits(w))
		w.sees("cid", flag(g.key("cid"), 7, 0), flag(g.key("cid"), 11, 0))
		w.sees("bob", flag(g.key("bob"), 7, 0), flag(g.key("bob"), 11, 0))
	}, onList)
	s.Requirement(id, "three mentions in a row: at is still 1", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 1).names("bob", "ann").names("bob", "ann").names("bob", "ann")
		w.seed()
		w.sees("ann", flag(g.key("ann"), 7, 1))
		t.Expect(w.list("ann"), bits(w))
	}, onList)
	s.Requirement(id, "a silenced conversation is dismissed: do_not_disturb is still 1", func(t *specs.Trial) {
		w, g := mentioned(t)
		w.givenRead("ann", g)
		w.sees("ann", flag(g.key("ann"), 11, 1))
	}, onList, onDismiss)
	s.Requirement(id, "do-not-disturb of one of two conversations: 1 of that one, 0 of the other", func(t *specs.Trial) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("bob", 2), w.direct("ann", "bob").says("bob", 1)
		w.silence("ann", d)
		w.seed()
		w.sees("ann", flag(d.key("ann"), 11, 1), flag(g.key("ann"), 11, 0), bits(w))
	}, onList)
}

func registerUnread(s *specs.Suite) {
	const id = "YH-LIST-7"
	// The pages call it a flag and a count, in this order: a server of either time may write either.
	inRange := each("unread that is not negative", func(c conversation) match.Result {
		if n := c.numbers[6]; n >= 1<<31 {
			return match.Failf("unread %d of %s", int64(n), c.key())
		}
		return match.Pass()
	})
	s.Requirement(id, "one unread message: above 0, and in range", func(t *specs.Trial) {
		w, _, d, b := everyKind(t)
		w.sees("ann", unread(d.key("ann"), true), unread(b.key("ann"), true), inRange(w))
	}, onList)
	s.Requirement(id, "7 and 300 unread messages: above 0, and in range", func(t *specs.Trial) {
		w := newWorld(t)
		few, many := w.group("few", "ann", "bob").says("bob", 7), w.group("many", "ann", "bob").says("bob", 300)
		w.seed()
		w.sees("ann", unread(few.key("ann"), true), unread(many.key("ann"), true), inRange(w))
	}, onList)
	s.Requirement(id, "a silenced conversation with unread messages is above 0 as well", func(t *specs.Trial) {
		w, g := mentioned(t)
		w.sees("ann", unread(g.key("ann"), true), inRange(w))
	}, onList)
	s.Requirement(id, "dismissed, and three messages later: 0, then above 0, and in range", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		w.givenUnread("ann", g)
		w.givenRead("ann", g)
		w.sees("ann", inRange(w))
		g.says("bob", 3)
		w.given("YH-DISMISS-2", "ann", unread(g.key("ann"), true))
		w.sees("ann", inRange(w))
	}, onList, onDismiss)
}

func registerCertification(s *specs.Suite) {
	level := each("certification_level 0, 1 or 2", func(c conversation) match.Result {
		if n := c.numbers[16]; n > 2 {
			return match.Failf("certification_level %d of %s", int64(n), c.key())
		}
		return match.Pass()
	})
	s.Requirement("YH-LIST-8", "a group, a chat and a bot", func(t *specs.Trial) {
		w, g, d, b := everyKind(t)
		w.sees("ann", lists(g.key("ann"), d.key("ann"), b.key("ann")), level(w))
	}, onList)
	s.Requirement("YH-LIST-8", "a mentioned user with do-not-disturb", func(t *specs.Trial) {
		w, _ := mentioned(t)
		t.Expect(w.list("ann"), level(w))
	}, onList)
}

func registerMention(s *specs.Suite) {
	const id = "YH-LIST-9"
	mentionedBy := func(w *world, from string, g *chat, user string) *match.Matcher {
		return about(g.key(user), "at 1, and an at_data that says in field 6 who mentioned: "+w.id(from), func(c conversation) match.Result {
			if c.numbers[7] != 1 {
				return match.Result{Got: fmt.Sprintf("at %d", c.numbers[7]), BuildsOn: "YH-LIST-6"}
			}
			if !c.hasMention {
				return match.Failf("at 1 of %s without at_data", c.key())
			}
			said := []string{}
			for _, f := range c.mention {
				if said = append(said, f.String()); f.number == 6 && string(f.bytes) == w.id(from) {
					return match.Pass()
				}
			}
			return match.Failf("at_data with %s", firstOf(strings.Join(said, ", "), "nothing"))
		})
	}
	s.Requirement(id, "a user who was mentioned by the last message", func(t *specs.Trial) {
		w, g := mentioned(t)
		w.sees("ann", mentionedBy(w, "bob", g, "ann"))
	}, onList)
	s.Requirement(id, "two users who were mentioned, one after the other", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob", "cid").says("bob", 1).names("bob", "ann").names("bob", "cid")
		w.seed()
		w.sees("cid", mentionedBy(w, "bob", g, "cid"))
	}, onList)
}

// registerZeros records how the target writes zeros: both ways are right, and a reader must take both.
func registerZeros(s *specs.Suite) {
	s.Requirement("YH-LIST-12", "the fields of a chat that nobody was mentioned in, some of which are zero", func(t *specs.Trial) {
		w, _, d, _ := everyKind(t)
		x := w.list("ann")
		l, r := accepted(x)
		c, listed := l.find(d.key("ann"))
		if !r.OK || !listed {
			t.Observe(x, "no list in which to look: %s", r.Got)
			return
		}
		var zeros []string
		for number, field := range dataFields {
			if c.written[number] && field.typ == 0 && c.numbers[number] == 0 {
				zeros = append(zeros, fmt.Sprintf("%s (%d)", field.name, number))
			}
		}
		slices.Sort(zeros)
		t.Observe(x, "zeros that are written: %s", firstOf(strings.Join(zeros, ", "), "none"))
	}, onList)
}
