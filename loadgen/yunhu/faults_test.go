package yunhu

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/yunhu/faults"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/specs/catalog"
)

// few are so few users that each of them does everything several times within a moment.
var few = fixtures.Population{
	Run: "p1a2b3c4d", Seed: 5, Users: 16, Conversations: 10, Messages: 6, Groups: 0.5, GroupSize: 30, Payload: 60,
}

// long has users with more than a hundred conversations.
var long = fixtures.Population{Run: "p1a2b3c4d", Seed: 5, Users: 150, Conversations: 40, Messages: 1, Payload: 30}

// seen are the faults of the reference that show under load, each with a statement that must be found broken.
var seen = []struct {
	fault, id  string
	population fixtures.Population
}{
	{"code-0", "YH-COM-3", few}, {"code-200", "YH-SORT-1", few}, {"code-as-text", "YH-COM-4", few}, {"code-with-fraction", "YH-COM-4", few},
	{"dismiss-msg-ok", "YH-DISMISS-1", few}, {"dismiss-no-users", "YH-DISMISS-1", few},
	{"dismiss-does-nothing", "YH-DISMISS-3", few}, {"dismiss-newest-30", "YH-DISMISS-3", long}, {"dismiss-twice-refused", "YH-DISMISS-4", few},
	{"dismiss-again-msg", "YH-DISMISS-4", few}, {"dismiss-all", "YH-DISMISS-5", few}, {"dismiss-prefix", "YH-DISMISS-5", few},
	{"list-as-json", "YH-LIST-1", few}, {"total-fixed32", "YH-LIST-1", few}, {"timestamp-as-text", "YH-LIST-1", few},
	{"last-byte-missing", "YH-LIST-17", few}, {"list-ends-at-8-kib", "YH-LIST-17", long},
	{"status-msg-ok", "YH-LIST-2", few}, {"status-code-0", "YH-LIST-2", few}, {"empty-without-status", "YH-LIST-2", few},
	{"total-plus-one", "YH-LIST-3", few}, {"total-of-unread", "YH-LIST-3", few}, {"list-cut-at-100", "YH-LIST-3", long},
	{"list-hides-read", "YH-LIST-3", few}, {"group-without-type", "YH-LIST-4", few}, {"user-without-id", "YH-LIST-4", few},
	{"timestamp-in-ms", "YH-LIST-5", few}, {"timestamp-ms-in-seconds", "YH-LIST-5", few}, {"read-without-time", "YH-LIST-5", few},
	{"at-in-groups", "YH-LIST-6", few}, {"unread-negative", "YH-LIST-7", few},
	{"first-twice", "YH-LIST-14", few},
	{"md5-ignored", "YH-LIST-10", few}, {"md5-any", "YH-LIST-10", few}, {"md5-of-ids", "YH-LIST-10", few}, {"md5-of-the-newest-50", "YH-LIST-10", long},
	{"sort-msg-ok", "YH-SORT-1", few}, {"sort-removes", "YH-SORT-3", few}, {"sort-reads", "YH-SORT-3", few}, {"sort-drops-last", "YH-SORT-3", few}, {"sort-total", "YH-SORT-3", few},
	{"sort-doubles", "YH-SORT-3", few}, {"remove-does-nothing", "YH-REMOVE-1", few}, {"remove-total-stays", "YH-REMOVE-1", few},
	{"remove-unread-only", "YH-REMOVE-1", few}, {"remove-all", "YH-REMOVE-1", few}, {"dismiss-for-all", "YH-ISO-1", few},
	{"list-of-the-last", "YH-ISO-1", few}, {"remove-for-all", "YH-ISO-1", few}, {"fourth-dismissal-lost", "YH-DISMISS-3", few},
	{"fifth-message-read", "YH-STATE-1", few},
}

