package yunhu_test

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/variants"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// longMode makes the test of single variants thorough: PARLEY_VARIANT_SEEDS=50 runs each alone with so many seeds.
const longMode = "PARLEY_VARIANT_SEEDS"

// fifty is how many seeds the freedoms are tried with; fewer in a hurry.
func fifty() int64 {
	if testing.Short() {
		return 4
	}
	return 50
}

func everySpec(s *specs.Spec) bool { return !s.Destructive }

// noAlarm runs the suite against the reference with these variants, and judges that nothing speaks against it.
func noAlarm(t *testing.T, profile string, names []string, eventual bool, seed int64) {
	t.Helper()
	turned := clock.NewManual(time.Date(2026, time.March, 14, 9, 26, 53, 0, time.UTC))
	target := yhfixtures.Embedded(profile)
	if eventual {
		target.Consistency = fixtures.Eventual
	}
	reference, err := variants.New(server.Options{Profile: profile, Token: target.Auth.Value, Clock: turned.Now}, names, seed)
	if err != nil {
		t.Fatal(err)
	}
	ticking := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turned.Advance(100 * time.Microsecond)
		reference.ServeHTTP(w, r)
	})
	for id, r := range judgedBy(t, profile, seed, target, ticking, turned, everySpec) {
		if r.Verdict != reports.Pass && r.Verdict != reports.Info {
			t.Errorf("%s, seed %d, variants %s: a false alarm: %s is %s: %s", profile, seed, strings.Join(names, "+"), id, r.Verdict, r.Reason)
		}
	}
}

func TestNoVariantAloneRaisesAnAlarm(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv(longMode)) // what is no number counts as 0
	for _, v := range variants.All() {
		for seed := range int64(max(n, 1)) {
			for _, profile := range []string{"2025", "2026"} {
				if v.In(profile) {
					noAlarm(t, profile, []string{v.Name}, v.Eventual, seed)
				}
			}
		}
	}
}

func TestAllVariantsTogetherRaiseNoAlarmInFiftySeeds(t *testing.T) {
	for seed := range fifty() {
		profile := []string{"2025", "2026"}[seed%2]
		noAlarm(t, profile, variants.Together(profile, seed), false, seed)
	}
}

func TestTheHonestReferenceRaisesNoAlarmInFiftySeeds(t *testing.T) {
	for seed := range fifty() {
		noAlarm(t, []string{"2025", "2026"}[seed%2], nil, false, seed)
	}
}
