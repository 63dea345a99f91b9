package variants

import (
	"errors"
	"slices"
	"testing"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/yunhu/server"
)

func TestEveryVariantIsNamedOnceAndSaysWhatLeavesItOpen(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range All() {
		if seen[v.Name] || v.Summary == "" || v.Freedom == "" || v.model == nil && v.handler == nil && v.codec == nil {
			t.Errorf("%s: named twice, or without summary, freedom or effect", v.Name)
		}
		seen[v.Name] = true
	}
}

func TestTogetherTakesOneOfEachChoice(t *testing.T) {
	taken := map[string]bool{}
	for seed := range int64(120) {
		profile := []string{"2025", "2026"}[seed%2]
		names := Together(profile, seed)
		if _, err := New(server.Options{Profile: profile}, names, seed); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			taken[name] = true
		}
	}
	for _, v := range All() {
		if taken[v.Name] == v.Eventual {
			t.Errorf("%s: taken %v, eventual %v", v.Name, taken[v.Name], v.Eventual)
		}
	}
	if slices.Contains(Together("2025", 1), "unread-99") {
		t.Error("unread-99 is no freedom in 2025")
	}
}

func TestWhatCannotBeLaidOver(t *testing.T) {
	var conflict *fault.ConflictError
	if _, err := New(server.Options{}, []string{"zeros-written", "fields-backwards"}, 1); !errors.As(err, &conflict) || conflict.Choice != "encoding" {
		t.Errorf("got %v", err)
	}
	var unknown *fault.Unknown
	if _, err := New(server.Options{}, []string{"no-such"}, 1); !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
}
