// Package exchange is one recorded HTTP request and response: the bytes as they were on the wire, and when.
//
// It is the only way parley talks to a target. It reads no more of an answer than its limit, and no more of all answers
// than its budget, never follows a redirect, never decompresses, and always ends with its context. It knows nothing of
// any API.
package exchange

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
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
	// Size is how many bytes of the body were read; Body is shorter after Trim.
	Size int
	// Truncated is true where the body went on beyond the limit, or broke off; Exchange.Err then says which.
	Truncated bool

	share *Share // of the budget; nil: the answer took none
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

// Trim cuts what is kept of a judged answer: its body and its header fields, to most bytes each. What is left was
// copied, so that the memory of the rest is free.
func (x *Exchange) Trim(most int) {
	if x == nil || x.Response == nil {
		return
	}
	r := x.Response
	if len(r.Body) > most {
		r.Body = bytes.Clone(r.Body[:most])
	} else if cap(r.Body) > 2*len(r.Body)+bytes.MinRead {
		r.Body = bytes.Clone(r.Body)
	}
	r.Header = trimHeader(r.Header, most)
	if r.share != nil {
		r.share.GiveBack()
	}
}

// Excerpt is the exchange itself, or of a long answer a copy that Trim cut to most bytes: who keeps it keeps no more.
func (x *Exchange) Excerpt(most int) *Exchange {
	if x == nil || x.Response == nil || len(x.Response.Body) <= SmallAnswer {
		return x
	}
	short, response := *x, *x.Response
	response.share = nil // it goes back with the whole answer
	response.Body = bytes.Clone(response.Body[:most])
	short.Response = &response
	return &short
}

// trimHeader is a header of which all names and values together have at most most bytes. Of what is too long, the fields
// go that are longest.
func trimHeader(header http.Header, most int) http.Header {
	size := func(name string) int {
		n := len(name)
		for _, value := range header[name] {
			n += len(value) + 16
		}
		return n
	}
	total := 0
	for name := range header {
		total += size(name)
	}
	if total <= most {
		return header
	}
	names := slices.SortedFunc(maps.Keys(header), func(a, b string) int { return cmp.Or(size(a)-size(b), strings.Compare(a, b)) })
	kept := http.Header{}
	for _, name := range names {
		if most -= size(name); most < 0 {
			break
		}
		kept[name] = header[name]
	}
	return kept
}

// Summary is the exchange in one line: POST /conversation/sync → 200, 512 bytes.
func (x *Exchange) Summary() string {
	if x.Response == nil {
		return fmt.Sprintf("%s %s → no answer: %v", x.Request.Method, x.Request.URL, x.Err)
	}
	s := fmt.Sprintf("%s %s → %d, %d bytes", x.Request.Method, x.Request.URL, x.Response.Status, max(x.Response.Size, len(x.Response.Body)))
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

// ErrFull is the cause of an Exchange.Err where parley holds as much of other answers as it may. The target is not to
// blame for that alone.
var ErrFull = fmt.Errorf("parley holds %d MiB of answers already, and reads no more at a time", LongAnswers>>20)

// ErrSwitched says that a target answered with status 101, which nobody asked for.
var ErrSwitched = errors.New("malformed HTTP answer: status 101 switches to a protocol that was not asked for")

// Unswitched is what net/http gave, without an answer of status 101: the body of one is the bare connection, which has no end,
// and reading it would not end with the request's context either. It is closed unread.
func Unswitched(response *http.Response, err error) (*http.Response, error) {
	if err == nil && response.StatusCode == http.StatusSwitchingProtocols {
		_ = response.Body.Close()
		return nil, ErrSwitched
	}
	return response, err
}

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
	var first atomic.Pointer[time.Time] // net/http may still set it when the time is over and nobody waits any more
	defer func() {
		x.Ended = time.Now()
		if at := first.Load(); at != nil {
			x.FirstByte = *at
		}
	}()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotFirstResponseByte: func() {
			now := time.Now()
			first.Store(&now)
		},
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
	response, err := Unswitched(doer.Do(r))
	if err != nil {
		x.Err = unwrapURL(request, err)
		return x
	}
	defer response.Body.Close()
	x.Response = &Response{Status: response.StatusCode, Proto: response.Proto, Header: response.Header}
	if err := x.Response.read(response, limit); err != nil {
		x.Response.Truncated = true
		x.Err = fmt.Errorf("%s %s: the answer broke off after %d bytes: %w", request.Method, request.URL, x.Response.Size, short(err))
	}
	return x
}

// read reads one byte more than limit at most: that byte tells that the answer goes on. What a target says of the length is
// believed only as far as it spares growing a small buffer.
func (r *Response) read(response *http.Response, limit int64) error {
	const guess = 256 << 10
	body := make([]byte, 0, min(max(response.ContentLength, 0), guess)+bytes.MinRead)
	share := held.Share()
	var err error
	for err == nil && int64(len(body)) <= limit {
		if len(body) == cap(body) {
			size := min(2*int64(cap(body)), limit+1)
			if !share.growOrCollect(size) {
				err = ErrFull
				break
			}
			body = append(make([]byte, 0, size), body...)
		}
		var n int
		n, err = response.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
	}
	switch {
	case int64(len(body)) > limit:
		body, err = body[:limit], fmt.Errorf("%w (%d bytes)", ErrTooLong, limit)
	case err == io.EOF:
		err = nil
	}
	r.Body, r.Size = body, len(body)
	if len(body) > SmallAnswer {
		r.share = share
		runtime.AddCleanup(r, (*Share).GiveBack, share)
	} else {
		share.GiveBack()
	}
	return err
}

// unwrapURL takes the method and URL that net/http puts before its errors out again, so that they stand there once.
func unwrapURL(request Request, err error) error {
	var u interface{ Unwrap() error }
	if errors.As(err, &u) {
		if inner := u.Unwrap(); inner != nil {
			err = inner
		}
	}
	return fmt.Errorf("%s %s: no answer: %w", request.Method, request.URL, short(err))
}

// short keeps a target from making an error as long as it likes: net/http quotes what it cannot read. Of a long one only
// our own words stay, which stand before the quote.
func short(err error) error {
	const most = 4 << 10
	text := err.Error()
	if len(text) <= most {
		return err
	}
	words, _, _ := strings.Cut(text[:most], `"`)
	return fmt.Errorf("%s… (%d bytes that are not shown)", words, len(text)-len(words))
}
