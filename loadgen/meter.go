package loadgen

import (
	"sync"
	"time"
)

// meter looks at what the target has used so far. A look can take seconds, and nobody waits so long: whoever asks meanwhile is
// told what the last two looks have shown.
type meter struct {
	read    func() Use
	watched []Metric
	looking chan struct{} // one look at a time

	mu           sync.Mutex
	began        Use // when what is measured began
	before, last look
	memory       int64 // the most that the target had in use
}

// look is what the target had used at a moment.
type look struct {
	Use
	at time.Time
}

func newMeter(read func() Use, watched []Metric) *meter {
	m := &meter{read: read, watched: watched, looking: make(chan struct{}, 1)}
	m.look()
	m.began, m.before = m.last.Use, m.last
	return m
}

// look begins a look where none is on its way, and waits for it a moment.
func (m *meter) look() {
	const moment = 100 * time.Millisecond
	select {
	case m.looking <- struct{}{}:
	default:
		return
	}
	done := make(chan struct{})
	go func() {
		now := look{m.read(), time.Now()}
		m.mu.Lock()
		m.before, m.last = m.last, now
		m.memory = max(m.memory, now.Memory)
		m.mu.Unlock()
		<-m.looking
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(moment):
	}
}

// restart forgets what was used before now.
func (m *meter) restart() {
	m.look()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.began, m.memory = m.last.Use, m.last.Memory
}

// shown is the target's use between the last two looks.
func (m *meter) shown() (cpu float64, memory int64, values []float64) {
	m.look()
	m.mu.Lock()
	defer m.mu.Unlock()
	elapsed := m.last.at.Sub(m.before.at)
	if elapsed <= 0 {
		return 0, m.last.Memory, nil
	}
	return m.last.usedSince(m.before.Use, m.watched, elapsed)
}

// total looks once more, and gives what was used since the beginning.
func (m *meter) total() (cpu time.Duration, memory int64) {
	m.look()
	m.mu.Lock()
	defer m.mu.Unlock()
	return max(0, m.last.CPU-m.began.CPU), m.memory
}
