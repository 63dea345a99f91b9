//go:build unix

package main

import (
	"strings"
	"testing"

	"github.com/parley-im/parley/reference/hostile"
)

// sample is a few rows of the table, cut down to a few requests each.
var sample = []struct{ mode, way, api, filter string }{
	{"gzip-bomb", "conform", "wukongim", "WK-SYNC-08"},
	{"resets", "conform", "ozeki", "OZ-LIST-1"},
	{"injects-script", "conform", "yunhu", "YH-LIST-9"},
	{"header-bomb", "conform", "wukongim", "WK-SYNC-08"},
	{"length-too-long", "hook", "wukongim", "WK-SYNC-08"},
}

// TestHostileTargetsDoNoHarm runs some rows of the table as the command does.
func TestHostileTargetsDoNoHarm(t *testing.T) {
	parley, err := build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rows := sample
	if testing.Short() {
		rows = rows[:1]
	}
	for _, s := range rows {
		mode, ok := hostile.Find(s.mode)
		if !ok {
			t.Fatalf("no mode %s", s.mode)
		}
		r := &row{mode: mode, way: s.way, api: s.api}
		if err := r.run(t.Context(), parley, "--filter", s.filter); err != nil {
			t.Fatal(err)
		}
		if len(r.problems) > 0 {
			t.Errorf("%s\n%s", r.line(), r.said)
		}
	}
}

func TestATableShowsWhatIsRed(t *testing.T) {
	mode, _ := hostile.Find("echoes")
	r := &row{mode: mode, way: "conform", api: "ozeki", exit: 0, peak: 2 << 30, record: "none"}
	s := &stage{}
	r.search("index.html", []byte("a "+canary+" \x1b"), s)
	r.search("report.md", []byte("eA=="+spellings(canary)[3]), s)
	var b strings.Builder
	red, err := writeTable(&b, []*row{r, {mode: mode, way: "load", api: "yunhu", exit: 1}})
	if err != nil || red != 1 {
		t.Fatal(red, err)
	}
	for _, want := range []string{"2 runs, 1 not", "2048 MiB (echoes/conform/ozeki)", "a credential stands in index.html; a credential stands in report.md"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, &b)
		}
	}
}
