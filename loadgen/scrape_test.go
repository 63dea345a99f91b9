package loadgen

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const metricsText = `# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.048576e+06
# TYPE http_requests_total counter
http_requests_total{code="200"} %d
http_requests_total{code="500"} 2
# TYPE queue gauge
queue NaN
# TYPE latency_seconds histogram
latency_seconds_bucket{le="1"} 3
latency_seconds_bucket{le="+Inf"} 4
latency_seconds_sum 2.5
latency_seconds_count 4
`

func TestScrape(t *testing.T) {
	var reads atomic.Int64
	down := atomic.Bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, metricsText, 100*reads.Add(1))
	}))
	defer server.Close()
	s, err := NewScrape(t.Context(), server.URL, []string{"http_requests_total", "queue", "latency_seconds_count", "latency_seconds_sum"})
	if err != nil {
		t.Fatal(err)
	}
	before := s.Use(t.Context())
	after := s.Use(t.Context())
	if before.CPU != 12500*time.Millisecond || before.Memory != 1<<20 || fmt.Sprint(before.Values) != "[202 0 4 2.5]" {
		t.Errorf("%+v", before)
	}
	_, memory, values := after.usedSince(before, s.Metrics, 2*time.Second)
	if memory != 1<<20 || fmt.Sprint(values) != "[50 0 0 0]" {
		t.Errorf("a second's worth is %d and %v", memory, values)
	}
	down.Store(true)
	if again := s.Use(t.Context()); fmt.Sprint(again) != fmt.Sprint(after) {
		t.Errorf("where the page cannot be read, it is %+v, and was %+v", again, after)
	}
}

func TestScrapeRefusesWhatItCannotRead(t *testing.T) {
	for name, c := range map[string]struct {
		answer, metric, says string
		status               int
	}{
		"a metric that is not there": {fmt.Sprintf(metricsText, 1), "http_request_total", "http_requests_total", 200},
		"a histogram as a whole":     {fmt.Sprintf(metricsText, 1), "latency_seconds", "latency_seconds_", 200},
		"a page of HTML":             {"<html>no metrics</html>", "queue", "text format", 200},
		"no page":                    {"", "queue", "404", 404},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.answer))
		}))
		_, err := NewScrape(t.Context(), server.URL, []string{c.metric})
		server.Close()
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), server.URL) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if _, err := NewScrape(t.Context(), "http://127.0.0.1:1/metrics", nil); err == nil {
		t.Error("nobody answers, and that is no error")
	}
}

func TestScrapeEndsWithAnEndlessPage(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := []byte(strings.Repeat("a_metric 1\n", 1000))
		for r.Context().Err() == nil {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	began := time.Now()
	_, _ = NewScrape(t.Context(), server.URL, nil)
	if took := time.Since(began); took > 10*scrapeTime {
		t.Errorf("it took %s", took)
	}
}

func TestProcess(t *testing.T) {
	use, err := Process(os.Getpid())
	if runtime.GOOS != "linux" {
		if err == nil {
			t.Error("who reads this?")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	before := use()
	for use().CPU == before.CPU { // work, until the clock of the processor has moved
	}
	if after := use(); after.CPU <= before.CPU || after.Memory < 1<<20 {
		t.Errorf("%+v, before %+v", after, before)
	}
	if _, err := Process(1 << 30); err == nil {
		t.Error("a process that is not there has used something")
	}
}
