package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/specs/catalog"
)

var update = flag.Bool("update", false, "rewrite the tables of the README")

// between are the lines that mark a table that a test keeps.
const (
	tableBegins = "<!-- what WuKongIM 2.2.5 does: kept by a test -->\n"
	tableEnds   = "<!-- end of what WuKongIM 2.2.5 does -->\n"
)

// TestReadmeShowsTheKnownDeviations: the README's table says what the target file says.
func TestReadmeShowsTheKnownDeviations(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(readme), tableBegins)
	got, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatal("README.md has lost the marks of the table")
	}
	want := deviationTable(t)
	if *update && got != want {
		if err := os.WriteFile("README.md", []byte(before+tableBegins+want+tableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("the table is not what fixtures/targets/wukongim-2.2.yaml says; go test -run Readme -update .\n%s", want)
	}
}

func deviationTable(t *testing.T) string {
	family, err := catalog.Of("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	deviations, err := fixtures.LoadDeviations("fixtures/targets/wukongim-2.2.yaml")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	failing := 0
	for _, d := range deviations {
		does := d.Does
		if d.Flaky {
			does = "Now and then: " + does
		}
		if d.Under == fixtures.UnderLoad {
			does = "Under load: " + does
		}
		if known[d.ID] == "" && d.Under != fixtures.UnderLoad {
			failing++
		}
		known[d.ID] = strings.TrimSpace(known[d.ID] + " " + does)
	}
	var b strings.Builder
	asked := 0
	b.WriteString("| | level | documented | WuKongIM 2.2.5 | reference |\n|---|---|---|---|---|\n")
	for _, r := range family.In("v2") {
		level := r.LevelIn("v2")
		if level == catalog.Probe || r.Unjudged != "" {
			continue
		}
		asked++
		if does, ok := known[r.ID]; ok {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | as documented |\n", r.ID, level, cell(r.Statement), cell(does))
			delete(known, r.ID)
		}
	}
	for id := range known {
		t.Errorf("the target file excuses %s, which is no judged statement of profile v2", id)
	}
	fmt.Fprintf(&b, "\n%d of the %d MUST and SHOULD statements are known not to hold on WuKongIM 2.2.5; what builds on one of these is not judged there, "+
		"and comes out as `blocked`. All hold on the reference.\n", failing, asked)
	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