// unseen are those that do not, by the reason.
var unseen = map[string][]string{
	"it shows in answers without a user's own token": {
		"anonymous-success", "half-token-accepted", "similar-token-accepted", "user-id-as-token", "refused-but-done", "code-401", "bare-401",
		"dismiss-code-minus-1", "sort-code-minus-1", "anonymous-empty-list", "refused-list-with-data", "status-code-32-bit", "code-unsigned",
		"code-unsigned-64", "refusal-says-1", "refusal-without-msg",
	},
	"it counts as an error, since the status is no success": {"dismiss-by-get", "list-redirects", "dismiss-500"},
	"no user makes such a request": {
		"get-served", "put-served-on-list", "wrong-method-200", "list-wants-content-type", "empty-md5-unchanged", "empty-md5-refused",
		"unknown-fields-refused", "unknown-fields-hide-md5", "no-json-500", "no-field-success", "refusal-msg-empty", "refusal-as-text",
		"wrong-type-panics", "outsiders-dismiss", "sort-shows-others", "dismiss-brings-back",
	},
	"no message comes while the target is loaded": {"dismiss-once", "dismiss-forever"},
	"a population mentions nobody": {
		"at-fixed64", "dismiss-keeps-mentioned", "mention-in-microseconds", "at-is-2", "at-counts", "at-never", "at-data-missing", "at-data-empty",
		"mentioner-in-field-5", "mentioned-twice", "mentioned-in-the-mentioner",
	},
	"names and previews are not judged under load":              {"name-is-id", "name-in-field-15", "no-preview-when-read"},
	"nobody in a population has do-not-disturb on":              {"certification-negative", "silence-negative", "silence-everywhere", "unread-silenced", "read-is-not-silenced"},
	"a population has no bots":                                  {"dismiss-bots-too", "bot-as-4", "bot-as-user", "certification-3", "sort-no-bots"},
	"a population has no such name, text or number of messages": {"msg-null", "cut-in-character", "unread-modulo-100"},
}

// TestFaultsAreFoundUnderLoad plants faults of the reference, each with the statement that must be found broken.
func TestFaultsAreFoundUnderLoad(t *testing.T) {
	for _, c := range seen {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			profile := "2026"
			if i := slices.IndexFunc(faults.All(), func(f faults.Fault) bool { return f.Name == c.fault }); !faults.All()[i].In(profile) {
				profile = "2025"
			}
			handler, err := faults.New(server.Options{Profile: profile}, []string{c.fault}, 1)
			if err != nil {
				t.Fatal(err)
			}
			o := trial{profile: profile, population: c.population, rate: 2500, lasts: 110 * time.Millisecond}
			if c.population.Users == long.Users {
				o.change = func(s *loadgen.Setup, a *loadgen.Attack) {
					// Those few users who have so many conversations must have the time to do something.
					s.Weights = map[string]float64{"list": 1, "refresh": 1, "dismiss": 2}
					a.Schedule.Curve = loadgen.Constant(5000, 2*o.lasts)
				}
			}
			r := attack(t, o, handler)
			statements, err := loadgen.StatementsOf("yunhu", profile)
			if err != nil {
				t.Fatal(err)
			}
			level := statements[c.id]
			if strings.HasSuffix(c.fault, "-msg-ok") {
				level = catalog.Should // of these statements the text is a part that is seen in an example
			}
			if found := [2]bool{r.Violations[c.id] > 0, r.Warnings[c.id] > 0}; found != [2]bool{level == catalog.Must, level == catalog.Should} {
				t.Fatalf("%s is a %s, and was found as violation and as warning: %v; violations %v, warnings %v, errors %v", c.id, level, found, r.Violations, r.Warnings, r.ErrorClass)
			}
			if level == catalog.Probe {
				return
			}
			if s := r.Samples[c.id]; s == nil || s.Exchange.Response == nil || s.Exchange.Request.Header.Get("token") == "" {
				t.Error("no whole exchange was kept")
			}
			if r.Violating == 0 && r.Warnings[c.id] == 0 {
				t.Errorf("wrong answers counted as correct: %+v", r.Counts)
			}
		})
	}
}

// TestEveryFaultIsSeenOrSaysWhyNot: a list that can rot is an error.
func TestEveryFaultIsSeenOrSaysWhyNot(t *testing.T) {
	listed := map[string]int{}
	for _, c := range seen {
		listed[c.fault]++
	}
	for _, names := range unseen {
		for _, name := range names {
			listed[name]++
		}
	}
	for _, f := range faults.All() {
		if listed[f.Name] != 1 {
			t.Errorf("%s stands %d times among what is seen under load and what is not", f.Name, listed[f.Name])
		}
		delete(listed, f.Name)
	}
	if len(listed) > 0 {
		t.Errorf("there are no faults %v", listed)
	}
	t.Logf("%d of %d faults are seen", len(seen), len(faults.All()))
}
