package ozeki

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	ozfixtures "github.com/parley-im/parley/fixtures/ozeki"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/ozeki/faults"
	"github.com/parley-im/parley/reference/ozeki/server"
	"github.com/parley-im/parley/reference/ozeki/variants"
	"github.com/parley-im/parley/specs/catalog"
)

// inProcess answers requests without a network between.
type inProcess struct{ http.Handler }

func (p inProcess) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result(), nil
}

// drive is a workload on a server in process, with what was found.
type drive struct {
	handler http.Handler
	w       *Workload
	// send is how a request gets to the server; nil: at once.
	send func(http.ResponseWriter, *http.Request) error

	mu     sync.Mutex
	found  map[string]string // the first detail of each id
	failed int               // answers with another status than 200, and requests without one
	done   [kinds]int
}

// scene is what a drive is made from.
type scene struct {
	handler http.Handler
	people  fixtures.Population
	weights map[string]float64
	limit   int
	settle  time.Duration
	seed    uint64
}

func (s scene) drive(t testing.TB) *drive {
	t.Helper()
	target := ozfixtures.Embedded("2024")
	target.Auth.Value, target.URL, target.Seed.URL = "", "http://reference.invalid", "http://reference.invalid/_parley"
	plan := s.people.Plan()
	populated, err := fixtures.Populate(t.Context(), fixtures.NewHookOver(target, inProcess{s.handler}), plan, "", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(loadgen.Setup{
		Plan: plan, Populated: populated, Profile: "2024", Weights: s.weights, MsgCount: s.limit, Hot: 0.2, Seed: 9 + s.seed, Settle: s.settle, Known: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.now = afternoon()
	return &drive{handler: s.handler, w: w, found: map[string]string{}}
}

// act lets one user do one thing.
func (d *drive) act(u *user) {
	request := u.Next()
	asked := httptest.NewRequest(http.MethodPost, "/?"+request.Query, bytes.NewReader(bytes.Clone(request.Body)))
	asked.Header = request.Header.Clone()
	answer, started := httptest.NewRecorder(), time.Now()
	var err error
	if d.send != nil {
		err = d.send(answer, asked)
	} else {
		d.handler.ServeHTTP(answer, asked)
	}
	judged := u.Judge(loadgen.Answer{Status: answer.Code, Header: answer.Header, Body: answer.Body.Bytes(), Err: err, Started: started, Ended: time.Now()}, true)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done[request.Operation]++
	if err != nil || answer.Code != http.StatusOK {
		d.failed++
		return // as the engine has it, an error is an error whatever else could be said of it
	}
	for _, f := range judged.Findings {
		if d.found[f.ID] == "" {
			d.found[f.ID] = f.Detail
		}
	}
}

// alone lets one user act after the other.
func (d *drive) alone(requests int) {
	for i := range requests {
		d.act(&d.w.users[(i*7)%len(d.w.users)])
	}
}

// together lets users act beside each other.
func (d *drive) together(workers, requests int) {
	var running sync.WaitGroup
	own := len(d.w.users) / workers
	for n := range workers {
		running.Go(func() {
			for i := range requests {
				d.act(&d.w.users[n+workers*(i%own)])
			}
		})
	}
	running.Wait()
}

// quiet fails where anything was found, or something never done.
func (d *drive) quiet(t *testing.T) {
	t.Helper()
	for id, detail := range d.found {
		t.Errorf("a false alarm: %s: %s", id, detail)
	}
	if slices.Contains(d.done[:], 0) {
		t.Errorf("something was never done: %v", d.done)
	}
}

// TestServersThatAreOtherwiseRightAreRight takes every freedom of the documents, each alone and all together.
func TestServersThatAreOtherwiseRightAreRight(t *testing.T) {
	lots := map[string][]string{"all together": variants.Names()}
	for _, name := range variants.Names() {
		lots[name] = []string{name}
	}
	for name, names := range lots {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range rounds() {
				handler, err := variants.New(server.Options{Seed: int64(seed)}, names)
				if err != nil {
					t.Fatal(err)
				}
				d := scene{handler: handler, people: some, weights: with(mix, "clear", 10), limit: 5, seed: seed}.drive(t)
				d.together(4, 150)
				d.quiet(t)
				// Only a status that says so makes an error of a refusal, and only what a clear overtook may be refused.
				if d.failed > 600/20 || d.failed > 0 && !slices.Contains(names, "http-statuses") {
					t.Errorf("%d answers were refused", d.failed)
				}
			}
		})
	}
}

var some = fixtures.Population{Run: "p1a2b3c4d", Seed: 5, Users: 24, Conversations: 5, Messages: 8, Groups: 0.5, GroupSize: 8, Payload: 60}

// few know each other well: each of them does the same often.
var few = fixtures.Population{Run: "p1a2b3c4d", Seed: 5, Users: 5, Conversations: 3, Messages: 8, Groups: 0.5, GroupSize: 3, Payload: 60}

// Other people for what shows only among them.
var (
	talkative = fixtures.Population{Run: "p1a2b3c4d", Seed: 5, Users: 4, Conversations: 2, Messages: 150, Groups: 0.5, GroupSize: 3, Payload: 20}
	popular   = fixtures.Population{Run: "p1a2b3c4d", Seed: 5, Users: 60, Conversations: 55, Messages: 1, Payload: 20}
	friends   = fixtures.Population{Run: "p1a2b3c4d", Seed: 5, Users: 3, Conversations: 4, Messages: 8, Groups: 1, GroupSize: 3, Payload: 20}
	among     = map[string]fixtures.Population{
		"clear-100-at-most": talkative, "download-100-at-most": talkative, "list-50-at-most": popular, "clear-clears-same-people": friends,
	}
)

// elsewhere are faults that are noticed under load, as what follows from them: a request that is refused, say, is not
// done, whatever the reason was.
var elsewhere = map[string][]string{
	"list-needs-its-action-in-the-query": {"OZ-LIST-1"},
	"marks-under-chatowner":              {"OZ-FAV-1", "OZ-UNFAV-1", "OZ-MUTE-1", "OZ-UNMUTE-1", "OZ-HIDE-1", "OZ-UNHIDE-1", "OZ-COLOR-1"},
	"partial-under-chatowner":            {"OZ-PART-1"},
	"mute-wants-a-nonce":                 {"OZ-MUTE-1"},
	"download-wants-accept":              {"OZ-DL-1"},
	"add-expired-in-download":            {"OZ-ADD-4"},
	"every-seventh-add-is-lost":          {"OZ-ADD-1", "OZ-ADD-6"},
}

// hiddenFromLoad are faults that no load shows, and why.
var hiddenFromLoad = map[string]string{
	"list-by-get-only":             "the status says it: an error",
	"action-must-come-first":       "it does",
	"no-escapes":                   "users write none",
	"cleared-comes-back":           "only with messages by the seeding",
	"list-of-strangers":            "everybody has a conversation",
	"html-for-no-json":             "users send JSON",
	"refused-without-reason":       "users name conversations of their own",
	"500-on-odd-timestamps":        "users send strings",
	"no-station-needed":            "users send all headers",
	"no-signature-needed-for-list": "users send all headers",
	"any-signature":                "users send the right one",
	"outsiders-read":               "users name conversations of their own",
	"outsiders-clear":              "users name conversations of their own",
	"outsiders-add":                "users name conversations of their own",
	"outsiders-mark":               "users name conversations of their own",
	"page-overlaps":                "pages of several messages get somewhere all the same",
	"page-of-earlier-seconds":      "which messages of one second a page has is not judged",
	"every-third-clear-keeps-all":  "hardly anybody clears three times in so short a time",
}

// besides are ids that a fault breaks and load finds by another of its ids.
var besides = map[string]string{
	"clear-answers-last-message-in-groups": "OZ-CLEAR-2", "add-answers-without-id": "OZ-ADD-4", "page-ignores-cursor": "OZ-PART-1",
}

func TestFaultsAreFoundUnderLoad(t *testing.T) {
	weights := maps.Clone(mix)
	for _, name := range []string{"favorite", "mute", "hide", "color", "scroll", "clear"} {
		weights[name] = 10
	}
	t.Logf("%d of %d faults show under load", len(faults.All())-len(hiddenFromLoad), len(faults.All()))
	for _, f := range faults.All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			handler, err := faults.New(server.Options{}, []string{f.Name}, 1)
			if err != nil {
				t.Fatal(err)
			}
			people, requests := few, 300
			if others, special := among[f.Name]; special {
				people, requests = others, 250
			}
			d := scene{handler: handler, people: people, weights: weights, limit: 3}.drive(t)
			d.alone(requests)
			if why := hiddenFromLoad[f.Name]; why != "" {
				if len(d.found) > 0 {
					t.Errorf("it is called unseen (%s), and was noticed: %v", why, d.found)
				}
				return
			}
			want := f.Breaks
			if ids := elsewhere[f.Name]; ids != nil {
				want = ids
			}
			for _, id := range want {
				if d.w.level(t, id) == catalog.Probe {
					continue
				}
				if (d.found[id] == "") != (besides[f.Name] == id) {
					t.Errorf("%s: found is %q; all that was found: %v", id, d.found[id], d.found)
				}
			}
		})
	}
}

func (w *Workload) level(t *testing.T, id string) catalog.Level {
	t.Helper()
	level, ok := w.users[0].judge.Statements[id]
	if !ok {
		t.Fatalf("%s is no statement", id)
	}
	return level
}
