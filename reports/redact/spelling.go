package redact

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// pattern is one spelling of a credential, or a piece of one, in small letters.
type pattern struct {
	text  string
	stand string
	tail  bool // it is looked for only where the beginning of a text was cut off
}

// The lengths of the pieces that are looked for. A piece is three quarters of a credential, so that a word that it shares
// with honest text ("wukongim-manager-token") is none. No two texts have 32 bytes in common by chance.
const (
	leastPiece = 8
	mostPiece  = 32
	mostWhole  = 64 // a longer spelling is found by pieces that cover it: what one position costs stays bounded
)

// patternsOf are the spellings of one credential.
func patternsOf(value, stand string, pieces bool) []pattern {
	var all []pattern
	for _, spelling := range spellings(value) {
		if spelling = fold(spelling); len(spelling) < Shortest {
			continue
		}
		for _, piece := range cover(spelling, pieces) {
			all = append(all, pattern{text: piece, stand: stand})
		}
		if !pieces {
			continue
		}
		for at := max(1, len(spelling)-mostWhole); len(spelling)-at >= leastEnd; at++ {
			all = append(all, pattern{text: spelling[at:], stand: stand, tail: true})
		}
	}
	return all
}

// cover is a spelling as it is looked for. With all its pieces a part of it is found as well; without, pieces only cover it.
func cover(spelling string, all bool) []string {
	size := min(max(leastPiece, (3*len(spelling)+3)/4), mostPiece)
	switch {
	case len(spelling) <= size:
		return []string{spelling}
	case all:
		var windows []string
		for at := 0; at+size <= len(spelling); at++ {
			windows = append(windows, spelling[at:at+size])
		}
		return windows
	case len(spelling) <= mostWhole:
		return []string{spelling}
	}
	chunks := []string{spelling[len(spelling)-mostPiece:]}
	for at := 0; at+mostPiece <= len(spelling); at += mostPiece {
		chunks = append(chunks, spelling[at:at+mostPiece])
	}
	return chunks
}

// spellings are those that reading a text does not undo: see reading.go for the others. A text is read before it is
// searched, so a credential that looks escaped itself is there as it is read, too.
func spellings(value string) []string {
	all := []string{value}
	for read := (view{text: value}); len(all) <= mostReadings; {
		next, changed := read.read()
		if !changed {
			break
		}
		all, read = append(all, next.text), next
	}
	const leastEncoded = 6 // in base64, less than this is in any long enough text
	if len(value) >= leastEncoded {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			for before := range 3 {
				all = append(all, inBase64(encoding, value, before))
			}
		}
	}
	return append(all, inBytes(value)...)
}

// inBase64 is the part of an encoded text that value alone decides, where it stands after some bytes of something else.
func inBase64(encoding *base64.Encoding, value string, before int) string {
	encoded := encoding.EncodeToString([]byte("\x00\x00"[:before] + value))
	from := (before*8 + 5) / 6
	to := (before + len(value)) * 8 / 6
	return encoded[from:to]
}

// inBytes are the bytes of value as numbers.
func inBytes(value string) []string {
	var hexes, decimals []string
	for i := range len(value) {
		hexes = append(hexes, hex.EncodeToString([]byte{value[i]}))
		decimals = append(decimals, strconv.Itoa(int(value[i])))
	}
	var all []string
	for _, between := range []string{"", " ", ":", ", 0x"} {
		all = append(all, strings.Join(hexes, between))
	}
	for _, between := range []string{" ", ",", ", "} {
		all = append(all, strings.Join(decimals, between))
	}
	return all
}

// basic is the user and the password in the credentials of HTTP's scheme Basic.
func basic(encoded string) (user, password string, ok bool) {
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(data), ":")
}

// fold makes ASCII letters small: HTTP changes the case of header names, and people that of what they copy.
func fold(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
