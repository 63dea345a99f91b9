package console

import (
	"bytes"
	"strings"
	"testing"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/internal/golden"
)

func written(t *testing.T, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, golden.Sample(), o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	golden.Check(t, "console.txt", []byte(written(t, Options{Files: []string{"parley-report/report.json"}})))
}

func TestNothingOfATargetSteersTheTerminal(t *testing.T) {
	for _, r := range written(t, Options{}) {
		if r < 0x20 && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e {
			t.Fatalf("the summary has the character %U", r)
		}
	}
}

func TestFailuresStandLastAndWhole(t *testing.T) {
	text := written(t, Options{})
	run := golden.Sample()
	failure := reports.With(reports.Fail, run.Requirements)[0]
	at := strings.LastIndex(text, "\n"+failure.ID+" MUST")
	if at < 0 || at < strings.Index(text, string(reports.Warn)+" · SHOULD") {
		t.Fatalf("the failure %s does not stand after the warnings", failure.ID)
	}
	for _, part := range []string{failure.Evidence[0].Expected, "expected", "got", "exchange", "repeat   curl", "document"} {
		if !strings.Contains(text[at:], part) {
			t.Errorf("the failure does not show %q", part)
		}
	}
	if !strings.HasSuffix(text, reports.Visible(run.Headline())+"\n") {
		t.Errorf("the last line is not the verdict: %q", text[len(text)-200:])
	}
}

func TestColoursOnlyWhereTheyAreAskedFor(t *testing.T) {
	if strings.Contains(written(t, Options{}), "\x1b") {
		t.Error("colours in plain text")
	}
	if !strings.Contains(written(t, Options{Colour: true}), "\x1b[31m") {
		t.Error("no red on a terminal")
	}
}
