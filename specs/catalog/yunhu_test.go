package catalog

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// yunhu is what the catalogue must hold, written down apart from it: one letter for each id. Levels M, S, P, and - where
// the statement does not belong to the profile; bases D, E, I.
var yunhu = []struct{ prefix, p2025, p2026, basis string }{
	{"YH-COM-", "MMMMSSPS", "MMMMMSPS", "DDDDDIII"},
	{"YH-DISMISS-", "MMMSSPS", "MMMSSPM", "DDIIIID"},
	{"YH-LIST-", "MMMMMMMMM--PPSPSS", "MMMMMMMMMMSPSSPMS", "DDDDDDDDDDIIIIIDI"},
	{"YH-SORT-", "MPSPS", "MPSPM", "DDIID"},
	{"YH-REMOVE-", "-", "M", "D"},
	{"YH-ERR-", "S", "S", "I"},
	{"YH-ISO-", "M", "M", "I"},
	{"YH-STATE-", "M", "M", "I"},
}

func TestYunhuHoldsEveryStatementWithItsLevelsAndBasis(t *testing.T) {
	word := map[byte]string{'M': "MUST", 'S': "SHOULD", 'P': "PROBE", '-': ""}
	var want, got [][4]string
	for _, g := range yunhu {
		for i := range g.basis {
			want = append(want, [4]string{fmt.Sprintf("%s%d", g.prefix, i+1), word[g.p2025[i]], word[g.p2026[i]], g.basis[i : i+1]})
		}
	}
	for _, r := range family(t, "yunhu").Requirements {
		got = append(got, [4]string{r.ID, levelOf(r, "2025"), levelOf(r, "2026"), string(r.Basis)})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the catalogue differs from what was decided (-decided +catalogue):\n%s", diff)
	}
}

func TestEveryYunhuStatementIsJudged(t *testing.T) {
	f := family(t, "yunhu")
	for _, r := range f.Requirements {
		if r.Unjudged != "" {
			t.Errorf("%s is unjudged: %s", r.ID, r.Unjudged)
		}
	}
	if f.Profiles[0] != "2025" {
		t.Errorf("the default profile is %s, want 2025", f.Profiles[0])
	}
}
