package loadgen

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// TestBothTransportsRecordTheSame has a server with every kind of answer that a target gives, and compares the accounts.
func TestBothTransportsRecordTheSame(t *testing.T) {
	var accounts [2]*Result
	for i, fast := range []bool{false, true} {
		server := httptest.NewServer(http.HandlerFunc(answerInEveryWay))
		a := &Attack{
			URL: server.URL + "/below", Header: http.Header{"Token": {"T"}}, Timeout: 150 * time.Millisecond, Workload: &counters{users: 100}, Fast: fast, Workers: 64,
			Schedule: Schedule{Curve: Constant(200, 500*time.Millisecond)},
		}
		r, err := a.Run(context.Background())
		server.CloseClientConnections()
		server.Close()
		if err != nil {
			t.Fatal(err)
		}
		identity(t, r)
		accounts[i] = r
	}
	net, fast := accounts[0], accounts[1]
	if net.Correct != fast.Correct || net.Errors != fast.Errors || net.Violating != fast.Violating || net.BytesIn != fast.BytesIn || net.BytesOut != fast.BytesOut {
		t.Errorf("net/http %+v, fasthttp %+v", net.Counts, fast.Counts)
	}
	if !maps.Equal(net.ErrorClass, fast.ErrorClass) || !maps.Equal(net.Violations, fast.Violations) {
		t.Errorf("net/http %v %v, fasthttp %v %v", net.ErrorClass, net.Violations, fast.ErrorClass, fast.Violations)
	}
	a, b := net.Samples["TEST-01"], fast.Samples["TEST-01"]
	if a == nil || b == nil {
		t.Fatal("a transport kept no sample")
	}
	if !strings.HasSuffix(b.Exchange.Request.URL, "/below/count") || !bytes.Equal(a.Exchange.Response.Body, b.Exchange.Response.Body) ||
		a.Exchange.Response.Header.Get("X-Kind") != b.Exchange.Response.Header.Get("X-Kind") || b.Exchange.Response.Header.Get("X-Kind") != "odd" {
		t.Errorf("the samples differ:\n%+v\n%+v", a.Exchange.Response, b.Exchange.Response)
	}
}

func answerInEveryWay(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/below/count" || r.Header.Get("Token") != "T" || r.Header.Get("X-Vegeta-Seq") != "" || r.Header.Get(arrivalHeader) != "" {
		http.Error(w, "not what was planned: "+r.URL.Path, http.StatusTeapot)
		return
	}
	switch number(r) % 10 {
	case 0:
		io.WriteString(w, strings.Repeat("long", 50_000))
	case 1:
		w.Header().Set("X-Kind", "odd")
		w.WriteHeader(299)
		io.WriteString(w, "odd")
	case 2:
		http.Error(w, "no", http.StatusServiceUnavailable)
	case 3:
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	case 4:
		panic(http.ErrAbortHandler)
	case 5:
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "short")
	case 6:
		select {
		case <-r.Context().Done():
		case <-time.After(time.Second):
		}
	case 7: // chunked
		io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		io.WriteString(w, "two")
	case 8:
		w.WriteHeader(http.StatusNoContent)
	default:
		io.WriteString(w, "[]")
	}
}

func TestAnEndlessAnswerIsCut(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 1<<20)
		for r.Context().Err() == nil {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	for _, fast := range []bool{false, true} {
		a := &Attack{URL: server.URL, Timeout: 10 * time.Second, Workload: &counters{users: 2}, Fast: fast, Workers: 2, Schedule: Schedule{Curve: Constant(10, 200*time.Millisecond)}}
		r, err := a.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if r.ErrorClass["the answer is too long"] != 2 {
			t.Errorf("fast %v: counts %+v, errors %v", fast, r.Counts, r.ErrorClass)
		}
	}
}

// Status 101 hands the connection over, which has no end: nothing of it is read.
func TestASwitchOfProtocolsIsNoAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer connection.Close()
		io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n")
		io.Copy(io.Discard, connection) // until the client closes it
	}))
	defer server.Close()
	for _, fast := range []bool{false, true} {
		a := &Attack{URL: server.URL, Timeout: 10 * time.Second, Workload: &counters{users: 2}, Fast: fast, Workers: 2, Schedule: Schedule{Curve: Constant(10, 200*time.Millisecond)}}
		r, err := a.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if r.ErrorClass["no HTTP answer"] != 2 {
			t.Errorf("fast %v: counts %+v, errors %v", fast, r.Counts, r.ErrorClass)
		}
	}
}

