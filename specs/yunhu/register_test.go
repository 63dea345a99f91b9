package yunhu_test

import (
	"testing"

	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// TestTheReferenceIsConformantInEveryProfile asks over HTTP, and for the destructive specs as well.
func TestTheReferenceIsConformantInEveryProfile(t *testing.T) {
	for _, profile := range []string{"2025", "2026"} {
		all := judged(t, profile, 1, yhfixtures.Embedded(profile), nil, func(*specs.Spec) bool { return true })
		if len(all) < 30 {
			t.Errorf("%s: only %d statements were judged", profile, len(all))
		}
		for id, r := range all {
			if r.Verdict != reports.Pass && r.Verdict != reports.Info {
				t.Errorf("%s %s: %s: %s", profile, id, r.Verdict, r.Reason)
			}
		}
	}
}
