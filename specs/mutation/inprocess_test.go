package mutation

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/exchange"
)

func ask(handler http.HandlerFunc, method string) *exchange.Exchange {
	request := exchange.Request{Method: method, URL: origin + "/path?q=1", Body: []byte("sent")}
	return exchange.Do(context.Background(), &InProcess{Handler: handler}, request, 0, false)
}

func TestInProcessIsLikeTheNetwork(t *testing.T) {
	big := bytes.Repeat([]byte("b"), 3<<20)
	x := ask(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "sent" || r.URL.Path != "/path" || r.RequestURI != "/path?q=1" {
			t.Errorf("the handler got %q, %v, %s", body, err, r.RequestURI)
		}
		w.Header().Set("X-Before", "1")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-After", "1")
		_, _ = w.Write(big)
	}, http.MethodPost)
	if x.Err != nil || x.Status() != http.StatusTeapot || !bytes.Equal(x.Body(), big) {
		t.Errorf("got %s, %v", x.Summary(), x.Err)
	}
	if h := x.Response.Header; h.Get("X-Before") != "1" || h.Get("X-After") != "" {
		t.Errorf("headers %v, want those from before the status", h)
	}
	if x := ask(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("body")) }, http.MethodHead); x.Status() != 200 || len(x.Body()) > 0 {
		t.Errorf("HEAD got %s", x.Summary())
	}
}

func TestAHandlerThatPanicsGivesNoAnswer(t *testing.T) {
	for _, value := range []any{http.ErrAbortHandler, "broken"} {
		x := ask(func(http.ResponseWriter, *http.Request) { panic(value) }, http.MethodPost)
		if x.Response != nil || x.Err == nil || !strings.Contains(x.Err.Error(), "handler") {
			t.Errorf("%v: got %+v, %v", value, x.Response, x.Err)
		}
	}
}

func TestEachRequestMovesTheClock(t *testing.T) {
	turned := clock.NewManual(Now)
	d := &InProcess{Handler: http.NotFoundHandler(), Clock: turned, Tick: time.Millisecond}
	for range 3 {
		exchange.Do(context.Background(), d, exchange.Request{Method: "GET", URL: origin}, 0, false)
	}
	if moved := turned.Now().Sub(Now); moved != 3*time.Millisecond {
		t.Errorf("three requests moved the clock by %s, want 3ms", moved)
	}
}
