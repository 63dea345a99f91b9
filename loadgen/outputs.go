package loadgen

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// VegetaWriter writes outcomes in Vegeta's own result format, which `vegeta report` and `vegeta plot` read: the
// timestamp is the intended start, the latency counts from it, and a wrong answer is an error that names the
// requirement. It is safe for concurrent use.
type VegetaWriter struct {
	mu     sync.Mutex
	out    *bufio.Writer
	encode vegeta.Encoder
	seq    uint64
	name   string
	err    error
}

// NewVegetaWriter writes results of an attack of that name.
func NewVegetaWriter(w io.Writer, name string) *VegetaWriter {
	out := bufio.NewWriterSize(w, 64<<10)
	return &VegetaWriter{out: out, encode: vegeta.NewEncoder(out), name: name}
}

// Add writes one outcome. The first error is kept for Close.
func (v *VegetaWriter) Add(o Outcome) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return
	}
	r := &vegeta.Result{
		Attack: v.name, Seq: v.seq, Code: uint16(min(max(o.Status, 0), 999)), Timestamp: o.Intended, Latency: o.Ended.Sub(o.Intended),
		BytesIn: uint64(o.Bytes), BytesOut: uint64(o.Sent), Error: o.Err, Method: o.Operation.Method, URL: o.URL,
	}
	for _, f := range o.Findings {
		if f.Must && r.Error == "" {
			r.Error = "wrong answer: " + f.ID
		}
	}
	v.seq++
	v.err = v.encode.Encode(r)
}

// Close writes what is buffered, and gives the first error.
func (v *VegetaWriter) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.out.Flush(); v.err == nil {
		v.err = err
	}
	return v.err
}

// WriteHistogramLog writes the response times in HdrHistogram's log format, which its tools merge and plot.
func WriteHistogramLog(w io.Writer, r *Result) error {
	out := hdrhistogram.NewHistogramLogWriter(w)
	began := r.Began.UnixMilli()
	ended := r.Began.Add(r.Duration).UnixMilli()
	if err := out.OutputLogFormatVersion(); err != nil {
		return err
	}
	if err := out.OutputStartTime(began); err != nil {
		return err
	}
	if err := out.OutputLegend(); err != nil {
		return err
	}
	for _, h := range []struct {
		tag string
		of  *Histogram
	}{{"response", r.Total.Response}, {"service", r.Total.Service}, {"freshness", r.Freshness}} {
		h.of.hdr.SetTag(h.tag)
		h.of.hdr.SetStartTimeMs(began)
		h.of.hdr.SetEndTimeMs(ended)
		if err := out.OutputIntervalHistogram(h.of.hdr); err != nil {
			return err
		}
	}
	return nil
}

// WriteBenchmark writes a result in Go's benchmark format, which benchstat reads: one line an operation and one for all.
func WriteBenchmark(w io.Writer, scenario string, r *Result) error {
	line := func(name string, f Figures) error {
		if f.Sent == 0 {
			return nil
		}
		_, err := fmt.Fprintf(w, "BenchmarkLoad/scenario=%s/op=%s %d %d p50-ns/op %d p99-ns/op %d service-p99-ns/op %.1f correct/s %d violations\n",
			benchName(scenario), benchName(name), f.Sent, f.Response.Quantile(0.5), f.Response.Quantile(0.99), f.Service.Quantile(0.99),
			float64(f.Correct)/max(r.Duration.Seconds(), 1e-9), f.Violating)
		return err
	}
	if err := line("all", r.Total); err != nil {
		return err
	}
	for _, op := range r.Operations {
		if err := line(op.Name, op.Figures); err != nil {
			return err
		}
	}
	return nil
}

// benchName is a name that the format can carry: no space and no slash.
func benchName(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == '/' || r == '=' || r == 0x7f {
			return '-'
		}
		return r
	}, s)
}

// Metrics is an attack as Prometheus reads it, while it runs. The zero value is ready; Observe is its Attack.Progress.
type Metrics struct {
	mu       sync.Mutex
	scenario string
	last     Progress
	seen     bool
}

// Observe takes the newest state in.
func (m *Metrics) Observe(scenario string, p Progress) {
	m.mu.Lock()
	m.scenario, m.last, m.seen = scenario, p, true
	m.mu.Unlock()
}

// ServeHTTP answers with the text format of Prometheus.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	scenario, p, seen := m.scenario, m.last, m.seen
	m.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	if !seen {
		return
	}
	label := `scenario="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(scenario) + `"`
	write := func(kind, name, help, labels string, value float64) {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s{%s} %g\n", name, help, name, kind, name, labels, value)
	}
	write("counter", "parley_load_sent_total", "Requests that were answered or failed.", label, float64(p.Sent()))
	write("counter", "parley_load_correct_total", "Correct answers.", label, float64(p.Counts.Correct))
	write("counter", "parley_load_errors_total", "Requests without a whole answer, or with a status that is no success.", label, float64(p.Counts.Errors))
	write("counter", "parley_load_late_total", "Requests begun more than 10 ms after their intended start.", label, float64(p.Late))
	write("gauge", "parley_load_in_flight", "Requests on their way.", label, float64(p.InFlight))
	write("gauge", "parley_load_lag_seconds", "How late the generator itself was, 99th percentile of the last second.", label, p.Lag.Seconds())
	fmt.Fprint(w, "# HELP parley_load_violations_total Wrong answers by requirement.\n# TYPE parley_load_violations_total counter\n")
	for _, id := range slices.Sorted(maps.Keys(p.Violations)) {
		fmt.Fprintf(w, "parley_load_violations_total{%s,requirement=%q} %d\n", label, id, p.Violations[id])
	}
	fmt.Fprint(w, "# HELP parley_load_response_seconds Response time from the intended start, of the last second.\n# TYPE parley_load_response_seconds gauge\n")
	for _, q := range []struct {
		name string
		d    time.Duration
	}{{"0.5", p.ResponseP50}, {"0.99", p.ResponseP99}} {
		fmt.Fprintf(w, "parley_load_response_seconds{%s,quantile=%q} %g\n", label, q.name, q.d.Seconds())
	}
}

// Sent is all requests so far that are through.
func (p Progress) Sent() int64 { return p.Counts.Sent }
