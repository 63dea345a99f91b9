package wukongim

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
)

// scan reads JSON from the front to the back without building anything: each byte of an answer is looked at once. It
// is as strict as RFC 8259 in what it reads itself; once it has met something wrong, it reads nothing more.
type scan struct {
	body     []byte
	at       int
	bad      bool
	controls bool // somewhere in the body
	escapes  bool
}

// mostNested is how deep what nobody asked for may nest.
const mostNested = 200

func (s *scan) space() {
	if s.at < len(s.body) && s.body[s.at] > ' ' {
		return
	}
	for s.at < len(s.body) {
		switch s.body[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek is the next byte that is no space; 0 at the end or after something wrong.
func (s *scan) peek() byte {
	if s.bad {
		return 0
	}
	s.space()
	if s.at >= len(s.body) {
		return 0
	}
	return s.body[s.at]
}

// take passes over one expected byte.
func (s *scan) take(c byte) bool {
	if s.peek() != c {
		s.bad = true
		return false
	}
	s.at++
	return true
}

// more goes to the next element of an array or object that ends with close. first is true before its first element.
func (s *scan) more(close byte, first bool) bool {
	switch c := s.peek(); {
	case s.bad:
		return false
	case c == close:
		s.at++
		return false
	case first:
		return true
	case c == ',':
		s.at++
		return true
	}
	s.bad = true
	return false
}

// key is the next member's name.
func (s *scan) key() []byte {
	name := s.text()
	s.take(':')
	return name
}

// text is a string; it shares the answer's memory unless there are escapes in it.
func (s *scan) text() []byte {
	if !s.take('"') {
		return nil
	}
	rest := s.body[s.at:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		s.bad = true
		return nil
	}
	text := rest[:end]
	if s.escapes && bytes.IndexByte(text, '\\') >= 0 {
		return s.escaped(s.at)
	}
	if s.controls && hasControl(text) {
		s.bad = true
		return nil
	}
	s.at += end + 1
	return text
}

// newScan begins at the front. One look over the whole answer spares a look at each of its strings: hardly any answer
// has an escape or a control character in it.
func newScan(body []byte) *scan {
	return &scan{body: body, controls: hasControl(body), escapes: bytes.IndexByte(body, '\\') >= 0}
}

// hasControl tells whether there is a byte below 0x20, eight bytes at a time: a byte that is small enough to borrow
// from its highest bit, and has not that bit itself.
func hasControl(b []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for len(b) >= 8 {
		if x := binary.LittleEndian.Uint64(b); (x-0x20*ones)&^x&highs != 0 {
			return true
		}
		b = b[8:]
	}
	for _, c := range b {
		if c < 0x20 {
			return true
		}
	}
	return false
}

// escaped reads a string that has escapes in it: rare enough for the library.
func (s *scan) escaped(begin int) []byte {
	for s.at < len(s.body) && s.body[s.at] != '"' {
		if s.body[s.at] == '\\' {
			s.at++
		}
		s.at++
	}
	if s.at >= len(s.body) {
		s.bad = true
		return nil
	}
	s.at++
	var text string
	if json.Unmarshal(s.body[begin-1:s.at], &text) != nil {
		s.bad = true
	}
	return []byte(text)
}

// integer is a number without fraction and exponent that fits 64 bits.
func (s *scan) integer() int64 {
	negative := s.peek() == '-'
	if negative {
		s.at++
	}
	begin := s.at
	var n uint64
	for ; s.at < len(s.body); s.at++ {
		c := s.body[s.at] - '0'
		if c > 9 {
			break
		}
		if n > math.MaxInt64/10 {
			s.bad = true
			return 0
		}
		n = n*10 + uint64(c)
	}
	long := s.at - begin
	if long == 0 || n > math.MaxInt64 || long > 1 && s.body[begin] == '0' || s.at < len(s.body) && (s.body[s.at] == '.' || s.body[s.at]|0x20 == 'e') {
		s.bad = true
		return 0
	}
	if negative {
		return -int64(n)
	}
	return int64(n)
}

// skip passes over any value.
func (s *scan) skip(depth int) {
	if depth > mostNested {
		s.bad = true
		return
	}
	switch c := s.peek(); {
	case c == '{':
		s.at++
		for first := true; s.more('}', first); first = false {
			s.key()
			s.skip(depth + 1)
		}
	case c == '[':
		s.at++
		for first := true; s.more(']', first); first = false {
			s.skip(depth + 1)
		}
	case c == '"':
		s.text()
	default:
		s.scalar()
	}
}

// scalar passes over a number, true, false or null.
func (s *scan) scalar() {
	begin := s.at
	digits := true
	for s.at < len(s.body) && inScalar(s.body[s.at]) {
		digits = digits && s.body[s.at] >= '0' && s.body[s.at] <= '9'
		s.at++
	}
	if digits && s.at > begin && (s.at == begin+1 || s.body[begin] != '0') {
		return // what most numbers are
	}
	if s.bad || !json.Valid(s.body[begin:s.at]) {
		s.bad = true
	}
}

func inScalar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '+' || c == '-' || c == '.' || c == 'E'
}

// end tells whether the value was whole, and nothing follows it.
func (s *scan) end() bool {
	return s.peek() == 0 && !s.bad && s.at == len(s.body)
}
