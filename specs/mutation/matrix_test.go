package mutation

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// sample is a matrix of three faults: one killed, one noticed elsewhere, one that survived.
func sample() *Matrix {
	levels := map[string]catalog.Level{"v2": catalog.Must}
	return &Matrix{Schema: Schema, API: "wukongim", Catalog: "sha256:0", Seeds: []int64{1}, TookMS: 1234,
		Requirements: []Requirement{
			{ID: "WK-SYNC-08", Endpoint: "POST /conversation/sync", Statement: "a <b>limit</b>", Levels: levels},
			{ID: "WK-SYNC-16", Endpoint: "POST /conversation/sync", Levels: map[string]catalog.Level{"v2": catalog.Probe, "v1": catalog.Must}},
			{ID: "WK-DEL-02", Endpoint: "POST /conversations/delete", Levels: levels},
			{ID: "WK-DEL-05", Endpoint: "POST /conversations/delete", Levels: map[string]catalog.Level{"v2": catalog.Probe}, Unbroken: "nothing is judged"},
		},
		Rows: []Row{
			{Name: "cap-51", Breaks: []string{"WK-SYNC-08"}, Summary: "limited to 51 | not 50", Odds: 1, Profile: "v2",
				Cells: map[string]reports.Verdict{"WK-SYNC-08": reports.Fail, "WK-DEL-02": reports.Warn}, Specs: map[string][]string{"WK-SYNC-08": {"51 and more"}}},
			{Name: "elsewhere", Breaks: []string{"WK-SYNC-08", "WK-SYNC-16"}, Summary: "s", Odds: 0.02, Profile: "v2",
				Cells: map[string]reports.Verdict{"WK-SYNC-08": reports.Fail, "WK-SYNC-16": reports.Blocked}, Specs: map[string][]string{}},
			{Name: "survivor", Breaks: []string{"WK-DEL-02"}, Summary: "s", Odds: 1, Profile: "v2", Cells: map[string]reports.Verdict{}, Specs: map[string][]string{}},
		}}
}

func TestJudgements(t *testing.T) {
	m := sample()
	var got []Judgement
	for _, row := range m.Rows {
		got = append(got, row.Judgement())
	}
	if d := cmp.Diff([]Judgement{Killed, Wrong, Survived}, got); d != "" {
		t.Errorf("judgements (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"WK-SYNC-16"}, m.Rows[1].Missed()); d != "" {
		t.Errorf("missed (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"WK-DEL-02"}, m.Rows[0].Collateral()); d != "" {
		t.Errorf("collateral (-want +got):\n%s", d)
	}
	if m.Clean() || (&Matrix{}).Clean() {
		t.Error("a matrix with a survivor, or without a row, counts as clean")
	}
	var gaps []string
	for _, r := range m.Gaps() {
		gaps = append(gaps, r.ID)
	}
	if d := cmp.Diff([]string{"WK-SYNC-16", "WK-DEL-02"}, gaps); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
}

func TestTheMatrixComesBackFromJSON(t *testing.T) {
	data, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	var got Matrix
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sample(), &got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestMergePutsTheRowsInOrder(t *testing.T) {
	parts := []*Matrix{{Schema: Schema, API: "wukongim", Rows: []Row{{Name: "cap-51"}, {Name: "delete-says-204"}}},
		{Schema: Schema, API: "wukongim", Rows: []Row{{Name: "null-for-no-conversations"}}}}
	m, err := Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range m.Rows {
		names = append(names, row.Name)
	}
	if d := cmp.Diff([]string{"null-for-no-conversations", "cap-51", "delete-says-204"}, names); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	parts[1].Catalog = "another"
	if _, err := Merge(parts); err == nil {
		t.Error("parts of two catalogues were put together")
	}
	if _, err := Merge(nil); err == nil {
		t.Error("no parts were put together")
	}
}

func TestWriters(t *testing.T) {
	for name, c := range map[string]struct {
		write func(*bytes.Buffer, *Matrix) error
		says  []string
		never []string
	}{
		"console": {func(b *bytes.Buffer, m *Matrix) error { return WriteConsole(b, m, false) },
			[]string{"WK-SYNC-08   MUST   ✓ cap-51  ✓ elsewhere", "1 of 3 faults killed, 1 noticed in the wrong place, 1 survived in 1.2s",
				"✗ survivor (v2)", "breaks WK-SYNC-16 (blocked)"}, []string{"\x1b"}},
		"colour":   {func(b *bytes.Buffer, m *Matrix) error { return WriteConsole(b, m, true) }, []string{"\x1b[32m✓\x1b[0m cap-51"}, nil},
		"markdown": {func(b *bytes.Buffer, m *Matrix) error { return WriteMarkdown(b, m) }, []string{`limited to 51 \| not 50`, "✗ 1 survived"}, nil},
		"html": {func(b *bytes.Buffer, m *Matrix) error { return WriteHTML(b, m) },
			[]string{"a &lt;b&gt;limit&lt;/b&gt;", `<span class="missed" title="survivor × WK-DEL-02: missed, pass. ">✗</span>`, "one time in 50"},
			[]string{"<script", "src=", "http://", "https://", "ZgotmplZ"}},
	} {
		var b bytes.Buffer
		if err := c.write(&b, sample()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, text := range c.says {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%s does not say %q:\n%s", name, text, b.String())
			}
		}
		for _, text := range c.never {
			if strings.Contains(b.String(), text) {
				t.Errorf("%s says %q", name, text)
			}
		}
	}
}
