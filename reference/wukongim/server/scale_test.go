package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// BenchmarkScale is one request beside ever more conversations of others, which must not count. The same user's sync stays as
// it is; where users take turns, what grows is the wait for memory that is in no cache. No request allocates more.
func BenchmarkScale(b *testing.B) {
	for _, n := range []int{1e3, 1e4, 1e5, 1e6} {
		b.Run(fmt.Sprintf("conversations=%d", n), func(b *testing.B) {
			if n > 1e5 && testing.Short() {
				b.Skip("takes some seconds and a gigabyte")
			}
			before := heap()
			p := populate(n)
			perConversation := float64(heap()-before) / float64(n)
			b.Run("sync the same user", func(b *testing.B) {
				inProcess(b, p.Server)
				b.ReportMetric(perConversation, "B/conversation")
			})
			b.Run("sync another user each time", func(b *testing.B) { p.requests(b, syncPath, `{"uid":%q,"msg_count":10}`) })
			const channel = `"channel_id":%q,"channel_type":1`
			b.Run("send", func(b *testing.B) { p.requests(b, sendPath, `{"from_uid":%q,`+channel+`,"payload":"aGVsbG8="}`) })
			b.Run("clear", func(b *testing.B) { p.requests(b, clearPath, `{"uid":%q,`+channel+`}`) })
			b.Run("set", func(b *testing.B) { p.requests(b, setPath, `{"uid":%q,`+channel+`,"unread":1}`) })
			b.Run("send and delete", func(b *testing.B) {
				p.requests(b, sendPath, `{"from_uid":%q,`+channel+`,"payload":"aGVsbG8="}`, delPath, `{"uid":%q,`+channel+`}`)
			})
			b.Run("clean a run of 1000", p.clean)
		})
	}
}

// population is a server with n conversations: of users with 20 direct chats each, every chat with 3 messages.
type population struct {
	*Server
	users int
}

const chatsBegun = 10 // by each user, with those who come next

func populate(n int) population {
	p := population{seeded(), n / (2 * chatsBegun)}
	payload := []byte(strings.Repeat("hello ", 10))
	for from := range p.users {
		for k := 1; k <= chatsBegun; k++ {
			for range 3 {
				p.model.Send(model.Send{
					Channel: model.Channel{ID: p.uid(from + k), Type: model.Direct}, From: p.uid(from),
					Header: model.Header{RedDot: true}, Payload: payload, Now: p.clock(),
				})
			}
		}
	}
	return p
}

func (p population) uid(i int) string { return fmt.Sprintf("p%08x-u%07d", i%16, i%p.users) }

// requests sends a request of each form, with a user and the next one in it, of ever other users.
func (p population) requests(b *testing.B, pathsAndForms ...string) {
	var bodies [][]string
	for i := range min(1<<12, p.users) {
		user := i * 7919 % p.users // neighbours in time are none in memory
		var texts []string
		for at := 1; at < len(pathsAndForms); at += 2 {
			text := strings.Replace(pathsAndForms[at], "%q", strconv.Quote(p.uid(user)), 1)
			texts = append(texts, strings.Replace(text, "%q", strconv.Quote(p.uid(user+1)), 1))
		}
		bodies = append(bodies, texts)
	}
	var calls []*call
	for at := 0; at < len(pathsAndForms); at += 2 {
		calls = append(calls, newCall(p.Server, pathsAndForms[at]))
	}
	runtime.GC() // the marking of a large heap is not the cost of a request
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		for i, body := range bodies[n%len(bodies)] {
			if code := calls[i].do(body); code != 200 {
				b.Fatalf("%s was answered %d", body, code)
			}
		}
	}
}

// clean removes a run that is beside all others.
func (p population) clean(b *testing.B) {
	const run = "pffffffff"
	for b.Loop() {
		b.StopTimer()
		for i := range 500 {
			from, to := fmt.Sprintf("%s-%d", run, i%50), fmt.Sprintf("%s-%d", run, 50+i/50)
			p.model.Send(model.Send{Channel: model.Channel{ID: to, Type: model.Direct}, From: from, Now: p.clock()})
		}
		b.StartTimer()
		p.Clean(run)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

const fullSync = `{"uid":"p1a2b3c4d-ann","version":0,"msg_count":10}`

// seeded has what a full sync of ann gives: 20 chats with 10 messages of 60 bytes each.
func seeded() *Server {
	start := time.Unix(1_700_000_000, 0)
	s := New(Options{Clock: func() time.Time { start = start.Add(time.Millisecond); return start }})
	payload := strings.Repeat("aGVsbG8gaGVs", 80/12+1)[:80]
	for i := range 20 {
		for j := range 10 {
			do(s, "POST", sendPath, fmt.Sprintf(`{"from_uid":"p1a2b3c4d-%d","channel_id":"p1a2b3c4d-ann","channel_type":1,
				"payload":%q,"client_msg_no":"3f2b8c1e9d4a4f6b8a7c%012d"}`, i, payload, i*100+j))
		}
	}
	return s
}

// inProcess is the handler alone, which shows what it allocates.
func inProcess(b *testing.B, s http.Handler) {
	c := newCall(s, syncPath)
	runtime.GC()
	b.ReportAllocs()
	for b.Loop() {
		c.do(fullSync)
	}
}

// call does one request after the other and costs next to nothing itself. It is the writer that gets the answer's status.
type call struct {
	handler http.Handler
	body    *strings.Reader
	request *http.Request
	header  http.Header
	status  int
}

func newCall(h http.Handler, path string) *call {
	body := strings.NewReader("")
	return &call{handler: h, body: body, request: httptest.NewRequest("POST", path, io.NopCloser(body)), header: http.Header{}}
}

func (c *call) do(body string) int {
	c.body.Reset(body)
	c.request.ContentLength = int64(len(body))
	c.handler.ServeHTTP(c, c.request)
	return c.status
}

func (c *call) Header() http.Header         { return c.header }
func (c *call) Write(p []byte) (int, error) { return len(p), nil }
func (c *call) WriteHeader(status int)      { c.status = status }
