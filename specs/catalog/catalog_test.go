package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// group is what the catalogue must hold of one endpoint, written down apart from it: one letter for each id, in the
// order of the ids. Levels M, S, P, and - where the statement does not belong to the profile; bases D, E, I.
type group struct {
	prefix, endpoint, v2, v1, basis string
}

var wukongim = []group{
	{
		prefix: "WK-SYNC-", endpoint: "POST /conversation/sync",
		v2:    "MMMMSMMMMS MMMMSMMMSM MMSMMMMPMS MSSPMMSSPM SSPMSSPPPS P",
		v1:    "MMMMM-M-MS MM-MSMMMSM MMS----P-- MSSPMMSMMM MS-MSSMMP- P",
		basis: "DDDDDDDDDI DDDDIDDIID IDIDDDDIDI IIEIDIIDDD DIEIIIDDII I",
	},
	{
		prefix: "WK-CLEAR-", endpoint: "POST /conversations/clearUnread",
		v2:    "MMMSSMMMMM SMSP",
		v1:    "---------- ----",
		basis: "DDDIIIIDDD IIII",
	},
	{
		prefix: "WK-SET-", endpoint: "POST /conversations/setUnread",
		v2:    "MMMSSSSP",
		v1:    "MMMS---P",
		basis: "DDIIIIII",
	},
	{
		prefix: "WK-DEL-", endpoint: "POST /conversations/delete",
		v2:    "MMMSPSSSMS",
		v1:    "MMMSP---MS",
		basis: "DDIIIIIIII",
	},
	{
		prefix: "WK-STATE-", endpoint: "over time",
		v2:    "MMMSSMSS",
		v1:    "MMMSSMSS",
		basis: "IIIIIIII",
	},
}

// row is what a group says of one id.
type row struct{ id, endpoint, v2, v1, basis string }

func (g group) rows() []row {
	word := map[byte]string{'M': "MUST", 'S': "SHOULD", 'P': "PROBE", '-': ""}
	letters := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	v2, v1, basis := letters(g.v2), letters(g.v1), letters(g.basis)
	var rows []row
	for i := range v2 {
		rows = append(rows, row{fmt.Sprintf("%s%02d", g.prefix, i+1), g.endpoint, word[v2[i]], word[v1[i]], basis[i : i+1]})
	}
	return rows
}

