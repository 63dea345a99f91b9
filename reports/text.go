package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Segment is a piece of a text that came from outside: as it is, or a Mark that stands for a character that would
// otherwise steer the page, the terminal or the parser that shows it.
type Segment struct {
	Text string
	Mark bool
}

// Segments splits s into what may be shown as it is, and marks: \x1b for control characters, \u202e for
// characters that turn or hide text, \xff for bytes that are no UTF-8. Tab and line feed are shown as they are.
func Segments(s string) []Segment {
	var segments []Segment
	plain := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		mark := markOf(r, size, s[i])
		if mark == "" {
			i += size
			continue
		}
		if plain < i {
			segments = append(segments, Segment{Text: s[plain:i]})
		}
		if n := len(segments); n > 0 && segments[n-1].Mark {
			segments[n-1].Text += mark
		} else {
			segments = append(segments, Segment{Text: mark, Mark: true})
		}
		i += size
		plain = i
	}
	if plain < len(s) {
		segments = append(segments, Segment{Text: s[plain:]})
	}
	return segments
}

// Visible is s with marks where Segments has them. It is valid UTF-8, and every character of it may stand in XML 1.0.
func Visible(s string) string {
	var b strings.Builder
	for _, segment := range Segments(s) {
		b.WriteString(segment.Text)
	}
	return b.String()
}

const (
	zeroWidthNonJoiner = '\u200c' // spelling of Persian and Indian scripts
	zeroWidthJoiner    = '\u200d' // holds emoji together
)

func markOf(r rune, size int, first byte) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02x`, first)
	case r == '\n' || r == '\t' || r == zeroWidthJoiner || r == zeroWidthNonJoiner:
		return ""
	case r < 0x20 || r == 0x7f:
		return fmt.Sprintf(`\x%02x`, r)
	case r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		if r > 0xffff {
			return fmt.Sprintf(`\U%08x`, r)
		}
		return fmt.Sprintf(`\u%04x`, r)
	}
	return ""
}

// Cut is the first bytes of s, at most limit of them and no character halved, and how many bytes were left off.
func Cut(s string, limit int) (kept string, left int) {
	if len(s) <= limit {
		return s, 0
	}
	i := runeBoundary(s, limit)
	return s[:i], len(s) - i
}

// OneLine is s on one line: line breaks and tabs become single spaces.
func OneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " ")
}
