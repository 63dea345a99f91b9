package redact

import (
	"bytes"
	"io"
	"math"
	"sync"
)

// mostHeld is how much of a line without an end is held back; overlap is how much of it stays, so that a credential that
// goes on in the next write is still found.
const (
	mostHeld = 64 << 10
	overlap  = 8 << 10
)

// Writer writes lines without credentials. It holds a line back until it is whole, since a credential may come in two
// writes; a line that begins with a carriage return is one that a terminal redraws, comes in one write, and goes out at
// once. It is safe for concurrent use.
type Writer struct {
	secrets *Secrets
	mu      sync.Mutex
	out     io.Writer
	held    []byte
}

// Writer writes to out what is left of what is written to it. Flush must be called at the end.
func (s *Secrets) Writer(out io.Writer) *Writer { return &Writer{secrets: s, out: out} }

func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = append(w.held, p...)
	if end := bytes.LastIndexByte(p, '\n') + 1; end > 0 {
		if err := w.release(len(w.held) - len(p) + end); err != nil {
			return len(p), err
		}
	}
	switch {
	case len(w.held) == 0:
	case w.held[0] == '\r':
		return len(p), w.release(len(w.held))
	case len(w.held) > mostHeld:
		end := len(w.held) - overlap
		for _, span := range w.secrets.spans(string(w.held), math.MaxInt) {
			if span.from < end && end < span.to {
				end = span.from
			}
		}
		return len(p), w.release(end)
	}
	return len(p), nil
}

// Flush writes what is held back.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.release(len(w.held))
}

// release writes the first bytes of what is held.
func (w *Writer) release(end int) error {
	if end == 0 {
		return nil
	}
	out := w.secrets.Bytes(w.held[:end])
	_, err := w.out.Write(out)
	w.held = append(w.held[:0], w.held[end:]...)
	return err
}
