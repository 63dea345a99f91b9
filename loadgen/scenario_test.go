package loadgen

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
)

// TestDocumentedScenario reads the scenario of docs/load.md as a user's own file.
func TestDocumentedScenario(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "load.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	text, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/load.md has no scenario")
	}
	s, err := ParseScenario("docs/load.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "monday" || s.Curve.Duration() != 30*time.Minute || len(s.Thresholds) != 4 {
		t.Errorf("%+v", s)
	}
}

func TestEmbeddedScenarios(t *testing.T) {
	wanted := []string{"cold-login", "hot-group", "inbox", "incremental", "long-offline", "reconnect-storm", "smoke", "soak", "spike"}
	for _, api := range fixtures.APIs() {
		if all := Scenarios(api); len(all) != len(wanted) {
			t.Errorf("%s: %d scenarios, want %v", api, len(all), wanted)
		}
		for _, name := range wanted {
			s, err := FindScenario(api, name)
			if err != nil {
				t.Fatal(err)
			}
			if s.Summary == "" || len(s.Thresholds) == 0 || s.WarmUp == 0 || !s.Poisson {
				t.Errorf("%s %s: %+v", api, name, s)
			}
			if schedule := s.Schedule(1); schedule.Duration() != s.Curve.Duration()+s.WarmUp {
				t.Errorf("%s %s: the warm-up is not before the schedule", api, name)
			}
		}
	}
}

const good = `scenario: mine
api: wukongim
operations: {send: 1}
schedule:
  - {shape: ramp, from: 1, to: 10, for: 10s}
`

func TestOwnScenario(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(path, []byte(good+"thresholds: [p99<1s]\nwarm_up: 1s\narrivals: regular\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := FindScenario("wukongim", path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "mine" || s.Operations["send"] != 1 || s.Poisson || s.Thresholds[0].Limit != 1000 || s.Curve.Duration() != 10*time.Second {
		t.Errorf("%+v", s)
	}
	if _, err := FindScenario("ozeki", path); err == nil || !strings.Contains(err.Error(), "ozeki") {
		t.Errorf("a scenario of another api: %v", err)
	}
}

func TestMistakesInAScenarioAreShown(t *testing.T) {
	for _, c := range []struct{ file, line, message string }{
		{"scenario: [", ":1:", ""},
		{good + "colour: red\n", ":6:1", `unknown key "colour"`},
		{good + "operation: {send: 1}\n", ":6:1", "did you mean operations?"},
		{good + "api: wukongim\n", ":6:1", "twice"},
		{good + "warm_up: soon\n", ":6:10", "no duration"},
		{good + "msg_count: ten\n", ":6:12", "whole number"},
		{good + "arrivals: random\n", ":6:11", "poisson"},
		{good + "thresholds: [p98<1s]\n", ":6:14", "unknown metric"},
		{good + "thresholds: [p99<1]\n", ":6:14", "unit of time"},
		{good + "population: {users: 1}\n", ":6:13", "at least 2 users"},
		{strings.Replace(good, "ramp", "rampe", 1), ":5:5", "did you mean ramp?"},
		{strings.Replace(good, "for: 10s", "for: 0s", 1), ":5:5", "no time"},
		{strings.Replace(good, "from: 1", "from: -1", 1), "", "below 0"},
		{strings.Replace(good, "send: 1", "send: much", 1), ":3:20", "number"},
		{"scenario: x\napi: wukongim\n", "", "operations"},
		{"", "", "one YAML document"},
	} {
		_, err := ParseScenario("mine.yaml", []byte(c.file))
		var file *fixtures.FileError
		if !errors.As(err, &file) {
			t.Errorf("%q was taken: %v", c.file, err)
			continue
		}
		if text := err.Error(); !strings.Contains(text, "mine.yaml"+c.line) || !strings.Contains(text, c.message) {
			t.Errorf("%q: %s\nwant %s and %q", c.file, text, c.line, c.message)
		}
	}
	if _, err := FindScenario("wukongim", "incremantal"); err == nil || !strings.Contains(err.Error(), "did you mean incremental?") {
		t.Errorf("a slip in a name: %v", err)
	}
}

func TestThresholds(t *testing.T) {
	r := &Result{Total: newFigures(), Freshness: NewHistogram(), Duration: 10 * time.Second}
	r.Counts = Counts{Planned: 1000, Sent: 990, NeverSent: 10, Correct: 980, Errors: 9, Violating: 1}
	for range 990 {
		r.Total.Response.Record(40 * time.Millisecond)
		r.Total.Service.Record(20 * time.Millisecond)
	}
	for text, met := range map[string]bool{
		"p99<50ms": true, "p99<40000us": false, "p99 <= 0.1s": true, "service.p50<21ms": true, "response.max>39ms": true,
		"violations=0": false, "violations<=1": true, "errors<1%": true, "errors<0.9%": false, "never_sent<=1%": true, "never_sent=0": false,
		"throughput>97/s": true, "throughput>99": false, "freshness.p99<1s": true, "correct>=980": true,
	} {
		c, err := ParseThreshold(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if c.Met(r) != met {
			t.Errorf("%s: met is %v, the value is %g", text, !met, c.Value(r))
		}
	}
	for _, text := range []string{"", "p99", "p99<", "p99<5", "p99<5%", "violations<1ms", "throughput>5%", "speed>5", "p99<5ms<6ms", "p99=5.5.5ms"} {
		if _, err := ParseThresholds(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	if timed, _ := ParseThreshold("p99<1s"); timed.Met(&Result{Total: newFigures(), Freshness: NewHistogram()}) {
		t.Error("nothing measured met a condition about time")
	}
}

func TestAScenarioThatIsDearToParseIsRefused(t *testing.T) {
	_, err := ParseScenario("dear.yaml", []byte(strings.Repeat("[", 100_000)))
	if err == nil || !strings.Contains(err.Error(), "too much in each other") {
		t.Errorf("got %.200v", err)
	}
}
