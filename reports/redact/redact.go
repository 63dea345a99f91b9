// Package redact takes credentials out of everything that leaves parley: the record, the streams, the files beside them.
//
// A run has one Secrets. Whoever learns of a credential adds it; whoever writes asks it for the Text, walks a Record
// through it, or writes through its Writer. It imports nothing of parley's other rooms but the record.
//
// A credential is found in these spellings, whatever the case of its letters: as it is; escaped as JSON, Go, C or a shell
// does it; percent-encoded; as HTML entities; all of these mixed, and up to three times over; in base64 with either
// alphabet, also in the middle of other text; in hexadecimal or decimal bytes. Of a value such as "Bearer T" or "a=T", T
// alone is a credential too. A piece of one is found as well: three quarters of it anywhere (at most 32 bytes are asked
// for), and less where a text was cut, since texts are cut before they come here: see cut.go.
//
// Out of reach are a credential of less than 4 bytes (it would take honest text apart: only whole header values that equal
// it are replaced, by whoever knows that they are headers), one that is split over two texts, and any other encoding:
// compression, encryption, a digest, the letters in another order.
package redact

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"
)

// Shortest is the least that a credential has to be looked for in texts.
const Shortest = 4

// Hidden stands for credentials that have no name of their own.
const Hidden = "…"

// Secrets is what must not be shown. The zero value is ready, and a nil one hides nothing; it is safe for concurrent use.
type Secrets struct {
	mu     sync.Mutex
	known  map[string]bool
	tables atomic.Pointer[[]*table]
}

// Add takes in credentials of the target or of parley's own configuration. stand is what they are replaced with.
func (s *Secrets) Add(stand string, values ...string) { s.add(stand, values, true) }

// Learn takes in credentials that come in great numbers, such as those of users. They are found as a whole and where a
// text was cut, and not by any piece.
func (s *Secrets) Learn(values ...string) { s.add(Hidden, values, false) }

func (s *Secrets) add(stand string, values []string, pieces bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var patterns []pattern
	for _, value := range values {
		for _, part := range parts(value) {
			if len(part) < Shortest || s.known[part] {
				continue
			}
			if s.known == nil {
				s.known = map[string]bool{}
			}
			s.known[part] = true
			patterns = append(patterns, patternsOf(part, stand, pieces)...)
		}
	}
	if len(patterns) == 0 {
		return
	}
	var tables []*table
	if old := s.tables.Load(); old != nil {
		tables = append(tables, *old...)
	}
	// Tables double in size, so that many small additions cost little each, and few tables are asked.
	for n := len(tables); n > 0 && len(tables[n-1].patterns) <= 2*len(patterns); n-- {
		patterns = append(patterns, tables[n-1].patterns...)
		tables = tables[:n-1]
	}
	tables = append(tables, newTable(patterns))
	s.tables.Store(&tables)
}

// Text is text without credentials.
func (s *Secrets) Text(text string) string { return s.text(text, math.MaxInt) }

func (s *Secrets) text(text string, most int) string {
	spans := s.spans(text, most)
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	done := 0
	for _, span := range spans {
		b.WriteString(text[done:span.from])
		b.WriteString(span.stand)
		done = span.to
	}
	b.WriteString(text[done:])
	return b.String()
}

// Bytes is data without credentials; data itself where there are none.
func (s *Secrets) Bytes(data []byte) []byte {
	text := string(data)
	if clean := s.Text(text); clean != text {
		return []byte(clean)
	}
	return data
}

// parts are the credentials in a value: the value, and what of it is a credential by itself.
func parts(value string) []string {
	all := []string{value}
	scheme, rest, ok := strings.Cut(value, " ")
	if rest = strings.TrimSpace(rest); ok && word(scheme) && rest != "" {
		all = append(all, rest)
		if user, password, ok := basic(rest); ok {
			all = append(all, user+":"+password, password)
		}
	}
	for _, pair := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		if _, v, ok := strings.Cut(pair, "="); ok && strings.Trim(v, `="`) != "" {
			all = append(all, strings.Trim(v, `"`))
		}
	}
	return all
}

func word(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && s[i] != '-' {
			return false
		}
	}
	return s != ""
}
