package yunhu

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerListForm(s *specs.Suite) {
	s.Requirement("YH-LIST-1", "a user with a group, a chat and a bot: the documented message", func(t *specs.Trial) {
		w, _, _, _ := everyKind(t)
		t.Expect(w.list("ann"), isList())
	}, onList)
	s.Requirement("YH-LIST-1", "a request with nothing but the token, not even a Content-Type", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		t.Expect(t.Do(specs.Request{Path: listPath, Header: w.headers("ann")}), lists(g.key("ann")))
	}, onList)
	s.Requirement("YH-LIST-1", "a user without a conversation: the documented message", func(t *specs.Trial) {
		w := newWorld(t)
		w.person("eve")
		w.seed()
		t.Expect(w.list("eve"), isList())
	}, onList)
	s.Requirement("YH-LIST-1", "a user who was mentioned, with do-not-disturb: the documented message, at_data too", func(t *specs.Trial) {
		w, g := mentioned(t)
		t.Expect(w.list("ann"), lists(g.key("ann")))
	}, onList)
	registerStatus(s)
	registerTotal(s)
	registerDecodes(s)
	registerUnique(s)
	registerOrder(s)
}

// mentioned is a world in which ann, who has switched do-not-disturb on, was mentioned in a group by the last message.
func mentioned(t *specs.Trial) (*world, *chat) {
	w := newWorld(t)
	g := w.group("g", "ann", "bob", "cid").says("bob", 1).names("bob", "ann")
	w.silence("ann", g)
	w.seed()
	return w, g
}

func registerStatus(s *specs.Suite) {
	for _, part := range []struct {
		says   string
		option specs.Option
		holds  func(list) bool
	}{
		{"code 1", specs.AtMost(catalog.Must), func(l list) bool { return l.code == success }},
		{"msg success", specs.AtMost(catalog.Should), func(l list) bool { return l.msg == "success" }},
	} {
		s.Requirement("YH-LIST-2", "a list says "+part.says, func(t *specs.Trial) {
			w, _, _, _ := everyKind(t)
			t.Expect(w.list("ann"), inStatus(part.says, part.holds))
			t.Expect(w.list("bob"), inStatus(part.says, part.holds))
		}, onList, part.option)
		s.Requirement("YH-LIST-2", "a list without a conversation says "+part.says, func(t *specs.Trial) {
			w := newWorld(t)
			w.person("eve")
			w.seed()
			t.Expect(w.list("eve"), inStatus(part.says, part.holds))
		}, onList, part.option)
	}
}

// inStatus judges the status alone.
func inStatus(says string, holds func(list) bool) *match.Matcher {
	return match.New("a status with "+says, func(x *exchange.Exchange) match.Result {
		l, err := readList(x.Body())
		if err != nil {
			return match.Result{Got: err.Error(), BuildsOn: formOfList}
		}
		if !holds(l) {
			return match.Failf("status.code %d and status.msg %q", int64(l.code), l.msg)
		}
		return match.Pass()
	})
}

func registerTotal(s *specs.Suite) {
	s.Requirement("YH-LIST-3", "a group, a chat and a bot: all three, total 3", func(t *specs.Trial) {
		w, g, d, b := everyKind(t)
		w.sees("ann", totals(), w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")))
	}, onList)
	s.Requirement("YH-LIST-3", "no conversation: total 0", func(t *specs.Trial) {
		w := newWorld(t)
		w.person("eve")
		w.seed()
		w.sees("eve", totals(), w.listsExactly())
	}, onList)
	s.Requirement("YH-LIST-3", "150 conversations: all of them, total 150", func(t *specs.Trial) {
		w, groups := manyGroups(t, 150)
		wanted := make([]key, len(groups))
		for i, g := range groups {
			wanted[i] = g.key("ann")
		}
		w.sees("ann", totals(), w.listsExactly(wanted...))
	}, onList)
	s.Requirement("YH-LIST-3", "read and unread conversations count alike in total", func(t *specs.Trial) {
		w, g, d, b := everyKind(t)
		w.givenRead("ann", g, d)
		w.sees("ann", totals(),
			w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")))
	}, onList, onDismiss)
}

// tryingTexts are messages that try whoever cuts, counts or escapes texts.
var tryingTexts = []string{
	"我信(", "emoji 🐧👨‍👩‍👧", "", " ", "a\x00b", "\xff\xfe broken", "quotes \" ' \\ {}", "line\nbreak", "שלום",
	strings.Repeat("云", 3000), "a" + strings.Repeat("湖", 3000), "ab" + strings.Repeat("群", 3000), strings.Repeat("🐧", 2000),
}

func registerDecodes(s *specs.Suite) {
	const id = "YH-LIST-17"
	for i, text := range tryingTexts {
		s.Requirement(id, fmt.Sprintf("the last message is trying text %d: the list decodes to its end", i+1), func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 1).texts("bob", text)
			d := w.direct("ann", "bob").texts("ann", text)
			w.seed()
			t.Expect(w.list("ann"), decodes(g.key("ann"), d.key("ann")))
		}, onList)
	}
	s.Requirement(id, "lists of 0, 3 and 150 conversations decode to their end", func(t *specs.Trial) {
		w, groups := manyGroups(t, 150)
		t.Expect(w.list("ann"), decodes(groups[0].key("ann"), groups[149].key("ann")))
		few, g, _, _ := dansWorld(t)
		t.Expect(few.list("eve"), decodes())
		t.Expect(few.list("dan"), decodes(g.key("dan")))
	}, onList)
	s.Requirement(id, "a list with a mention decodes to its end", func(t *specs.Trial) {
		w, g := mentioned(t)
		t.Expect(w.list("ann"), decodes(g.key("ann")))
	}, onList)
}

