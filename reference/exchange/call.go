package exchange

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/parley-im/parley/reference/fields"
)

// DefaultTimeout bounds a Call that names no Timeout.
const DefaultTimeout = 10 * time.Second

var shared = NewClient()

// Call is a POST with what clients leave to be filled in.
type Call struct {
	URL       string
	Header    http.Header // stays as it is; nil: none
	Type      string      // the header Content-Type
	Body      []byte
	Timeout   time.Duration // with the answer's last byte; 0: DefaultTimeout
	Doer      Doer          // nil: a client of NewClient, shared by all
	BodyLimit int64         // the most bytes of the answer; 0: DefaultBodyLimit
	Once      bool          // it must not be repeated, as Do has it
}

// Do makes the call. It always returns an Exchange; what went wrong is in its Err.
func (c Call) Do(ctx context.Context) *Exchange {
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if c.Doer == nil {
		c.Doer = shared
	}
	header := c.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", c.Type)
	return Do(ctx, c.Doer, Request{Method: http.MethodPost, URL: c.URL, Header: header, Body: c.Body}, c.BodyLimit, c.Once)
}

// StatusError says that a whole answer has another HTTP status than 200.
type StatusError struct{ Exchange *Exchange }

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s answered %d, want 200: %s", e.Exchange.Request.Method, e.Exchange.Request.URL, e.Exchange.Status(),
		fields.Quote(string(e.Exchange.Body())))
}

// Failure is why the answer is no success: its Err, or a *StatusError; nil where it is whole and has the status 200.
func (x *Exchange) Failure() error {
	if x.Err != nil {
		return x.Err
	}
	if x.Status() != http.StatusOK {
		return &StatusError{x}
	}
	return nil
}
