package loadgen

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// sample is a short attack with right answers, wrong ones and errors; every outcome goes to each of the sinks.
func sample(t *testing.T, outcome func(Outcome), progress func(Progress)) *Result {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := number(r); n % 4 {
		case 1:
			w.WriteHeader(299)
		case 2:
			w.WriteHeader(503)
		default:
			io.WriteString(w, "[]")
		}
	}))
	defer server.Close()
	a := &Attack{URL: server.URL, Timeout: time.Second, Workload: &counters{users: 20}, Schedule: Schedule{Curve: Constant(200, 200*time.Millisecond)},
		Outcome: outcome, Progress: progress}
	r, err := a.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVegetaReadsOurResults(t *testing.T) {
	var file bytes.Buffer
	out := NewVegetaWriter(&file, "mine")
	r := sample(t, out.Add, nil)
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	var m vegeta.Metrics
	decode := vegeta.NewDecoder(&file)
	for {
		var one vegeta.Result
		if err := decode(&one); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		m.Add(&one)
	}
	m.Close()
	if int64(m.Requests) != r.Sent || int(math.Round(m.Success*float64(m.Requests))) != int(r.Correct+r.Violating) {
		t.Errorf("vegeta counts %d requests, success %g; we counted %+v", m.Requests, m.Success, r.Counts)
	}
	if !strings.Contains(strings.Join(m.Errors, " "), "wrong answer: TEST-01") || !strings.Contains(strings.Join(m.Errors, " "), "status 503") {
		t.Errorf("vegeta shows the errors %q", m.Errors)
	}
	// Vegeta estimates its percentiles from few values; the longest latency is exact.
	if ours := r.Total.Response.Max(); math.Abs(float64(m.Latencies.Max-ours)) > 0.01*float64(ours) {
		t.Errorf("vegeta's longest latency is %s, ours %s", m.Latencies.Max, ours)
	}
}

func TestHistogramLogReadsBack(t *testing.T) {
	r := sample(t, nil, nil)
	var file bytes.Buffer
	if err := WriteHistogramLog(&file, r); err != nil {
		t.Fatal(err)
	}
	reader := hdrhistogram.NewHistogramLogReader(&file)
	tags := map[string]int64{}
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		tags[h.Tag()] = h.TotalCount()
	}
	if tags["response"] != r.Sent || tags["service"] != r.Sent {
		t.Errorf("the log holds %v, %d were sent", tags, r.Sent)
	}
}

func TestBenchmarkFormat(t *testing.T) {
	r := sample(t, nil, nil)
	var file strings.Builder
	if err := WriteBenchmark(&file, "a b/c", r); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(file.String()) {
		fields := strings.Fields(line)
		if !strings.HasPrefix(fields[0], "BenchmarkLoad/scenario=a-b-c/op=") || len(fields)%2 != 0 || fields[3] != "p50-ns/op" {
			t.Errorf("no line of the format: %q", line)
		}
	}
	if n := strings.Count(file.String(), "\n"); n != 2 {
		t.Errorf("%d lines, want all and one operation", n)
	}
}

func TestMetrics(t *testing.T) {
	var m Metrics
	r := sample(t, nil, func(p Progress) { m.Observe(`my "own"`, p) })
	w := httptest.NewRecorder()
	m.ServeHTTP(w, nil)
	for _, line := range []string{
		`parley_load_sent_total{scenario="my \"own\""} 40`, `parley_load_correct_total{scenario="my \"own\""} 20`, `parley_load_errors_total{scenario="my \"own\""} 10`,
		`parley_load_violations_total{scenario="my \"own\"",requirement="TEST-01"} 10`, `parley_load_response_seconds{scenario="my \"own\"",quantile="0.99"}`,
	} {
		if !strings.Contains(w.Body.String(), line) {
			t.Errorf("%s is not among\n%s\n(%+v)", line, w.Body, r.Counts)
		}
	}
}

func TestRecord(t *testing.T) {
	r := sample(t, nil, nil)
	r.Generator = Generator{Healthy: true}
	kept := 0
	keep := func(x *exchange.Exchange) string { kept++; return "x1" }
	met, _ := ParseThresholds("errors<=10,p99<5s")
	missed, _ := ParseThresholds("violations=0,p99<5s")
	l := Record("mine", 7, r, met, keep)
	if l.Verdict != reports.LoadMet || l.Planned != 40 || l.Violations["TEST-01"] != 10 || kept != 2 || len(l.Samples) != 2 || len(l.Series) == 0 {
		t.Errorf("%+v, %d kept", l, kept)
	}
	if l := Record("mine", 7, r, missed, keep); l.Verdict != reports.LoadMissed || l.Thresholds[0].Met || !l.Thresholds[1].Met {
		t.Errorf("verdict %s, %+v", l.Verdict, l.Thresholds)
	}
	if l := Record("mine", 7, &Result{Total: newFigures(), Freshness: NewHistogram()}, nil, keep); l.Verdict != reports.Incomplete {
		t.Errorf("nothing sent is %s", l.Verdict)
	}
}

