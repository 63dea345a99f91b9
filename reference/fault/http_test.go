package fault

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// says answers with the method, the header Who and the body that it was asked with.
var says = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte(r.Method + r.Header.Get("Who")))
	_, _ = w.Write(body)
})

func ask(h http.Handler, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	return w
}

func TestACallIsChangedOnBothSides(t *testing.T) {
	decorate := Around(func(path string) bool { return path == "/here" }, func(c *Call, next func()) {
		c.Header.Set("Who", "-ann-")
		c.Body = append(c.Body, '2')
		next()
		c.Status++
		c.Answer = append(c.Answer, '3')
	})
	h := decorate(says)
	if w := ask(h, "/here", "1"); w.Code != 203 || w.Body.String() != "POST-ann-123" || w.Header().Get("Content-Length") != "12" {
		t.Errorf("got %d %s with %v", w.Code, w.Body, w.Header())
	}
	if w := ask(h, "/there", "1"); w.Code != 202 || w.Body.String() != "POST1" {
		t.Errorf("an untouched path gave %d %s", w.Code, w.Body)
	}
	long := strings.Repeat("x", bodyLimit+1)
	if w := ask(h, "/here", long); w.Body.String() != "POST"+long {
		t.Errorf("a long request did not pass by: %d bytes came back", w.Body.Len())
	}
}

func TestAnAnswerWithoutAskingTheServer(t *testing.T) {
	h := Around(func(string) bool { return true }, func(c *Call, _ func()) { c.Status = http.StatusNoContent })(says)
	w := ask(h, "/", "")
	if _, length := w.Header()["Content-Length"]; w.Code != 204 || length || w.Header().Get("Content-Type") != "" {
		t.Errorf("got %d with %v", w.Code, w.Header())
	}
}

func TestAHandlerThatNeverWritesAnswers200(t *testing.T) {
	silent := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	h := Around(func(string) bool { return true }, func(_ *Call, next func()) { next() })(silent)
	if w := ask(h, "/", ""); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("got %d, %q", w.Code, w.Body)
	}
}

func TestSometimes(t *testing.T) {
	wrong := http.NotFoundHandler()
	if w := ask(NewChance(1).Sometimes(1, says, wrong), "/", ""); w.Code != 404 {
		t.Errorf("what is always wrong answered %d", w.Code)
	}
	seen := map[int]int{}
	h := NewChance(1).Sometimes(0.5, says, wrong)
	for range 100 {
		seen[ask(h, "/", "").Code]++
	}
	if seen[404] < 25 || seen[202] < 25 {
		t.Errorf("one time in two gave %v", seen)
	}
}
