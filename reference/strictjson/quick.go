package strictjson

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// quick reads JSON that is beyond doubt, several times as fast as a token decoder. Whatever it is not sure of it leaves
// to that decoder, which says what is wrong: the two never give different values.
type quick struct {
	text     string
	at       int
	members  []Member // of the objects that are open, one after the other
	elements []Value  // of the arrays that are open
}

// mostMembers bounds the objects in which quick looks for a key that stands twice: the search is linear.
const mostMembers = 32

// quickParse reads the one value in data, which must be UTF-8; ok is false where there is any doubt.
func quickParse(data []byte) (v Value, ok bool) {
	q := parsers.Get().(*quick)
	defer q.release()
	q.text, q.at = string(data), 0
	if v, ok = q.value(0); !ok {
		return Value{}, false
	}
	q.space()
	return v, q.at == len(q.text)
}

// parsers are used again for the sake of their stacks.
var parsers = sync.Pool{New: func() any { return new(quick) }}

// release gives the parser back, with nothing of what it read, unless its stacks have grown beyond the ordinary.
func (q *quick) release() {
	const most = 1 << 10
	if cap(q.members) > most || cap(q.elements) > most {
		return
	}
	clear(q.members[:cap(q.members)])
	clear(q.elements[:cap(q.elements)])
	q.text, q.members, q.elements = "", q.members[:0], q.elements[:0]
	parsers.Put(q)
}

// space skips white space and gives the byte that follows; 0 at the end.
func (q *quick) space() byte {
	for ; q.at < len(q.text); q.at++ {
		switch c := q.text[q.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (q *quick) value(depth int) (Value, bool) {
	switch c := q.space(); {
	case c == '"':
		s, ok := q.string()
		return Value{Kind: String, Text: s}, ok
	case c == '{' && depth < MaxDepth:
		return q.object(depth + 1)
	case c == '[' && depth < MaxDepth:
		return q.array(depth + 1)
	case c == '-' || digit(c):
		return q.number()
	}
	for _, word := range []Value{{Kind: Null, Text: "null"}, {Kind: Bool, Text: "true"}, {Kind: Bool, Text: "false"}} {
		if strings.HasPrefix(q.text[q.at:], word.Text) {
			q.at += len(word.Text)
			return word, true
		}
	}
	return Value{}, false
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// digits skips digits and tells whether there was one.
func (q *quick) digits() bool {
	start := q.at
	for q.at < len(q.text) && digit(q.text[q.at]) {
		q.at++
	}
	return q.at > start
}

func (q *quick) skip(chars string) bool {
	if q.at < len(q.text) && strings.IndexByte(chars, q.text[q.at]) >= 0 {
		q.at++
		return true
	}
	return false
}

func (q *quick) number() (Value, bool) {
	start := q.at
	q.skip("-")
	zero := q.at
	if !q.digits() || q.text[zero] == '0' && q.at > zero+1 {
		return Value{}, false
	}
	if q.skip(".") && !q.digits() {
		return Value{}, false
	}
	if q.skip("eE") {
		q.skip("+-")
		if !q.digits() {
			return Value{}, false
		}
	}
	return Value{Kind: Number, Text: q.text[start:q.at]}, true
}

// string reads the string that begins here.
func (q *quick) string() (string, bool) {
	start, escaped := q.at, false
	for i := start + 1; i < len(q.text); i++ {
		switch c := q.text[i]; {
		case c == '"':
			q.at = i + 1
			if !escaped {
				return q.text[start+1 : i], true
			}
			var s string
			err := json.Unmarshal([]byte(q.text[start:q.at]), &s)
			return s, err == nil
		case c == '\\':
			escaped = true
			i++
		case c < 0x20:
			return "", false
		}
	}
	return "", false
}

func (q *quick) object(depth int) (Value, bool) {
	q.at++
	start := len(q.members)
	for q.space() != '}' {
		if len(q.members) > start && !q.comma() {
			return Value{}, false
		}
		if !q.member(start, depth) {
			return Value{}, false
		}
	}
	q.at++
	v := Value{Kind: Object, Members: slices.Clone(q.members[start:])}
	q.members = q.members[:start]
	return v, true
}

// member reads a key and its value into the object whose members begin at start.
func (q *quick) member(start, depth int) bool {
	if q.space() != '"' || len(q.members)-start >= mostMembers {
		return false
	}
	key, ok := q.string()
	if !ok || q.space() != ':' {
		return false
	}
	for _, other := range q.members[start:] {
		if other.Key == key {
			return false
		}
	}
	q.at++
	v, ok := q.value(depth)
	q.members = append(q.members, Member{key, v})
	return ok
}

// comma reads the comma before another member or element.
func (q *quick) comma() bool {
	if !q.skip(",") {
		return false
	}
	next := q.space()
	return next != '}' && next != ']'
}

func (q *quick) array(depth int) (Value, bool) {
	q.at++
	start := len(q.elements)
	for q.space() != ']' {
		if q.at == len(q.text) || len(q.elements) > start && !q.comma() {
			return Value{}, false
		}
		v, ok := q.value(depth)
		if !ok {
			return Value{}, false
		}
		q.elements = append(q.elements, v)
	}
	q.at++
	v := Value{Kind: Array, Elements: slices.Clone(q.elements[start:])}
	q.elements = q.elements[:start]
	return v, true
}
