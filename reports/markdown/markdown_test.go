package markdown

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/internal/golden"
)

func written(t *testing.T, run *reports.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) { golden.Check(t, "report.md", []byte(written(t, golden.Sample()))) }

func TestFailuresComeFirstThenWarningsThenDeviations(t *testing.T) {
	text := written(t, golden.Sample())
	last := -1
	for _, want := range []string{"## ✗ Non-conformant", "| endpoint |", "### Failures (2)", "### Stale", "### Warnings (1)", "### Known deviations (1)", "<sub>run p1a2b3c4d"} {
		at := strings.Index(text, want)
		if at <= last {
			t.Errorf("%q stands at %d, not behind %d", want, at, last)
		}
		last = at
	}
}

// outsideCode is what of the text is read as Markdown or HTML and not as code.
func outsideCode(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		mark := regexp.MustCompile("^`{3,}").FindString(line)
		switch {
		case fence == "" && mark != "":
			fence = mark
		case fence != "" && strings.TrimSpace(line) == fence:
			fence = ""
		case fence == "":
			b.WriteString(withoutSpans(line))
		}
	}
	if fence != "" {
		t.Errorf("a fence of %d backticks is never closed", len(fence))
	}
	return regexp.MustCompile(`<code>[^<]*</code>`).ReplaceAllString(b.String(), "")
}

// withoutSpans takes code spans out: from a run of backticks to the next one of the same length.
func withoutSpans(line string) string {
	runs := regexp.MustCompile("`+").FindAllStringIndex(line, -1)
	var b strings.Builder
	at := 0
	for i := 0; i < len(runs); i++ {
		for j := i + 1; j < len(runs); j++ {
			if runs[j][1]-runs[j][0] == runs[i][1]-runs[i][0] {
				b.WriteString(line[at:runs[i][0]])
				at, i = runs[j][1], j
				break
			}
		}
	}
	return b.String() + line[at:]
}

func TestNothingOfATargetIsReadAsMarkdown(t *testing.T) {
	hostile := append([]string{
		"@everyone", "#1", "octo/repo#7", "GH-12", "see www.example.com or https://evil.example", "deadbeefcafe1234",
		"`", "``", "a`b", "`` ` ``", "```", "|", "a | b", "\\`", "[x](y)", "![x](y)", "</details>", "<!--", "# head", "- [ ] task",
		"</summary>", "</code>", "&lt;b&gt;", "*b*", "_i_", "~~s~~", "$x$", "\n\n# head\n", "    indented", "---", "@`everyone`@",
	}, golden.Hostile...)
	for _, s := range hostile {
		run := golden.Sample()
		run.Reason, run.Target.URL, run.Target.Server, run.Target.Notes = s, s, s, []string{s}
		for i := range run.Requirements {
			r := &run.Requirements[i]
			r.ID, r.Level, r.Endpoint, r.Statement, r.Reason, r.Deviation, r.Document = s, s, s, s, s, s, s
			r.Evidence = []reports.Evidence{{Expected: s, Got: s, Seen: []string{s}, Exchange: "x"}}
		}
		run.Run.ID, run.Run.Parley, run.Run.Catalog, run.Target.SeedDriver = s, s, s, s
		run.Exchanges = []reports.Exchange{{ID: "x", Request: reports.Request{Method: s, URL: s}, Error: s, Curl: s}}
		outside := outsideCode(t, written(t, run))
		if found := linked.FindString(strings.ReplaceAll(outside, "##", "")); found != "" {
			if !regexp.MustCompile(`^#+$`).MatchString(found) {
				t.Errorf("%q: %q stands outside of code", s, found)
			}
		}
		for _, tag := range regexp.MustCompile(`\\?<[/!a-z][^>\n]*>?`).FindAllString(outside, -1) {
			if !regexp.MustCompile(`^(\\<.*|</?(details|summary|b|sub)>)$`).MatchString(tag) {
				t.Errorf("%q: the tag %q stands outside of code", s, tag)
			}
		}
		if opened, closed := strings.Count(outside, "<details>"), strings.Count(outside, "</details>"); opened < 5 || opened > closed {
			t.Errorf("%q: %d details opened, %d closed", s, opened, closed)
		}
		if headings := regexp.MustCompile(`(?m)^#`).FindAllString(outside, -1); len(headings) != 7 {
			t.Errorf("%q: %d headings, want 7", s, len(headings))
		}
	}
}

func TestRowsOfTheTableKeepTheirCells(t *testing.T) {
	run := golden.Sample()
	for i := range run.Requirements {
		run.Requirements[i].Endpoint = "a|b`|\n|c"
	}
	for i := range run.Load {
		run.Load[i].Scenario = "a|b`|\n|c"
	}
	for line := range strings.Lines(written(t, run)) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); cells != 7 && cells != 10 {
			t.Errorf("a row with %d bars: %s", cells, line)
		}
	}
}

func TestAThousandFailuresFitIntoAComment(t *testing.T) {
	run := golden.Sample()
	failure := run.Requirements[1]
	failure.Evidence[0].Got = strings.Repeat("张", 5000)
	run.Requirements = nil
	for i := range 1000 {
		failure.ID, failure.Endpoint = fmt.Sprintf("WK-SYNC-%04d", i), fmt.Sprintf("POST /%d", i)
		run.Requirements = append(run.Requirements, failure)
	}
	run.Counts = reports.Count(run.Requirements)
	run.Target.Notes = []string{strings.Repeat("n", 100_000)}
	text := written(t, run)
	if n := utf8.RuneCountInString(text); n > 24_000 {
		t.Errorf("%d characters", n)
	}
	more := regexp.MustCompile(`(\d+) more did not fit here`).FindStringSubmatch(text)
	if more == nil {
		t.Fatal("nothing says that failures were left off")
	}
	shown := strings.Count(text, "\n<details>")
	if shown == 0 || fmt.Sprint(1000-shown) != more[1] {
		t.Errorf("%d are shown and %s left off, of 1000", shown, more[1])
	}
	if !strings.Contains(text, "960 more endpoints") || !strings.Contains(text, "bytes more in report.json") {
		t.Error("what was cut is not named")
	}
}

func TestALongCommandIsNotCut(t *testing.T) {
	run := golden.Sample()
	run.Exchanges[1].Curl = "curl " + strings.Repeat("x", 5000)
	text := written(t, run)
	if strings.Contains(text, "xxxxx") || !strings.Contains(text, "The command that repeats it is long; see exchange `x2`") {
		t.Error("a long command must be named, not shown")
	}
}

func TestProse(t *testing.T) {
	for in, want := range map[string]string{
		"`unread` is a number":   "`unread` is a number",
		"a * b_c":                `a \* b\_c`,
		"ask @ann, or `me`":      "`ask @ann, or` `me`",
		"odd ` tick":             "``odd ` tick``",
		"line\nbreak":            "line break",
		"":                       "",
		"-x":                     `\-x`,
		strings.Repeat("x", 400): strings.Repeat("x", 300) + " … 100 bytes more",
	} {
		if got := prose(in); got != want {
			t.Errorf("prose(%q) = %q, want %q", in, got, want)
		}
	}
}
