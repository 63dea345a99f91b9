package loadgen

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// counters are users whose requests are numbered in the order in which they come, and whose answers are wrong where
// the status 299 says so.
type counters struct {
	users int
	n     atomic.Int64
}

func (c *counters) Operations() []Operation {
	return []Operation{{Name: "count", Method: http.MethodPost, Path: "/count"}}
}
func (c *counters) Users() int    { return c.users }
func (c *counters) User(int) User { return &counter{c} }

type counter struct{ *counters }

func (c *counter) Next() Request {
	return Request{Body: strconv.AppendInt(nil, c.n.Add(1)-1, 10)}
}

func (c *counter) Judge(a Answer, checked bool) Judgement {
	if checked && a.Status == 299 {
		return Judgement{Findings: []Finding{
			{ID: "TEST-01", Must: true, Detail: "wrong"}, {ID: "TEST-01", Must: true, Detail: "wrong twice"}, {ID: "TEST-02", Detail: "odd"},
		}}
	}
	return Judgement{}
}

func number(r *http.Request) int {
	body, _ := io.ReadAll(r.Body)
	n, _ := strconv.Atoi(string(body))
	return n
}

func identity(t *testing.T, r *Result) {
	t.Helper()
	if r.Planned != r.Sent+r.NeverSent || r.Sent != r.Correct+r.Errors+r.Violating {
		t.Errorf("the account does not add up: %+v", r.Counts)
	}
	var rows Row
	for _, row := range r.Rows {
		rows = join(rows, row)
	}
	if rows.Sent != r.Sent || rows.Correct != r.Correct || rows.Errors != r.Errors || rows.Violating != r.Violating {
		t.Errorf("the rows add up to %+v, the account says %+v", rows, r.Counts)
	}
}

func TestEveryArrivalIsAccountedFor(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := number(r); {
		case n%10 == 3:
			w.WriteHeader(299)
		case n%10 == 5:
			w.WriteHeader(500)
		case n%10 == 7:
			panic(http.ErrAbortHandler)
		default:
			w.Write([]byte("[]"))
		}
	}))
	defer server.Close()
	attack := &Attack{URL: server.URL + "/", Timeout: time.Second, Workload: &counters{users: 50}, Schedule: Schedule{Curve: Constant(400, 500*time.Millisecond)}}
	r, err := attack.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	identity(t, r)
	if r.Planned != 200 || r.NeverSent != 0 || r.Correct != 140 || r.Errors != 40 || r.Violating != 20 {
		t.Errorf("counts %+v", r.Counts)
	}
	if r.Violations["TEST-01"] != 20 || r.Warnings["TEST-02"] != 20 || r.ErrorClass["status 500"] != 20 || r.ErrorClass["the answer broke off"] != 20 {
		t.Errorf("violations %v, warnings %v, errors %v", r.Violations, r.Warnings, r.ErrorClass)
	}
	if s := r.Samples["TEST-01"]; s == nil || s.Exchange.Status() != 299 || s.Exchange.Request.URL != server.URL+"/count" {
		t.Errorf("no sample exchange was kept: %+v", s)
	}
	if r.Total.Response.Count() != 200 || r.Operations[0].Service.Count() != 200 {
		t.Errorf("histograms hold %d and %d", r.Total.Response.Count(), r.Operations[0].Service.Count())
	}
}

// TestNothingIsSentBeforeItsTime: a signal to the thread that waits must not let an arrival go early, with a response time
// below nothing.
func TestNothingIsSentBeforeItsTime(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("[]")) }))
	defer server.Close()
	var early atomic.Int64
	attack := &Attack{URL: server.URL, Timeout: time.Second, Workload: &counters{users: 200}, Schedule: Schedule{Curve: Constant(1000, 700*time.Millisecond), Poisson: true, Seed: 3},
		Outcome: func(o Outcome) {
			if o.Started.Before(o.Intended) {
				early.Add(1)
			}
			runtime.GC() // stops the world, by signals
		}}
	r, err := attack.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent < 500 || early.Load() > 0 {
		t.Errorf("%d of %d requests were sent before their time", early.Load(), r.Sent)
	}
}

