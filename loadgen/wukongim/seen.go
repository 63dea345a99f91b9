package wukongim

import "sync"

// seen is a set of the numbers of one answer. It is made for speed: a table of fixed size, which forgets by counting, and
// takes in no more where it is half full.
type seen struct {
	slots [2 * mostSeen]struct {
		number uint64
		round  uint32
	}
	round uint32
	count int
}

// mostSeen is how many numbers of an answer are compared with one another: those after them are let pass.
const mostSeen = 2048

var seens = sync.Pool{New: func() any { return new(seen) }}

// takeSeen is an empty set; free gives it back.
func takeSeen() *seen {
	s := seens.Get().(*seen)
	s.count = 0
	if s.round++; s.round == 0 { // the count has begun anew: what the slots say would be taken for this round's
		*s = seen{round: 1}
	}
	return s
}

func (s *seen) free() { seens.Put(s) }

// again tells whether the number is in the set, and puts it there.
func (s *seen) again(number uint64) bool {
	const golden = 0x9e3779b97f4a7c15
	if s.count == mostSeen {
		return false
	}
	for at := number * golden >> (64 - 12); ; at = (at + 1) % uint64(len(s.slots)) {
		slot := &s.slots[at]
		if slot.round != s.round {
			slot.number, slot.round = number, s.round
			s.count++
			return false
		}
		if slot.number == number {
			return true
		}
	}
}