// TestTheVerdictOnALoad: what answers broke stays broken; every other figure is of the target only where nothing spoiled it; and
// what was not sent, or not answered, is not measured.
func TestTheVerdictOnALoad(t *testing.T) {
	sleepy := Generator{Reasons: []string{"it slept"}}
	spoil := func(r *Result) { r.Generator = sleepy }
	wrong := func(r *Result) { r.Correct, r.Violating, r.Violations = 90, 10, map[string]int64{"TEST-01": 10} }
	for _, c := range []struct {
		name       string
		change     func(*Result)
		conditions string
		verdict    string
		reasons    []string // how each begins
	}{
		{"all is well", func(*Result) {}, "p99<5s", reports.LoadMet, nil},
		{"answers are wrong", wrong, "p99<5s", reports.LoadMissed, nil},
		{"answers are wrong, as many as may be", wrong, "violations<=10", reports.LoadMet, nil},
		{"answers are wrong and the generator slept", func(r *Result) { wrong(r); spoil(r) }, "p99<5s", reports.LoadMissed, []string{"10 of 100 answers broke a MUST (TEST-01)", "the generator spoiled"}},
		{"answers are wrong and it was interrupted", func(r *Result) { wrong(r); r.Cut = "it was interrupted" }, "p99<5s", reports.LoadMissed, []string{"10 of 100", "it was interrupted"}},
		{"it is slow", func(*Result) {}, "p99<1us", reports.LoadMissed, nil},
		{"it is slow and the generator slept", spoil, "p99<1us", reports.Incomplete, []string{"the generator spoiled the run: it slept"}},
		{"it is slow and it was given up", func(r *Result) { r.Cut = "it was given up" }, "p99<1us", reports.Incomplete, []string{"it was given up"}},
		{"half was sent", func(r *Result) { r.Planned, r.NeverSent = 200, 100 }, "p99<5s", reports.Incomplete, []string{"100 of 200 requests were never sent"}},
		{"half was sent, as may be", func(r *Result) { r.Planned, r.NeverSent = 200, 100 }, "never_sent<=50%", reports.LoadMet, nil},
		{"half was sent, and less may be", func(r *Result) { r.Planned, r.NeverSent = 200, 100 }, "never_sent<1%", reports.LoadMissed, nil},
		{"half was sent, and slowly", func(r *Result) { r.Planned, r.NeverSent = 200, 100 }, "p99<1us", reports.LoadMissed, []string{"100 of 200"}},
		{"nothing was answered", func(r *Result) { r.Correct, r.Errors = 0, 100 }, "p99<5s", reports.Incomplete, []string{"nothing could be judged"}},
		{"nothing was answered, and something must be", func(r *Result) { r.Correct, r.Errors = 0, 100 }, "errors<1%", reports.LoadMissed, []string{"nothing could be judged"}},
		{"nothing was sent", func(r *Result) { r.Counts = Counts{Planned: 100, NeverSent: 100} }, "errors=0", reports.Incomplete, []string{"nothing was sent"}},
	} {
		r := &Result{Total: newFigures(), Freshness: NewHistogram(), Generator: Generator{Healthy: true}, Counts: Counts{Planned: 100, Sent: 100, Correct: 100}}
		r.Total.Response.Record(time.Millisecond)
		c.change(r)
		conditions, err := ParseThresholds(c.conditions)
		if err != nil {
			t.Fatal(err)
		}
		l := Record("mine", 7, r, WithoutViolations(conditions), nil)
		as := l.Verdict == c.verdict && len(l.Reasons) == len(c.reasons)
		for i := range min(len(l.Reasons), len(c.reasons)) {
			as = as && strings.HasPrefix(l.Reasons[i], c.reasons[i])
		}
		if !as {
			t.Errorf("%s: %s, %q, want %s, %q", c.name, l.Verdict, l.Reasons, c.verdict, c.reasons)
		}
	}
}

// TestALoadThatNeverBeganIsAWholeEntry: a reader of the record wants every key.
func TestALoadThatNeverBeganIsAWholeEntry(t *testing.T) {
	if entry := NotMeasured("inbox", 1, "it is too slow"); entry.Violations == nil {
		t.Error("the violations are null, which no reader of records takes")
	}
}
