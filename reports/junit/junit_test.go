package junit_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/internal/golden"
	"github.com/parley-im/parley/reports/junit"
)

type report struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Suites   []struct {
		Name       string `xml:"name,attr"`
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []testcase `xml:"testcase"`
	} `xml:"testsuite"`
}

type testcase struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Failure *result `xml:"failure"`
	Error   *result `xml:"error"`
	Skipped *result `xml:"skipped"`
	Out     string  `xml:"system-out"`
}

type result struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func written(t *testing.T, run *reports.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := junit.Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func parsed(t *testing.T, run *reports.Run) (report, map[string]testcase) {
	t.Helper()
	var r report
	if err := xml.Unmarshal(written(t, run), &r); err != nil {
		t.Fatalf("no XML: %v", err)
	}
	cases := map[string]testcase{}
	for _, suite := range r.Suites {
		for _, c := range suite.Cases {
			if _, twice := cases[c.Class+c.Name]; twice {
				t.Errorf("two cases are called %q", c.Name)
			}
			cases[c.Class+c.Name] = c
			cases[c.Name] = c
		}
	}
	return r, cases
}

func TestGolden(t *testing.T) { golden.Check(t, "junit.xml", written(t, golden.Sample())) }

func TestCountsAreThoseOfTheCases(t *testing.T) {
	r, _ := parsed(t, golden.Sample())
	var tests, failures, errors, skipped int
	for _, suite := range r.Suites {
		for _, c := range suite.Cases {
			tests++
			switch {
			case c.Failure != nil:
				failures++
			case c.Error != nil:
				errors++
			case c.Skipped != nil:
				skipped++
			}
		}
	}
	if r.Tests != tests || r.Failures != failures || r.Errors != errors || r.Skipped != skipped || failures != 4 || errors != 2 {
		t.Errorf("says %d tests, %d failures, %d errors, %d skipped; has %d, %d, %d, %d", r.Tests, r.Failures, r.Errors, r.Skipped,
			tests, failures, errors, skipped)
	}
}

func TestVerdictsBecomeWhatACIServerKnows(t *testing.T) {
	_, cases := parsed(t, golden.Sample())
	find := func(prefix string) testcase {
		for name, c := range cases {
			if strings.HasPrefix(name, prefix) {
				return c
			}
		}
		t.Fatalf("no case begins with %q", prefix)
		return testcase{}
	}
	fail := find("WK-SYNC-08 msg_count 51")
	for _, want := range []string{"at most 50 messages in recents", "60 messages", "→ 200, ", "curl -sS -i -X POST"} {
		if fail.Failure == nil || !strings.Contains(fail.Failure.Text, want) {
			t.Errorf("the failure does not say %q: %+v", want, fail.Failure)
		}
	}
	if c := find("WK-SYNC-08 msg_count 1000"); c.Failure != nil || c.Skipped != nil {
		t.Errorf("a spec that passes became %+v", c)
	}
	if c := find("WK-SYNC-15"); c.Failure != nil || c.Skipped != nil || !strings.Contains(c.Out, "unread 1") {
		t.Errorf("a SHOULD that fails must pass and say why: %+v", c)
	}
	for prefix, says := range map[string]string{
		"WK-SYNC-14": "known deviation: Counts", "WK-CLEAR-02": "blocked: it builds on", "WK-CLEAR-10": "not-declared: ",
		"WK-DEL-02": "not-run: ", "WK-STATE-02": "indeterminate: ", "WK-STATE-05": "not-testable: ",
	} {
		if c := find(prefix); c.Skipped == nil || !strings.HasPrefix(c.Skipped.Message, says) {
			t.Errorf("%s must be skipped with %q: %+v", prefix, says, c.Skipped)
		}
	}
	if c := find("WK-SET-04"); c.Error == nil || !strings.Contains(c.Error.Message, "panic in the spec") {
		t.Errorf("parley's own fault became %+v", c)
	}
	// The spec of a stale deviation passes; the deviation itself must still turn the build red.
	if c := find("WK-SYNC-33 the answer's Content-Type is application/json (2)"); c.Failure == nil {
		t.Errorf("a stale deviation became %+v", c)
	}
}

func TestAnIncompleteRunIsNotGreen(t *testing.T) {
	for _, verdict := range []string{reports.Incomplete, ""} {
		r, cases := parsed(t, &reports.Run{Verdict: verdict, Reason: "interrupted"})
		if r.Errors != 1 || cases["the run is complete"].Error == nil || cases["the run is complete"].Error.Message != "interrupted" {
			t.Errorf("verdict %q: %+v", verdict, r)
		}
	}
}

func TestPropertiesNameTheRun(t *testing.T) {
	r, _ := parsed(t, golden.Sample())
	for _, suite := range r.Suites {
		got := map[string]string{}
		for _, p := range suite.Properties {
			got[p.Name] = p.Value
		}
		if got["target"] != "http://127.0.0.1:5001" || got["profile"] != "v2" || got["rng"] != "31415926535" || got["run"] != "p1a2b3c4d" || got["verdict"] != "non-conformant" {
			t.Errorf("%s has the properties %v", suite.Name, got)
		}
	}
}

// Whatever bytes a target sends, in whatever place of the record, the file stays XML.
func TestEveryByteStaysXML(t *testing.T) {
	var every strings.Builder
	for i := range 256 {
		every.WriteByte(byte(i))
	}
	every.WriteString("]]>&<\"'\ufffe\U0010ffff\u202e")
	s := every.String()
	run := golden.Sample()
	run.Target = reports.Target{URL: s, API: s, Profile: s}
	run.Run.ID, run.Run.Parley, run.Run.Catalog, run.Verdict, run.Reason = s, s, s, s, s
	for i := range run.Requirements {
		r := &run.Requirements[i]
		*r = reports.Requirement{ID: s, Level: s, Endpoint: s, Statement: s, Document: s, Reason: s, Deviation: s, Verdict: r.Verdict,
			Specs: []reports.Spec{{Title: s, Reason: s, Verdict: r.Verdict}}, Evidence: []reports.Evidence{{Spec: s, Expected: s, Got: s, Seen: []string{s, s}, Exchange: "x"}}}
	}
	run.Exchanges = []reports.Exchange{{ID: "x", Request: reports.Request{Method: s, URL: s}, Error: s, Curl: s}}
	decoder := xml.NewDecoder(bytes.NewReader(written(t, run)))
	depth, most := 0, 0
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
			most = max(most, depth)
		case xml.EndElement:
			depth--
		}
	}
	if most != 4 {
		t.Errorf("elements are nested %d deep, want 4", most)
	}
}

func TestHugeTextsAreCut(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	run := golden.Sample()
	run.Requirements = run.Requirements[1:2]
	run.Requirements[0].Evidence = []reports.Evidence{{Spec: run.Requirements[0].Specs[0].Title, Expected: huge, Got: huge, Exchange: "x"}}
	run.Exchanges = []reports.Exchange{{ID: "x", Curl: "curl " + huge}}
	text := written(t, run)
	if len(text) > 32<<10 {
		t.Errorf("%d bytes for one failure", len(text))
	}
	for _, want := range []string{"bytes more in report.json", "the command is long: see exchange x"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the file does not say %q", want)
		}
	}
}
