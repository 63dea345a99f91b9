package ozeki

import (
	"sync"
	"time"
)

// ledger is what all users together know of one conversation: what was sent there, and which clears may have removed it.
// While requests are on their way nobody can say exactly what there is; a ledger says what must be there, and what may.
type ledger struct {
	mu      sync.Mutex
	base    int        // messages from before the attack, while nobody clears; notKnown: until a first answer tells
	added   []addition // of this attack, by number
	pending int        // of those, without an answer: on their way, or lost
	begun   int        // clears
	ended   int        // of those, with an answer
	gone    int        // additions before this number may have been cleared
	cleared instant    // when the last clear was answered
	changed instant    // when the last clear or addition was

	// One message at a time is followed until an answer shows it.
	followed int // its number and one; 0: none
	since    time.Time
}

const notKnown = -1

// addition is one message that somebody sends.
type addition struct {
	begun   instant
	acked   instant // 0: not answered, or nobody can say where it went
	created int64   // unix seconds; a later number is never earlier
}

// moment is how far a conversation had come when a request began.
type moment struct {
	added, begun, ended int
	sure                bool // no clear was on its way, and the last one has settled
	still               bool // and no addition was, either
}

func (l *ledger) moment(now, settle instant) moment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.look(now, settle)
}

func (l *ledger) look(now, settle instant) moment {
	m := moment{added: len(l.added), begun: l.begun, ended: l.ended}
	m.sure = l.begun == l.ended && (l.cleared == 0 || now >= l.cleared+settle)
	m.still = m.sure && l.pending == 0 && (l.changed == 0 || now >= l.changed+settle)
	return m
}

// stamp changes with everything that may change an instance.
func (m moment) stamp() int { return m.begun + m.ended }

// beginAdd gives a message its number and its time.
func (l *ledger) beginAdd(now, settle instant, created int64) (moment, int, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, n := l.look(now, settle), len(l.added)
	if n > 0 {
		created = max(created, l.added[n-1].created)
	}
	l.added = append(l.added, addition{begun: now, created: created})
	l.pending++
	return m, n, created
}

// endAdd notes an answer. there says that the message must be found from now on.
func (l *ledger) endAdd(n int, now instant, started time.Time, there bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending--
	l.changed = max(l.changed, now)
	if !there {
		return
	}
	l.added[n].acked = now
	if l.followed == 0 {
		l.followed, l.since = n+1, started
	}
}

func (l *ledger) beginClear(now, settle instant) moment {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.look(now, settle)
	l.begun++
	return m
}

// endClear notes an answer, a refusal too: who knows what was done before it was refused. What was begun before now may
// be gone.
func (l *ledger) endClear(now instant) {
	l.ended++
	l.gone, l.followed = len(l.added), 0
	l.cleared, l.changed = max(l.cleared, now), max(l.changed, now)
}

// latest is the newest addition that a request made at now must know of; -1: none. No clear may be on its way.
func (l *ledger) latest(now, settle instant) int {
	for n := len(l.added) - 1; n >= l.gone; n-- {
		if l.added[n].there(now, settle) {
			return n
		}
	}
	return -1
}

func (a addition) there(now, settle instant) bool { return a.acked > 0 && a.acked+settle <= now }

// holds tells whether the conversation must have a message for a request made at now. No clear may be on its way.
func (l *ledger) holds(now, settle instant) bool {
	return l.base > 0 && l.begun == 0 || l.latest(now, settle) >= 0
}

// follow is how old the followed message is at the first answer that shows it or a later one; 0: it is not.
func (l *ledger) follow(n int, answered time.Time) time.Duration {
	if l.followed == 0 || n < l.followed-1 {
		return 0
	}
	l.followed = 0
	return max(1, answered.Sub(l.since))
}
