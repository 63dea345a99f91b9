package yunhu

import (
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
)

func registerRemove(s *specs.Suite) {
	const id = "YH-REMOVE-1"
	for _, kind := range kinds {
		s.Requirement(id, kind.title+" is removed: code 1", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			t.Expect(w.remove("ann", kind.pick(g, d, b)), succeeds())
		}, onRemove)
		s.Requirement(id, kind.title+" is removed: msg says success", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			t.Expect(w.remove("ann", kind.pick(g, d, b)), saysSo())
		}, onRemove, specs.AtMost(catalog.Should))
		s.Requirement(id, kind.title+" is removed: it is gone, the others stay, and total is one less", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			gone := kind.pick(g, d, b)
			w.remove("ann", gone)
			var stay []*chat
			for _, c := range []*chat{g, d, b} {
				if c != gone {
					stay = append(stay, c)
				}
			}
			w.sees("ann", omits(gone.id("ann")), totals(), w.listsExactly(keysOf(stay, "ann")...))
		}, onRemove, onList)
	}
	s.Requirement(id, "a conversation that was set to read before is removed: it is gone", func(t *specs.Trial) {
		w, g, d, b := everyKind(t)
		w.givenRead("ann", g)
		w.remove("ann", g)
		w.sees("ann", omits(g.id("ann")), totals(), lists(d.key("ann"), b.key("ann")))
	}, onRemove, onList, onDismiss)
	s.Requirement(id, "the oldest and the newest of 30 conversations are removed: 28 are left", func(t *specs.Trial) {
		w, groups := manyGroups(t, 30)
		w.remove("ann", groups[0])
		w.remove("ann", groups[29])
		w.sees("ann", totals(), w.listsExactly(keysOf(groups[1:29], "ann")...))
	}, onRemove, onList)
	s.Requirement(id, "a removed conversation does not come back by a dismissal or a change of order", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		w.remove("ann", g)
		w.sees("ann", omits(g.id("ann")))
		w.dismiss("ann", g)
		w.sortChange("ann", g)
		w.sees("ann", omits(g.id("ann")), totals())
	}, onRemove, onList, specs.AtMost(catalog.Should))
}
