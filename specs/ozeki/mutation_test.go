package ozeki_test

import (
	"slices"
	"testing"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/ozeki/faults"
	"github.com/parley-im/parley/reference/ozeki/server"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// basics are the requirements that others build on: where one of them fails, what builds on it is blocked.
var basics = []string{"OZ-COM-7", "OZ-COM-8", "OZ-CONV-1", "OZ-CONV-3", "OZ-LIST-1", "OZ-DL-1", "OZ-PART-1"}

// TestEveryFaultIsNoticedByTheRightRequirement is the kill matrix: each fault fails every requirement that it breaks.
func TestEveryFaultIsNoticedByTheRightRequirement(t *testing.T) {
	for _, f := range faults.List() {
		t.Run(f.Name, func(t *testing.T) {
			for seed := range seeds(t) {
				survives(t, f, seed+1)
			}
		})
	}
}

// survives names what a fault breaks without being noticed.
func survives(t *testing.T, f fault.Fault, seed int64) {
	t.Helper()
	handler, err := faults.New(server.Options{Token: token, Seed: seed}, []string{f.Name}, seed)
	if err != nil {
		t.Fatal(err)
	}
	run, err := suite(t, seed, handler, nil, append(slices.Clone(f.Breaks), basics...)...)
	if err != nil {
		t.Fatalf("the preflight gave up: %v", err)
	}
	var failed []string
	for _, r := range run.Requirements {
		switch r.Verdict {
		case reports.Fail, reports.Warn:
			failed = append(failed, r.ID)
		case reports.Error:
			t.Errorf("%s: %s", r.ID, r.Reason)
		}
	}
	for _, id := range f.Breaks {
		if !slices.Contains(failed, id) {
			t.Errorf("seed %d: %s survived; failed: %v", seed, id, failed)
		}
	}
}

func TestEveryRequirementIsBrokenByTwoFaults(t *testing.T) {
	family, err := catalog.Of("ozeki")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, f := range faults.List() {
		for _, id := range f.Breaks {
			if _, known := family.Get(id); !known {
				t.Errorf("%s breaks %s, which no catalogue has", f.Name, id)
			}
			count[id]++
		}
		if f.Summary == "" || len(f.Breaks) == 0 {
			t.Errorf("%s has no summary, or breaks nothing", f.Name)
		}
	}
	for _, r := range family.Requirements {
		if r.Level != catalog.Probe && count[r.ID] < 2 {
			t.Errorf("%s %s is broken by %d faults, want 2", r.Level, r.ID, count[r.ID])
		}
	}
}
