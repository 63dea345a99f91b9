package loadgen

import (
	"maps"
	"sync"
	"time"

	"github.com/parley-im/parley/reference/exchange"
)

// Counts account for every arrival: Planned = Sent + NeverSent, and Sent = Correct + Errors + Violating.
type Counts struct {
	Planned, Sent, NeverSent int64
	Late                     int64 // of those sent: later than intended by more than LateAfter
	Correct                  int64
	Errors                   int64 // no whole answer, or a status that is no success
	Violating                int64 // answers that break a MUST
	Checked                  int64 // answers that were looked at; the others count as correct by their status alone
	BytesIn                  int64 // of whole answers
	BytesOut                 int64
}

// LateAfter is how far behind its intended start a request may begin without counting as late.
const LateAfter = 10 * time.Millisecond

// Figures are what is kept of one operation, or of all together.
type Figures struct {
	Counts
	Response *Histogram // from the intended start
	Service  *Histogram // from the actual start
}

// Sample is the first wrong answer that broke a requirement, kept with its exchange.
type Sample struct {
	Finding
	Exchange *exchange.Exchange
}

// Row is one stretch of time as it was seen: a second, or more of them where a long run's rows were put together.
type Row struct {
	At, For                     time.Duration // from the beginning of what is measured
	Planned                     float64
	Sent, Correct, Errors       int64
	Violating                   int64
	ResponseP50, ResponseP99    time.Duration // of the answers that came in this time; put together: the worse one
	ServiceP50, ServiceP99, Lag time.Duration
	FreshP50, FreshP99          time.Duration // 0: nothing that was followed showed in this time
	rowUse
}

// rowUse is what was used in a stretch of time.
type rowUse struct {
	CPU          float64   // the generator's, in cores
	TargetCPU    float64   // the target's, in cores
	TargetMemory int64     // the target's, in bytes
	Values       []float64 // of the metrics that are watched
}

// Outcome is one request that was sent, with what came of it.
type Outcome struct {
	Seq         uint64
	Operation   Operation
	URL         string
	Intended    time.Time
	Started     time.Time
	Ended       time.Time
	Status      int
	Bytes, Sent int64
	Err         string // empty: an answer came
	Judgement
}

// account adds up what the workers saw.
type account struct {
	mu         sync.Mutex
	began      time.Time
	warmUp     time.Duration
	schedule   *Schedule
	total      Figures
	warm       Counts
	operations []Figures
	freshness  *Histogram
	violations map[string]int64 // wrong answers by requirement
	warnings   map[string]int64 // answers that break a SHOULD, by requirement
	expected   map[string]int64 // answers that depart as known deviations say, by requirement
	errors     map[string]int64 // by class; see classOf
	samples    map[string]*Sample

	rows    series
	current struct {
		response, service, lag, fresh *Histogram
		sent, correct, errors         int64
		violating                     int64
	}
}

func newAccount(schedule *Schedule, warmUp time.Duration, operations int) *account {
	a := &account{
		warmUp: warmUp, schedule: schedule, total: newFigures(), freshness: NewHistogram(),
		violations: map[string]int64{}, warnings: map[string]int64{}, expected: map[string]int64{}, errors: map[string]int64{}, samples: map[string]*Sample{},
	}
	for range operations {
		a.operations = append(a.operations, newFigures())
	}
	a.current.response, a.current.service, a.current.lag, a.current.fresh = NewHistogram(), NewHistogram(), NewHistogram(), NewHistogram()
	return a
}

func newFigures() Figures { return Figures{Response: NewHistogram(), Service: NewHistogram()} }

// lag notes how late the generator itself was with an arrival.
func (a *account) lagged(d time.Duration) {
	a.mu.Lock()
	a.current.lag.Record(d)
	a.mu.Unlock()
}

// add accounts for one request. operation is its index.
func (a *account) add(operation int, o *Outcome, checked bool, answered func() *exchange.Exchange) {
	wrong := broken(o.Findings)
	a.mu.Lock()
	defer a.mu.Unlock()
	if o.Intended.Sub(a.began) < a.warmUp {
		a.warm.count(o, wrong, checked)
		return
	}
	for _, f := range []*Figures{&a.total, &a.operations[operation]} {
		f.count(o, wrong, checked)
		f.Response.Record(o.Ended.Sub(o.Intended))
		f.Service.Record(o.Ended.Sub(o.Started))
	}
	a.second(o, wrong)
	if o.Freshness > 0 {
		a.freshness.Record(o.Freshness)
		a.current.fresh.Record(o.Freshness)
	}
	if o.Err != "" {
		a.errors[o.Err]++
	}
	a.note(o.Findings, answered)
}

func (c *Counts) count(o *Outcome, wrong, checked bool) {
	c.Sent++
	c.BytesIn += o.Bytes
	c.BytesOut += o.Sent
	if o.Started.Sub(o.Intended) > LateAfter {
		c.Late++
	}
	if checked {
		c.Checked++
	}
	switch {
	case o.Err != "":
		c.Errors++
	case wrong:
		c.Violating++
	default:
		c.Correct++
	}
}

