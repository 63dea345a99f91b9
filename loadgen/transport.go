package loadgen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/parley-im/parley/reference/exchange"
)

// The bounds of what is read from a target that is not trusted.
const (
	answerLimit = exchange.DefaultBodyLimit // of one answer
	smallAnswer = 1 << 20                   // the memory of a longer one is not kept for the next
	freeAnswer  = 64 << 10                  // a buffer of this size takes nothing from the memory of all: there is one for each worker
	longAnswers = 160 << 20                 // the memory of all larger buffers together
)

// sender puts one request onto the wire and reads the whole answer. It appends the body to into, and gives it back
// also where it fails, so that the memory can be used again.
type sender interface {
	send(ctx context.Context, to *url.URL, method string, header http.Header, body, into []byte) (head, []byte, error)
	close()
}

// head is an answer without its body. Few answers' headers are ever looked at, so they are made only when asked for.
type head struct {
	status int
	header func() http.Header // nil: none came
	free   func()             // gives the header's memory back; may be nil
}

// netSender sends with net/http.
type netSender struct {
	transport *http.Transport
	timeout   time.Duration
	memory    *exchange.Budget // of all answers that are held
}

func newNetSender(connections int, timeout time.Duration, memory *exchange.Budget) *netSender {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, max(connections, 1)
	t.MaxResponseHeaderBytes = 1 << 20
	t.ReadBufferSize, t.WriteBufferSize = 32<<10, 8<<10
	t.DialContext = (&net.Dialer{Timeout: min(timeout, 5*time.Second)}).DialContext
	return &netSender{transport: t, timeout: timeout, memory: memory}
}

func (s *netSender) close() { s.transport.CloseIdleConnections() }

func (s *netSender) send(ctx context.Context, to *url.URL, method string, header http.Header, body, into []byte) (head, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	request := (&http.Request{
		Method: method, URL: to, Host: to.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: int64(len(body)),
	}).WithContext(ctx)
	if len(body) > 0 {
		request.Body = io.NopCloser(bytes.NewReader(body))
		// A kept-alive connection that turns out closed is no error of the target: nothing of the request was read.
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	response, err := exchange.Unswitched(s.transport.RoundTrip(request))
	if err != nil {
		return head{}, into, err
	}
	defer response.Body.Close()
	into, err = read(response.Body, response.ContentLength, into, s.memory)
	return head{status: response.StatusCode, header: func() http.Header { return response.Header }}, into, err
}

// read fills a buffer that is large enough from the beginning where the answer says how long it is: growing a buffer is
// what costs most with long answers. What a large buffer has is taken from memory, and stays taken while there is the buffer.
func read(body io.Reader, length int64, into []byte, memory *exchange.Budget) ([]byte, error) {
	if length > int64(cap(into)) && length <= smallAnswer {
		into, _ = grow(into, int(length)+1, memory) // where there is no room, it grows as it is filled
	}
	for {
		if int64(len(into)) > answerLimit {
			return into[:answerLimit], fmt.Errorf("%w (%d bytes)", exchange.ErrTooLong, answerLimit)
		}
		if len(into) == cap(into) {
			var ok bool
			if into, ok = grow(into, min(max(4<<10, 2*cap(into)), answerLimit+1), memory); !ok {
				return into, exchange.ErrFull
			}
		}
		n, err := body.Read(into[len(into):cap(into)])
		into = into[:len(into)+n]
		if err == io.EOF {
			return into, nil
		}
		if err != nil {
			return into, err
		}
	}
}

// grow is the buffer in one of another size, unless memory has no room for it.
func grow(buffer []byte, size int, memory *exchange.Budget) ([]byte, bool) {
	if !memory.Take(taken(size) - taken(cap(buffer))) {
		return buffer, false
	}
	return append(make([]byte, 0, size), buffer...), true
}

// taken is what a buffer of a size takes from the memory of all.
func taken(size int) int64 {
	if size <= freeAnswer {
		return 0
	}
	return int64(size)
}

// classOf puts an error into one of few classes: its own text may hold ports and bytes of the target, and there
// would be no end of different ones.
func classOf(err error, status int) string {
	var timeout interface{ Timeout() bool }
	var dns *net.DNSError
	switch {
	case err == nil && (status < 200 || status > 299):
		return fmt.Sprintf("status %d", min(max(status, 0), 999))
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timed out"
	case errors.Is(err, exchange.ErrTooLong):
		return "the answer is too long"
	case errors.Is(err, exchange.ErrFull):
		return "more long answers at a time than parley holds"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer broke off"
	case errors.As(err, &dns):
		return "the name is not found"
	}
	return "no HTTP answer"
}

// ownLimit tells whether this machine, and not the target, is why a request could not be sent.
func ownLimit(err error) bool {
	for _, limit := range []error{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS} {
		if errors.Is(err, limit) {
			return true
		}
	}
	return false
}
