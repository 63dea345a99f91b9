package loadgen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/parley-im/parley/reference/exchange"
)

// fastSender sends with fasthttp: half the work of net/http, HTTP/1.1 only, and one host. A request on its way ends
// with its timeout, not with the context.
type fastSender struct {
	client  *fasthttp.HostClient
	timeout time.Duration
	memory  *exchange.Budget // of all answers that are held
}

func newFastSender(root *url.URL, connections int, timeout time.Duration, memory *exchange.Budget) *fastSender {
	secure := root.Scheme == "https"
	address := root.Host
	if root.Port() == "" {
		address = net.JoinHostPort(root.Hostname(), map[bool]string{false: "80", true: "443"}[secure])
	}
	var config *tls.Config
	if secure {
		config = &tls.Config{ServerName: root.Hostname()}
	}
	return &fastSender{timeout: timeout, memory: memory, client: &fasthttp.HostClient{
		Addr: address, IsTLS: secure, TLSConfig: config,
		MaxConns: max(connections, 1), MaxConnWaitTimeout: timeout, MaxIdleConnDuration: 30 * time.Second,
		ReadBufferSize: 16 << 10, WriteBufferSize: 8 << 10, ReadTimeout: timeout, WriteTimeout: timeout,
		// Of a longer answer we read the rest, within the budget of all.
		StreamResponseBody: true, MaxResponseBodySize: 64 << 10,
		MaxIdemponentCallAttempts:     1,
		RetryIfErr:                    func(*fasthttp.Request, int, error) (bool, bool) { return false, false },
		NoDefaultUserAgentHeader:      true,
		DisableHeaderNamesNormalizing: true,
		DisablePathNormalizing:        true,
		Dial:                          func(a string) (net.Conn, error) { return dialFinal(a, config, min(timeout, 5*time.Second)) },
	}}
}

func (s *fastSender) close() { s.client.CloseIdleConnections() }

func (s *fastSender) send(ctx context.Context, to *url.URL, method string, header http.Header, body, into []byte) (head, []byte, error) {
	if err := ctx.Err(); err != nil {
		return head{}, into, err
	}
	request := fasthttp.AcquireRequest()
	defer fasthttp.ReleaseRequest(request)
	request.Header.SetMethod(method)
	request.Header.DisableNormalizing()
	request.URI().DisablePathNormalizing = true
	request.URI().SetScheme(to.Scheme)
	request.URI().SetHost(to.Host)
	request.URI().SetPath(cmp.Or(to.EscapedPath(), "/")) // a path that is not normalised must be whole
	request.URI().SetQueryString(to.RawQuery)
	for name, values := range header {
		for _, value := range values {
			request.Header.Add(name, value)
		}
	}
	request.SetBodyRaw(body)
	response := fasthttp.AcquireResponse()
	err := s.client.DoTimeout(request, response, s.timeout)
	if err != nil {
		fasthttp.ReleaseResponse(response)
		return head{}, into, plain(err)
	}
	if response.StatusCode() == http.StatusSwitchingProtocols {
		fasthttp.ReleaseResponse(response)
		s.close() // fasthttp has kept the connection for the next request: it speaks no HTTP any more
		return head{}, into, exchange.ErrSwitched
	}
	into, err = s.read(response, into)
	return head{
		status: response.StatusCode(), header: func() http.Header { return httpHeader(response) }, free: func() { fasthttp.ReleaseResponse(response) },
	}, into, err
}

// read reads the body, and closes the connection where it has not come to its end.
func (s *fastSender) read(response *fasthttp.Response, into []byte) ([]byte, error) {
	stream := response.BodyStream()
	if stream == nil {
		return into, nil
	}
	into, err := read(stream, int64(response.Header.ContentLength()), into, s.memory)
	if err != nil {
		response.SetConnectionClose() // bytes of this answer are still to come
		err = plain(err)
	}
	_ = response.CloseBodyStream() // gives the connection back, or closes it; there is no error to it
	return into, err
}

func httpHeader(response *fasthttp.Response) http.Header {
	header := http.Header{}
	for name, value := range response.Header.All() {
		header.Add(string(name), string(value))
	}
	return header
}

// plain is the error that net/http would have given for the same.
func plain(err error) error {
	switch {
	case errors.Is(err, fasthttp.ErrTimeout), errors.Is(err, fasthttp.ErrDialTimeout), errors.Is(err, fasthttp.ErrNoFreeConns):
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	case errors.Is(err, fasthttp.ErrConnectionClosed):
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	}
	return err
}
