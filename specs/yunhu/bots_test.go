package yunhu_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// withoutBots refuses to make a chat with a bot.
func withoutBots(honest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || strings.HasPrefix(r.URL.Path, "/_parley/") && bytes.Contains(body, []byte(`"type":3`)) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(`{"error":"there are no bots here"}`))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		honest.ServeHTTP(w, r)
	})
}

func TestASeedingWithoutBotsLeavesOutOnlyWhatIsAboutBots(t *testing.T) {
	target := yhfixtures.Embedded("2025")
	all := judged(t, "2025", 1, target, withoutBots(server.New(server.Options{Token: target.Auth.Value})),
		func(s *specs.Spec) bool { return !s.Destructive })
	about := 0
	for _, r := range all {
		if r.Verdict != reports.Pass && r.Verdict != reports.Info {
			t.Errorf("%s is %s: %s", r.ID, r.Verdict, r.Reason)
		}
		for _, s := range r.Specs {
			if s.Verdict == reports.NotTestable {
				about++
				if !strings.Contains(s.Title, "bot") || !strings.Contains(s.Reason, "chat_type 3") {
					t.Errorf("%s: %q is not testable: %s", r.ID, s.Title, s.Reason)
				}
			}
		}
	}
	if about == 0 {
		t.Error("nothing was left out")
	}
}
