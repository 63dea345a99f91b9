package loadgen

import (
	"strings"
	"testing"
)

// TestNoErrorOfAScenarioShowsALine: a target file may be given for one.
func TestNoErrorOfAScenarioShowsALine(t *testing.T) {
	const secret = "Zq7/Kx+9wVb2"
	for _, text := range []string{
		"banana: SECRET\n", "target:\n  auth: {value: SECRET\n", "value:SECRET\nscenario: a\n", "SECRET: 1\n", "scenario: \"SECRET\n",
	} {
		_, err := ParseScenario("file.yaml", []byte(strings.ReplaceAll(text, "SECRET", secret)))
		if err == nil || strings.Contains(err.Error(), secret[:5]) || !strings.HasPrefix(err.Error(), "file.yaml:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
