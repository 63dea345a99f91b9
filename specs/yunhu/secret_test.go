package yunhu_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/specs"
)

// A token that is made out of a user's own shares most of its letters with it: where a target says what it was shown, no record
// may hold it.
func TestNoTokenMadeOutOfAnotherStandsInARecord(t *testing.T) {
	target := yhfixtures.Embedded("2025")
	reference := server.New(server.Options{Profile: "2025", Token: target.Auth.Value})
	var mu sync.Mutex
	var refused []string
	parrot := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		reference.ServeHTTP(answer, r)
		if token := r.Header.Get("Token"); token != "" && strings.Contains(answer.Body.String(), "-101") {
			mu.Lock()
			refused = append(refused, token)
			mu.Unlock()
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, `{"code": 7, "msg": "you came with %s"}`, token)
			return
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
	verdicts := judged(t, "2025", 1, target, parrot, func(s *specs.Spec) bool { return strings.Contains(s.Title, "a user's token") })
	record, err := json.Marshal(verdicts)
	if err != nil {
		t.Fatal(err)
	}
	if len(refused) == 0 || !strings.Contains(string(record), "you came with") {
		t.Fatalf("%d tokens were refused, and the record shows no answer: %.500s", len(refused), record)
	}
	for _, token := range refused {
		if strings.Contains(string(record), token) {
			t.Errorf("the record holds %q", token)
		}
	}
}
