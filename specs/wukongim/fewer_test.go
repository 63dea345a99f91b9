package wukongim_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"

	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/reports"
)

var asksForMore = regexp.MustCompile(`"msg_count":(2[1-9]|[3-9]\d|\d{3,})`)

// The older page calls msg_count the most to get: who gives no more than 20 messages, whatever is asked for, is warned of it
// alone, and breaks nothing else.
func TestFewerMessagesBreakNothingOfTheOlderPage(t *testing.T) {
	run := suiteOver(t, "v1", 1, wkfixtures.NewNative, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body) // what the client breaks off is not looked at
			body = asksForMore.ReplaceAll(body, []byte(`"msg_count":20`))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			next.ServeHTTP(w, r)
		})
	})
	for _, r := range run.Requirements {
		fewer := r.ID == "WK-SYNC-07" && r.Verdict == reports.Warn
		if !fewer && !slices.Contains([]reports.Verdict{reports.Pass, reports.Info, reports.Blocked, reports.NotTestable, reports.NotDeclared}, r.Verdict) {
			t.Errorf("%s is %s: %s", r.ID, r.Verdict, r.Reason)
		}
		if r.ID == "WK-SYNC-07" && !fewer {
			t.Errorf("WK-SYNC-07 is %s, want a warning", r.Verdict)
		}
	}
}
