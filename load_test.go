package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	wkserver "github.com/parley-im/parley/reference/wukongim/server"
	jsonreport "github.com/parley-im/parley/reports/json"
)

// command runs parley in this process, and gives its exit code and what it said.
func command(ctx context.Context, args []string, watched func(text string)) (code int, said string) {
	heard := &listener{heard: watched}
	code = parley(&invocation{ctx: ctx, args: args, stdin: strings.NewReader(""), stdout: heard, stderr: heard, environ: func(string) (string, bool) { return "", false }})
	return code, heard.all.String()
}

// listener hears what is written, from several goroutines.
type listener struct {
	mu    sync.Mutex
	all   bytes.Buffer
	heard func(string)
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Write(p)
	if l.heard != nil {
		l.heard(l.all.String())
	}
	return len(p), nil
}

// tiny is a scenario that is over soon.
const tiny = `scenario: tiny
api: wukongim
population: {users: 20, conversations: 4, messages: 3, groups: 0.5, group_size: 8}
operations: {login: 1, incremental: 3, send: 1, delete: 0.2}
schedule: [{shape: constant, rate: 50, for: 300ms}]
thresholds: ["violations=0"]
`

// scenarioFile is tiny in a directory of its own.
func scenarioFile(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "tiny.yaml")
	if err := os.WriteFile(path, []byte(tiny), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

// TestAnInterruptedSearchForCapacityIsIncomplete interrupts one after its first rung, and one after several good ones.
func TestAnInterruptedSearchForCapacityIsIncomplete(t *testing.T) {
	for _, rungs := range []int{1, 4} {
		dir, path := scenarioFile(t)
		ctx, cancel := context.WithCancel(t.Context())
		code, said := command(ctx, []string{"load", "--scenario", path, "--capacity", "--rate", "20", "--max-rate", "20480", "--slo", "p99<60m",
			"--duration", "100ms", "--rng", "1", "--out", dir, "--format", "json"}, func(text string) {
			if strings.Count(text, "/s  p99") == rungs {
				cancel()
			}
		})
		cancel()
		if code != exitIncomplete || !strings.Contains(said, "interrupted") || strings.Contains(said, "Conformant") || strings.Contains(said, "Thresholds met") {
			t.Errorf("after %d good rungs: exit %d\n%s", rungs, code, said)
		}
	}
}

func TestWhatIsKnownOfOneSpecExcusesNoAnswerUnderLoad(t *testing.T) {
	l := &loading{}
	l.excuse([]fixtures.Deviation{
		{ID: "WK-SYNC-14"}, {ID: "WK-SYNC-16", Spec: "one spec"}, {ID: "WK-SYNC-18", Spec: "one spec", Under: fixtures.UnderLoad}, {ID: "WK-SYNC-41", Under: fixtures.UnderLoad},
	})
	if got := slices.Sorted(maps.Keys(l.known)); fmt.Sprint(got) != "[WK-SYNC-14 WK-SYNC-18 WK-SYNC-41]" {
		t.Errorf("excused are %v", got)
	}
}

// TestAJournalIsNotBelieved: a target may have been cleaned since the journal of a population was written. Where it was not, the
// messages of a second load are new ones, whatever the seed.
func TestAJournalIsNotBelieved(t *testing.T) {
	var handler http.Handler = wkserver.New(wkserver.Options{})
	var mu sync.Mutex
	sent := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client went away
		}
		if number := regexp.MustCompile(`"client_msg_no":"([^"]+)"`).FindSubmatch(body); strings.HasSuffix(r.URL.Path, "/message/send") && number != nil {
			mu.Lock()
			sent[string(number[1])]++
			mu.Unlock()
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	dir, path := scenarioFile(t)
	load := []string{"load", "--target", server.URL, "--scenario", path, "--rng", "7", "--out", dir, "--format", "json"}
	code, said := command(t.Context(), load, nil)
	journals, err := filepath.Glob(filepath.Join(dir, "population-*.jsonl"))
	if err != nil || len(journals) != 1 || code == exitTarget || code == exitNonConformant {
		t.Fatalf("exit %d, journals %v, %v\n%s", code, journals, err, said)
	}
	run := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(journals[0]), "population-"), ".jsonl")
	again := append(slices.Clone(load), "--run", run)
	if code, said = command(t.Context(), again, nil); code == exitTarget || code == exitNonConformant || !strings.Contains(said, "it is there already") {
		t.Errorf("the population is there: exit %d\n%s", code, said)
	}
	if twice := slices.DeleteFunc(slices.Collect(maps.Keys(sent)), func(n string) bool { return sent[n] == 1 }); len(sent) < 20 || len(twice) > 0 {
		t.Errorf("%d messages were sent, and of these several times: %v", len(sent), twice)
	}
	handler = wkserver.New(wkserver.Options{}) // a fresh one
	if code, said = command(t.Context(), again, nil); code != exitTarget || !strings.Contains(said, "not on the target") || !strings.Contains(said, "leave --run out") {
		t.Errorf("the population is gone: exit %d\n%s", code, said)
	}
}

