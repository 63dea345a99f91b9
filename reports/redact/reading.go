package redact

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// mostReadings is how often a text is read: JSON in a query in JSON takes three.
const mostReadings = 3

// view is a text with its escapes read, and where in the source each byte comes from.
type view struct {
	text string
	from []int // one longer than text; nil: it is the source itself
}

// source is where in the source a piece of the view stands.
func (v view) source(from, to int) (int, int) {
	if v.from == nil {
		return from, to
	}
	for to < len(v.text) && v.from[to] == v.from[to-1] {
		to++ // one escape makes several bytes
	}
	return v.from[from], v.from[to]
}

// until is the first n bytes of a view.
func (v view) until(n int) view {
	v.text = v.text[:n]
	if v.from != nil {
		v.from = v.from[:n+1]
	}
	return v
}

// read reads one layer of escapes: all that stand in the text, of whatever kind.
func (v view) read() (next view, changed bool) {
	if !strings.ContainsAny(v.text, "\\%&+\x00") {
		return v, false
	}
	text := make([]byte, 0, len(v.text))
	from := make([]int, 0, len(v.text)+1)
	for i := 0; i < len(v.text); {
		before := len(text)
		var size int
		text, size = readOne(text, v.text[i:])
		changed = changed || size != 1 || len(text) != before+1 || text[before] != v.text[i]
		at := i
		if v.from != nil {
			at = v.from[i]
		}
		for range len(text) - before {
			from = append(from, at)
		}
		i += size
	}
	end := len(v.text)
	if v.from != nil {
		end = v.from[end]
	}
	return view{text: string(text), from: append(from, end)}, changed
}

// readOne appends what the first bytes of s mean, and says how many these are. NUL means nothing: text in UTF-16 is full of
// it.
func readOne(into []byte, s string) ([]byte, int) {
	size := 0
	var r rune
	switch s[0] {
	case '\\':
		r, size = backslash(s)
	case '%':
		r, size = percent(s)
	case '&':
		return entity(into, s)
	case '+':
		return append(into, ' '), 1
	}
	switch {
	case size == 0 && s[0] == 0, size > 0 && r == 0:
		return into, max(size, 1)
	case size == 0:
		return append(into, s[0]), 1
	case r < 0: // a byte, which need not be a character
		return append(into, byte(-r)), size
	}
	return utf8.AppendRune(into, r), size
}

var letters = map[byte]rune{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 'a': '\a', 'v': '\v'}

// backslash reads an escape. However many backslashes stand before it, it is one escape that was escaped again.
func backslash(s string) (rune, int) {
	i := len(s) - len(strings.TrimLeft(s, `\`))
	rest := s[i:]
	if rest == "" {
		return '\\', i
	}
	switch c := rest[0]; c {
	case 'u', 'U', 'x':
		if r, n := digits(rest); n > 0 {
			return r, i + n
		}
		return '\\', i // what was cut in the middle stays what it is: see cut.go
	case '0', '1', '2', '3':
		if n, err := strconv.ParseUint(rest[:min(3, len(rest))], 8, 8); err == nil && len(rest) >= 3 {
			return octet(byte(n)), i + 3
		}
		return '\\', i
	default:
		if r, ok := letters[c]; ok {
			return r, i + 1
		}
		if c < utf8.RuneSelf {
			return rune(c), i + 1
		}
	}
	return '\\', i
}

// octet is a byte as readOne gets it.
func octet(b byte) rune {
	if b < utf8.RuneSelf {
		return rune(b)
	}
	return -rune(b)
}

// digits reads what stands after a backslash (or after % for u): u0053, ud83d\ude00, u{53}, U00000053, x53.
func digits(s string) (rune, int) {
	length := map[byte]int{'u': 4, 'U': 8, 'x': 2}[s[0]]
	if strings.HasPrefix(s, "u{") || strings.HasPrefix(s, "x{") {
		if end := strings.IndexByte(s[:min(len(s), 12)], '}'); end > 0 {
			r, ok := hexadecimal(s[2:end])
			return r, ifOK(end+1, ok)
		}
		return 0, 0
	}
	if len(s) < 1+length {
		return 0, 0
	}
	r, ok := hexadecimal(s[1 : 1+length])
	switch {
	case !ok:
		return 0, 0
	case s[0] == 'x':
		return octet(byte(r)), 1 + length
	case utf16.IsSurrogate(r):
		rest := strings.TrimLeft(s[1+length:], `\`)
		if len(rest) >= 5 && rest[0] == 'u' {
			if low, ok := hexadecimal(rest[1:5]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
				return utf16.DecodeRune(r, low), len(s) - len(rest) + 5
			}
		}
	}
	return r, 1 + length
}

func ifOK(n int, ok bool) int {
	if ok {
		return n
	}
	return 0
}

func hexadecimal(s string) (rune, bool) {
	n, err := strconv.ParseUint(s, 16, 31)
	return rune(n), err == nil && n <= utf8.MaxRune
}

// percent reads %53, and %2553 where it was encoded again; %u0053 is what scripts once wrote.
func percent(s string) (rune, int) {
	i := 1
	for strings.HasPrefix(s[i:], "25") && len(s) >= i+4 {
		if _, ok := hexadecimal(s[i+2 : i+4]); !ok {
			break
		}
		i += 2
	}
	if len(s) > i && s[i] == 'u' {
		if r, n := digits(s[i:]); n > 0 {
			return r, i + n
		}
	}
	if len(s) >= i+2 {
		if n, err := strconv.ParseUint(s[i:i+2], 16, 8); err == nil {
			return octet(byte(n)), i + 2
		}
	}
	return '%', 1
}

// entity reads what HTML and XML write with an ampersand.
func entity(into []byte, s string) ([]byte, int) {
	const longest = 34
	end := strings.IndexByte(s[:min(len(s), longest)], ';') + 1
	numbered := strings.HasPrefix(s, "&#") && end == 0
	if numbered { // the semicolon may be missing there
		for end = 2; end < min(len(s), longest) && strings.IndexByte("0123456789abcdefABCDEFxX", s[end]) >= 0; {
			end++
		}
	}
	if end > 0 {
		read := html.UnescapeString(s[:end])
		if cut := numbered && read < " "; read != s[:end] && !cut { // &#11 is what a cut leaves of &#115;
			return append(into, read...), end
		}
	}
	return append(into, '&'), 1
}
