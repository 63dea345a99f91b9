package reports

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"
)

// BodyLimit is how many bytes of a body a record keeps.
const BodyLimit = 64 << 10

// NewBody is the record of a body of len(data) bytes: the first BodyLimit of them, cut between two characters where
// it is UTF-8, and as base64 where it is not.
func NewBody(data []byte) Body {
	body := Body{Bytes: len(data), Cut: len(data) > BodyLimit}
	kept := data
	if body.Cut {
		kept = data[:runeBoundary(data, BodyLimit)]
	}
	if utf8.Valid(kept) {
		body.Text = string(kept)
		return body
	}
	body.Base64 = base64.StdEncoding.EncodeToString(data[:min(len(data), BodyLimit)])
	return body
}

// Data is the kept bytes of the body.
func (b Body) Data() ([]byte, error) {
	if b.Base64 == "" {
		return []byte(b.Text), nil
	}
	data, err := base64.StdEncoding.DecodeString(b.Base64)
	if err != nil {
		return nil, fmt.Errorf("the record's body of %d bytes is no base64: %w", b.Bytes, err)
	}
	return data, nil
}

// runeBoundary is the greatest index <= limit at which no UTF-8 character is cut; limit itself where the bytes
// before it are no UTF-8 anyway.
func runeBoundary[T string | []byte](s T, limit int) int {
	for i := limit; i > limit-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return limit
}
