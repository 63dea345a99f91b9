package redact

import (
	"cmp"
	"slices"
	"strings"
)

// table finds the longest pattern that a text begins with. A look-up takes as many comparisons as the logarithm of the
// number of patterns, each of at most mostWhole bytes, so that no text takes longer than in proportion to its length.
type table struct {
	patterns []pattern // sorted by their text, no text twice
	within   []int32   // of each, the longest pattern that is a beginning of it; -1: none
	filter   []uint64  // a bit for each hash of the first Shortest bytes: most places of a text begin no pattern
}

func newTable(patterns []pattern) *table {
	slices.SortStableFunc(patterns, func(a, b pattern) int {
		if c := cmp.Compare(a.text, b.text); c != 0 {
			return c
		}
		return tailsLast(a, b)
	})
	patterns = slices.CompactFunc(patterns, func(a, b pattern) bool { return a.text == b.text })
	size := 1 << 6
	for size < len(patterns) {
		size *= 2
	}
	t := &table{patterns: patterns, within: make([]int32, len(patterns)), filter: make([]uint64, size)}
	for i, p := range patterns {
		t.within[i] = int32(i - 1)
		for at := t.within[i]; at >= 0 && !strings.HasPrefix(p.text, patterns[at].text); at = t.within[at] {
			t.within[i] = t.within[at]
		}
		slot, bit := t.slot(gram(p.text))
		t.filter[slot] |= bit
	}
	return t
}

// tailsLast puts what is looked for anywhere before what is looked for only at the beginning of a text.
func tailsLast(a, b pattern) int {
	switch {
	case a.tail == b.tail:
		return 0
	case a.tail:
		return 1
	}
	return -1
}

// gram is the first Shortest bytes of a text that has them.
func gram(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func (t *table) slot(gram uint32) (slot int, bit uint64) {
	hash := uint64(gram) * 0x9e3779b97f4a7c15 >> 32
	return int(hash>>6) & (len(t.filter) - 1), 1 << (hash & 63)
}

// mayBegin tells whether a pattern can begin with these bytes.
func (t *table) mayBegin(gram uint32) bool {
	slot, bit := t.slot(gram)
	return t.filter[slot]&bit != 0
}

// find is the longest pattern that stands at a place of text; nil: none. begun says how much of what stands there the nearest
// pattern has in common with it, which is more than any other has: it tells a pattern that was cut.
func (t *table) find(all string, place int) (whole *pattern, begun int, nearest *pattern) {
	text := all[place:]
	after, found := slices.BinarySearchFunc(t.patterns, text, func(p pattern, text string) int { return cmp.Compare(p.text, text) })
	if found {
		after++
	}
	for at := after - 1; at <= after; at++ {
		if at < 0 || at == len(t.patterns) {
			continue
		}
		if n := common(t.patterns[at].text, text); n > begun {
			begun, nearest = n, &t.patterns[at]
		}
	}
	for at := int32(after - 1); at >= 0; at = t.within[at] {
		if p := &t.patterns[at]; strings.HasPrefix(text, p.text) && (!p.tail || begins(all[:place])) {
			return p, begun, nearest
		}
	}
	return nil, begun, nearest
}

func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
