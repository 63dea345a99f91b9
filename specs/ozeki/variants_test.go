package ozeki_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-im/parley/reference/ozeki/server"
	"github.com/parley-im/parley/reference/ozeki/variants"
	"github.com/parley-im/parley/reports"
)

// seeds is how many seeds the variants are run with; PARLEY_VARIANT_SEEDS asks for more.
func seeds(t *testing.T) int64 {
	t.Helper()
	n, err := strconv.ParseInt(os.Getenv("PARLEY_VARIANT_SEEDS"), 10, 64)
	if err != nil {
		return 1
	}
	return n
}

// TestServersThatAreOtherwiseRightAreConformant takes every freedom of the documents, each alone and all together.
func TestServersThatAreOtherwiseRightAreConformant(t *testing.T) {
	lots := [][]string{variants.Names()}
	for _, name := range variants.Names() {
		lots = append(lots, []string{name})
	}
	for i, names := range lots {
		name := names[0]
		if len(names) > 1 {
			name = "all together"
		}
		t.Run(name, func(t *testing.T) {
			for seed := range seeds(t) {
				handler, err := variants.New(server.Options{Token: token, Seed: seed}, names)
				if err != nil {
					t.Fatal(err)
				}
				run, err := suite(t, 100*seed+int64(i)+1, handler, nil)
				if err != nil {
					t.Fatal(err)
				}
				conformant(t, name, run)
				if run.Counts.NotDeclared > 0 || run.Counts.NotTestable > 0 {
					t.Errorf("seed %d: %+v", seed, run.Counts)
				}
			}
		})
	}
}

// nulls are servers that answer without doing anything. None may score on behaviour.
var nulls = map[string]string{
	"always OK":       `{"status":"OK","errormessage":""}`,
	"empty object":    `{}`,
	"no JSON":         `hello`,
	"empty list":      `{"status":"OK","errormessage":"","conversations":[],"messages":[],"reports":[]}`,
	"nothing at all":  ``,
	"an array":        `[]`,
	"endless nesting": strings.Repeat("[", 100_000),
}

// free are the ids that say something of an answer's form alone, or of what is refused: a server that does nothing may hold them.
var free = map[string]bool{"OZ-COM-6": true, "OZ-COM-7": true, "OZ-COM-8": true, "OZ-COM-1": true, "OZ-COM-2": true, "OZ-COM-3": true, "OZ-COM-5": true}

func TestServersThatDoNothingScoreNothing(t *testing.T) {
	for name, answer := range nulls {
		t.Run(name, func(t *testing.T) {
			honest := server.New(server.Options{Token: token})
			run, err := suite(t, 1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/_parley/") {
					honest.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(answer))
			}), nil)
			if err != nil {
				return // named as no Ozeki Chat server before the suite
			}
			if run.Verdict != reports.NonConformant {
				t.Errorf("verdict %s", run.Verdict)
			}
			for _, r := range run.Requirements {
				if r.Verdict == reports.Pass && !free[r.ID] {
					t.Errorf("%s passed", r.ID)
				}
			}
		})
	}
}

func TestAServerThatRefusesEverythingIsNamedBeforeTheSuite(t *testing.T) {
	honest := server.New(server.Options{Token: token})
	_, err := suite(t, 1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_parley/") {
			honest.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"status":"ERROR","errormessage":"no such page"}`))
	}), nil)
	if err == nil || !strings.Contains(err.Error(), "offers no action") {
		t.Errorf("the preflight said %v", err)
	}
}

// TestATargetThatOffersOnlyPartIsJudgedByThatPart leaves out actions by answering them as unknown ones.
func TestATargetThatOffersOnlyPartIsJudgedByThatPart(t *testing.T) {
	honest := server.New(server.Options{Token: token})
	offered := map[string]bool{"list": true, "clear": true, "download": true}
	run, err := suite(t, 1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, action := peek(r); action != "" && !offered[action] && !strings.HasPrefix(r.URL.Path, "/_parley/") {
			r.Body = body(`{"action":"` + action + `_"}`)
		}
		honest.ServeHTTP(w, r)
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	conformant(t, "a part of the family", run)
	want := map[string]reports.Verdict{"OZ-CLEAR-1": reports.Pass, "OZ-DL-1": reports.Pass, "OZ-MUTE-1": reports.NotDeclared, "OZ-ADD-1": reports.NotDeclared, "OZ-PART-1": reports.NotDeclared}
	for _, r := range run.Requirements {
		if v, ok := want[r.ID]; ok && v != r.Verdict {
			t.Errorf("%s: %s (%s), want %s", r.ID, r.Verdict, r.Reason, v)
		}
	}
	encoded, err := json.Marshal(run)
	if err != nil || strings.Contains(string(encoded), token) {
		t.Errorf("the record shows the credential, or cannot be written: %v", err)
	}
}
