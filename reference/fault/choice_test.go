package fault

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestOneVariantOfEachChoice(t *testing.T) {
	open := []Choice{{"a", ""}, {"up", "way"}, {"b", ""}, {"down", "way"}}
	seen := map[string]bool{}
	for seed := range int64(20) {
		chosen := Together(open, seed)
		if len(chosen) != 3 || !slices.Equal(chosen[:2], []string{"a", "b"}) || !slices.Equal(chosen, Together(open, seed)) {
			t.Fatalf("seed %d chose %v", seed, chosen)
		}
		seen[chosen[2]] = true
	}
	if !seen["up"] || !seen["down"] {
		t.Errorf("of the two ways only %v was ever taken", seen)
	}
}

func TestTwoOfOneChoiceConflict(t *testing.T) {
	if err := Compatible([]Choice{{"a", ""}, {"b", ""}, {"up", "way"}}); err != nil {
		t.Error(err)
	}
	var conflict *ConflictError
	err := Compatible([]Choice{{"up", "the way"}, {"down", "the way"}})
	if !errors.As(err, &conflict) || !strings.Contains(err.Error(), "up and down exclude each other: both are about the way") {
		t.Errorf("got %v", err)
	}
}
