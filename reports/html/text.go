package htmlreport

import (
	"strings"
	"unicode"

	"github.com/parley-im/parley/reports"
)

// piece is a part of a sentence: plain, or the `code` in it.
type piece struct {
	Text string
	Code bool
}

// inline splits a sentence at its backticks. Where they are no pairs, they stay.
func inline(s string) []piece {
	if strings.Count(s, "`")%2 != 0 || strings.Contains(s, "``") {
		return []piece{{Text: s}}
	}
	var pieces []piece
	for i, part := range strings.Split(s, "`") {
		if part != "" {
			pieces = append(pieces, piece{part, i%2 == 1})
		}
	}
	return pieces
}

// language is the lang attribute of a quote: the glyphs of Chinese and Japanese differ.
func language(s string) string {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return "zh-Hans"
		}
	}
	return "en"
}

// brief is s where there is room for some lines only.
func brief(s string) string { return shorten(reports.OneLine(s), 400) }
