package serve

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type torn struct{}

func (torn) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBodiesAreReadWithinTheLimit(t *testing.T) {
	const limit = 100 << 10
	for name, c := range map[string]struct {
		body   io.Reader
		length int64
		status int // 0: it is read
	}{
		"nothing":                   {strings.NewReader(""), 0, 0},
		"a short one":               {strings.NewReader("{}"), 2, 0},
		"as long as may be":         {strings.NewReader(strings.Repeat("x", limit)), limit, 0},
		"too long":                  {strings.NewReader(strings.Repeat("x", limit+1)), limit + 1, 413},
		"of no length, short":       {strings.NewReader("{}"), -1, 0},
		"of no length, too long":    {strings.NewReader(strings.Repeat("x", limit+1)), -1, 413},
		"broken off":                {torn{}, 2, 400},
		"of no length, broken off":  {torn{}, -1, 400},
		"declared long, broken off": {torn{}, limit, 400},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", c.body)
		r.ContentLength = c.length
		body, refused := ReadBody(r, limit)
		switch {
		case c.status == 0 && (refused != nil || c.length >= 0 && int64(len(body)) != c.length):
			t.Errorf("%s: read %d bytes, %+v", name, len(body), refused)
		case c.status != 0 && (refused == nil || refused.Status != c.status || refused.Reason == ""):
			t.Errorf("%s: got %+v, want %d with a reason", name, refused, c.status)
		}
	}
}

func TestRepliesAreWrittenWholeAndLogged(t *testing.T) {
	var line string
	done := false
	reply := OK([]byte(`{}`))
	reply.Status, reply.Allow, reply.Done = http.StatusMethodNotAllowed, "POST", func() { done = true }
	w := httptest.NewRecorder()
	reply.Send(w, httptest.NewRequest(http.MethodGet, "/a%0ab?c=d", nil), time.Now(), func(s string) { line = s })
	h := w.Header()
	if w.Code != 405 || w.Body.String() != `{}` || h.Get("Content-Type") != "application/json" || h.Get("Content-Length") != "2" || h.Get("Allow") != "POST" || !done {
		t.Errorf("got %d %s with %v, done: %t", w.Code, w.Body, h, done)
	}
	if !strings.HasPrefix(line, `"GET" "/a%0ab?c=d" 405 2 bytes `) {
		t.Errorf("the line is %s", line)
	}
}

func TestSecrets(t *testing.T) {
	open, closed := NewSecret("token", ""), NewSecret("token", "sesame")
	for given, want := range map[string]bool{"": false, "sesam": false, "sesame": true} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("token", given)
		if closed.Held(r) != want || !open.Held(r) {
			t.Errorf("with %q: closed %t, open %t", given, closed.Held(r), open.Held(r))
		}
	}
	if r := closed.Wanted(); r.Status != 403 || !strings.Contains(r.Reason, "header token") || strings.Contains(r.Reason, "sesame") {
		t.Errorf("who has none hears %+v", r)
	}
}

// TestStalledReadersHoldLittle has clients ask for long answers and read nothing of them.
func TestStalledReadersHoldLittle(t *testing.T) {
	body := make([]byte, 31<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { OK(body).Send(w, r, time.Now(), nil) }))
	defer server.Close()
	defer func(before time.Duration) { patience = before }(patience)
	patience = 2 * time.Second
	ask := func() *http.Response {
		response, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	answers := map[int]int{}
	for range 12 {
		response := ask()
		defer response.Body.Close()
		answers[response.StatusCode]++
	}
	if answers[200] != heldReplies/len(body) || answers[503] != 12-answers[200] {
		t.Errorf("twelve answers of 31 MiB at a time: %v", answers)
	}
	for range 1000 { // the stalled ones are left
		if held.Load() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	response := ask()
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if response.StatusCode != 200 || n != int64(len(body)) || err != nil {
		t.Errorf("afterwards: %d, %d bytes, %v", response.StatusCode, n, err)
	}
}

// TestFewRepliesAreMadeAtATime has many requests whose replies take time to make.
func TestFewRepliesAreMadeAtATime(t *testing.T) {
	var now, most atomic.Int64
	goOn := make(chan struct{})
	var all sync.WaitGroup
	for range 4 * cap(making) {
		all.Go(func() {
			Make(func() Reply {
				if n := now.Add(1); n > int64(cap(making)) {
					most.Store(n)
				}
				<-goOn
				now.Add(-1)
				return Reply{}
			})
		})
	}
	for now.Load() < int64(cap(making)) {
		runtime.Gosched()
	}
	close(goOn)
	all.Wait()
	if most.Load() > 0 {
		t.Errorf("%d replies were made at a time, %d may be", most.Load(), cap(making))
	}
}
