package exchange

import (
	"runtime"
	"sync/atomic"
	"time"
)

// What parley holds of answers is bounded as a whole, since a target decides how long they are.
const (
	// SmallAnswer is how much of an answer is read without asking the budget.
	SmallAnswer = 1 << 20
	// LongAnswers is how many bytes of longer ones are held at the same time. What is made of them while they are judged,
	// and what waits for the garbage collector, takes about as much again.
	LongAnswers = 256 << 20
)

// held is the budget of all exchanges of the process: there is one target, and one run.
var held = NewBudget(LongAnswers)

// Budget is how many bytes of long answers are held by all who share it.
type Budget struct {
	most  int64
	taken atomic.Int64
}

// NewBudget is a Budget of most bytes.
func NewBudget(most int64) *Budget { return &Budget{most: most} }

// Take takes n bytes, or none where they are not there. Fewer than none are given back.
func (b *Budget) Take(n int64) bool {
	if b.taken.Add(n) <= b.most || n <= 0 {
		return true
	}
	b.taken.Add(-n)
	return false
}

// Scarce tells that more than half is taken.
func (b *Budget) Scarce() bool { return b.taken.Load() > b.most/2 }

// Give gives n bytes back that were taken.
func (b *Budget) Give(n int64) { b.taken.Add(-n) }

// Share is what one answer has taken of a budget.
type Share struct {
	from  *Budget
	taken atomic.Int64
}

// Share begins with nothing taken.
func (b *Budget) Share() *Share { return &Share{from: b} }

// Grow makes sure that the share covers size bytes, unless the budget is used up. What is small is free.
func (s *Share) Grow(size int64) bool {
	more := size - s.taken.Load()
	if size <= SmallAnswer || more <= 0 {
		return true
	}
	if !s.from.Take(more) {
		return false
	}
	s.taken.Add(more)
	return true
}

// GiveBack gives all of it back; once is enough, more does no harm.
func (s *Share) GiveBack() { s.from.Give(s.taken.Swap(0)) }

// growOrCollect is Grow with patience: what nobody looks at any more still counts until it is collected.
func (s *Share) growOrCollect(size int64) bool {
	const tries = 20
	for range tries {
		if s.Grow(size) {
			return true
		}
		runtime.GC() // the cleanups follow on their own
		time.Sleep(5 * time.Millisecond)
	}
	return s.Grow(size)
}
