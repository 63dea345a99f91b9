package reports

import (
	"fmt"
	"slices"
)

// Cause is why a run ended before it had judged what was planned.
type Cause string

// The causes.
const (
	CauseParley      Cause = "parley"      // a fault of parley itself, or of the machine that it runs on
	CauseUnreachable Cause = "unreachable" // the target never answered, or is no server of this API
	CauseUnseeded    Cause = "unseeded"    // conversations cannot be put onto the target
	CauseGone        Cause = "gone"        // the target went away
	CauseSlow        Cause = "slow"        // the target let too many requests wait
	CauseTime        Cause = "time"        // the time for the whole run was over
	CauseInterrupted Cause = "interrupted" // somebody ended the run
	CauseKilled      Cause = "killed"      // the run ended before it could write its record, which was made of its log
)

// causes orders them: of several runs in one record, the one that stands first here speaks for all.
var causes = []Cause{CauseParley, CauseUnreachable, CauseUnseeded, CauseGone, CauseSlow, CauseTime, CauseInterrupted, CauseKilled}

// Conclude counts the requirements, and says what they come to.
func (r *Run) Conclude() {
	r.Counts = Count(r.Requirements)
	r.Verdict, r.Reason = r.conclusion()
}

func (r *Run) conclusion() (verdict, reason string) {
	c, t := r.Counts, r.tally()
	switch {
	case c.Fail > 0:
		return NonConformant, ""
	case c.Error > 0:
		return Incomplete, fmt.Sprintf("%d %s met a fault of parley itself", c.Error, plural(c.Error, "requirement"))
	case c.NotRun+c.Indeterminate > 0:
		return Incomplete, fmt.Sprintf("%d of %d requirements were not judged", c.NotRun+c.Indeterminate, c.Planned)
	case t.must == 0:
		return Incomplete, "no MUST was planned, and without one nothing can be said of the target"
	case t.mustJudged == 0:
		return Incomplete, fmt.Sprintf("no MUST was judged, of %d that were planned", t.must)
	}
	return Conformant, ""
}

// Stop says that the run was cut short. What an answer has broken by then stays broken.
func (r *Run) Stop(cause Cause, reason string) {
	if r.Cause != "" && slices.Index(causes, r.Cause) <= slices.Index(causes, cause) {
		return
	}
	r.Cause, r.Reason = cause, reason
	if r.Verdict != NonConformant {
		r.Verdict = Incomplete
	}
}

// tally counts what a verdict and a headline rest on.
type tally struct {
	asked, must, mustJudged     int
	mustDeviates, othersDeviate int // as known
}

func (r *Run) tally() tally {
	var t tally
	for _, q := range r.Requirements {
		if !q.Asked() {
			continue
		}
		t.asked++
		if q.Level != Must {
			t.othersDeviate += one(q.Verdict == Expected)
			continue
		}
		t.must++
		t.mustJudged += one(q.Judged())
		t.mustDeviates += one(q.Verdict == Expected)
	}
	return t
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// worse orders verdicts on a run.
func worse(a, b string) bool {
	order := []string{Conformant, Incomplete, NonConformant}
	return slices.Index(order, a) > slices.Index(order, b)
}
