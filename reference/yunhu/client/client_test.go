package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

func serving(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return &Client{BaseURL: s.URL, Token: "T", Timeout: 2 * time.Second, BodyLimit: 1 << 10}
}

func TestListSendsTheTokenAndReadsTheList(t *testing.T) {
	var got *http.Request
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = w.Write(wire.AppendList(nil, wire.List{Tag: "abc"}))
	})
	l, x, err := c.List(context.Background(), "")
	if err != nil || l.Tag != "abc" || x.Status() != 200 {
		t.Fatalf("%v, %v", l, err)
	}
	if got.URL.Path != "/v1/conversation/list" || got.Header.Get("token") != "T" || got.ContentLength > 0 {
		t.Errorf("sent %s with %v and %d bytes", got.URL.Path, got.Header, got.ContentLength)
	}
}

func TestWhatIsNoSuccessIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		fits   func(error) bool
	}{
		"-101":          {200, `{"code":-101,"msg":"未登录"}`, func(err error) bool { var e *wire.StatusError; return errors.As(err, &e) && e.Code == -101 }},
		"404":           {404, "no", func(err error) bool { var e *exchange.StatusError; return errors.As(err, &e) }},
		"no JSON":       {200, "\x0a\x7f", func(err error) bool { return err != nil }},
		"a long answer": {200, string(make([]byte, 2<<10)), func(err error) bool { return err != nil }},
	} {
		client := serving(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		})
		_, _, err := client.List(context.Background(), "abc")
		if !c.fits(err) {
			t.Errorf("list, %s: %v", name, err)
		}
		for call, do := range map[string]func() error{
			"dismiss": func() error { _, err := client.Dismiss(context.Background(), "g"); return err },
			"sort":    func() error { _, err := client.SortChange(context.Background(), "g"); return err },
			"remove":  func() error { _, err := client.Remove(context.Background(), "g"); return err },
		} {
			if err := do(); !c.fits(err) {
				t.Errorf("%s, %s: %v", call, name, err)
			}
		}
	}
}
