package exchange

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestACallFillsInWhatIsLeftOut(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/slow":
			<-r.Context().Done()
		case r.Method != http.MethodPost || r.Header.Get("Content-Type") != "text/plain" || r.Header.Get("token") != "sesame":
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("no\x1b"))
		}
	}))
	defer target.Close()
	header := http.Header{"Token": {"sesame"}}
	good := Call{URL: target.URL, Header: header, Type: "text/plain"}
	if err := good.Do(t.Context()).Failure(); err != nil || len(header) != 1 {
		t.Errorf("%v; the caller's header became %v", err, header)
	}
	var status *StatusError
	err := Call{URL: target.URL, Type: "text/plain"}.Do(t.Context()).Failure()
	if !errors.As(err, &status) || !strings.HasSuffix(err.Error(), `answered 403, want 200: "no\x1b"`) {
		t.Errorf("without the token: %v", err)
	}
	slow := Call{URL: target.URL + "/slow", Timeout: time.Millisecond}
	if err := slow.Do(t.Context()).Failure(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a slow answer gave %v", err)
	}
}
