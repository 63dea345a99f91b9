package ozeki

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/ozeki/server"
)

// BenchmarkJudge is what it costs to render one request and to look at its answer.
func BenchmarkJudge(b *testing.B) {
	crowd := fixtures.Population{Run: "p1a2b3c4d", Seed: 5, Users: 300, Conversations: 20, Messages: 40, Groups: 0.4, GroupSize: 60, Payload: 120}
	for _, name := range []string{"list", "open", "download"} {
		b.Run(name, func(b *testing.B) {
			d := scene{handler: server.New(server.Options{}), people: crowd, weights: map[string]float64{name: 1}, limit: 50}.drive(b)
			u := &d.w.users[0]
			answers := map[string]*httptest.ResponseRecorder{} // by what was asked, but for the time
			bytesIn := 0
			for range 500 {
				request := u.Next()
				asked := httptest.NewRequest(http.MethodPost, "/?"+request.Query, bytes.NewReader(bytes.Clone(request.Body)))
				asked.Header = request.Header.Clone()
				answer := httptest.NewRecorder()
				d.handler.ServeHTTP(answer, asked)
				answers[string(request.Body[:bytes.Index(request.Body, []byte(`,"timestamp"`))])] = answer
				bytesIn = answer.Body.Len()
			}
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				request := u.Next()
				answer := answers[string(request.Body[:bytes.Index(request.Body, []byte(`,"timestamp"`))])]
				if j := u.Judge(loadgen.Answer{Status: http.StatusOK, Header: answer.Header, Body: answer.Body.Bytes(), Started: now, Ended: now}, true); len(j.Findings) > 0 {
					b.Fatal(j.Findings)
				}
			}
			b.ReportMetric(float64(bytesIn), "bytes/answer")
		})
	}
}
