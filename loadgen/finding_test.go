package loadgen

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parley-im/parley/specs/catalog"
)

// named are the ids that the oracle of a family can report: every one that its sources name.
func named(t *testing.T, api string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(api, "*.go"))
	if err != nil || len(files) < 5 {
		t.Fatalf("the sources of %s are not there: %v, %v", api, files, err)
	}
	ids := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`"([A-Z]{2}-[A-Z]+-[0-9]+)"`).FindAllSubmatch(source, -1) {
			ids[string(match[1])] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// TestOraclesNameStatementsOnly: what an oracle reports stands in the catalogue. What a profile does not say, its load cannot
// find broken: a finding of it is none.
func TestOraclesNameStatementsOnly(t *testing.T) {
	for _, api := range catalog.APIs() {
		family, err := catalog.Of(api)
		if err != nil {
			t.Fatal(err)
		}
		ids := named(t, api)
		if len(ids) < 20 {
			t.Errorf("the oracle of %s names %v only", api, ids)
		}
		for _, id := range ids {
			if _, ok := family.Get(id); !ok {
				t.Errorf("the oracle of %s names %s, which is no statement", api, id)
			}
		}
		for _, profile := range family.Profiles {
			judgesByLevel(t, family, profile, ids)
		}
	}
}

func judgesByLevel(t *testing.T, family *catalog.Family, profile string, ids []string) {
	t.Helper()
	statements, err := StatementsOf(family.API, profile)
	if err != nil {
		t.Fatal(err)
	}
	f := Findings{Statements: statements}
	f.Begin(true)
	for _, id := range ids {
		f.Find(id, "as it should be, and it is not")
		f.Find(id, "the same once more")
	}
	found := map[string]bool{}
	for _, finding := range f.All() {
		found[finding.ID] = true
		r, _ := family.Get(finding.ID)
		if !r.In(profile) || r.LevelIn(profile) == catalog.Probe || finding.Must != (r.LevelIn(profile) == catalog.Must) {
			t.Errorf("%s is a %s in %v, and a load of %s finds it: a violation %v", r.ID, r.LevelIn(profile), r.Profiles, profile, finding.Must)
		}
	}
	for _, id := range ids {
		r, _ := family.Get(id)
		if want := r.In(profile) && r.LevelIn(profile) != catalog.Probe; found[id] != want {
			t.Errorf("%s is found in %s: %v", id, profile, found[id])
		}
	}
	if len(found) != len(f.All()) {
		t.Error("one answer breaks a statement twice")
	}
}

func TestStatementsOfNothing(t *testing.T) {
	if _, err := StatementsOf("wukongim", "v9"); err == nil {
		t.Error("a profile without a statement is taken")
	}
	if _, err := StatementsOf("nobody", "v2"); err == nil {
		t.Error("an unknown family is taken")
	}
}
