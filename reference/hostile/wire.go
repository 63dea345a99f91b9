package hostile

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/reference/fault"
)

// hijacked is a connection that HTTP has left. Its context ends when the client closes it.
type hijacked struct {
	net.Conn
	gone context.Context
}

// says sends text, and tells whether the client took it.
func (h hijacked) says(text string) bool {
	_, err := h.Write([]byte(text))
	return err == nil
}

// hijack gives talk the connection of a request that was read to its end.
func hijack(w http.ResponseWriter, r *http.Request, talk func(h hijacked)) {
	_, _ = io.Copy(io.Discard, r.Body) // what breaks off is as good as read
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the client has gone
	}
	defer conn.Close()
	gone, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, conn) // until the client closes
		cancel()
	}()
	talk(hijacked{conn, gone})
}

// raw answers every request with bytes of its own.
func raw(talk func(h hijacked)) func(*Target, http.Handler) http.Handler {
	return always(func(w http.ResponseWriter, r *http.Request) { hijack(w, r, talk) })
}

func nothing(hijacked) {}

func resets(h hijacked) {
	h.says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[{")
	if tcp, ok := h.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

func slowHeaders(h hijacked) {
	for _, c := range "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]" {
		if !h.says(string(c)) || !pause(h.gone, time.Second) {
			return
		}
	}
}

func headerBomb(h hijacked) {
	h.says("HTTP/1.1 200 OK\r\n")
	field := "X-Bomb: " + strings.Repeat("x", 4000) + "\r\n"
	for h.says(field) {
	}
}

func flood1xx(h hijacked) {
	hints := strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 100)
	for h.says(hints) {
	}
}

func noStatusLine(h hijacked) {
	h.says(`[{"channel_id":"a","unread":1}]` + strings.Repeat("!", 100<<10) + "\r\n\r\n")
}

func tlsBytes(h hijacked) {
	h.says("\x15\x03\x03\x00\x02\x02\x46" + "\x16\x03\x03\x40\x00" + strings.Repeat("\x00\xff", 8<<10))
}

// spelled is an answer as it goes onto the wire, with another length.
func spelled(k *fault.Kept, length int) string {
	status := max(k.Status, 200)
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", status, http.StatusText(status), length)
	header := k.Header()
	header.Del("Content-Length")
	_ = header.Write(&b) // into memory: it cannot fail
	b.WriteString("\r\n")
	b.Write(k.Body)
	return b.String()
}

func lengthTooLong(waits bool) func(*Target, http.Handler) http.Handler {
	return func(_ *Target, honest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k := fault.Keep(honest, r)
			hijack(w, r, func(h hijacked) {
				h.says(spelled(k, 2*len(k.Body)+10))
				if waits {
					<-h.gone.Done()
				}
			})
		})
	}
}

func lengthTooShort(_ *Target, honest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, _ := httputil.DumpRequest(r, false)
		k := fault.Keep(honest, r)
		length := len(k.Body) / 2
		k.Body = append(k.Body, request...) // what comes unasked shows what was asked
		hijack(w, r, func(h hijacked) {
			h.says(spelled(k, length))
			pause(h.gone, 50*time.Millisecond)
		})
	})
}

// echoes answers with the request in every place, its credential in several spellings.
func echoes(status int) func(*Target, http.Handler) http.Handler {
	return always(func(w http.ResponseWriter, r *http.Request) {
		request, _ := httputil.DumpRequest(r, true)
		hijack(w, r, func(h hijacked) {
			flat := strings.Join(strings.Fields(string(request)), " ")
			body := fmt.Sprintf(`{"status":%d,"msg":%q,"error":%q,"base64":%q}`+"\n%s", status, flat, flat, base64.StdEncoding.EncodeToString(request), request)
			h.says(fmt.Sprintf("HTTP/1.1 %d %s\r\nX-Echo: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, flat, flat, len(body), body))
		})
	})
}

func dies(t *Target, honest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t.Requests() > begins {
			t.goAway()
			return
		}
		honest.ServeHTTP(w, r)
	})
}

func restarts(t *Target, honest http.Handler) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t.Requests() <= begins {
			honest.ServeHTTP(w, r)
			return
		}
		once.Do(func() {
			go func() {
				t.goAway()
				time.Sleep(3 * time.Second)
				t.comeBack(honest)
			}()
		})
		hijack(w, r, nothing)
	})
}

func flaps(_ *Target, honest http.Handler) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%25 >= 20 {
			hijack(w, r, nothing)
			return
		}
		honest.ServeHTTP(w, r)
	})
}
