package mutation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/parley-im/parley/reference/clock"
)

// InProcess is an exchange.Doer that hands each request to a handler, without a network.
type InProcess struct {
	Handler http.Handler
	// Clock, where it is set, moves on by Tick with each request, as time does between the requests of a real client.
	Clock *clock.Manual
	Tick  time.Duration
}

// Do implements exchange.Doer. A handler that panics gives no answer, as a server's broken connection would.
func (d *InProcess) Do(r *http.Request) (response *http.Response, err error) {
	if d.Clock != nil {
		d.Clock.Advance(d.Tick)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}}
	defer func() {
		if p := recover(); p != nil {
			response, err = nil, &panicked{p}
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	d.Handler.ServeHTTP(w, arrived(r))
	w.date(d.now())
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.response(r), nil
}

func (d *InProcess) now() time.Time {
	if d.Clock != nil {
		return d.Clock.Now()
	}
	return time.Now()
}

// arrived is the request as a server reads it off the wire: with a path, without the address before it, and with header
// names in their canonical form.
func arrived(r *http.Request) *http.Request {
	r.RequestURI = r.URL.RequestURI()
	r.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if r.URL.Path == "" {
		r.URL.Path = "/"
	}
	header := make(http.Header, len(r.Header))
	for name, values := range r.Header {
		name = http.CanonicalHeaderKey(name)
		header[name] = append(header[name], values...)
	}
	r.Header = header
	return r
}

// panicked is what became of a request whose handler panicked.
type panicked struct{ value any }

func (p *panicked) Error() string {
	if err, ok := p.value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return "the handler cut the connection"
	}
	return fmt.Sprintf("the handler panicked: %v", p.value)
}

// recorder is the http.ResponseWriter of one request.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !hasBody(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(p)
}

// date stamps the answer as net/http does: unless the handler did so itself, or set Date to nil to have none.
func (w *recorder) date(now time.Time) {
	w.WriteHeader(http.StatusOK)
	if _, said := w.sent["Date"]; !said {
		w.sent.Set("Date", now.UTC().Format(http.TimeFormat))
	}
	if w.sent["Date"] == nil {
		w.sent.Del("Date")
	}
}

func hasBody(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// response is the answer as a client would get it: HEAD has no body, and a type that nobody named is guessed.
func (w *recorder) response(r *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	if _, named := w.sent["Content-Type"]; !named && w.body.Len() > 0 {
		w.sent.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	if r.Method == http.MethodHead {
		w.body.Reset()
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.sent, Body: io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()), Request: r,
	}
}
