package specs

import (
	"testing"
	"time"

	"github.com/parley-im/parley/reports"
)

// TestATargetThatIsTooSlowIsGivenUp: by the mean of a minute of waiting; a far-away server is none of these.
func TestATargetThatIsTooSlowIsGivenUp(t *testing.T) {
	for each, want := range map[time.Duration]bool{300 * time.Millisecond: false, 800 * time.Millisecond: false, 2 * time.Second: true, 10 * time.Second: true} {
		env := &Env{Timeout: 10 * time.Second}
		link := env.link()
		var stopped *Stopped
		link.stop = func(why *Stopped) { stopped = why }
		spent := time.Duration(0)
		for ; spent < 3*time.Minute && stopped == nil; spent += each {
			link.spend(each)
		}
		if (stopped != nil) != want || want && (spent > 70*time.Second || stopped.Cause != reports.CauseSlow) {
			t.Errorf("%s an answer: given up %v after %s", each, stopped, spent)
		}
	}
}
