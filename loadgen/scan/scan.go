// Package scan reads the JSON of answers under load. It is shared by the families' rooms, and knows none of them.
package scan

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
)

// Scanner reads JSON from the front to the back without building anything: each byte of an answer is looked at once. It
// is as strict as RFC 8259 in what it reads itself; once it has met something wrong, it reads nothing more. That it is
// UTF-8 is for the caller to see to.
type Scanner struct {
	At       int  // where the next byte stands
	Bad      bool // something was wrong
	body     []byte
	controls bool // somewhere in the body
	escapes  bool
}

// MostNested is how deep what nobody asked for may nest.
const MostNested = 200

func (s *Scanner) space() {
	if s.At < len(s.body) && s.body[s.At] > ' ' {
		return
	}
	for s.At < len(s.body) {
		switch s.body[s.At] {
		case ' ', '\t', '\n', '\r':
			s.At++
		default:
			return
		}
	}
}

// Peek is the next byte that is no space; 0 at the end or after something wrong.
func (s *Scanner) Peek() byte {
	if s.Bad {
		return 0
	}
	s.space()
	if s.At >= len(s.body) {
		return 0
	}
	return s.body[s.At]
}

// Take passes over one expected byte.
func (s *Scanner) Take(c byte) bool {
	if s.Peek() != c {
		s.Bad = true
		return false
	}
	s.At++
	return true
}

// More goes to the next element of an array or object that ends with close. first is true before its first element.
func (s *Scanner) More(close byte, first bool) bool {
	switch c := s.Peek(); {
	case s.Bad:
		return false
	case c == close:
		s.At++
		return false
	case first:
		return true
	case c == ',':
		s.At++
		return true
	}
	s.Bad = true
	return false
}

// Key is the next member's name.
func (s *Scanner) Key() []byte {
	name := s.Text()
	s.Take(':')
	return name
}

// Text is a string; it shares the answer's memory unless there are escapes in it.
func (s *Scanner) Text() []byte {
	if !s.Take('"') {
		return nil
	}
	rest := s.body[s.At:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		s.Bad = true
		return nil
	}
	text := rest[:end]
	if s.escapes && bytes.IndexByte(text, '\\') >= 0 {
		return s.escaped(s.At)
	}
	if s.controls && hasControl(text) {
		s.Bad = true
		return nil
	}
	s.At += end + 1
	return text
}

// New begins at the front. One look over the whole answer spares a look at each of its strings: hardly any answer
// has an escape or a control character in it.
func New(body []byte) *Scanner {
	return &Scanner{body: body, controls: hasControl(body), escapes: bytes.IndexByte(body, '\\') >= 0}
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
func (s *Scanner) escaped(begin int) []byte {
	for s.At < len(s.body) && s.body[s.At] != '"' {
		if s.body[s.At] == '\\' {
			s.At++
		}
		s.At++
	}
	if s.At >= len(s.body) {
		s.Bad = true
		return nil
	}
	s.At++
	var text string
	if json.Unmarshal(s.body[begin-1:s.At], &text) != nil {
		s.Bad = true
	}
	return []byte(text)
}

// Integer is a number without fraction and exponent that fits 64 bits.
func (s *Scanner) Integer() int64 {
	negative := s.Peek() == '-'
	if negative {
		s.At++
	}
	begin := s.At
	var n uint64
	for ; s.At < len(s.body); s.At++ {
		c := s.body[s.At] - '0'
		if c > 9 {
			break
		}
		if n > math.MaxInt64/10 {
			s.Bad = true
			return 0
		}
		n = n*10 + uint64(c)
	}
	long := s.At - begin
	if long == 0 || n > math.MaxInt64 || long > 1 && s.body[begin] == '0' || s.At < len(s.body) && (s.body[s.At] == '.' || s.body[s.At]|0x20 == 'e') {
		s.Bad = true
		return 0
	}
	if negative {
		return -int64(n)
	}
	return int64(n)
}

// Digits is an integer of any length, as it stands there; nil where it is none.
func (s *Scanner) Digits() []byte {
	s.Peek()
	whole := s.At
	if s.At < len(s.body) && s.body[s.At] == '-' {
		s.At++
	}
	begin := s.At
	for s.At < len(s.body) && s.body[s.At]-'0' <= 9 {
		s.At++
	}
	long := s.At - begin
	if long == 0 || long > 1 && s.body[begin] == '0' || s.At < len(s.body) && (s.body[s.At] == '.' || s.body[s.At]|0x20 == 'e') {
		s.Bad = true
		return nil
	}
	return s.body[whole:s.At]
}

// TryText is a string, or any other value that is passed over.
func (s *Scanner) TryText() (text []byte, ok bool) {
	if s.Peek() == '"' {
		return s.Text(), true
	}
	s.Skip(0)
	return nil, false
}

// TryInteger is an integer of 64 bits, or any other value that is passed over.
func (s *Scanner) TryInteger() (n int64, ok bool) {
	if s.Peek() == 0 {
		s.Bad = true
		return 0, false
	}
	begin := s.At
	if n = s.Integer(); !s.Bad {
		return n, true
	}
	s.Bad, s.At = false, begin
	s.Skip(0)
	return 0, false
}

// TryBool is true or false, or any other value that is passed over.
func (s *Scanner) TryBool() (is, ok bool) {
	if c := s.Peek(); c != 't' && c != 'f' {
		s.Skip(0)
		return false, false
	}
	begin := s.At
	s.Skip(0)
	return !s.Bad && s.body[begin] == 't', !s.Bad
}

// Skip passes over any value.
func (s *Scanner) Skip(depth int) {
	if depth > MostNested {
		s.Bad = true
		return
	}
	switch c := s.Peek(); {
	case c == '{':
		s.At++
		for first := true; s.More('}', first); first = false {
			s.Key()
			s.Skip(depth + 1)
		}
	case c == '[':
		s.At++
		for first := true; s.More(']', first); first = false {
			s.Skip(depth + 1)
		}
	case c == '"':
		s.Text()
	default:
		s.scalar()
	}
}

// scalar passes over a number, true, false or null.
func (s *Scanner) scalar() {
	begin := s.At
	digits := true
	for s.At < len(s.body) && inScalar(s.body[s.At]) {
		digits = digits && s.body[s.At] >= '0' && s.body[s.At] <= '9'
		s.At++
	}
	if digits && s.At > begin && (s.At == begin+1 || s.body[begin] != '0') {
		return // what most numbers are
	}
	if s.Bad || !json.Valid(s.body[begin:s.At]) {
		s.Bad = true
	}
}

func inScalar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '+' || c == '-' || c == '.' || c == 'E'
}

// End tells whether the value was whole, and nothing follows it.
func (s *Scanner) End() bool {
	return s.Peek() == 0 && !s.Bad && s.At == len(s.body)
}
