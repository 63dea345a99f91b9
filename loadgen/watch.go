package loadgen

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// Generator is what the generator saw of itself: a figure is only about the target where the generator kept up.
type Generator struct {
	LagP99     time.Duration // how late it woke for arrivals that nothing but itself held up
	CPU        float64       // cores that it used, on average; a target in the same process counts as well
	Cores      int
	GCPauseP99 time.Duration
	Ceiling    float64 // requests a second against a null target; 0: not measured
	Healthy    bool
	Reasons    []string // why not
}

// What a healthy generator stays under.
const (
	lagMost     = 25 * time.Millisecond
	pauseMost   = 10 * time.Millisecond
	ceilingLeft = 0.8 // of the ceiling is the most that may be planned
)

// watch looks at the generator while it works. Nothing of it waits for the target.
type watch struct {
	mu          sync.Mutex
	began, last time.Time
	cpu         time.Duration // at began
	lastCPU     time.Duration
	meter       *meter // nil: nobody can tell what the target uses
	pauses      []uint64
	lag         *Histogram
	starved     int64 // requests for which this machine had no connection
	unread      int64 // answers for which parley had no memory left
}

func newWatch(target func() Use, watched []Metric) *watch {
	now, cpu := time.Now(), ownCPU()
	w := &watch{began: now, last: now, cpu: cpu, lastCPU: cpu, lag: NewHistogram(), pauses: pauses().Counts}
	if target != nil {
		w.meter = newMeter(target, watched)
	}
	return w
}

// woke notes a lag, and gives it back.
func (w *watch) woke(lag time.Duration) time.Duration {
	w.mu.Lock()
	w.lag.Record(lag)
	w.mu.Unlock()
	return lag
}

// starve notes a request that could not be sent, since this machine has no port or file descriptor left.
func (w *watch) starve() {
	w.mu.Lock()
	w.starved++
	w.mu.Unlock()
}

// leftUnread notes an answer that was not read to its end, since parley holds as much of others as it may.
func (w *watch) leftUnread() {
	w.mu.Lock()
	w.unread++
	w.mu.Unlock()
}

// usage is what the generator used since the last call, and the target between the last two looks at it.
func (w *watch) usage(now time.Time) rowUse {
	var u rowUse
	if w.meter != nil {
		u.TargetCPU, u.TargetMemory, u.Values = w.meter.shown()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	cpu, elapsed := ownCPU(), now.Sub(w.last)
	if elapsed <= 0 {
		return rowUse{}
	}
	u.CPU = (cpu - w.lastCPU).Seconds() / elapsed.Seconds()
	w.last, w.lastCPU = now, cpu
	return u
}

// restart forgets what was before: the warm-up ends.
func (w *watch) restart() {
	if w.meter != nil {
		w.meter.restart()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began, w.cpu, w.pauses = time.Now(), ownCPU(), pauses().Counts
}

// targetUsed is what the target used while it was measured: processor time, and the most memory.
func (w *watch) targetUsed() (cpu time.Duration, memory int64) {
	if w.meter == nil {
		return 0, 0
	}
	return w.meter.total()
}

func (w *watch) report(ceiling, peak float64) Generator {
	w.mu.Lock()
	defer w.mu.Unlock()
	elapsed := time.Since(w.began).Seconds()
	g := Generator{
		LagP99: w.lag.Quantile(0.99), CPU: (ownCPU() - w.cpu).Seconds() / max(elapsed, 1e-9), Cores: runtime.GOMAXPROCS(0),
		GCPauseP99: pauseP99(w.pauses), Ceiling: ceiling,
	}
	if g.LagP99 > lagMost {
		g.Reasons = append(g.Reasons, "it woke too late for its own arrivals (p99 "+g.LagP99.Round(100*time.Microsecond).String()+")")
	}
	if g.GCPauseP99 > pauseMost {
		g.Reasons = append(g.Reasons, "its garbage collector held it up (p99 "+g.GCPauseP99.Round(100*time.Microsecond).String()+")")
	}
	if ceiling > 0 && peak > ceilingLeft*ceiling {
		g.Reasons = append(g.Reasons, "the plan is too near the most that it can send")
	}
	if w.starved > 0 {
		g.Reasons = append(g.Reasons, fmt.Sprintf("this machine had no port or file descriptor left for %d requests (fewer --workers, or a higher limit of open files)", w.starved))
	}
	if w.unread > 0 {
		g.Reasons = append(g.Reasons, fmt.Sprintf("it held %d MiB of long answers at a time, and read no more of %d others (fewer --workers)", longAnswers>>20, w.unread))
	}
	g.Healthy = len(g.Reasons) == 0
	return g
}

func pauses() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return &metrics.Float64Histogram{}
	}
	return sample[0].Value.Float64Histogram()
}

// pauseP99 is the 99th percentile of the pauses since before was taken.
func pauseP99(before []uint64) time.Duration {
	now := pauses()
	var total uint64
	for i, n := range now.Counts {
		total += n - at(before, i)
	}
	var seen uint64
	for i, n := range now.Counts {
		seen += n - at(before, i)
		if total > 0 && float64(seen) >= 0.99*float64(total) {
			if end := now.Buckets[i+1]; !math.IsInf(end, 0) {
				return time.Duration(end * 1e9)
			}
			return time.Duration(now.Buckets[i] * 1e9)
		}
	}
	return 0
}

func at(counts []uint64, i int) uint64 {
	if i < len(counts) {
		return counts[i]
	}
	return 0
}

// ticks closes a row every second, until it is stopped.
func (e *engine) ticks() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		e.tickUntil(end)
	}()
	return func() {
		close(end)
		<-ended
	}
}

func (e *engine) tickUntil(end <-chan struct{}) {
	// The first tick falls on the end of the warm-up, so that the rows begin there.
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	warm := time.NewTimer(e.WarmUp)
	defer warm.Stop()
	measuring := e.WarmUp == 0
	for {
		select {
		case <-warm.C:
			if !measuring {
				measuring = true
				e.watch.restart()
				ticker.Reset(time.Second)
			}
		case now := <-ticker.C:
			e.tick(now, measuring)
		case <-end:
			e.tick(time.Now(), measuring)
			return
		}
	}
}

func (e *engine) tick(now time.Time, measuring bool) {
	used := e.watch.usage(now)
	var row Row
	if measuring {
		var closed bool
		if row, closed = e.account.tick(now, used); !closed {
			return
		}
	}
	if e.Progress == nil {
		return
	}
	p := e.account.progress(row)
	p.Elapsed, p.Duration = now.Sub(e.account.began), e.Schedule.Duration()
	p.Warming, p.InFlight = !measuring, e.inFlight.Load()
	e.Progress(p)
}
