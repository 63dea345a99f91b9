package jsonreport_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
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
		Exchanges:    []reports.Exchange{{ID: "x1", Response: &reports.Response{}}},
		Load:         []reports.Load{{Capacity: &reports.LoadCapacity{}}}, End: true,
	}
	text := strings.ReplaceAll(string(written(t, run)), `"freshness_ms": null`, "") // where nothing was followed there is none
	if strings.Contains(text, "null") {
		t.Errorf("a list is null:\n%s", text)
	}
	if !strings.HasSuffix(text, "\"end\": true\n}\n") {
		t.Errorf("the last key is not end: …%q", text[len(text)-40:])
	}
	for _, key := range []string{"argv", "capabilities", "specs", "evidence", "headers", "operations", "series", "latencies", "thresholds", "rungs"} {
		if !strings.Contains(text, `"`+key+`": []`) {
			t.Errorf("%s is no empty list", key)
		}
	}
	if !strings.Contains(text, `"violations": {}`) {
		t.Error("violations is no empty map")
	}
	if run.Load[0].Violations != nil || run.Requirements[0].Specs != nil || run.Exchanges[0].Response.Headers != nil {
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
		"nothing":             {" \n", "is empty"},
		"no JSON":             {"<html>", "no record of parley"},
		"other JSON":          {`{"version": 1}`, `has no "schema"`},
		"a list":              {`[]`, `has no "schema"`},
		"a later schema":      {`{"schema": 2, "run": {"parley": "9.9"}}`, "has schema 2, this parley reads schema 1"},
		"its author":          {`{"schema": 2, "run": {"parley": "9.9"}}`, "9.9"},
		"no end":              {strings.Replace(whole, `"end": true`, `"end": false`, 1), `"end" is missing`},
		"a wrong type":        {`{"schema": 1, "requirements": {}, "end": true}`, "no record of parley"},
		"an unknown word":     {strings.Replace(whole, `"verdict": "pass"`, `"verdict": "splendid"`, 1), `none of [pass`},
		"nothing but an end":  {`{"schema": 1, "end": true}`, `it lacks the key "verdict"`},
		"another verdict":     {strings.Replace(whole, `"verdict": "non-conformant"`, `"verdict": "certified"`, 1), `verdict is "certified"`},
		"a count that is off": {strings.Replace(whole, `"fail": `, `"fail": 1`, 1), "counts.fail"},
		"null for a list":     {strings.Replace(whole, `"argv": [`, `"argv": null, "was": [`, 1), `"run.argv" is null`},
		"null for an object":  {strings.Replace(whole, `"target": {`, `"target": null, "was": {`, 1), `"target" is null`},
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

// TestReadMissesEveryKey takes each key out of a record that is always there, at every depth.
func TestReadMissesEveryKey(t *testing.T) {
	var whole map[string]any
	if err := json.Unmarshal(written(t, golden.Sample()), &whole); err != nil {
		t.Fatal(err)
	}
	first := func(key string) map[string]any { return whole[key].([]any)[0].(map[string]any) }
	objects := map[string]map[string]any{
		"": whole, "run.": whole["run"].(map[string]any), "target.": whole["target"].(map[string]any), "counts.": whole["counts"].(map[string]any),
		"requirements[0].": first("requirements"), "requirements[0].specs[0].": first("requirements")["specs"].([]any)[0].(map[string]any),
		"exchanges[0].": first("exchanges"), "exchanges[0].request.": first("exchanges")["request"].(map[string]any), "load[0].": first("load"),
		"load[0].generator.": first("load")["generator"].(map[string]any),
	}
	optional := regexp.MustCompile(`^(reason|requirements\[0\]\.(quote|gloss)|exchanges\[0\]\.error|load\[0\]\.` +
		`(api|warnings|expected|error_classes|violation_samples|target_cpu_us_per_request|target_memory_bytes|watched|capacity|reasons|generator\.reasons)|target\.(notes|logs))$`)
	missed := 0
	for at, object := range objects {
		for key, value := range object {
			delete(object, key)
			without, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			object[key] = value
			_, err = jsonreport.Read(bytes.NewReader(without))
			switch optional := optional.MatchString(at + key); {
			case optional && err != nil && strings.Contains(err.Error(), "lacks the key"):
				t.Errorf("without %s%s, which may be left out: %v", at, key, err)
			case !optional && (err == nil || !strings.Contains(err.Error(), `"`+key) && !strings.Contains(err.Error(), key+`"`)):
				t.Errorf("without %s%s: %v", at, key, err)
			}
			missed++
		}
	}
	if missed < 80 {
		t.Errorf("only %d keys were taken out", missed)
	}
}

// TestReadPassesOverKeysOfALaterParley: keys are only ever added.
func TestReadPassesOverKeysOfALaterParley(t *testing.T) {
	later := strings.ReplaceAll(string(written(t, golden.Sample())), `"id": `, `"later": {"more": [1]}, "id": `)
	if _, err := jsonreport.Read(strings.NewReader(later)); err != nil {
		t.Error(err)
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

// TestALoadThatNeverBeganIsReadAgain has an entry with nothing in it.
func TestALoadThatNeverBeganIsReadAgain(t *testing.T) {
	run := golden.Sample()
	run.Load = []reports.Load{{Scenario: "smoke", Verdict: reports.Incomplete}}
	if _, err := jsonreport.Read(bytes.NewReader(written(t, run))); err != nil {
		t.Error(err)
	}
}
