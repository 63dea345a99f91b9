package yunhu

import (
	"fmt"
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
)

func registerSortChange(s *specs.Suite) {
	for _, kind := range kinds {
		s.Requirement("YH-SORT-1", "the order of "+kind.title+" is changed: code 1", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			t.Expect(w.sortChange("ann", kind.pick(g, d, b)), succeeds())
		}, onSort)
		s.Requirement("YH-SORT-1", "the order of "+kind.title+" is changed: msg says success", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			t.Expect(w.sortChange("ann", kind.pick(g, d, b)), saysSo())
		}, onSort, specs.AtMost(catalog.Should))
		s.Requirement("YH-SORT-3", "the order of "+kind.title+" is changed: the same conversations, the same total", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			w.sortChange("ann", kind.pick(g, d, b))
			all := keysOf([]*chat{g, d, b}, "ann")
			w.sees("ann", totals(), w.listsExactly(all...), once(all...))
		}, onSort, onList)
		s.Requirement("YH-SORT-3", "the order of "+kind.title+" is changed: what is unread stays unread", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			c := kind.pick(g, d, b)
			w.givenUnread("ann", g, d, b)
			w.sortChange("ann", c)
			w.sees("ann", unread(g.key("ann"), true), unread(d.key("ann"), true), unread(b.key("ann"), true))
		}, onSort, onList)
	}
	s.Requirement("YH-SORT-3", "the order of the oldest, a middle one and the newest of 30 is changed: still the same 30", func(t *specs.Trial) {
		w, groups := manyGroups(t, 30)
		for _, i := range []int{0, 15, 29} {
			w.sortChange("ann", groups[i])
		}
		w.sees("ann", totals(), w.listsExactly(keysOf(groups, "ann")...), once(keysOf(groups, "ann")...))
	}, onSort, onList)
	s.Requirement("YH-SORT-2", "what the order of three conversations becomes", func(t *specs.Trial) {
		w, groups := manyGroups(t, 3)
		before := w.list("ann")
		w.sortChange("ann", groups[0])
		x := w.list("ann")
		t.Observe(x, "before: %s; after sort-change of the oldest: %s", order(before, groups), order(x, groups))
	}, onSort, onList)
	s.Requirement("YH-SORT-4", "where the conversation stands before and after", func(t *specs.Trial) {
		w, groups := manyGroups(t, 3)
		for i, title := range []string{"oldest", "middle", "newest"} {
			before := position(w.list("ann"), groups[i].key("ann"))
			w.sortChange("ann", groups[i])
			x := w.list("ann")
			t.Observe(x, "the %s: place %d before, %d after", title, before, position(x, groups[i].key("ann")))
		}
	}, onSort, onList)
}

func keysOf(chats []*chat, user string) []key {
	all := make([]key, len(chats))
	for i, c := range chats {
		all[i] = c.key(user)
	}
	return all
}

// position is where a conversation stands in a list, from 1; 0: nowhere.
func position(x *exchange.Exchange, k key) int {
	l, _ := accepted(x)
	return 1 + slices.IndexFunc(l.data, func(c conversation) bool { return c.key() == k })
}

// order is the order of groups in a list, by their numbers.
func order(x *exchange.Exchange, groups []*chat) string {
	l, _ := accepted(x)
	var numbers []int
	for _, c := range l.data {
		numbers = append(numbers, 1+slices.IndexFunc(groups, func(g *chat) bool { return g.key("ann") == c.key() }))
	}
	return fmt.Sprint(numbers)
}
