package faults

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/wukongim/server"
)

// post answers a body that is sent to a path.
func post(t *testing.T, h http.Handler, path, body string) (status int, answer string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// chat is a server on which bob has sent n messages to ann.
func chat(t *testing.T, n int, names ...string) http.Handler {
	t.Helper()
	h, err := New(server.Options{}, names, 1)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		status, answer := post(t, h, "/message/send", `{"from_uid":"bob","channel_id":"ann","channel_type":1,"payload":"aGk="}`)
		if status != http.StatusOK {
			t.Fatalf("send answered %d %s", status, answer)
		}
	}
	return h
}

func TestFaultsCanBeTogether(t *testing.T) {
	h := chat(t, 3, "unread-as-text", "unread-is-a-flag", "sync-as-text-plain")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, syncPath, strings.NewReader(`{"uid":"ann"}`)))
	if !strings.Contains(w.Body.String(), `"unread":"1"`) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("three faults together answered %s, %s", w.Header().Get("Content-Type"), w.Body)
	}
}

func TestNoFaultIsTheHonestServer(t *testing.T) {
	if _, answer := post(t, chat(t, 3), syncPath, `{"uid":"ann"}`); !strings.Contains(answer, `"unread":3`) {
		t.Errorf("without a fault a sync answered %s", answer)
	}
	var unknown *fault.Unknown
	if _, err := New(server.Options{}, []string{"cap-51", "cap-52"}, 1); !errors.As(err, &unknown) || unknown.Name != "cap-52" || len(unknown.Known) != len(All()) {
		t.Errorf("an unknown name gave %v, want a *fault.Unknown that lists what there is", err)
	}
}

func TestARareFaultShowsSometimes(t *testing.T) {
	h := chat(t, 3, "unread-one-short-now-and-then")
	const asked = 2000
	wrong := 0
	for range asked {
		if _, answer := post(t, h, syncPath, `{"uid":"ann"}`); strings.Contains(answer, `"unread":2`) {
			wrong++
		}
	}
	if wrong < asked/100 || wrong > asked/25 {
		t.Errorf("%d of %d answers were wrong, want about one in fifty", wrong, asked)
	}
}

func TestAFaultHasADecorator(t *testing.T) {
	for _, f := range All() {
		made := f.made()
		if made.Model == nil && made.Codec == nil && made.Handler == nil && made.Journal == nil {
			t.Errorf("%s decorates nothing", f.Name)
		}
	}
}

// TestHostileRequestsReachTheServer: what a fault reads of a request is bounded, and never in the way.
func TestHostileRequestsReachTheServer(t *testing.T) {
	long := `{"uid":"ann","x":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, f := range All() {
		h, err := New(server.Options{}, []string{f.Name}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := post(t, h, syncPath, long); status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: a body of 2 MiB got %d, want 413 as from the honest server", f.Name, status)
		}
		for _, body := range []string{"", "null", "[", `{"uid":`, `{"uid":{},"channel_id":[],"channel_type":"\u0000"}`, "\xff"} {
			for _, path := range []string{syncPath, clearPath, setPath, deletePath, "/message/send"} {
				post(t, h, path, body) // it must not panic
			}
		}
	}
}
