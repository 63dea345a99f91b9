package mutation

import (
	"context"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/reference/clock"
	wkserver "github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/variants"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// thorough is the environment variable that makes the tests of variants long: so many seeds of the whole suite against each
// variant alone and against all of them together.
const thorough = "PARLEY_VARIANT_SEEDS"

// fewParts is into how many parts the suite is cut where time is short: each seed takes the next part, so that every spec
// meets all variants together many times.
const fewParts = 8

// lot says how much one test runs: these seeds, and of the suite one part in so many.
func lot(t *testing.T, few int64) (seeds int64, parts int) {
	t.Helper()
	// Most of what a run makes is garbage at once, and the machine has memory.
	before := debug.SetGCPercent(400)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	said := os.Getenv(thorough)
	if said == "" {
		return few, fewParts
	}
	n, err := strconv.ParseInt(said, 10, 32)
	if err != nil || n < 1 {
		t.Fatalf("%s must be a number of seeds, got %q", thorough, said)
	}
	return n, 1
}

// part is every n-th spec of the profile, from the at-th.
func part(t *testing.T, profile string, n int, at int64) []*specs.Spec {
	t.Helper()
	known, _, err := familyOf("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	all, err := known.specs.Specs(profile)
	if err != nil {
		t.Fatal(err)
	}
	var some []*specs.Spec
	for i := int(at) % n; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// profileOf lets every fifth seed run the older profile.
func profileOf(seed int64) string {
	if seed%5 == 4 {
		return "v1"
	}
	return "v2"
}

func eventual(names []string) bool {
	return slices.ContainsFunc(variants.All(), func(v variants.Variant) bool { return v.Eventual && slices.Contains(names, v.Name) })
}

// judge runs specs in process against the reference with these variants, and calls whatever speaks against it an alarm.
func judge(t *testing.T, all []*specs.Spec, profile string, names []string, seed int64) {
	t.Helper()
	turned := clock.NewManual(Now)
	handler, err := variants.New(wkserver.Options{Profile: profile, Token: token, Clock: turned.Now, Seed: seed}, names, seed)
	if err != nil {
		t.Fatal(err)
	}
	env, err := Env("wukongim", profile, handler, turned, seed)
	if err != nil {
		t.Fatal(err)
	}
	judgeOver(t, all, env, names)
}

func judgeOver(t *testing.T, all []*specs.Spec, env *specs.Env, names []string) {
	t.Helper()
	_, rows, err := familyOf("wukongim")
	if err != nil {
		t.Fatal(err)
	}
	env.Eventual = eventual(names)
	run := specs.Run(context.Background(), all, env, nil).Outcome(rows, env, nil, true)
	for _, r := range run.Requirements {
		// An optional field that is left out, say, leaves nothing to judge: that is no alarm.
		if !slices.Contains([]reports.Verdict{reports.Pass, reports.Info, reports.NotTestable, reports.NotDeclared}, r.Verdict) {
			t.Errorf("a false alarm in %s, seed %d, by %s: %s is %s: %s", env.Profile, env.RNG, strings.Join(names, "+"), r.ID, r.Verdict, r.Reason)
		}
	}
	if 4*run.Counts.Pass < 3*run.Counts.Planned-4*run.Counts.Info {
		t.Errorf("%s, seed %d, %s: too little was judged to say anything: %+v", env.Profile, env.RNG, strings.Join(names, "+"), run.Counts)
	}
}

func TestNoVariantAloneRaisesAnAlarm(t *testing.T) {
	began := time.Now()
	seeds, parts := lot(t, 2)
	for i, v := range variants.All() {
		for seed := range seeds {
			profile := profileOf(seed)
			if !v.In(profile) {
				profile = v.Profiles[0]
			}
			judge(t, part(t, profile, parts, seed+2*int64(i)), profile, []string{v.Name}, seed)
		}
		if parts == 1 {
			t.Logf("%s: %d seeds in %s", v.Name, seeds, time.Since(began).Round(time.Second))
		}
	}
}

func TestAllVariantsTogetherRaiseNoAlarm(t *testing.T) {
	seeds, parts := lot(t, 50)
	for seed := range seeds {
		// Profiles and parts turn at different paces, so that each part meets each profile.
		profile := profileOf(seed)
		judge(t, part(t, profile, parts, seed+seed/5), profile, variants.Together(profile, seed), seed)
	}
}

// How an answer travels shows only on a real connection.
func TestNoAlarmOverTheLoopback(t *testing.T) {
	_, parts := lot(t, 1)
	for at, names := range [][]string{{"chunked"}, {"connection-close"}, {"late"}, {"chunked", "connection-close", "odd-spaces"}} {
		target := wkfixtures.Embedded("v2")
		handler, err := variants.New(wkserver.Options{Token: target.Auth.Value}, names, 1)
		if err != nil {
			t.Fatal(err)
		}
		target, stop, err := wkfixtures.Start(target, handler)
		if err != nil {
			t.Fatal(err)
		}
		judgeOver(t, part(t, "v2", parts, int64(at)), &specs.Env{
			URL: target.URL, Profile: "v2", AuthHeader: target.Auth.Header, AuthValue: target.Auth.Value, AuthDenied: target.Auth.Denied,
			Timeout: target.Timeout, Settle: target.Settle, Capabilities: target.Capabilities(), Seeder: wkfixtures.NewNative(target),
			Run: "p0a1b2c3d", RNG: 1,
		}, names)
		stop()
	}
}

// An id that says nothing takes a look at the messages: a personal channel's must not be taken for the target's own, nor the other
// way round, wherever an answer comes without messages.
func TestPersonalIDsThatSayNothingRaiseNoAlarm(t *testing.T) {
	lot(t, 1)
	for _, profile := range []string{"v2", "v1"} {
		for _, names := range [][]string{{"opaque-personal-ids"}, {"opaque-personal-ids", "system-conversation"}} {
			judge(t, part(t, profile, 1, 0), profile, names, 1)
		}
	}
}
