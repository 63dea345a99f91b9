package jsonreport_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/internal/golden"
	jsonreport "github.com/parley-im/parley/reports/json"
)

func written(t *testing.T, run *reports.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jsonreport.Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) { golden.Check(t, "record.json", written(t, golden.Sample())) }

func TestReadGivesWhatWasWritten(t *testing.T) {
	first := written(t, golden.Sample())
	run, err := jsonreport.Read(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	// JSON has no way to hold bytes that are no UTF-8.
	utf8 := cmp.Transformer("utf8", func(s string) []byte { return []byte(strings.ToValidUTF8(s, "\ufffd")) })
	if diff := cmp.Diff(golden.Sample(), run, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type().Kind().String() == "string" }, utf8)); diff != "" {
		t.Errorf("read otherwise than written (-written +read):\n%.2000s", diff)
	}
	if second := written(t, run); !bytes.Equal(first, second) {
		t.Error("written again, the record differs")
	}
}

func TestListsAreNeverNullAndEndIsLast(t *testing.T) {
	run := &reports.Run{
		Requirements: []reports.Requirement{{ID: "A", Verdict: reports.Pass}},
		Exchanges:    []reports.Exchange{{ID: "x1", Response: &reports.Response{}}}, End: true,
	}
	text := string(written(t, run))
	if strings.Contains(text, "null") {
		t.Errorf("a list is null:\n%s", text)
	}
	if !strings.HasSuffix(text, "\"end\": true\n}\n") {
		t.Errorf("the last key is not end: …%q", text[len(text)-40:])
	}
	for _, key := range []string{"argv", "capabilities", "specs", "evidence", "headers", "load"} {
		if !strings.Contains(text, `"`+key+`": []`) {
			t.Errorf("%s is no empty list", key)
		}
	}
	if run.Load != nil || run.Requirements[0].Specs != nil || run.Exchanges[0].Response.Headers != nil {
		t.Error("writing changed the record")
	}
}

func TestNothingInTheFileSteersATerminal(t *testing.T) {
	run := golden.Sample()
	run.Reason = "\u009b31m \x7f \u202e \ufeff 👩‍👧"
	text := written(t, run)
	for _, r := range string(text) {
		if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0xfeff {
			t.Fatalf("U+%04X stands in the file as it is", r)
		}
	}
	back, err := jsonreport.Read(bytes.NewReader(text))
	if err != nil || back.Reason != run.Reason {
		t.Errorf("escaped characters came back as %q, %v", back.Reason, err)
	}
}

func TestReadRefuses(t *testing.T) {
	whole := string(written(t, golden.Sample()))
	for name, c := range map[string]struct{ in, says string }{
		"nothing":         {" \n", "is empty"},
		"no JSON":         {"<html>", "no record of parley"},
		"other JSON":      {`{"version": 1}`, `has no "schema"`},
		"a list":          {`[]`, `has no "schema"`},
		"a later schema":  {`{"schema": 2, "run": {"parley": "9.9"}}`, "has schema 2, this parley reads schema 1"},
		"its author":      {`{"schema": 2, "run": {"parley": "9.9"}}`, "9.9"},
		"no end":          {strings.Replace(whole, `"end": true`, `"end": false`, 1), `"end" is missing`},
		"a wrong type":    {`{"schema": 1, "requirements": {}, "end": true}`, "no record of parley"},
		"an unknown word": {strings.Replace(whole, `"verdict": "pass"`, `"verdict": "splendid"`, 1), `none of [pass`},
	} {
		if _, err := jsonreport.Read(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, c.says)
		}
	}
	broken := errors.New("disk on fire")
	if _, err := jsonreport.Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a reader's error is lost: %v", err)
	}
}

func TestReadTellsTruncatedAtEveryLength(t *testing.T) {
	run := golden.Sample()
	run.Exchanges = run.Exchanges[:1]
	whole := bytes.TrimSpace(written(t, run))
	if !json.Valid(whole) {
		t.Fatal("no JSON")
	}
	for n := 1; n < len(whole); n++ {
		if _, err := jsonreport.Read(bytes.NewReader(whole[:n])); err == nil || !strings.Contains(err.Error(), "truncated") {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(whole), err)
		}
	}
}
