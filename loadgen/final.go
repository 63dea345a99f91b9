package loadgen

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// finalOnly is a connection from which informational answers (RFC 9110, 15.2) never come. fasthttp takes one for the answer, and
// the answer that follows it for that of the next request.
type finalOnly struct {
	net.Conn
	begins bool   // the next byte begins an answer
	held   []byte // read, and not given so far
}

const mostInforming = 64 << 10 // bytes of informational answers before one final

var errInforming = errors.New("informational answers without an end")

// dialFinal connects, with TLS where config is not nil.
func dialFinal(address string, config *tls.Config, limit time.Duration) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: limit}
	if config == nil {
		conn, err := dialer.Dial("tcp", address)
		if err != nil {
			return nil, err
		}
		return &finalOnly{Conn: conn}, nil
	}
	conn, err := tls.DialWithDialer(dialer, "tcp", address, config)
	if err != nil {
		return nil, err
	}
	return &finalOnly{Conn: conn}, nil
}

// Handshake tells fasthttp that there is no TLS to add: what there is lies below.
func (c *finalOnly) Handshake() error { return nil }

func (c *finalOnly) Write(p []byte) (int, error) {
	c.begins, c.held = true, nil
	return c.Conn.Write(p)
}

func (c *finalOnly) Read(p []byte) (n int, err error) {
	if len(c.held) == 0 {
		n, err = c.Conn.Read(p)
		if n == 0 || !c.begins || !mayInform(p[:n]) { // as nearly always: nothing is copied
			c.begins = c.begins && n == 0
			return n, err
		}
		if c.held, err = c.final(bytes.Clone(p[:n])); err != nil {
			return 0, err
		}
		c.begins = false
	}
	n = copy(p, c.held)
	c.held = c.held[n:]
	return n, nil
}

// final reads on until b begins with an answer that is final, and has no other before it.
func (c *finalOnly) final(b []byte) ([]byte, error) {
	block := make([]byte, 4<<10)
	for read := len(b); mayInform(b); {
		if _, rest, whole := bytes.Cut(b, []byte("\r\n\r\n")); whole {
			b = rest
			continue
		}
		if read > mostInforming {
			return nil, errInforming
		}
		n, err := c.Conn.Read(block)
		if read += n; n == 0 && err != nil {
			return nil, err
		}
		b = append(b, block[:n]...)
	}
	return b, nil
}

// mayInform tells whether b begins an informational answer, or is too short to tell. 101 is final: no other answer follows.
func mayInform(b []byte) bool {
	const begins = "HTTP/1.1 1"
	n := min(len(b), len(begins))
	return string(b[:n]) == begins[:n] && !bytes.HasPrefix(b, []byte(begins+"01"))
}
