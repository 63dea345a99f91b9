package exchange

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"testing"
)

func TestABudgetIsNeverOverdrawn(t *testing.T) {
	b := NewBudget(10)
	if !b.Take(6) || b.Scarce() != true || b.Take(5) || !b.Take(4) || b.Take(1) {
		t.Errorf("%d are taken", b.taken.Load())
	}
	b.Give(10)
	share := b.Share()
	b.most = 3 << 20
	if !share.Grow(SmallAnswer) || !share.Grow(2<<20) || share.Grow(4<<20) || b.taken.Load() != 2<<20 {
		t.Errorf("%d are taken, and small answers are free", b.taken.Load())
	}
	share.GiveBack()
	share.GiveBack()
	if b.taken.Load() != 0 || b.Scarce() {
		t.Errorf("%d are taken when all is given back", b.taken.Load())
	}
}

// budgeted has the process hold no more than most for a test.
func budgeted(t *testing.T, most int64) {
	before := held
	held = NewBudget(most)
	t.Cleanup(func() { held = before })
}

func TestLongAnswersAreBoundedTogether(t *testing.T) {
	budgeted(t, 7<<20) // a buffer of 4 MiB for one answer, and no other beside it
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 3<<20)) })
	ask := func() *Exchange {
		return Do(t.Context(), NewClient(), Request{Method: "GET", URL: url}, 0, false)
	}
	first := ask()
	if first.Err != nil || first.Response.Size != 3<<20 {
		t.Fatal(first.Err)
	}
	if x := ask(); !errors.Is(x.Err, ErrFull) || !x.Response.Truncated {
		t.Errorf("a second answer beside the first: %v", x.Err)
	}
	first.Trim(100)
	if len(first.Body()) != 100 || cap(first.Body()) > 200 || !strings.Contains(first.Summary(), "3145728 bytes") {
		t.Errorf("trimmed to %d bytes: %s", cap(first.Body()), first.Summary())
	}
	if x := ask(); x.Err != nil {
		t.Errorf("when the first was let go of: %v", x.Err)
	}
	for range 5 { // nobody trims what nobody looks at
		if x := ask(); x.Err != nil {
			t.Errorf("where earlier ones are garbage: %v", x.Err)
		}
	}
	runtime.KeepAlive(first)
}

func TestTrimKeepsTheShortHeaderFields(t *testing.T) {
	x := &Exchange{Response: &Response{Body: []byte("short"), Header: http.Header{"Content-Type": {"text/plain"}, "X-Bomb": {strings.Repeat("x", 1000)}}}}
	x.Trim(100)
	if len(x.Response.Header) != 1 || x.Response.Header.Get("Content-Type") == "" || string(x.Body()) != "short" {
		t.Errorf("left: %v, %q", x.Response.Header, x.Body())
	}
	(&Exchange{}).Trim(1)
	(*Exchange)(nil).Trim(1)
}

func TestAnErrorIsNotAsLongAsTheTargetLikes(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = conn.Write(append(bytes.Repeat([]byte("secret-"), 50_000), '\r', '\n'))
	})
	x := Do(t.Context(), NewClient(), Request{Method: "GET", URL: url}, 0, true)
	if x.Err == nil || len(x.Err.Error()) > 500 || strings.Contains(x.Err.Error(), "secret") {
		t.Errorf("%.600v", x.Err)
	}
}

// late is a client whose answer begins when nobody waits for it any more.
type late struct{ trace *httptrace.ClientTrace }

func (l *late) Do(r *http.Request) (*http.Response, error) {
	l.trace = httptrace.ContextClientTrace(r.Context())
	return nil, errors.New("the time is over")
}

func TestABeginningThatComesTooLateChangesNothing(t *testing.T) {
	client := &late{}
	x := Do(t.Context(), client, Request{Method: "GET", URL: "http://127.0.0.1:1"}, 0, true)
	client.trace.GotFirstResponseByte()
	if !x.FirstByte.IsZero() {
		t.Error("the exchange was changed after it was given back")
	}
}
