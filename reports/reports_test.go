package reports_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/internal/golden"
)

func TestCountSumsUp(t *testing.T) {
	run := golden.Sample()
	c := reports.Count(run.Requirements)
	sum, judged := 0, 0
	for _, v := range reports.Verdicts {
		n := c.Of(v)
		if n == 0 {
			t.Errorf("the sample has no requirement with the verdict %s", v)
		}
		sum += n
	}
	for _, r := range run.Requirements {
		if r.Judged() {
			judged++
		}
	}
	if sum != c.Planned || c.Planned != len(run.Requirements) || judged != c.Judged {
		t.Errorf("planned %d, judged %d, but the words sum up to %d and %d of %d requirements", c.Planned, c.Judged, sum, judged, len(run.Requirements))
	}
	for _, level := range []string{reports.Must, reports.Should, reports.Probe} {
		for _, v := range []reports.Verdict{reports.Info, reports.Stale} {
			c := reports.Count([]reports.Requirement{{Level: level, Verdict: v}})
			if want := level != reports.Probe && v != reports.Info; (c.Judged == 1) != want {
				t.Errorf("%s with %s: judged %d, want %v", level, v, c.Judged, want)
			}
		}
	}
	odd := reports.Count([]reports.Requirement{{Verdict: "splendid"}})
	if odd.Planned != 1 || odd.Error != 1 || odd.Judged != 0 {
		t.Errorf("an unknown word must count as an error, got %+v", odd)
	}
}

func TestEveryVerdictHasItsOwnSymbolAndMeaning(t *testing.T) {
	symbols, meanings := map[string]reports.Verdict{}, map[string]reports.Verdict{}
	for _, v := range reports.Verdicts {
		if other, taken := symbols[v.Symbol()]; taken || utf8.RuneCountInString(v.Symbol()) != 1 {
			t.Errorf("%s has the symbol %q, which must be one character and not that of %q", v, v.Symbol(), other)
		}
		if other, taken := meanings[v.Meaning()]; taken {
			t.Errorf("%s and %s mean the same", v, other)
		}
		symbols[v.Symbol()], meanings[v.Meaning()] = v, v
	}
}