func family(t *testing.T, api string) *Family {
	t.Helper()
	f, err := Of(api)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func levelOf(r Requirement, profile string) string {
	if !r.In(profile) {
		return ""
	}
	return string(r.LevelIn(profile))
}

func TestWuKongIMHoldsEveryStatementWithItsLevelsAndBasis(t *testing.T) {
	var want, got []row
	for _, g := range wukongim {
		want = append(want, g.rows()...)
	}
	for _, r := range family(t, "wukongim").Requirements {
		got = append(got, row{r.ID, r.Endpoint, levelOf(r, "v2"), levelOf(r, "v1"), string(r.Basis)})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("the catalogue differs from what was decided (-decided +catalogue):\n%s", diff)
	}
}

func TestWuKongIMCounts(t *testing.T) {
	f := family(t, "wukongim")
	want := map[string]int{"all": 91, "v2": 91, "v1": 60}
	got := map[string]int{"all": len(f.Requirements), "v2": len(f.In("v2")), "v1": len(f.In("v1"))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if f.Profiles[0] != "v2" {
		t.Errorf("the default profile is %s, want v2", f.Profiles[0])
	}
	if _, ok := f.Capabilities["auth"]; !ok {
		t.Error("the capability auth is not declared; the requirements about permission need it")
	}
}

func TestOnlyTheNamedStatementsAreUnjudged(t *testing.T) {
	want := []string{"WK-STATE-01", "WK-STATE-02", "WK-STATE-03", "WK-STATE-04", "WK-STATE-05", "WK-STATE-07"}
	var got []string
	for _, r := range family(t, "wukongim").Requirements {
		if r.Unjudged != "" {
			got = append(got, r.ID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unjudged (-want +got):\n%s", diff)
	}
}

// Every family: what a document says is quoted in its own words, and a reader of English can follow.
func TestStatementsAreQuotedAndGlossed(t *testing.T) {
	for _, api := range APIs() {
		f := family(t, api)
		for _, r := range f.Requirements {
			for _, profile := range r.Profiles {
				checkCitation(t, r, profile)
			}
		}
	}
}

func checkCitation(t *testing.T, r Requirement, profile string) {
	t.Helper()
	c := r.CitationIn(profile)
	if r.Basis == Said && (c.Quote == "" || c.Gloss == "") {
		t.Errorf("%s in %s: a statement that a document makes needs quote and gloss, has %q and %q", r.ID, profile, c.Quote, c.Gloss)
	}
	if r.Basis == Example && c.Quote == "" {
		t.Errorf("%s in %s: the example that shows it is not quoted", r.ID, profile)
	}
	if !ascii(c.Quote) && c.Gloss == "" {
		t.Errorf("%s in %s: the quote %q needs an English gloss", r.ID, profile, c.Quote)
	}
	if strings.Contains(c.Gloss, "the same in English") {
		t.Errorf("%s in %s: the gloss %q says nothing", r.ID, profile, c.Gloss)
	}
	if !ascii(c.Gloss) {
		t.Errorf("%s in %s: the gloss %q is not plain English", r.ID, profile, c.Gloss)
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

func TestProfileV1CitesTheOlderPageAlone(t *testing.T) {
	for _, r := range family(t, "wukongim").In("v1") {
		if c := r.CitationIn("v1"); c.Document != "conversations" {
			t.Errorf("%s belongs to v1 but cites %q", r.ID, c.Document)
		}
	}
}

func TestCitationInFallsBackToTheStatementsOwn(t *testing.T) {
	r := Requirement{Document: "new", Quote: "q", Gloss: "g", Cited: map[string]Citation{"old": {Document: "older", Quote: "Q"}}}
	if got, want := r.CitationIn("v2"), (Citation{Document: "new", Quote: "q", Gloss: "g"}); got != want {
		t.Errorf("v2: got %+v, want %+v", got, want)
	}
	if got, want := r.CitationIn("old"), (Citation{Document: "older", Quote: "Q"}); got != want {
		t.Errorf("old: got %+v, want %+v", got, want)
	}
}

func TestGet(t *testing.T) {
	f := family(t, "wukongim")
	for _, want := range f.Requirements {
		if got, ok := f.Get(want.ID); !ok || got.Statement != want.Statement {
			t.Errorf("Get(%s) is %q, %v", want.ID, got.Statement, ok)
		}
	}
	if _, ok := f.Get("WK-SYNC-99"); ok {
		t.Error("Get found WK-SYNC-99, which no catalogue has")
	}
}

func TestDigestNamesTheContent(t *testing.T) {
	digest := family(t, "wukongim").Digest()
	if !strings.HasPrefix(digest, "sha256:") || len(digest) != len("sha256:")+16 {
		t.Errorf("digest %q is not sha256: and 16 hex digits", digest)
	}
}

func TestOfAnUnknownAPINamesThoseThereAre(t *testing.T) {
	_, err := Of("telegraph")
	if err == nil || !strings.Contains(err.Error(), `"telegraph"`) || !strings.Contains(err.Error(), "wukongim") {
		t.Errorf("got %v, want an error that names telegraph and lists wukongim", err)
	}
	if !slices.Contains(APIs(), "wukongim") {
		t.Errorf("APIs are %v, want wukongim among them", APIs())
	}
}

// sound is a small catalogue that parses; each case of TestParseRefuses spoils one place of it.
const sound = `
api: x
title: X
profiles: [new, old]
sources:
  page: {title: T, gloss: G, where: W}
requirements:
  - id: X-1
    endpoint: POST /x
    statement: it works
    level: MUST
    levels: {old: SHOULD}
    basis: D
    profiles: [new, old]
    document: page
    quote: es geht
    gloss: it works
    cited: {old: {document: page, quote: geht}}
`

func TestParseTakesASoundCatalogue(t *testing.T) {
	f, err := parse([]byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := f.Get("X-1")
	if !ok || r.LevelIn("new") != Must || r.LevelIn("old") != Should {
		t.Errorf("X-1 is %+v, %v; want MUST in new, SHOULD in old", r, ok)
	}
}

func TestParseRefuses(t *testing.T) {
	second := sound[strings.Index(sound, "  - id: X-1"):]
	for name, c := range map[string]struct{ old, new, says string }{
		"an unknown level":                    {"level: MUST", "level: MAY", `X-1: unknown level "MAY"`},
		"an unknown level in a profile":       {"{old: SHOULD}", "{old: MAY}", `X-1: unknown level "MAY"`},
		"a level for a foreign profile":       {"{old: SHOULD}", "{odd: SHOULD}", `X-1: a level for profile "odd"`},
		"an unknown basis":                    {"basis: D", "basis: Z", `X-1: unknown basis "Z"`},
		"an unknown profile":                  {"    profiles: [new, old]", "    profiles: [new, old, odd]", `X-1: unknown profile "odd"`},
		"an unknown document":                 {"    document: page", "    document: leaf", `X-1: unknown document "leaf"`},
		"a missing quote":                     {"    quote: es geht\n", "", "X-1: a statement that a document makes needs its quote"},
		"a missing quote in a citation":       {", quote: geht", "", "X-1: a statement that a document makes needs its quote"},
		"a citation of an unknown document":   {"{document: page, ", "{document: leaf, ", `X-1: unknown document "leaf"`},
		"a citation for a foreign profile":    {"cited: {old:", "cited: {odd:", `X-1: a citation for profile "odd"`},
		"an empty statement":                  {"statement: it works", `statement: ""`, "X-1: id, statement, endpoint and profiles are needed"},
		"a statement of no profile":           {"levels: {old: SHOULD}\n    basis: D\n    profiles: [new, old]", "basis: D\n    profiles: []", "X-1: "},
		"a missing id":                        {"id: X-1", `id: ""`, "id, statement, endpoint and profiles are needed"},
		"an id that stands twice":             {second, second + second, "X-1 stands twice"},
		"an unknown key":                      {"    gloss: it works", "    glos: it works", `unknown field "glos"`},
		"an unknown key of a source":          {"where: W", "wher: W", `unknown field "wher"`},
		"a key that stands twice":             {"    gloss: it works", "    gloss: it works\n    gloss: so", `"gloss" already defined`},
		"requirements that are not a list":    {second, "  id: X-1\n", "requirements"},
		"a file that is not YAML in any form": {sound, "\t- {", "tab character"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Count(sound, c.old) != 1 {
				t.Fatalf("%q stands %d times in the sound catalogue, want once", c.old, strings.Count(sound, c.old))
			}
			_, err := parse([]byte(strings.Replace(sound, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}
