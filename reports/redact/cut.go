package redact

import (
	"cmp"
	"slices"
	"strings"
)

// Texts come here cut: a matcher shows the first 160 bytes of an answer, a quote the first 80, a log its end. Whoever cuts
// knows no credentials, and there are dozens who do, in rooms that may not know this one. So what a cut leaves of a
// credential is looked for where a cut can be: a piece of it that ends where a text ends, before a quote or an ellipsis, or
// that begins where a text begins or after an ellipsis. There less than three quarters are enough: of leastCut bytes more
// than a third is left open in a credential that is as short as credentials may be, and of a long one nothing that helps.
const (
	leastCut  = 6 // of a piece before an ellipsis, where there is no doubt
	leastEnd  = 8 // of a piece where a text merely ends
	mostStray = 8 // bytes that a cut leaves of an escape: \u005
)

// span is a stretch of a text that does not leave.
type span struct {
	from, to int
	stand    string
	size     int // of what was found there
}

// mostShown is how often credentials are looked for in one body. Nobody reads the rest of one that is made of them, and looking
// at it is dear.
const mostShown = 20

// spans are the stretches of text that hold a credential, in their order and apart from each other. Once a reading has found
// most of them, the last one is all that follows.
func (s *Secrets) spans(text string, most int) []span {
	if s == nil || len(text) < Shortest {
		return nil
	}
	tables := s.tables.Load()
	if tables == nil {
		return nil
	}
	var all []span
	v, changed := view{text: text}, true
	for range mostReadings + 1 {
		all, v = v.search(*tables, all, most)
		if v, changed = v.read(); !changed {
			break
		}
	}
	return merged(all)
}

// search adds what it finds in a view, and gives as much of the view as it looked at.
func (v view) search(tables []*table, all []span, most int) ([]span, view) {
	text, before := fold(v.text), len(all)
	for i := 0; i+Shortest <= len(text); i++ {
		if len(all)-before >= most {
			from, to := v.source(i, len(text))
			return append(all, span{from, to, Hidden, to - from}), v.until(i)
		}
		first := gram(text[i:])
		for _, t := range tables {
			if !t.mayBegin(first) {
				continue
			}
			whole, begun, nearest := t.find(text, i)
			switch {
			case cutAfter(text[i:], begun, nearest):
				all = v.add(all, i, i+begun, nearest)
			case whole != nil:
				all = v.add(all, i, i+len(whole.text), whole)
			}
		}
	}
	return all, v
}

func (v view) add(all []span, from, to int, p *pattern) []span {
	size := to - from
	from, to = v.source(from, to)
	if n := len(all); n > 0 && all[n-1].from <= from && from < all[n-1].to { // the next piece of the same
		last := &all[n-1]
		if last.to = max(last.to, to); size > last.size {
			last.size, last.stand = size, p.stand
		}
		return all
	}
	return append(all, span{from, to, p.stand, size})
}

// begins tells whether a text begins after before: nothing stands there, or what shows that something was cut off, with
// what that leaves of an escape.
func begins(before string) bool {
	const most = 3 * mostStray
	near := before[max(0, len(before)-most):]
	rest := strings.TrimRight(near, "\\\"' #xuU0123456789abcdef{};")
	return strings.HasSuffix(rest, "…") || strings.HasSuffix(rest, "...") || rest == "" && len(near) == len(before)
}

// cutAfter tells whether text, of which a pattern is begun bytes long, was cut after these.
func cutAfter(text string, begun int, p *pattern) bool {
	if p == nil || begun < leastCut || begun >= len(p.text) {
		return false
	}
	rest := withoutStray(text[begun:])
	if ellipsis := strings.TrimLeft(rest[:min(len(rest), 8)], `\"' `); strings.HasPrefix(ellipsis, "…") || strings.HasPrefix(ellipsis, "...") {
		return true
	}
	return (begun >= leastEnd || 4*begun >= 3*len(p.text)) && (rest == "" || strings.IndexByte("\"'`\\)\n", rest[0]) >= 0)
}

// withoutStray leaves out an escape that was cut in the middle.
func withoutStray(rest string) string {
	if rest == "" || strings.IndexByte(`\%&`, rest[0]) < 0 {
		return rest
	}
	end := 1
	for end < min(len(rest), mostStray) && strings.IndexByte("#xu0123456789abcdef{", rest[end]) >= 0 {
		end++
	}
	return rest[end:]
}

// merged puts spans that overlap together. The longest find among them says what stands there.
func merged(all []span) []span {
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	kept := all[:0]
	for _, next := range all {
		n := len(kept)
		if n == 0 || next.from >= kept[n-1].to {
			kept = append(kept, next)
			continue
		}
		last := &kept[n-1]
		last.to = max(last.to, next.to)
		if next.size > last.size {
			last.size, last.stand = next.size, next.stand
		}
	}
	return kept
}