func (a *account) second(o *Outcome, wrong bool) {
	c := &a.current
	c.response.Record(o.Ended.Sub(o.Intended))
	c.service.Record(o.Ended.Sub(o.Started))
	c.sent++
	switch {
	case o.Err != "":
		c.errors++
	case wrong:
		c.violating++
	default:
		c.correct++
	}
}

// note counts each requirement once for an answer, and keeps the first exchange of each.
func (a *account) note(findings []Finding, answered func() *exchange.Exchange) {
	for i, f := range findings {
		if repeated(findings[:i], f.ID) {
			continue
		}
		switch {
		case f.Known:
			a.expected[f.ID]++
		case f.Must:
			a.violations[f.ID]++
		default:
			a.warnings[f.ID]++
		}
		if a.samples[f.ID] == nil {
			a.samples[f.ID] = &Sample{f, answered()}
		}
	}
}

func repeated(before []Finding, id string) bool {
	for _, f := range before {
		if f.ID == id {
			return true
		}
	}
	return false
}

func broken(findings []Finding) bool {
	for _, f := range findings {
		if f.Must {
			return true
		}
	}
	return false
}

// tick closes the row that ends now.
func (a *account) tick(now time.Time, used rowUse) (Row, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	end := now.Sub(a.began) - a.warmUp
	start := a.rows.end
	if end <= start {
		return Row{}, false
	}
	c := &a.current
	row := Row{
		At: start, For: end - start, Planned: a.schedule.Between(start+a.warmUp, end+a.warmUp),
		Sent: c.sent, Correct: c.correct, Errors: c.errors, Violating: c.violating,
		ResponseP50: c.response.Quantile(0.5), ResponseP99: c.response.Quantile(0.99),
		ServiceP50: c.service.Quantile(0.5), ServiceP99: c.service.Quantile(0.99), Lag: c.lag.Quantile(0.99),
		FreshP50: c.fresh.Quantile(0.5), FreshP99: c.fresh.Quantile(0.99), rowUse: used,
	}
	a.rows.add(row)
	c.response.Reset()
	c.service.Reset()
	c.lag.Reset()
	c.fresh.Reset()
	c.sent, c.correct, c.errors, c.violating = 0, 0, 0, 0
	return row, true
}

// series is rows in memory that does not grow: when it is full, two neighbours become one.
type series struct {
	rows []Row
	each int // how many ticks make one row
	open int // ticks in the last row
	end  time.Duration
}

const mostRows = 7200

func (s *series) add(row Row) {
	s.end = row.At + row.For
	s.each = max(s.each, 1)
	if s.open > 0 && s.open < s.each {
		s.rows[len(s.rows)-1] = join(s.rows[len(s.rows)-1], row)
		s.open++
		return
	}
	if len(s.rows) == mostRows {
		for i := range mostRows / 2 {
			s.rows[i] = join(s.rows[2*i], s.rows[2*i+1])
		}
		s.rows = s.rows[:mostRows/2]
		s.each *= 2
	}
	s.rows = append(s.rows, row)
	s.open = 1
}

func join(a, b Row) Row {
	weight := a.For.Seconds() / (a.For + b.For).Seconds()
	return Row{
		At: a.At, For: a.For + b.For, Planned: a.Planned + b.Planned, Sent: a.Sent + b.Sent, Correct: a.Correct + b.Correct,
		Errors: a.Errors + b.Errors, Violating: a.Violating + b.Violating,
		ResponseP50: max(a.ResponseP50, b.ResponseP50), ResponseP99: max(a.ResponseP99, b.ResponseP99),
		ServiceP50: max(a.ServiceP50, b.ServiceP50), ServiceP99: max(a.ServiceP99, b.ServiceP99), Lag: max(a.Lag, b.Lag),
		FreshP50: max(a.FreshP50, b.FreshP50), FreshP99: max(a.FreshP99, b.FreshP99), rowUse: a.rowUse.mean(b.rowUse, weight),
	}
}

// mean is the weighted mean of two stretches; of the memory it is the greater.
func (a rowUse) mean(b rowUse, weight float64) rowUse {
	m := rowUse{
		CPU: a.CPU*weight + b.CPU*(1-weight), TargetCPU: a.TargetCPU*weight + b.TargetCPU*(1-weight),
		TargetMemory: max(a.TargetMemory, b.TargetMemory),
	}
	for i := range min(len(a.Values), len(b.Values)) {
		m.Values = append(m.Values, a.Values[i]*weight+b.Values[i]*(1-weight))
	}
	return m
}

// Progress is how far an attack is, for those who watch it.
type Progress struct {
	Row
	Counts     // so far, without the warm-up; Planned and NeverSent are not known before the end
	Elapsed    time.Duration
	Duration   time.Duration
	Warming    bool
	InFlight   int64
	Violations map[string]int64
}

func (a *account) progress(row Row) Progress {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Progress{Row: row, Counts: a.total.Counts, Violations: maps.Clone(a.violations)}
}
