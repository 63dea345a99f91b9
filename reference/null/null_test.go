package null

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func ask(s Server, method, path, body string) (int, string) {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func TestNoServerKnowsWhatHappened(t *testing.T) {
	names := map[string]bool{}
	for _, s := range All() {
		if s.Name == "" || s.Summary == "" || names[s.Name] {
			t.Errorf("%+v has no name of its own, or no summary", s)
		}
		names[s.Name] = true
		status, body := ask(s, "POST", "/a", `{"n":1}`)
		ask(s, "DELETE", "/a", `{"n":1}`)
		if again, later := ask(s, "POST", "/a", `{"n":1}`); again != status || later != body {
			t.Errorf("%s answered %d %q, and later %d %q", s.Name, status, body, again, later)
		}
	}
	if len(names) < 6 {
		t.Errorf("only %d servers", len(names))
	}
}

func TestEachSaysWhatItsNameSays(t *testing.T) {
	want := map[string]struct {
		status int
		body   string
	}{
		"empty-object": {200, `{}`}, "empty-array": {200, `[]`}, "always-404": {404, `{"msg":"Not Found","status":404}`},
		"always-500": {500, `{"msg":"Internal Server Error","status":500}`}, "echo": {200, `{"n":1}`}, "empty-body": {200, ``},
	}
	for _, s := range All() {
		w, ok := want[s.Name]
		if !ok {
			continue
		}
		if status, body := ask(s, "POST", "/any/path", `{"n":1}`); status != w.status || body != w.body {
			t.Errorf("%s answered %d %q, want %d %q", s.Name, status, body, w.status, w.body)
		}
		delete(want, s.Name)
	}
	if len(want) > 0 {
		t.Errorf("these servers are missing: %v", want)
	}
}

func TestCannedGoesByPath(t *testing.T) {
	h := Canned(map[string]Answer{"/list": {Body: `[1]`}}, Answer{Status: 404, Body: `{}`})
	s := Server{Handler: func() http.Handler { return h }}
	if status, body := ask(s, "POST", "/list", ""); status != 200 || body != `[1]` {
		t.Errorf("/list: %d %s", status, body)
	}
	if status, body := ask(s, "POST", "/other", ""); status != 404 || body != `{}` {
		t.Errorf("/other: %d %s", status, body)
	}
}
