package loadgen

import (
	"bufio"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/exchange"
)

// informs answers with informational answers first, whole and in pieces, and then with the request's own body.
func informs(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	for reader := bufio.NewReader(conn); ; {
		text := fmt.Sprintf("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		for _, cut := range []int{len(body) % 60, 5} {
			_, _ = io.WriteString(conn, text[:cut])
			time.Sleep(time.Millisecond) // so that it is a piece of its own; nothing depends on it
			text = text[cut:]
		}
		_, _ = io.WriteString(conn, text)
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, _ = io.ReadAll(request.Body)
	}
}

// TestAnInformationalAnswerIsNotTheAnswer asks one question after the other on one connection.
func TestAnInformationalAnswerIsNotTheAnswer(t *testing.T) {
	plain, secure := httptest.NewServer(http.HandlerFunc(informs)), httptest.NewTLSServer(http.HandlerFunc(informs))
	defer plain.Close()
	defer secure.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	for _, server := range []*httptest.Server{plain, secure} {
		to, _ := url.Parse(server.URL)
		s := newFastSender(to, 1, 10*time.Second, exchange.NewBudget(longAnswers))
		if s.client.TLSConfig != nil {
			s.client.TLSConfig.RootCAs = roots
		}
		for i := range 70 {
			want := fmt.Sprintf("%d%s", i, strings.Repeat("x", i))
			head, got, err := s.send(t.Context(), to, "POST", http.Header{}, []byte(want), nil)
			if err != nil || head.status != 200 || string(got) != want {
				t.Fatalf("%s: the answer to %q: %d %q, %v", server.URL, want, head.status, got, err)
			}
			head.free()
		}
		s.close()
	}
}

func TestInformationalAnswersWithoutAnEndAreNotReadOn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		for err == nil {
			_, err = io.WriteString(conn, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100))
		}
		_ = conn.Close()
	}))
	defer server.Close()
	to, _ := url.Parse(server.URL)
	s := newFastSender(to, 1, time.Minute, exchange.NewBudget(longAnswers))
	if _, _, err := s.send(t.Context(), to, "GET", http.Header{}, nil, nil); err == nil {
		t.Error("a flood of informational answers was taken for an answer")
	}
}
