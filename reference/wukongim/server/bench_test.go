package server

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkFullSync is a full sync of 20 conversations with 10 messages each over HTTP, beside a handler that writes
// the same bytes ready-made.
func BenchmarkFullSync(b *testing.B) {
	s := New(Options{})
	const payload = "aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8="
	for i := range 20 {
		for j := range 10 {
			do(s, "POST", sendPath, fmt.Sprintf(`{"from_uid":"p1a2b3c4d-%d","channel_id":"p1a2b3c4d-ann","channel_type":1,
				"payload":%q,"client_msg_no":"3f2b8c1e9d4a4f6b8a7c%012d"}`, i, payload, i*100+j))
		}
	}
	const request = `{"uid":"p1a2b3c4d-ann","version":0,"msg_count":10}`
	want := do(s, "POST", syncPath, request).Body.Bytes()
	readyMade := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = contentType
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(want))}
		w.Write(want)
	})
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"reference", s}, {"ready-made", readyMade}} {
		b.Run(c.name, func(b *testing.B) {
			target := httptest.NewServer(c.handler)
			defer target.Close()
			b.SetBytes(int64(len(want)))
			b.ReportAllocs()
			var got bytes.Buffer
			for b.Loop() {
				response, err := http.Post(target.URL+syncPath, "application/json", strings.NewReader(request))
				if err != nil {
					b.Fatal(err)
				}
				got.Reset()
				got.ReadFrom(response.Body)
				response.Body.Close()
				if got.Len() != len(want) {
					b.Fatalf("%d bytes, want %d", got.Len(), len(want))
				}
			}
		})
		b.Run(c.name+"/without a network", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.handler.ServeHTTP(discard{http.Header{}}, httptest.NewRequest("POST", syncPath, strings.NewReader(request)))
			}
		})
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
