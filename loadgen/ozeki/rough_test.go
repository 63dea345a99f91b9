package ozeki

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/ozeki/server"
)

// rounds is how many seeds each rough test is run with; PARLEY_VARIANT_SEEDS asks for more.
func rounds() uint64 {
	n, err := strconv.ParseUint(os.Getenv("PARLEY_VARIANT_SEEDS"), 10, 16)
	if err != nil {
		return 1
	}
	return n
}

// TestRequestsThatOvertakeOneAnotherAreRight lets many requests be on their way at once, each held up before and after
// it is done.
func TestRequestsThatOvertakeOneAnotherAreRight(t *testing.T) {
	for seed := range rounds() {
		handler := server.New(server.Options{})
		d := scene{handler: handler, people: some, weights: with(mix, "clear", 12), limit: 4, seed: seed}.drive(t)
		d.send = func(w http.ResponseWriter, r *http.Request) error {
			time.Sleep(rand.N(2 * time.Millisecond)) // a network, not a condition
			handler.ServeHTTP(w, r)
			time.Sleep(rand.N(2 * time.Millisecond))
			return nil
		}
		d.together(8, 150)
		d.quiet(t)
	}
}

// TestWhatIsLostMakesNoAnswerWrong loses requests and answers, and does some requests much later.
func TestWhatIsLostMakesNoAnswerWrong(t *testing.T) {
	for seed := range rounds() {
		handler := server.New(server.Options{})
		d := scene{handler: handler, people: small, weights: mix, limit: 4, seed: seed}.drive(t)
		var late sync.WaitGroup
		d.send = func(w http.ResponseWriter, r *http.Request) error {
			switch rand.IntN(40) {
			case 0: // the request
			case 1: // the answer
				handler.ServeHTTP(httptest.NewRecorder(), r)
			case 2:
				late.Go(func() {
					time.Sleep(rand.N(20 * time.Millisecond))
					handler.ServeHTTP(httptest.NewRecorder(), r)
				})
			default:
				handler.ServeHTTP(w, r)
				return nil
			}
			return errors.New("lost")
		}
		d.together(6, 250)
		late.Wait()
		d.quiet(t)
	}
}

// old answers what was right a moment ago: it repeats an answer to the same question until it is too old.
type old struct {
	http.Handler
	age  time.Duration
	mu   sync.Mutex
	kept map[string]*keptAnswer
}

type keptAnswer struct {
	*httptest.ResponseRecorder
	made time.Time
}

func (o *old) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var in map[string]any
	_ = json.Unmarshal(body, &in) // what is no object is handed on
	action, _ := in["action"].(string)
	if action != "list" && !strings.HasPrefix(action, "download") {
		o.Handler.ServeHTTP(w, r)
		return
	}
	delete(in, "timestamp")
	question, _ := json.Marshal(in)
	key := r.Header.Get("Ozeki-User") + string(question)
	o.mu.Lock()
	kept := o.kept[key]
	if kept == nil || time.Since(kept.made) > o.age {
		kept = &keptAnswer{httptest.NewRecorder(), time.Now()}
		o.Handler.ServeHTTP(kept, r)
		o.kept[key] = kept
	}
	answer := bytes.Clone(kept.Body.Bytes())
	o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

func TestAnEventualServerIsRightWithinItsTime(t *testing.T) {
	eventual := func(settle time.Duration, seed uint64) *drive {
		handler := &old{Handler: server.New(server.Options{}), age: 20 * time.Millisecond, kept: map[string]*keptAnswer{}}
		d := scene{handler: handler, people: some, weights: with(mix, "list", 60), limit: 4, settle: settle, seed: seed}.drive(t)
		d.send = func(w http.ResponseWriter, r *http.Request) error {
			time.Sleep(rand.N(time.Millisecond)) // so that some changes settle
			handler.ServeHTTP(w, r)
			return nil
		}
		d.together(4, 400)
		return d
	}
	for seed := range rounds() {
		eventual(40*time.Millisecond, seed).quiet(t)
	}
	if d := eventual(0, 0); len(d.found) == 0 {
		t.Error("the same server is not called wrong where nothing may be late")
	}
}

// TestOtherWaysToAskForEverything has servers for which other cursors stand for none.
func TestOtherWaysToAskForEverything(t *testing.T) {
	for name, refuses := range map[string]func(date any) bool{
		"dates beyond": func(date any) bool {
			return date != nil && (date.(string) > "2090" || date.(string) == "2000-01-01 00:00:00")
		},
		"dates at all": func(date any) bool {
			return date != nil && (date == "" || date.(string) > "2090" || date.(string) < "2001")
		},
		"an absent one": func(date any) bool { return date == nil },
		"nothing is enough": func(date any) bool {
			return date == nil || date == "" || date.(string) > "2090" || date.(string) < "2001"
		},
	} {
		for _, how := range []string{"refused", "empty"} {
			honest := server.New(server.Options{})
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				var in map[string]any
				_ = json.Unmarshal(body, &in) // the hook's are objects, too
				action, _ := in["action"].(string)
				date := in["lastmessagedate"]
				if action == "download" {
					date = in["firstmessagedate"]
				}
				if !strings.HasPrefix(action, "download") || !refuses(date) {
					honest.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, map[string]string{"refused": `{"status":"ERROR","errormessage":"a date?"}`,
					"empty": `{"status":"OK","errormessage":"","messages":[],"reports":[]}`}[how])
			})
			d := scene{handler: handler, people: few, weights: map[string]float64{"list": 1, "open": 2, "download": 2, "add": 1}, limit: 4}.drive(t)
			d.alone(200)
			if wrong := d.found["OZ-DL-1"] != "" && d.found["OZ-PART-1"] != ""; wrong != (name == "nothing is enough") || !wrong && len(d.found) > 0 {
				t.Errorf("%s, %s: found %v", name, how, d.found)
			}
		}
	}
}

// TestAnAdapterMayKeepSeededContentOtherwise has a hook that changes what it is given.
func TestAnAdapterMayKeepSeededContentOtherwise(t *testing.T) {
	honest := server.New(server.Options{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_parley/") {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(`"payload":"`), []byte(`"payload":"YWJj`))))
		}
		honest.ServeHTTP(w, r)
	})
	d := scene{handler: handler, people: few, weights: mix, limit: 4}.drive(t)
	d.alone(400)
	d.quiet(t)
}