func TestNewBody(t *testing.T) {
	const limit = reports.BodyLimit
	long := strings.Repeat("a", limit-1) + "张张"
	for name, c := range map[string]struct {
		in   []byte
		text string
		raw  bool
		cut  bool
	}{
		"empty":                  {nil, "", false, false},
		"text":                   {[]byte("{}"), "{}", false, false},
		"binary":                 {[]byte{0, 0xff}, "", true, false},
		"just fits":              {[]byte(long[:limit-1] + "b"), long[:limit-1] + "b", false, false},
		"cut before a character": {[]byte(long), long[:limit-1], false, true},
		"long binary":            {bytes.Repeat([]byte{0xff}, limit+7), "", true, true},
		"long continuation":      {bytes.Repeat([]byte{0x80}, limit+7), "", true, true},
	} {
		body := reports.NewBody(c.in)
		if body.Text != c.text || (body.Base64 != "") != c.raw || body.Cut != c.cut || body.Bytes != len(c.in) {
			t.Errorf("%s: text of %d bytes, base64 of %d, %d bytes, cut %v", name, len(body.Text), len(body.Base64), body.Bytes, body.Cut)
		}
		data, err := body.Data()
		if err != nil || !bytes.HasPrefix(c.in, data) || c.raw && len(data) != min(len(c.in), limit) {
			t.Errorf("%s: the kept %d bytes are not the body's first ones (error %v)", name, len(data), err)
		}
		if base64.StdEncoding.DecodedLen(len(body.Base64)) > limit+2 {
			t.Errorf("%s: base64 of more than 64 KiB", name)
		}
	}
	if _, err := (reports.Body{Base64: "!"}).Data(); err == nil {
		t.Error("broken base64 gave no error")
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain 张伟 👩‍👩‍👧\n\ttab": "plain 张伟 👩‍👩‍👧\n\ttab",
		golden.HostileANSI:      `\x1b[31mred\x1b[0m`,
		golden.HostileBidi:      `user\u202etxt.exe\u202c`,
		golden.HostileNUL:       `a\x00b`,
		golden.HostileBytes:     `caf\xe9`,
		"a\r\nb":                `a\x0d` + "\nb",
		"\u0085\u2028\ufeff":    `\u0085\u2028\ufeff`,
		"\ufffe\U000e0041":      `\ufffe\U000e0041`,
		"\ufffd is honest":      "\ufffd is honest",
		"\x7f\u200b\u2066":      `\x7f\u200b\u2066`,
	} {
		if got := reports.Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

// XML 1.0 names the characters that may stand in a document; Visible must not let another one through.
func TestVisibleLeavesOnlyWhatXMLAllows(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		for _, got := range reports.Visible(string(r)) {
			allowed := got == '\t' || got == '\n' || got >= 0x20 && got <= 0xd7ff || got >= 0xe000 && got <= 0xfffd || got >= 0x10000
			if !allowed {
				t.Fatalf("U+%04X became U+%04X", r, got)
			}
		}
	}
}

func TestCut(t *testing.T) {
	if kept, left := reports.Cut("张伟", 4); kept != "张" || left != 3 {
		t.Errorf("cut to %q with %d left", kept, left)
	}
	if kept, left := reports.Cut("ab", 2); kept != "ab" || left != 0 {
		t.Errorf("what fits was cut to %q with %d left", kept, left)
	}
}

func TestHeadlineSaysWhatMatters(t *testing.T) {
	run := golden.Sample()
	for _, want := range []string{"Non-conformant: 2 of 8 judged statements fail", "1 warning", "1 known deviation", "1 stale", "1 fault of parley"} {
		if !strings.Contains(run.Headline(), want) {
			t.Errorf("%q does not say %q", run.Headline(), want)
		}
	}
	run.Verdict = reports.Incomplete
	if want := "Incomplete: 8 of 14 statements judged, 2 fail"; !strings.HasPrefix(run.Headline(), want) {
		t.Errorf("%q does not begin with %q", run.Headline(), want)
	}
}

// of makes requirements of pairs of a level and a verdict.
func of(words ...string) (all []reports.Requirement) {
	for i := 0; i < len(words); i += 2 {
		all = append(all, reports.Requirement{Level: words[i], Verdict: reports.Verdict(words[i+1])})
	}
	return all
}

func TestRequirementsComeToAVerdict(t *testing.T) {
	for _, c := range []struct {
		requirements              []reports.Requirement
		verdict, headline, reason string
	}{
		{of("MUST", "pass"), reports.Conformant, "Conformant: no MUST fails among 1 judged statement", ""},
		{of("MUST", "pass", "PROBE", "info", "SHOULD", "warn"), reports.Conformant, "Conformant: no MUST fails among 2 judged statements; 1 warning", ""},
		{of("MUST", "pass", "MUST", "expected", "SHOULD", "expected"), reports.Conformant,
			"Conformant but for 1 known deviation: no other MUST fails among 3 judged statements; 1 known SHOULD deviation", ""},
		{of("MUST", "pass", "SHOULD", "expected"), reports.Conformant, "Conformant: no MUST fails among 2 judged statements; 1 known SHOULD deviation", ""},
		{of("PROBE", "info"), reports.Incomplete, "Incomplete: 0 of 0 statements judged, none of them a MUST", "no MUST was planned"},
		{of("MUST", "not-declared", "SHOULD", "pass", "PROBE", "info"), reports.Incomplete, "Incomplete: 1 of 2 statements judged, none of them a MUST",
			"no MUST was judged, of 1 that were planned"},
		{of("MUST", "pass", "MUST", "not-run"), reports.Incomplete, "Incomplete: 1 of 2 statements judged, 0 fail", "1 of 2 requirements were not judged"},
		{of("MUST", "fail", "MUST", "not-run"), reports.NonConformant, "Non-conformant: 1 of 1 judged statement fails", ""},
		{of("MUST", "pass", "MUST", "error"), reports.Incomplete, "Incomplete: 1 of 2 statements judged, 0 fail; 1 fault of parley itself", "1 requirement met a fault"},
	} {
		run := &reports.Run{Requirements: c.requirements}
		run.Conclude()
		if run.Verdict != c.verdict || run.Headline() != c.headline || !strings.HasPrefix(run.Reason, c.reason) || c.reason == "" && run.Reason != "" {
			t.Errorf("%v: %s, %q, %q", c.requirements, run.Verdict, run.Headline(), run.Reason)
		}
	}
}

func TestWhatIsBrokenStaysBrokenWhereARunIsCutShort(t *testing.T) {
	run := &reports.Run{Requirements: of("MUST", "fail")}
	run.Conclude()
	run.Stop(reports.CauseInterrupted, "interrupted")
	run.Stop(reports.CauseGone, "the target was gone")
	run.Stop(reports.CauseTime, "the time was over")
	if want := "Non-conformant: 1 of 1 judged statement fails; the run was cut short"; run.Headline() != want || run.Cause != reports.CauseGone ||
		run.Reason != "the target was gone" {
		t.Errorf("%q, %s: %q, want %q", run.Headline(), run.Cause, run.Reason, want)
	}
}

func TestLoadIsPartOfTheVerdict(t *testing.T) {
	met := reports.Load{Scenario: "inbox", API: "yunhu", Verdict: reports.LoadMet, Sent: 100, Throughput: 99.5}
	unsent := reports.Load{Scenario: "idle", Verdict: reports.LoadMet}
	missed := reports.Load{Scenario: "spike", Verdict: reports.LoadMissed, Thresholds: []reports.LoadThreshold{{Condition: "p99<1ms", Value: 2}}}
	spoiled := reports.Load{Scenario: "soak", Verdict: reports.Incomplete, Reasons: []string{"the generator slept"}}
	searched := reports.Load{Scenario: "inbox", Verdict: reports.LoadMet, Capacity: &reports.LoadCapacity{SLO: "p99<50ms", Reason: "898 a second"}}
	judged := reports.Counts{Planned: 3, Judged: 3, Pass: 3}
	for _, c := range []struct {
		before   string
		counts   reports.Counts
		loads    []reports.Load
		verdict  string
		headline string
		reason   string
	}{
		{reports.Conformant, judged, []reports.Load{met}, reports.Conformant, "under load every threshold was met", ""},
		{reports.Conformant, judged, []reports.Load{met, missed}, reports.NonConformant, "under load a threshold was missed", "missed p99<1ms (it was 2)"},
		{reports.Conformant, judged, []reports.Load{spoiled}, reports.Incomplete, "the load could not be measured", "the generator slept"},
		{reports.NonConformant, judged, []reports.Load{spoiled}, reports.NonConformant, "the load could not be measured", ""},
		{reports.Conformant, reports.Counts{}, []reports.Load{unsent}, reports.Incomplete, "Incomplete: ", "sent nothing"},
		{reports.Conformant, reports.Counts{}, []reports.Load{met}, reports.Conformant, "Thresholds met: yunhu inbox: 99.5 correct answers a second", ""},
		{reports.Conformant, reports.Counts{}, []reports.Load{searched}, reports.Conformant, "Capacity: inbox within p99<50ms: 898 a second", ""},
		{reports.Conformant, reports.Counts{}, []reports.Load{missed}, reports.NonConformant, "Threshold missed: spike", "missed p99<1ms"},
		{reports.Conformant, reports.Counts{}, []reports.Load{spoiled}, reports.Incomplete, "Incomplete: the load scenario soak is inconclusive: the generator slept", "slept"},
	} {
		run := &reports.Run{Verdict: c.before, Counts: c.counts}
		for _, l := range c.loads {
			run.AddLoad(l)
		}
		if run.Verdict != c.verdict || !strings.Contains(run.Headline(), c.headline) || !strings.Contains(run.Reason, c.reason) {
			t.Errorf("got %s, %q, %q, want %+v", run.Verdict, run.Headline(), run.Reason, c)
		}
	}
}

// TestAMissedLoadSaysWhatFailedAndWhen has the target busy for a part of the time.
func TestAMissedLoadSaysWhatFailedAndWhen(t *testing.T) {
	run := &reports.Run{Verdict: reports.Conformant}
	run.AddLoad(reports.Load{
		Scenario: "inbox", Verdict: reports.LoadMissed, Sent: 323, Errors: 36, ErrorClass: map[string]int64{"status 503": 30, "timed out": 6},
		Thresholds: []reports.LoadThreshold{{Condition: "errors<0.1%", Value: 11.146}},
		Series:     []reports.LoadRow{{AtS: 0, ForS: 1}, {AtS: 1, ForS: 1, Errors: 9}, {AtS: 2, ForS: 1}, {AtS: 3, ForS: 0.4, Errors: 27}},
	})
	want := "the load scenario inbox missed errors<0.1% (it was 11.15): 36 of 323 requests failed (status 503, 30 times; timed out, 6 times), between 1 s and 4 s after it began"
	if run.Reason != want {
		t.Errorf("the reason is %q", run.Reason)
	}
}

func TestLoadMustAgreeWithItself(t *testing.T) {
	for name, change := range map[string]func(*reports.Load){
		"a request that was neither sent nor not": func(l *reports.Load) { l.Planned++ },
		"an answer that was nothing":              func(l *reports.Load) { l.Correct-- },
		"a sample of nothing":                     func(l *reports.Load) { l.Samples[0].Exchange = "x99" },
	} {
		run := golden.Sample()
		if err := run.Check(); err != nil {
			t.Fatal(err)
		}
		change(&run.Load[0])
		if run.Check() == nil {
			t.Errorf("%s: the record was taken", name)
		}
	}
}

func TestEndpointsKeepOrder(t *testing.T) {
	run := golden.Sample()
	endpoints := reports.Endpoints(run.Requirements)
	total := 0
	for _, e := range endpoints {
		total += e.Counts.Planned
	}
	if len(endpoints) != 5 || endpoints[0].Name != "POST /conversation/sync" || total != len(run.Requirements) {
		t.Errorf("%d endpoints with %d requirements, the first %q", len(endpoints), total, endpoints[0].Name)
	}
}

func TestExchangeSummaryNamesTheCallOnce(t *testing.T) {
	exchanges := golden.Sample().ExchangesByID()
	for id, want := range map[string]string{
		"x1": "POST http://127.0.0.1:5001/conversation/sync → 200, 2 bytes",
		"x3": "POST http://127.0.0.1:5001/conversation/sync → no answer: read: connection reset by peer",
	} {
		if got := exchanges[id].Summary(); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

func TestCheckFindsARecordThatDisagreesWithItself(t *testing.T) {
	if err := golden.Sample().Check(); err != nil {
		t.Errorf("the sample: %v", err)
	}
	for says, spoil := range map[string]func(*reports.Run){
		"counts.fail is 0, but":        func(r *reports.Run) { r.Counts.Fail = 0 },
		"counts.planned is 0, but":     func(r *reports.Run) { r.Counts = reports.Counts{} },
		"counts.judged is ":            func(r *reports.Run) { r.Counts.Judged++ },
		`which is not in the record`:   func(r *reports.Run) { r.Exchanges = r.Exchanges[:1] },
		"exchanges[1].id":              func(r *reports.Run) { r.Exchanges[1].ID = "x1" },
		`verdict is "splendid", `:      func(r *reports.Run) { r.Requirements[0].Verdict = "splendid" },
		`specs[0].verdict is "good"`:   func(r *reports.Run) { r.Requirements[0].Specs[0].Verdict = "good" },
		`level is "MAY"`:               func(r *reports.Run) { r.Requirements[0].Level = "MAY" },
		"requirements[1].id":           func(r *reports.Run) { r.Requirements[1].ID = r.Requirements[0].ID },
		`verdict is "certified", `:     func(r *reports.Run) { r.Verdict = "certified" },
		`verdict is "conformant", but`: func(r *reports.Run) { r.Verdict = reports.Conformant },
		`verdict is "non-conformant", but`: func(r *reports.Run) {
			r.Requirements, r.Load = nil, nil
			r.Counts = reports.Count(nil)
		},
		"load[0]": func(r *reports.Run) { r.Load[0].Verdict = "fast" },
	} {
		run := golden.Sample()
		spoil(run)
		if err := run.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error that says %q", err, says)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	for ms, want := range map[float64]string{0: "0.0 ms", 0.44: "0.4 ms", 12: "12 ms", 12_340: "12.3 s", 125_000: "2 min 5 s"} {
		if got := reports.Milliseconds(ms); got != want {
			t.Errorf("%v: got %q, want %q", ms, got, want)
		}
	}
	if took := (reports.Header{Started: time.Unix(2, 0), Ended: time.Unix(1, 0)}).Took(); took != 0 {
		t.Errorf("a run that ended before it started took %v", took)
	}
}