func TestWarmUpIsCutOff(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("[]")) }))
	defer server.Close()
	attack := &Attack{URL: server.URL, Timeout: time.Second, Workload: &counters{users: 50}, WarmUp: 200 * time.Millisecond,
		Schedule: Schedule{Curve: Constant(100, 600*time.Millisecond)}}
	r, err := attack.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	identity(t, r)
	if r.Planned != 40 || r.Correct != 40 || r.Warm.Sent != 20 {
		t.Errorf("planned %d, sent %d, warm %d", r.Planned, r.Sent, r.Warm.Sent)
	}
}

// TestTheFirstRowIsOfWhatIsMeasured: how late the generator was before the warm-up ended is no figure of any row.
func TestTheFirstRowIsOfWhatIsMeasured(t *testing.T) {
	schedule := Schedule{Curve: Constant(100, 3*time.Second)}
	e := &engine{Attack: &Attack{WarmUp: time.Second, Schedule: schedule}, account: newAccount(&schedule, time.Second, 1), watch: newWatch(nil, nil)}
	e.account.began = time.Now().Add(-2 * time.Second)
	e.late(time.Second, false)
	e.late(time.Millisecond, true)
	row, closed := e.account.tick(time.Now(), rowUse{})
	if lag := e.watch.report(0, 0).LagP99; !closed || row.Lag > 2*time.Millisecond || lag > 2*time.Millisecond {
		t.Errorf("the first row has the lag %s, and the generator %s", row.Lag, lag)
	}
}

// TestNobodyWaitsForMetrics has metrics that never come: arrivals go on, and rows are closed.
func TestNobodyWaitsForMetrics(t *testing.T) {
	var answered atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answered.Add(1)
		w.Write([]byte("[]"))
	}))
	defer server.Close()
	looks, enough := atomic.Int64{}, make(chan struct{})
	attack := &Attack{URL: server.URL, Timeout: time.Second, Workload: &counters{users: 50}, Schedule: Schedule{Curve: Constant(50, time.Hour)},
		Target: func() Use {
			if looks.Add(1) > 1 {
				<-enough
			}
			return Use{CPU: time.Second}
		}}
	ctx, cancel := context.WithCancel(context.Background())
	attack.Progress = func(p Progress) {
		if p.Elapsed > 2500*time.Millisecond { // the third row: the first look that is stuck began with the first
			cancel()
		}
	}
	r, err := attack.Run(ctx)
	close(enough)
	if err != nil {
		t.Fatal(err)
	}
	identity(t, r)
	if looks.Load() != 2 || len(r.Rows) < 3 || answered.Load() < 100 {
		t.Errorf("%d answers, %d rows, and %d looks at the metrics, of which the second never ended", answered.Load(), len(r.Rows), looks.Load())
	}
}

// TestThisMachinesLimitsAreItsOwn: where no connection can be made for want of a port or a file descriptor, nothing was sent.
func TestThisMachinesLimitsAreItsOwn(t *testing.T) {
	for _, limit := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS} {
		attack := &Attack{URL: "http://127.0.0.1:1", Timeout: time.Second, Workload: &counters{users: 50}, Schedule: Schedule{Curve: Constant(100, 100*time.Millisecond)},
			sender: func(*url.URL) sender {
				return failing{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", limit)}}
			}}
		r, err := attack.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		identity(t, r)
		if r.Planned != 10 || r.NeverSent != 10 || r.Errors != 0 || r.Generator.Healthy || !strings.Contains(strings.Join(r.Generator.Reasons, " "), "for 10 requests") {
			t.Errorf("%v: %+v, errors %v, generator %+v", limit, r.Counts, r.ErrorClass, r.Generator)
		}
	}
}