// TestAFirstLookIsBounded has a target that takes its time for every answer.
func TestAFirstLookIsBounded(t *testing.T) {
	enough := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { <-enough }))
	defer server.Close()
	defer close(enough)
	dir, path := scenarioFile(t)
	code, said := command(t.Context(), []string{"load", "--target", server.URL, "--scenario", path, "--out", dir, "--timeout", "10m", "--max-time", "1s"}, nil)
	if code != exitTarget || !strings.Contains(said, "not done after 1s") {
		t.Errorf("exit %d\n%s", code, said)
	}
}

// TestASeedingIsBounded has a target that is found alive, and never answers when it is seeded.
func TestASeedingIsBounded(t *testing.T) {
	reference := wkserver.New(wkserver.Options{})
	enough := make(chan struct{})
	var worlds int
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
			if mu.Lock(); strings.HasSuffix(r.URL.Path, "/world") && bytes.Contains(body, []byte("-c0")) {
				worlds++
				mu.Unlock()
				<-enough
				return
			}
			mu.Unlock()
		}
		reference.ServeHTTP(w, r)
	}))
	defer server.Close()
	defer close(enough)
	dir, path := scenarioFile(t)
	began := time.Now()
	code, said := command(t.Context(), []string{"load", "--target", server.URL, "--scenario", path, "--rng", "7", "--out", dir, "--format", "json",
		"--seed-driver", "hook", "--seed-url", server.URL + "/_parley", "--timeout", "10m", "--max-time", "1s"}, nil)
	if took := time.Since(began); code != exitTarget || worlds == 0 || took > time.Minute || !strings.Contains(said, "not done after 1s") {
		t.Errorf("exit %d after %s, %d worlds\n%s", code, took, worlds, said)
	}
}

// TestATargetThatDripsIsNotLookedAtForLong: each request of the first look takes longer than a user would wait for all of them.
func TestATargetThatDripsIsNotLookedAtForLong(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or nobody notices that the client is gone
		if r.URL.Path != "/" && r.URL.Path != "/_parley/clean" {
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	for verb, want := range map[string]int{"conform": exitIncomplete, "load": exitTarget} {
		dir := t.TempDir()
		code, said := command(t.Context(), []string{verb, "--target", server.URL, "--api", "wukongim", "--out", dir, "--timeout", "10m",
			"--seed-driver", "hook", "--seed-url", server.URL + "/_parley", "--max-time", "1s"}, nil)
		record, err := os.ReadFile(filepath.Join(dir, "report.json"))
		if err == nil {
			_, err = jsonreport.Read(bytes.NewReader(record))
		}
		if code != want || !strings.Contains(said, "a first look at it was not done after 1s (--max-time lets it take longer)") || err != nil ||
			!strings.Contains(string(record), "a first look") {
			t.Errorf("%s: exit %d, %v: %s", verb, code, err, said)
		}
	}
}
