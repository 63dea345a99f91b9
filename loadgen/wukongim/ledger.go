package wukongim

import (
	"cmp"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// ledger is what all users together know of one conversation. While requests are on their way nobody can say exactly
// how many messages there are; a ledger says at least and at most how many.
type ledger struct {
	base   atomic.Int64 // messages before the attack; notKnown: until a first answer tells
	seeded bool         // base is what was seeded, and not what an answer said
	begun  atomic.Int64 // sends that were begun
	acked  atomic.Int64 // the highest sequence number that the target acknowledged
	count  atomic.Int64 // sends that it acknowledged
	// muddled: the numbers are not as WK-SYNC-41 has it. What would build on them is judged no more: it would call one
	// departure by other names.
	muddled atomic.Bool

	// What was acknowledged long enough ago to be visible, and what will be next.
	mu        sync.Mutex
	settled   visible
	pending   visible
	pendingAt time.Time

	// One message at a time is followed until somebody's sync shows it.
	followed   atomic.Int64 // its sequence number; 0: none
	followedAt atomic.Int64 // when it was sent, unix nanoseconds
}

// visible is what a sync must know of a conversation.
type visible struct {
	seq   int64 // the highest sequence number
	sends int64 // how many sends; what was seeded stands before the first one, and has numbers from 0 down
}

const notKnown = math.MaxInt64 / 2

// most is how many messages there can be now.
func (l *ledger) most() int64 { return l.base.Load() + l.begun.Load() }

// grace is how long a message that was acknowledged without a number may take to get its place: a target that stores such
// messages a moment later, and so in another order, departs from WK-SYNC-41, and from nothing else.
const grace = time.Second

// least is what a sync that starts now must know of. A number that the target told is binding at once, unless it is an eventual one.
func (l *ledger) least(now time.Time, settle time.Duration) visible {
	l.mu.Lock()
	l.promote(now, cmp.Or(settle, grace))
	least := l.settled
	l.mu.Unlock()
	if settle == 0 {
		least.seq = l.acked.Load()
	}
	if base := l.base.Load(); l.seeded && base != notKnown {
		least.seq = max(least.seq, base+least.sends)
	}
	return least
}

func (l *ledger) promote(now time.Time, settle time.Duration) {
	if now.Sub(l.pendingAt) >= settle {
		l.settled = l.pending
	}
	if acked := (visible{l.acked.Load(), l.count.Load()}); l.pending == l.settled && acked != l.pending {
		l.pending, l.pendingAt = acked, time.Now() // counted from now on: later than it was, and so on the safe side
	}
}

// acknowledge notes that the target took a message, and gave it this sequence number. 0: it did not say.
func (l *ledger) acknowledge(seq int64, sent time.Time, settle time.Duration) {
	count := l.count.Add(1)
	for {
		old := l.acked.Load()
		if seq <= old || l.acked.CompareAndSwap(old, seq) {
			break
		}
	}
	l.mu.Lock()
	l.promote(time.Now(), cmp.Or(settle, grace))
	l.mu.Unlock()
	if base := l.base.Load(); seq == 0 && l.seeded && base != notKnown && l.begun.Load() == count {
		seq = base + count // no other message is on its way: this is the last one
	}
	if seq > 0 && l.followed.Load() == 0 {
		l.followedAt.Store(sent.UnixNano())
		l.followed.CompareAndSwap(0, seq)
	}
}

// shown is how old the followed message was when an answer first showed it; 0: it did not, or no first.
func (l *ledger) shown(last int64, answered time.Time) time.Duration {
	seq := l.followed.Load()
	if seq == 0 || last < seq {
		return 0
	}
	sent := l.followedAt.Load()
	if !l.followed.CompareAndSwap(seq, 0) {
		return 0
	}
	return max(1, time.Duration(answered.UnixNano()-sent))
}

// learn takes the first answer's number as the base where it was not known. What was sent meanwhile is then counted
// twice, which only makes the upper bound looser.
func (l *ledger) learn(last int64) {
	if l.base.Load() == notKnown {
		l.base.CompareAndSwap(notKnown, last)
	}
}