// failing sends nothing.
type failing struct{ error }

func (f failing) send(context.Context, *url.URL, string, http.Header, []byte, []byte) (head, []byte, error) {
	return head{}, nil, f.error
}
func (failing) close() {}

func TestAnInterruptLeavesAWholeAccount(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if served.Add(1) == 20 {
			cancel()
		}
		w.Write([]byte("[]"))
	}))
	defer server.Close()
	attack := &Attack{URL: server.URL, Timeout: time.Second, Workload: &counters{users: 50}, Schedule: Schedule{Curve: Constant(200, time.Hour)}}
	r, err := attack.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	identity(t, r)
	if !r.Interrupted || r.Planned != 720_000 || r.Sent < 20 || r.Sent > 200 || r.Correct != r.Sent {
		t.Errorf("interrupted %v, counts %+v", r.Interrupted, r.Counts)
	}
}

func TestTargetThatNeverAnswers(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	attack := &Attack{URL: server.URL, Timeout: 100 * time.Millisecond, Workload: &counters{users: 50}, Workers: 2, Schedule: Schedule{Curve: Constant(100, 300*time.Millisecond)}}
	r, err := attack.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	identity(t, r)
	if r.NeverSent == 0 || r.Correct != 0 || r.ErrorClass["timed out"] != r.Sent || r.Sent == 0 {
		t.Errorf("counts %+v, errors %v", r.Counts, r.ErrorClass)
	}
}

// TestATargetThatLetsRequestsWaitIsGivenUp has few users, whose requests wait for one another, and a target that takes its time.
func TestATargetThatLetsRequestsWaitIsGivenUp(t *testing.T) {
	enough := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-enough }))
	defer server.Close()
	defer close(enough)
	for _, fast := range []bool{false, true} {
		attack := &Attack{URL: server.URL, Timeout: 2 * time.Second, MaxTime: time.Second, Workload: &counters{users: 2}, Fast: fast,
			Schedule: Schedule{Curve: Constant(200, 300*time.Millisecond)}}
		began := time.Now()
		r, err := attack.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		identity(t, r)
		// Without the bound, 30 requests of each user would wait for one another: a minute.
		if took := time.Since(began); took > 20*time.Second || r.Interrupted || r.Cut == "" || r.NeverSent == 0 || r.Sent > 6 {
			t.Errorf("fast %v: it took %s; cut %q, counts %+v", fast, took, r.Cut, r.Counts)
		}
	}
}

// TestPercentilesAgainstTheTruth has a server that stalls for half a second, and says itself when each answer was due:
// whatever the number of workers, the figures must be those that somebody at the intended start would have seen.
func TestPercentilesAgainstTheTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 4 seconds")
	}
	for _, workers := range []int{10, 10_000} {
		t.Run(strconv.Itoa(workers), func(t *testing.T) {
			// A machine that is busy with something else puts its own delays between the server's clock and ours: then the
			// figures are above the truth. Below it they never are.
			for range 3 {
				near, quiet := againstTheTruth(t, workers)
				if near {
					return
				}
				if quiet {
					t.Error("the figures are above the truth, and the machine was quiet")
				}
			}
		})
	}
}

