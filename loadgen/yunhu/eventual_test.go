package yunhu

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/variants"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// replicas is a server of two, which keep each user's list for a while and are asked in turn: a change may show, be gone
// again, and show for good.
type replicas struct {
	honest http.Handler
	keep   time.Duration
	mu     sync.Mutex
	turn   int
	kept   [2]map[string]keptList
}

type keptList struct {
	at   time.Time
	body []byte
}

func (r *replicas) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.URL.Path != listPath {
		r.honest.ServeHTTP(w, request)
		return
	}
	asked, _ := io.ReadAll(request.Body)
	whole := r.list(request)
	if known, _ := wire.DecodeListRequest(asked); known != "" {
		if l, err := wire.DecodeList(whole); err == nil && l.Tag == known {
			whole = wire.AppendUnchanged(nil, known)
		}
	}
	_, _ = w.Write(whole)
}

func (r *replicas) list(request *http.Request) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn = 1 - r.turn
	if r.kept[r.turn] == nil {
		r.kept[r.turn] = map[string]keptList{}
	}
	token := request.Header.Get("token")
	if l := r.kept[r.turn][token]; time.Since(l.at) < r.keep {
		return l.body
	}
	now := time.Now() // before the list is made: what it lacks is younger than this
	answer := httptest.NewRecorder()
	again := request.Clone(request.Context())
	again.Body, again.ContentLength = http.NoBody, 0
	r.honest.ServeHTTP(answer, again)
	r.kept[r.turn][token] = keptList{now, answer.Body.Bytes()}
	return answer.Body.Bytes()
}

// TestAnEventualTargetIsGivenItsTime has lists that are up to 30 ms old: within the settle time nothing of that is wrong,
// and without one much is.
func TestAnEventualTargetIsGivenItsTime(t *testing.T) {
	t.Parallel()
	const old = 30 * time.Millisecond
	for _, profile := range []string{"2025", "2026"} {
		for _, settle := range []time.Duration{old, 0} {
			o := trial{profile: profile, population: small, rate: 2500, lasts: 300 * time.Millisecond}
			o.change = func(s *loadgen.Setup, _ *loadgen.Attack) { s.Settle = settle }
			keep := old
			if settle == 0 {
				keep = time.Hour // no change ever shows
			}
			r := attack(t, o, &replicas{honest: server.New(server.Options{Profile: profile}), keep: keep})
			if settle > 0 {
				isRight(t, r, 450)
				if r.Freshness.Count() == 0 || r.Freshness.Quantile(1) < time.Millisecond {
					t.Errorf("%s: %d changes were followed, and all of them showed at once", profile, r.Freshness.Count())
				}
			} else if r.Violations["YH-DISMISS-3"] == 0 {
				t.Errorf("%s: old lists of a target that says it is strong went unnoticed: %v", profile, r.Violations)
			}
		}
	}
}

// TestListsThatAreAlwaysLate has a server whose first list of each user is empty, and which is behind by requests and not by
// time: with a settle time that never ends nothing can be wrong.
func TestListsThatAreAlwaysLate(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"2025", "2026"} {
		handler, err := variants.New(server.Options{Profile: profile}, []string{"late-lists"}, 1)
		if err != nil {
			t.Fatal(err)
		}
		o := trial{profile: profile, population: small, rate: 2000, lasts: 150 * time.Millisecond}
		o.change = func(s *loadgen.Setup, _ *loadgen.Attack) { s.Settle = time.Hour }
		isRight(t, attack(t, o, handler), 180)
		o.change = nil
		o.population.Run = "p1a2b3c4e"
		if r := attack(t, o, handler); r.Violations["YH-LIST-3"] == 0 {
			t.Errorf("%s: empty lists of a target that says it is strong went unnoticed: %v", profile, r.Violations)
		}
	}
}

// losing answers every third change with nothing: half of those are done all the same, some of them later.
func losing(late *sync.WaitGroup, honest http.Handler) http.Handler {
	var mu sync.Mutex
	n := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if r.URL.Path != listPath {
			n++
		}
		lost, done, later := strings.HasPrefix(r.URL.Path, "/v1/") && r.URL.Path != listPath && n%3 == 0, n%2 == 0, n%4 == 0
		mu.Unlock()
		if !lost {
			honest.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		switch {
		case later:
			again = again.WithContext(r.Context())
			late.Go(func() {
				time.Sleep(20 * time.Millisecond) // how much later it is done than its caller gave up
				honest.ServeHTTP(httptest.NewRecorder(), again)
			})
		case done:
			honest.ServeHTTP(httptest.NewRecorder(), again)
		}
		w.WriteHeader(http.StatusBadGateway)
	})
}

// TestAChangeWithoutAnAnswerMayBeDoneOrNot has changes that are lost, done without an answer, and done later.
func TestAChangeWithoutAnAnswerMayBeDoneOrNot(t *testing.T) {
	t.Parallel()
	for _, settle := range []time.Duration{0, 10 * time.Millisecond} {
		var late sync.WaitGroup
		o := trial{profile: "2026", population: small, rate: 2500, lasts: 250 * time.Millisecond}
		o.change = func(s *loadgen.Setup, _ *loadgen.Attack) { s.Settle = settle }
		r := attack(t, o, losing(&late, server.New(server.Options{Profile: "2026"})))
		late.Wait()
		if r.Violating > 0 || len(r.Warnings) > 0 || r.Errors < 30 || r.Correct < 300 {
			t.Errorf("settle %s: %+v, violations %v, warnings %v", settle, r.Counts, r.Violations, r.Warnings)
			for id, sample := range r.Samples {
				t.Logf("%s: %s", id, sample.Detail)
			}
		}
	}
}
