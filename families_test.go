package main

import (
	"slices"
	"testing"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/specs/catalog"
)

// TestTheCatalogueAndTheSpecsAgree: an id without a spec says why, a spec has a known id, and labels are words that the
// catalogue knows.
func TestTheCatalogueAndTheSpecsAgree(t *testing.T) {
	if apis := catalog.APIs(); len(apis) < len(families) {
		t.Fatalf("catalogues of %v for %d families", apis, len(families))
	}
	for api, family := range families {
		documented, err := catalog.Of(api)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(documented.Profiles, fixtures.Profiles(api)) {
			t.Errorf("%s: the catalogue has the profiles %v, targets %v", api, documented.Profiles, fixtures.Profiles(api))
		}
		if (family.native != nil) != fixtures.SeedsNatively(api) {
			t.Errorf("%s: the family and its targets disagree whether it has calls to seed with", api)
		}
		for _, profile := range documented.Profiles {
			checkProfile(t, family, documented, profile)
		}
	}
}

func checkProfile(t *testing.T, family family, documented *catalog.Family, profile string) {
	all, err := family.specs.Specs(profile)
	if err != nil {
		t.Fatalf("%s %s: %v", documented.API, profile, err)
	}
	judged := map[string]int{}
	for _, spec := range all {
		judged[spec.Requirement.ID]++
		for _, label := range spec.Labels()[2:] {
			_, capability := documented.Capabilities[label]
			if !capability && label != "destructive" && !slices.ContainsFunc(documented.Requirements, func(r catalog.Requirement) bool {
				return spec.Requirement.Endpoint == r.Endpoint
			}) {
				t.Errorf("%s: the label %q of %q is none that the catalogue knows", profile, label, spec.Title)
			}
		}
	}
	for _, r := range documented.In(profile) {
		switch {
		case judged[r.ID] == 0 && r.Unjudged == "":
			t.Errorf("%s: %s has no spec, and does not say why", profile, r.ID)
		case judged[r.ID] > 0 && r.Unjudged != "":
			t.Errorf("%s: %s has %d specs, and says that it is not judged", profile, r.ID, judged[r.ID])
		}
	}
}
