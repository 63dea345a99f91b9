// Package fault names ways of being wrong on purpose, and of being right in another way, for every family alike.
//
// The honest server knows nothing of it: faults and variants are decorators that each family keeps in a room of its own.
package fault

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// Fault is one way in which a server can be wrong.
type Fault struct {
	Name    string   // by what it does: cap-51
	Breaks  []string // the ids of the requirements that do not hold any more
	Summary string   // one sentence
	// Odds is how often it is wrong where it could be: 1 always, 0.02 one time in fifty.
	Odds float64
}

// Chance is a seeded source of odds, safe for concurrent use.
type Chance struct {
	mu   sync.Mutex
	rand *rand.Rand
}

// NewChance is a Chance whose sequence seed decides.
func NewChance(seed int64) *Chance {
	return &Chance{rand: rand.New(rand.NewPCG(uint64(seed), 0x9e3779b97f4a7c15))}
}

// Hit tells whether it happens this time.
func (c *Chance) Hit(odds float64) bool {
	if odds >= 1 {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rand.Float64() < odds
}

// IntN is a number from 0 up to n-1.
func (c *Chance) IntN(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rand.IntN(n)
}

// Shuffle brings n things into another order.
func (c *Chance) Shuffle(n int, swap func(i, j int)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rand.Shuffle(n, swap)
}

// Unknown is the error for a name that no list has.
type Unknown struct {
	Kind  string // fault, variant
	Name  string
	Known []string
}

func (e *Unknown) Error() string { return fmt.Sprintf("no %s is called %q", e.Kind, e.Name) }

// Pick finds names in a list, each once; the error is an *Unknown.
func Pick[T any](kind string, all []T, name func(T) string, wanted []string) ([]T, error) {
	var picked []T
	var known []string
	for _, one := range all {
		known = append(known, name(one))
		if slices.Contains(wanted, name(one)) {
			picked = append(picked, one)
		}
	}
	for _, want := range wanted {
		if !slices.Contains(known, want) {
			return nil, &Unknown{Kind: kind, Name: want, Known: known}
		}
	}
	return picked, nil
}
