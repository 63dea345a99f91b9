package reports

import "testing"

func TestMergeKeepsEveryThingFindable(t *testing.T) {
	one := func(api, verdict string, v Verdict) *Run {
		return &Run{Schema: Schema, Verdict: verdict, Target: Target{API: api}, Requirements: []Requirement{{ID: api + "-1", Endpoint: "POST /x", Verdict: v,
			Evidence: []Evidence{{Exchange: "x1", Before: []string{"x2"}}}}}, Exchanges: []Exchange{{ID: "x1"}, {ID: "x2"}}, End: true}
	}
	a, b := one("wukongim", Conformant, Pass), one("ozeki", NonConformant, Fail)
	whole := Merge([]*Run{a, b})
	if whole.Verdict != NonConformant || whole.Counts.Pass != 1 || whole.Counts.Fail != 1 || len(whole.All()) != 2 || !whole.End {
		t.Errorf("%+v", whole)
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
