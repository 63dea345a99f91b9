// Package exchange is one recorded HTTP request and response: the bytes as they were on the wire, and when.
//
// It is the only way parley talks to a target. It reads no more of an answer than its limit, never follows a
// redirect, never decompresses, and always ends with its context. It knows nothing of any API.
package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

// DefaultBodyLimit is how much of an answer's body is read: an answer that is longer is cut and marked Truncated.
const DefaultBodyLimit = 32 << 20

// Request is what was sent.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Response is what came back. A nil *Response in an Exchange means that no answer came; Exchange.Err says why.
type Response struct {
	Status int
	Proto  string
	Header http.Header
	Body   []byte
	// Truncated is true where the body went on beyond the limit, or broke off; Exchange.Err then says which.
	Truncated bool
}

// Exchange is one request with its answer.
type Exchange struct {
	// Number counts the exchanges of one Recorder from 1; 0 means that nobody recorded it.
	Number   int
	Request  Request
	Response *Response
	// Err is why there is no answer, or no whole one. It names the method and the URL.
	Err error
	// Started is before dialling, FirstByte when the answer began (zero: never), Ended after its last byte.
	Started, FirstByte, Ended time.Time
}

// Status is the HTTP status, 0 where no answer came.
func (x *Exchange) Status() int {
	if x == nil || x.Response == nil {
		return 0
	}
	return x.Response.Status
}

// Body is the answer's body, nil where no answer came.
func (x *Exchange) Body() []byte {
	if x == nil || x.Response == nil {
		return nil
	}
	return x.Response.Body
}

// Summary is the exchange in one line: POST /conversation/sync → 200, 512 bytes.
func (x *Exchange) Summary() string {
	if x.Response == nil {
		return fmt.Sprintf("%s %s → no answer: %v", x.Request.Method, x.Request.URL, x.Err)
	}
	s := fmt.Sprintf("%s %s → %d, %d bytes", x.Request.Method, x.Request.URL, x.Response.Status, len(x.Response.Body))
	if x.Response.Truncated {
		s += " (cut)"
	}
	return s
}

// Doer sends a request. *http.Client is one.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// NewClient is an http.Client fit for recording: it follows no redirect and decompresses nothing.
func NewClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	transport.MaxIdleConnsPerHost = 64
	transport.MaxResponseHeaderBytes = 1 << 20
	transport.ResponseHeaderTimeout = 0
	transport.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ErrTooLong is the cause of an Exchange.Err where the answer went on beyond the limit.
var ErrTooLong = errors.New("the answer is longer than parley reads")

// Do sends request and reads the answer, at most limit bytes of it (0: DefaultBodyLimit), until ctx ends.
// It always returns an Exchange; what went wrong is in its Err.
//
// A request may be sent a second time where a kept-alive connection turns out closed before any byte of an answer
// came; set once for requests that must not be repeated (a message, say).
func Do(ctx context.Context, doer Doer, request Request, limit int64, once bool) *Exchange {
	if limit <= 0 {
		limit = DefaultBodyLimit
	}
	x := &Exchange{Request: request, Started: time.Now()}
	defer func() { x.Ended = time.Now() }()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotFirstResponseByte: func() { x.FirstByte = time.Now() },
	})
	r, err := http.NewRequestWithContext(ctx, request.Method, request.URL, bytes.NewReader(request.Body))
	if err != nil {
		x.Err = fmt.Errorf("%s %s cannot be sent: %w", request.Method, request.URL, err)
		return x
	}
	r.Header = request.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if !once {
		// An empty key is never on the wire; it tells net/http that the request may be repeated.
		r.Header["Idempotency-Key"] = []string{}
	}
	response, err := doer.Do(r)
	if err != nil {
		x.Err = unwrapURL(request, err)
		return x
	}
	defer response.Body.Close()
	x.Response = &Response{Status: response.StatusCode, Proto: response.Proto, Header: response.Header}
	body, err := read(response, limit)
	if int64(len(body)) > limit {
		body, err = body[:limit], fmt.Errorf("%w (%d bytes)", ErrTooLong, limit)
	}
	x.Response.Body = body
	if err != nil {
		x.Response.Truncated = true
		x.Err = fmt.Errorf("%s %s: the answer broke off after %d bytes: %w", request.Method, request.URL, len(body), err)
	}
	return x
}

// read reads one byte more than limit at most: that byte tells that the answer goes on. What a target says of the length is
// believed only as far as it spares growing a small buffer.
func read(response *http.Response, limit int64) ([]byte, error) {
	const most = 256 << 10
	var body bytes.Buffer
	if n := response.ContentLength; n > 0 {
		body.Grow(int(min(n, most)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(response.Body, limit+1))
	return body.Bytes(), err
}

// unwrapURL takes the method and URL that net/http puts before its errors out again, so that they stand there once.
func unwrapURL(request Request, err error) error {
	var u interface{ Unwrap() error }
	if errors.As(err, &u) {
		if inner := u.Unwrap(); inner != nil {
			err = inner
		}
	}
	return fmt.Errorf("%s %s: no answer: %w", request.Method, request.URL, err)
}
