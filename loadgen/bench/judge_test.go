package bench

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/loadgen/wukongim"
)

// BenchmarkJudge is what looking at one answer costs.
func BenchmarkJudge(b *testing.B) {
	for _, size := range Sizes {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			plan, body := answer(size)
			w, err := wukongim.New(loadgen.Setup{Plan: plan, Profile: "v2", Weights: map[string]float64{"login": 1}, MsgCount: 10, Known: true})
			if err != nil {
				b.Fatal(err)
			}
			user := w.User(100)
			now := time.Now()
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				user.Next()
				if j := user.Judge(loadgen.Answer{Status: http.StatusOK, Body: body, Started: now, Ended: now}, true); len(j.Findings) > 0 {
					b.Fatal(j.Findings)
				}
			}
		})
	}
}
