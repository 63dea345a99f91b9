package reports

import "testing"

func TestMergeKeepsEveryThingFindable(t *testing.T) {
	one := func(api, verdict string, v Verdict) *Run {
		return &Run{Schema: Schema, Verdict: verdict, Target: Target{API: api}, Requirements: []Requirement{{ID: api + "-1", Level: Must, Endpoint: "POST /x", Verdict: v,
			Evidence: []Evidence{{Exchange: "x1", Before: []string{"x2"}}}}}, Exchanges: []Exchange{{ID: "x1"}, {ID: "x2"}}, End: true}
	}
	a, b := one("wukongim", Conformant, Pass), one("ozeki", NonConformant, Fail)
	a.Load = []Load{{Samples: []LoadSample{{ID: "wukongim-1"}}, Verdict: LoadMet}}
	whole := Merge([]*Run{a, b})
	if whole.Verdict != NonConformant || whole.Counts.Pass != 1 || whole.Counts.Fail != 1 || len(whole.All()) != 2 || !whole.End {
		t.Errorf("%+v", whole)
	}
	if err := whole.Check(); err != nil {
		t.Error(err)
	}
	byID := whole.ExchangesByID()
	for _, r := range whole.Requirements {
		e := r.Evidence[0]
		if byID[e.Exchange] == nil || len(e.Earlier(byID)) != 1 {
			t.Errorf("%s has lost its exchanges: %+v", r.ID, e)
		}
	}
	if len(byID) != 4 {
		t.Errorf("%d exchanges of 4 can be told apart", len(byID))
	}
	if a.Requirements[0].Evidence[0].Exchange != "x1" {
		t.Error("the record that was merged has changed")
	}
	if Merge([]*Run{a}) != a {
		t.Error("one record alone is that record")
	}
}

func TestMergeNamesTheCatalogueOfEachAPI(t *testing.T) {
	merged := func(digests ...string) Header {
		var runs []*Run
		for i, api := range []string{"wukongim", "ozeki"} {
			runs = append(runs, &Run{Run: Header{Catalog: digests[i]}, Target: Target{API: api}})
		}
		return Merge(runs).Run
	}
	h := merged("sha256:a", "sha256:b")
	if h.Catalogs["wukongim"] != "sha256:a" || h.Catalogs["ozeki"] != "sha256:b" || h.CatalogText() != "ozeki sha256:b, wukongim sha256:a" {
		t.Errorf("%+v", h)
	}
	for _, other := range []Header{merged("sha256:a", "sha256:c"), merged("sha256:c", "sha256:b"), merged("sha256:b", "sha256:a")} {
		if other.Catalog == h.Catalog || other.Catalog == "" {
			t.Errorf("%q stands for %v and for %v", h.Catalog, h.Catalogs, other.Catalogs)
		}
	}
}
