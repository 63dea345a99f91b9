package wire

import (
	"strconv"
	"unicode/utf8"
)

// appendText writes s as a JSON string. Bytes that are no UTF-8 become U+FFFD, so that what is written is always JSON.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0 // where the bytes begin that can be copied as they are
	for i := plainPrefix(s); i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case n > 1:
			i += n
			continue
		case r < utf8.RuneSelf:
			dst = appendEscape(append(dst, s[plain:i]...), c)
		default:
			dst = append(append(dst, s[plain:i]...), "\uFFFD"...)
		}
		i++
		plain = i
	}
	return append(append(dst, s[plain:]...), '"')
}

// plainPrefix is how many bytes at the beginning certainly need no care. It looks at eight at a time, since a sync
// writes hundreds of ids and nearly all of them are plain to their last few bytes.
func plainPrefix(s string) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	// The high bit of a byte of zeros(x) shows where x may have a zero byte.
	zeros := func(x uint64) uint64 { return (x - ones) &^ x }
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		control := (w - ones*0x20) &^ w
		if (w|control|zeros(w^ones*'"')|zeros(w^ones*'\\'))&highs != 0 {
			break
		}
	}
	return i
}

func appendEscape(dst []byte, c byte) []byte {
	if c == '"' || c == '\\' {
		return append(dst, '\\', c)
	}
	dst = append(dst, `\u00`...)
	if c < 0x10 {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, uint64(c), 16)
}