// dansWorld is everyKind for dan, beside a world that the spec has already; eve has no conversation.
func dansWorld(t *specs.Trial) (w *world, g, d, b *chat) {
	w = newWorld(t)
	g = w.group("h", "dan", "fay").says("fay", 2)
	d = w.direct("dan", "fay").says("fay", 1)
	if t.Env.Has(withBots) {
		b = w.bot("news", "dan").says("", 1)
	}
	w.person("eve")
	w.seed()
	return w, g, d, b
}

// decodes matches a list that is sound to its last byte. A list of which a part is missing is none.
func decodes(wanted ...key) *match.Matcher {
	return match.New("a list that decodes to its last byte, with texts in UTF-8", func(x *exchange.Exchange) match.Result {
		l, err := readList(x.Body())
		if err != nil {
			return match.Failf("%v", err)
		}
		for _, k := range wanted {
			if _, ok := l.find(k); !ok {
				return match.Result{Got: fmt.Sprintf("%s is missing among %s", k, l.keys()), BuildsOn: "YH-LIST-3"}
			}
		}
		return match.Pass()
	})
}

func registerUnique(s *specs.Suite) {
	s.Requirement("YH-LIST-14", "a group, a chat and a bot: each stands there once", func(t *specs.Trial) {
		w, _, _, _ := everyKind(t)
		t.Expect(w.list("ann"), w.unique())
	}, onList)
	s.Requirement("YH-LIST-14", "after messages by both sides, and a mention, each stands there once", func(t *specs.Trial) {
		w, g, d, _ := everyKind(t)
		d.says("ann", 2).says("bob", 1)
		g.names("bob", "ann").says("ann", 1)
		t.Expect(w.list("ann"), w.unique())
		t.Expect(w.list("bob"), w.unique())
	}, onList)
}

// unique matches a list in which no conversation of the run stands twice.
func (w *world) unique() *match.Matcher {
	return answered("every conversation at most once", func(l list) match.Result {
		seen := map[key]bool{}
		for _, c := range l.data {
			if seen[c.key()] && w.ours(c) {
				return match.Failf("%s stands twice among %s", c.key(), l.keys())
			}
			seen[c.key()] = true
		}
		return match.Pass()
	})
}

// registerOrder records the order of the list, which is open.
func registerOrder(s *specs.Suite) {
	s.Requirement("YH-LIST-15", "the order of ten conversations whose messages came in another order than they", func(t *specs.Trial) {
		w, groups := manyGroups(t, 10)
		for _, i := range t.Rand.Perm(10) {
			groups[i].says("bob", 1)
		}
		w.observeOrder()
	}, onList)
	s.Requirement("YH-LIST-15", "the order of four conversations, two of which get a message a second later", func(t *specs.Trial) {
		w, groups := manyGroups(t, 4)
		t.NextSecond()
		groups[0].says("bob", 1)
		t.NextSecond()
		groups[2].says("ann", 1)
		w.observeOrder()
	}, onList)
}

func (w *world) observeOrder() {
	x := w.list("ann")
	l, r := accepted(x)
	if !r.OK {
		w.t.Observe(x, "no list in which to look: %s", r.Got)
		return
	}
	falls := slices.IsSortedFunc(l.data, func(a, b conversation) int { return cmp.Compare(b.numbers[5], a.numbers[5]) })
	w.t.Observe(x, "timestamp_ms does not grow from one conversation to the next: %v", falls)
}
