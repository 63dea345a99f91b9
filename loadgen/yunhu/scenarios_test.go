package yunhu

import (
	"slices"
	"testing"

	"github.com/parley-im/parley/loadgen"
)

// TestEveryScenarioWorksInBothProfiles lets users act, and looks that what a profile lacks is never asked for.
func TestEveryScenarioWorksInBothProfiles(t *testing.T) {
	var found []string
	for _, s := range loadgen.Scenarios("yunhu") {
		found = append(found, s.Name)
		if s.Summary == "" || len(s.Thresholds) == 0 || s.WarmUp == 0 {
			t.Errorf("%s: %+v", s.Name, s)
		}
		for _, profile := range []string{"2025", "2026"} {
			plan := s.Population.Plan()
			w, err := New(loadgen.Setup{Plan: plan, Profile: profile, Weights: s.Operations, Hot: s.Hot, Known: true})
			if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			u := &w.users[0]
			u.listed, u.tags = true, [2]tag{{text: []byte("t")}, {text: []byte("t")}}
			done := map[string]bool{}
			for range 300 {
				done[operations[u.Next().Operation].Name] = true
				u.listed = true
			}
			for _, name := range []string{"refresh", "catch-up", "remove"} {
				if wanted := profile == "2026" && s.Operations[name] > 0 && name != "remove"; done[name] && profile == "2025" || !done[name] && wanted {
					t.Errorf("%s in %s: %s is done: %v", s.Name, profile, name, done[name])
				}
			}
		}
	}
	slices.Sort(found)
	if want := []string{"cold-login", "hot-group", "inbox", "incremental", "long-offline", "reconnect-storm", "smoke", "soak", "spike"}; !slices.Equal(found, want) {
		t.Errorf("the scenarios are %v, want %v", found, want)
	}
}

func TestAnUnknownOperationIsNamed(t *testing.T) {
	if _, err := New(loadgen.Setup{Plan: small.Plan(), Weights: map[string]float64{"dismis": 1}}); err == nil {
		t.Error("it was taken")
	}
}
