package loadgen

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/parley-im/parley/fixtures"
)

// Metric is one metric that is watched while a target is under load.
type Metric struct {
	Name    string
	Counter bool // it only grows: a second's growth is what is shown
}

// Scrape reads what a target says of itself at a Prometheus URL: the processor time and the memory under their standard
// names, and the metrics that were asked for, summed over their labels.
type Scrape struct {
	Metrics []Metric

	url    string
	client *http.Client
	last   Use
}

// The names under which Prometheus' own client libraries tell what a process uses.
const (
	metricCPU    = "process_cpu_seconds_total"
	metricMemory = "process_resident_memory_bytes"
)

const (
	scrapeTime  = 2 * time.Second
	scrapeLimit = 16 << 20 // bytes of a page
)

// NewScrape reads the page once. A metric that is not on it is an error that names the nearest one.
func NewScrape(ctx context.Context, url string, names []string) (*Scrape, error) {
	s := &Scrape{url: url, client: &http.Client{
		Timeout: scrapeTime, Transport: &http.Transport{Proxy: nil},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	page, err := s.page(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot read the metrics at %s: %w", url, err)
	}
	for _, name := range names {
		_, counter, ok := page.value(name)
		if !ok {
			return nil, fmt.Errorf("there is no metric %q at %s%s", name, url, fixtures.DidYouMean(name, page.names()))
		}
		s.Metrics = append(s.Metrics, Metric{name, counter})
	}
	s.last = s.use(page)
	return s, nil
}

// Use reads the page again. Where it cannot be read, the answer is that of the last time.
func (s *Scrape) Use(ctx context.Context) Use {
	if page, err := s.page(ctx); err == nil {
		s.last = s.use(page)
	}
	return s.last
}

func (s *Scrape) use(page metricsPage) Use {
	var u Use
	if seconds, _, ok := page.value(metricCPU); ok && seconds >= 0 && seconds < 1e9 {
		u.CPU = time.Duration(seconds * float64(time.Second))
	}
	if bytes, _, ok := page.value(metricMemory); ok && bytes >= 0 && bytes < 1e18 {
		u.Memory = int64(bytes)
	}
	for _, metric := range s.Metrics {
		value, _, _ := page.value(metric.Name)
		u.Values = append(u.Values, value)
	}
	return u
}

type metricsPage map[string]*dto.MetricFamily

func (s *Scrape) page(ctx context.Context) (metricsPage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %d, and 200 was expected", response.StatusCode)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	page, err := parser.TextToMetricFamilies(io.LimitReader(response.Body, scrapeLimit))
	if err != nil {
		return nil, fmt.Errorf("the answer is not in Prometheus' text format: %w", err)
	}
	return page, nil
}

// value sums a metric over its labels. Of a histogram and a summary there are NAME_sum and NAME_count.
func (p metricsPage) value(name string) (sum float64, counter, ok bool) {
	if family := p[name]; family != nil && len(family.Metric) > 0 {
		counter = family.GetType() == dto.MetricType_COUNTER
		for _, m := range family.Metric {
			switch family.GetType() {
			case dto.MetricType_COUNTER:
				sum += m.Counter.GetValue()
			case dto.MetricType_GAUGE:
				sum += m.Gauge.GetValue()
			case dto.MetricType_UNTYPED:
				sum += m.Untyped.GetValue()
			default:
				return 0, false, false
			}
		}
		return finite(sum), counter, true
	}
	if of, found := strings.CutSuffix(name, "_sum"); found && p[of] != nil {
		for _, m := range p[of].Metric {
			sum += m.Histogram.GetSampleSum() + m.Summary.GetSampleSum()
		}
		return finite(sum), true, true
	}
	if of, found := strings.CutSuffix(name, "_count"); found && p[of] != nil {
		for _, m := range p[of].Metric {
			sum += float64(m.Histogram.GetSampleCount() + m.Summary.GetSampleCount())
		}
		return finite(sum), true, true
	}
	return 0, false, false
}

// finite keeps what no record can hold out of it.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// names are those that can be asked for.
func (p metricsPage) names() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if _, _, ok := p.value(name); ok {
			all = append(all, name)
			continue
		}
		all = append(all, name+"_sum", name+"_count")
	}
	return all
}