func againstTheTruth(t *testing.T, workers int) (near, quiet bool) {
	t.Helper()
	schedule := Schedule{Curve: Constant(300, 2*time.Second), Poisson: true, Seed: 1}
	instants := all(&schedule)
	var mu sync.Mutex
	ended := make([]time.Time, len(instants))
	var began time.Time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := number(r)
		mu.Lock()
		stalled := began.Add(time.Second)
		mu.Unlock()
		if now := time.Now(); now.After(stalled) && now.Before(stalled.Add(500*time.Millisecond)) {
			time.Sleep(time.Until(stalled.Add(500 * time.Millisecond)))
		}
		time.Sleep(10 * time.Millisecond)
		mu.Lock()
		ended[n] = time.Now()
		mu.Unlock()
		w.Write([]byte("[]"))
	}))
	defer server.Close()
	attack := &Attack{URL: server.URL, Timeout: 5 * time.Second, Workload: &counters{users: 2000}, Workers: workers, Schedule: schedule}
	mu.Lock()
	began = time.Now()
	mu.Unlock()
	r, err := attack.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	identity(t, r)
	if r.NeverSent != 0 || r.Errors != 0 {
		t.Fatalf("counts %+v, errors %v", r.Counts, r.ErrorClass)
	}
	var truth []time.Duration
	for n, at := range instants {
		truth = append(truth, ended[n].Sub(r.Began.Add(at)))
	}
	slices.Sort(truth)
	near = true
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
		want := truth[min(len(truth)-1, int(math.Ceil(q*float64(len(truth))))-1)]
		got := r.Total.Response.Quantile(q)
		// What lies between the server's last word and our reading of it is not in the truth.
		off := 0.02*float64(want) + float64(3*time.Millisecond)
		// On a busy machine the server and we do not number the arrivals alike, which shifts single ones.
		if q <= 0.99 && float64(want-got) > off+0.1*float64(want) {
			t.Errorf("p%g: %s, and the truth is %s: time was lost", q*100, got, want)
		}
		near = near && float64(got-want) <= off
		t.Logf("p%g: %s, the truth is %s (%+.2f %%)", q*100, got, want, 100*(float64(got)/float64(want)-1))
	}
	t.Logf("service p99 %s, lag p99 %s", r.Total.Service.Quantile(0.99), r.Generator.LagP99)
	return near, r.Generator.LagP99 < 2*time.Millisecond
}

func TestHistogramIsExactToThreeDigits(t *testing.T) {
	h := NewHistogram()
	for i := 1; i <= 10_000; i++ {
		h.Record(time.Duration(i) * 10 * time.Microsecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 50 * time.Millisecond, 0.99: 99 * time.Millisecond, 1: 100 * time.Millisecond} {
		if got := h.Quantile(q); math.Abs(float64(got-want)) > 0.001*float64(want) {
			t.Errorf("quantile %g: %s, want %s", q, got, want)
		}
	}
	h.Record(-time.Second)
	h.Record(1000 * time.Hour)
	if h.Count() != 10_002 {
		t.Errorf("what is out of range was not counted: %d", h.Count())
	}
	var n int64
	for _, bar := range h.Bars(1.2) {
		n += bar.Count
	}
	if n != h.Count() {
		t.Errorf("the bars hold %d of %d", n, h.Count())
	}
}

func TestSeriesStaysSmall(t *testing.T) {
	var s series
	for i := range 5 * mostRows {
		s.add(Row{At: time.Duration(i) * time.Second, For: time.Second, Sent: 1, Planned: 1})
	}
	if len(s.rows) > mostRows {
		t.Fatalf("%d rows", len(s.rows))
	}
	var whole Row
	for i, row := range s.rows {
		if i > 0 && row.At != s.rows[i-1].At+s.rows[i-1].For {
			t.Fatalf("row %d begins at %s, the one before ends at %s", i, row.At, s.rows[i-1].At+s.rows[i-1].For)
		}
		whole = join(whole, row)
	}
	if whole.Sent != 5*mostRows || whole.For != 5*mostRows*time.Second {
		t.Errorf("the rows add up to %+v", whole)
	}
}

func TestCeiling(t *testing.T) {
	for _, fast := range []bool{false, true} {
		rate, err := Ceiling(context.Background(), 32, fast, 300*time.Millisecond)
		if err != nil || rate < 100 {
			t.Fatalf("fast %v: %g a second, %v", fast, rate, err)
		}
		t.Logf("fast %v: %.0f a second", fast, rate)
	}
}
