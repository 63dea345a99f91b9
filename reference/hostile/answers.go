package hostile

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/reference/fault"
)

// always answers every request in the same way.
func always(answer http.HandlerFunc) func(*Target, http.Handler) http.Handler {
	return func(*Target, http.Handler) http.Handler { return answer }
}

// later is honest at first.
func later(answer http.HandlerFunc) func(*Target, http.Handler) http.Handler {
	return func(t *Target, honest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if t.Requests() <= begins {
				honest.ServeHTTP(w, r)
				return
			}
			answer(w, r)
		})
	}
}

// changed is the honest answer after change.
func changed(change func(k *fault.Kept)) func(*Target, http.Handler) http.Handler {
	return func(_ *Target, honest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k := fault.Keep(honest, r)
			change(k)
			fault.Send(w, k.Status, k.Header(), k.Body)
		})
	}
}

func neverAnswers(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func drips(_ *Target, honest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k := fault.Keep(honest, r)
		w.Header()["Content-Type"] = k.Header()["Content-Type"]
		for i := range k.Body {
			if _, err := w.Write(k.Body[i : i+1]); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			if !pause(r.Context(), time.Second) {
				return
			}
		}
	})
}

// endless writes block until nobody reads any more.
func endless(w http.ResponseWriter, block []byte) {
	for {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

var listBlock = bytes.Repeat([]byte(`{"a":1},`), 8<<10)

func endlessBody(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("["))
	endless(w, listBlock)
}

// zeros is gzip of 16 MiB of zeros.
var zeros = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	block := make([]byte, 1<<20)
	for range 16 {
		_, _ = z.Write(block) // into memory: it cannot fail
	}
	_ = z.Close()
	return b.Bytes()
})

func gzipBomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	for range 640 { // members of one gzip stream
		if _, err := w.Write(zeros()); err != nil {
			return
		}
	}
}

func gzipUnasked(t *Target, honest http.Handler) http.Handler {
	return changed(func(k *fault.Kept) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(k.Body)
		_ = z.Close()
		k.Body = b.Bytes()
		k.Header().Set("Content-Encoding", "gzip")
	})(t, honest)
}

func hugeArray(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	block := bytes.Repeat([]byte("1,"), 500_000)
	_, _ = w.Write([]byte("["))
	for range 30 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte("1]"))
}

func deepJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000)))
}

func largeHeaders(t *Target, honest http.Handler) http.Handler {
	return changed(func(k *fault.Kept) {
		for i := range 900 {
			k.Header().Set(fmt.Sprintf("X-Large-%d", i), strings.Repeat("x", 1000))
		}
	})(t, honest)
}

func nulBytes(t *Target, honest http.Handler) http.Handler {
	return changed(func(k *fault.Kept) {
		k.Body = append([]byte{0}, bytes.ReplaceAll(k.Body, []byte(":"), []byte(":\x00"))...)
	})(t, honest)
}

// What the injecting modes say. A reader of parley's outputs must never find them as they are.
const (
	Script  = `<script>alert("parley")</script><img src=x onerror=alert(1)>`
	Escapes = "\x1b]0;parley\x07\x1b[2J\x1b[31m\u202e\u009b31m"
)

func injectsScript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("X-Note", Script)
	fmt.Fprintf(w, `{"status":200,"error":%q,"%s":"</textarea></pre>%s","list":[%q]}`, Script, "<b>", "]]>--><!--", Script)
}

func injectsEscapes(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; "+Escapes)
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, "%s\r\n::error::%s\r%s", Escapes, Escapes, Escapes)
}

func redirectLoop(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
}

func redirectsAway(t *Target, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, t.other+r.URL.RequestURI(), http.StatusPermanentRedirect)
	})
}

func all500(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, `{"status":500,"msg":"the database is gone"}`, http.StatusInternalServerError)
}

// refuses answers a status with Retry-After for a while, and is honest before and after.
func refuses(status int, while time.Duration) func(*Target, http.Handler) http.Handler {
	return func(t *Target, honest http.Handler) http.Handler {
		var since atomic.Pointer[time.Time]
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			now := time.Now()
			if t.Requests() > begins {
				since.CompareAndSwap(nil, &now)
				if now.Sub(*since.Load()) < while {
					w.Header().Set("Retry-After", "1")
					http.Error(w, "too many requests", status)
					return
				}
			}
			honest.ServeHTTP(w, r)
		})
	}
}
