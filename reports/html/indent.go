package htmlreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/parley-im/parley/reports"
)

// pretty is the body laid out over lines, where it is JSON, or the beginning of JSON that was cut.
func pretty(data []byte, b reports.Body) block {
	if len(data) == 0 || data[0] != '{' && data[0] != '[' || !b.Cut && !json.Valid(data) || b.Cut && !beginsJSON(data) {
		return block{}
	}
	text, read := indent(data, textLimit)
	if read == len(data) && text == string(data) {
		return block{}
	}
	return block{Text: strings.ToValidUTF8(text, ""), Left: b.Bytes - read}
}

// beginsJSON tells whether nothing is wrong with data but that it ends too soon.
func beginsJSON(data []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	for {
		if _, err := decoder.Token(); err != nil {
			return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		}
	}
}

// indent lays JSON out until limit bytes are written, and says how much of data that is. It moves white space only:
// numbers keep their digits, strings their escapes, objects their keys, however often they repeat them.
func indent(data []byte, limit int) (text string, read int) {
	var b strings.Builder
	depth := 0
	newline := func() { b.WriteString("\n" + strings.Repeat("  ", min(depth, 40))) }
	for i := 0; i < len(data); {
		if b.Len() >= limit {
			return b.String(), i
		}
		switch c := data[i]; c {
		case ' ', '\t', '\r', '\n':
		case '"':
			end := min(stringEnd(data, i), i+limit)
			b.Write(data[i:end])
			i = end
			continue
		case '{', '[':
			b.WriteByte(c)
			if next := nextByte(data, i+1); next != '}' && next != ']' {
				depth++
				newline()
			}
		case '}', ']':
			if last := b.String()[b.Len()-1]; last != '{' && last != '[' {
				depth--
				newline()
			}
			b.WriteByte(c)
		case ',':
			b.WriteByte(c)
			newline()
		case ':':
			b.WriteString(": ")
		default:
			b.WriteByte(c)
		}
		i++
	}
	return b.String(), len(data)
}

// stringEnd is the index behind the string that begins at i.
func stringEnd(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// nextByte is the next byte from i on that is no white space, 0 at the end.
func nextByte(data []byte, i int) byte {
	for ; i < len(data); i++ {
		if !bytes.ContainsRune([]byte(" \t\r\n"), rune(data[i])) {
			return data[i]
		}
	}
	return 0
}
