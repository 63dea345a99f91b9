package mutation

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// partVariable makes of this test binary the child of another one: it runs a part of the faults.
const partVariable = "PARLEY_MUTATION_PART"

func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		if err := Part(context.Background(), os.Stdout, part, Options{API: os.Getenv("PARLEY_MUTATION_API")}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// itself is a command of this binary as a child.
func itself(api string) func(ctx context.Context, part string) *exec.Cmd {
	return func(ctx context.Context, part string) *exec.Cmd {
		command := exec.CommandContext(ctx, os.Args[0])
		command.Env = append(os.Environ(), partVariable+"="+part, "PARLEY_MUTATION_API="+api)
		return command
	}
}

func TestEveryFaultIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole matrix takes minutes")
	}
	for api := range families {
		t.Run(api, func(t *testing.T) {
			m, err := Processes(t.Context(), runtime.GOMAXPROCS(0), itself(api), func(row Row) {
				if row.Judgement() != Killed {
					t.Logf("%s %s in %s: breaks %s, noticed by %v", row.Name, row.Judgement(), row.Profile, row.missedInWords(), row.Collateral())
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %s, in %d ms", api, m.Headline(), m.TookMS)
			if !m.Clean() {
				t.Error(m.Headline())
			}
			for _, gap := range m.Gaps() {
				t.Errorf("%s is broken by %d faults, want %d: a plain one and a subtle one, or a reason in the catalogue (unbroken)",
					gap.ID, len(m.FaultsOf(gap.ID)), FaultsEach)
			}
			checkUnbroken(t, m)
			checkLevels(t, m)
			write(t, m)
		})
	}
}

// write leaves the matrix as a page where the environment names a directory for it.
func write(t *testing.T, m *Matrix) {
	dir := os.Getenv("PARLEY_MUTATION_OUT")
	if dir == "" {
		return
	}
	f, err := os.Create(dir + "/matrix-" + m.API + ".html")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := WriteHTML(f, m); err != nil {
		t.Fatal(err)
	}
}

// checkLevels: who departs from a SHOULD alone is warned, and stays conformant.
func checkLevels(t *testing.T, m *Matrix) {
	t.Helper()
	levels := map[string]map[string]catalog.Level{}
	for _, r := range m.Requirements {
		levels[r.ID] = r.Levels
	}
	for _, row := range m.Rows {
		if slices.ContainsFunc(row.Breaks, func(id string) bool { return levels[id][row.Profile] == catalog.Must }) {
			continue
		}
		for id, v := range row.Cells {
			if v == reports.Fail {
				t.Errorf("%s breaks no MUST in %s, and fails %s: %s", row.Name, row.Profile, id, strings.Join(row.Specs[id], "; "))
			}
		}
	}
}

// checkUnbroken: a list that can rot is an error.
func checkUnbroken(t *testing.T, m *Matrix) {
	t.Helper()
	for _, r := range m.Requirements {
		faults := len(m.FaultsOf(r.ID))
		switch {
		case faults > 0 && r.Unbroken != "":
			t.Errorf("%s: the catalogue says why no fault breaks it, and %d do", r.ID, faults)
		case faults == 0 && r.Unbroken == "" && r.Unjudged == "":
			t.Errorf("%s: no fault breaks it, and the catalogue does not say why (unbroken)", r.ID)
		}
	}
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestFaultsAreNamedAndTiedToStatements(t *testing.T) {
	for api, known := range families {
		rows, err := catalog.Of(api)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range known.faults() {
			if !kebab.MatchString(f.Name) || slices.Contains(names, f.Name) {
				t.Errorf("%s: the name is no kebab-case, or stands twice", f.Name)
			}
			names = append(names, f.Name)
			if f.Summary == "" || strings.HasSuffix(f.Summary, ".") || f.Odds <= 0 || f.Odds > 1 || len(f.Breaks) == 0 {
				t.Errorf("%+v: needs a summary without a full stop, odds above 0 and up to 1, and an id", f)
			}
			for _, id := range f.Breaks {
				if r, ok := rows.Get(id); !ok || r.Unjudged != "" {
					t.Errorf("%s breaks %s, which the catalogue does not have, or nothing judges", f.Name, id)
				}
			}
		}
	}
}

func TestOneFaultIsRunAndJudged(t *testing.T) {
	m, err := Run(t.Context(), Options{API: "wukongim", Faults: []string{"cap-51"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Rows) != 1 || !m.Clean() || m.Rows[0].Profile != "v2" || len(m.Rows[0].Specs["WK-SYNC-08"]) == 0 {
		t.Errorf("cap-51 became %+v", m.Rows)
	}
	for name, o := range map[string]Options{
		"an unknown fault":   {API: "wukongim", Faults: []string{"cap-52"}},
		"an unknown api":     {API: "smoke-signals"},
		"an unknown profile": {API: "wukongim", Profile: "v9"},
	} {
		if m, err := Run(t.Context(), o); err == nil {
			t.Errorf("%s: got %d rows and no error", name, len(m.Rows))
		}
	}
}

func TestAProcessThatFailsSaysWhy(t *testing.T) {
	_, err := Processes(t.Context(), 2, itself("smoke-signals"), nil)
	if err == nil || !strings.Contains(err.Error(), "smoke-signals") {
		t.Errorf("got %v, want an error that names the api", err)
	}
	echo := func(ctx context.Context, _ string) *exec.Cmd {
		return exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	}
	if _, err := Processes(t.Context(), 1, echo, nil); err == nil || !strings.Contains(err.Error(), "told 0 rows") {
		t.Errorf("a child that tells something else: got %v", err)
	}
}