// endless is a body without an end, of which each read gives as much as there is room for.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestTheMemoryOfAnswersIsNeverOverdrawn(t *testing.T) {
	memory := exchange.NewBudget(4 * answerLimit)
	var into []byte
	var err error
	for range 20 { // as a worker reads one answer after the other
		if into, err = read(endless{}, -1, into[:0], memory); !errors.Is(err, exchange.ErrTooLong) || len(into) != answerLimit {
			t.Fatalf("%d bytes, %v", len(into), err)
		}
	}
	held := int64(cap(into))
	if held > answerLimit+4<<10 || memory.Take(4*answerLimit-held+1) || !memory.Take(4*answerLimit-held) {
		t.Errorf("a buffer of %d bytes has taken another number of %d", held, 4*answerLimit)
	}
	if other, err := read(endless{}, -1, nil, memory); !errors.Is(err, exchange.ErrFull) || len(other) != freeAnswer || classOf(err, 200) != "more long answers at a time than parley holds" {
		t.Errorf("beside it: %d bytes, %v", len(other), err)
	}
}

// TestManyLongAnswersAtATimeAreBounded has more workers hold long answers than there is memory for.
func TestManyLongAnswersAtATimeAreBounded(t *testing.T) {
	for _, fast := range []bool{false, true} {
		enough := make(chan struct{}) // have found no room
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			block := make([]byte, 1<<20)
			for range 8 {
				_, _ = w.Write(block)
			}
			select { // the rest never comes
			case <-enough:
			case <-time.After(20 * time.Second):
			}
		}))
		a := &Attack{URL: server.URL, Timeout: 20 * time.Second, Workload: &counters{users: 100}, Fast: fast, Workers: 100, Schedule: Schedule{Curve: Constant(200, 200*time.Millisecond)}}
		e, err := a.engine(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e.close()
		senders := e.senders[0]
		memory := exchange.NewBudget(64 << 20)
		switch s := senders.(type) {
		case *netSender:
			s.memory = memory
		case *fastSender:
			s.memory = memory
		}
		var all sync.WaitGroup
		var full atomic.Int64
		for range 20 {
			all.Go(func() {
				head, into, err := senders.send(t.Context(), e.urls[0], "POST", http.Header{}, nil, nil)
				if errors.Is(err, exchange.ErrFull) && full.Add(1) == 5 {
					close(enough)
				}
				memory.Give(taken(cap(into)))
				if head.free != nil {
					head.free()
				}
			})
		}
		all.Wait()
		server.Close()
		if full.Load() < 5 || memory.Scarce() {
			t.Errorf("fast %v: %d of 20 answers of 8 MiB found no room in 64 MiB", fast, full.Load())
		}
	}
}

// TestAnswersThatFindNoRoomSpoilTheRun has a target send more at a time than is held: that is no fault of the target's.
func TestAnswersThatFindNoRoomSpoilTheRun(t *testing.T) {
	enough := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 9<<20)) // is held in 16 MiB
		_ = http.NewResponseController(w).Flush()
		select {
		case <-enough:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	var once sync.Once
	a := &Attack{
		URL: server.URL, Timeout: 30 * time.Second, Workload: &counters{users: 100}, Workers: 30, Schedule: Schedule{Curve: Constant(100, 300*time.Millisecond)},
		Outcome: func(o Outcome) {
			if o.Err != "" {
				once.Do(func() { close(enough) })
			}
		},
	}
	r, err := a.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := Record("long", 1, r, []Threshold{{Metric: "errors", Op: "=", text: "errors=0"}}, func(*exchange.Exchange) string { return "" })
	if l.Verdict != reports.Incomplete || !strings.Contains(strings.Join(l.Reasons, "\n"), "MiB of long answers at a time") {
		t.Errorf("%s, %q; errors %v", l.Verdict, l.Reasons, r.ErrorClass)
	}
}
