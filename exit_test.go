package main

import (
	"testing"

	"github.com/parley-im/parley/reports"
)

// TestOneFunctionDecidesTheExitCode: of several codes that hold, the gravest wins, as the contract orders them.
func TestOneFunctionDecidesTheExitCode(t *testing.T) {
	for name, c := range map[string]struct {
		run  reports.Run
		want int
	}{
		"all is well":                             {reports.Run{Verdict: reports.Conformant}, exitOK},
		"a failure":                               {reports.Run{Verdict: reports.NonConformant, Counts: reports.Counts{Fail: 1}}, exitNonConformant},
		"a threshold was missed":                  {reports.Run{Verdict: reports.NonConformant}, exitNonConformant},
		"not all was judged":                      {reports.Run{Verdict: reports.Incomplete}, exitIncomplete},
		"a record that says nothing":              {reports.Run{}, exitIncomplete},
		"a stale deviation":                       {reports.Run{Verdict: reports.Conformant, Counts: reports.Counts{Stale: 1}}, exitStale},
		"stale, and cut short":                    {reports.Run{Verdict: reports.Incomplete, Cause: reports.CauseInterrupted, Counts: reports.Counts{Stale: 1}}, exitIncomplete},
		"stale, and a failure":                    {reports.Run{Verdict: reports.NonConformant, Counts: reports.Counts{Stale: 1, Fail: 1}}, exitNonConformant},
		"a failure, and cut short":                {reports.Run{Verdict: reports.NonConformant, Cause: reports.CauseGone, Counts: reports.Counts{Fail: 1}}, exitNonConformant},
		"never reached":                           {reports.Run{Verdict: reports.Incomplete, Cause: reports.CauseUnreachable}, exitTarget},
		"a failure, and no seeding":               {reports.Run{Verdict: reports.NonConformant, Cause: reports.CauseUnseeded, Counts: reports.Counts{Fail: 1}}, exitTarget},
		"a fault of parley, and all that follows": {reports.Run{Verdict: reports.NonConformant, Cause: reports.CauseUnseeded, Counts: reports.Counts{Fail: 1, Error: 1, Stale: 1}}, exitParley},
	} {
		if got := codeOf(&c.run); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if got := gravest(exitIncomplete, exitNonConformant, exitOK); got != exitNonConformant {
		t.Errorf("of 4, 1 and 0 won %d", got)
	}
}
