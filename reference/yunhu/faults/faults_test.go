package faults

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/parley-im/parley/reference/yunhu/server"
)

func TestEveryFaultIsNamedOnceAndSaysWhatItBreaks(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if seen[f.Name] || f.Summary == "" || len(f.Breaks) == 0 || f.Odds <= 0 {
			t.Errorf("%s: named twice, or without a summary, ids or odds", f.Name)
		}
		seen[f.Name] = true
		if f.Model == nil && f.Codec == nil && f.Handler == nil {
			t.Errorf("%s does nothing", f.Name)
		}
	}
	if len(List()) != len(seen) {
		t.Errorf("List has %d of %d", len(List()), len(seen))
	}
}

func TestAnUnknownFaultIsAnError(t *testing.T) {
	if _, err := New(server.Options{}, []string{"no-such-fault"}, 1); err == nil || !strings.Contains(err.Error(), "no-such-fault") {
		t.Errorf("got %v", err)
	}
}

// TestAFaultLetsLongBodiesPass holds the decorators to the server's limit: what is too long is still refused.
func TestAFaultLetsLongBodiesPass(t *testing.T) {
	for _, f := range All() {
		handler, err := New(server.Options{}, []string{f.Name}, 1)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("POST", dismissPath, strings.NewReader(strings.Repeat("a", 2<<20))))
		if w.Code >= 500 {
			t.Errorf("%s: %d", f.Name, w.Code)
		}
	}
}
