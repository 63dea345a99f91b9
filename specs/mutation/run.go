package mutation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
)

// Options say what to run.
type Options struct {
	API string
	// Profile is the one in which all faults run that break something judged there; empty: each fault runs in the first
	// profile that judges everything it breaks, and in the next one where it survives.
	Profile string
	Seeds   []int64  // none: 1
	Faults  []string // names; none: all
	// Part and Parts divide the faults among processes: of each Parts faults the one at Part runs. Parts 0: all run.
	Part, Parts int
	// Progress gets each row as it is done; nil: nobody does.
	Progress func(Row)
}

// runner is a run under way.
type runner struct {
	Options
	family  family
	catalog *catalog.Family
	columns map[string]Requirement
}

// Run runs the suite against the reference with each fault in turn. Where the honest reference itself fails, nothing that
// the suite says of a fault means anything: that is an error.
func Run(ctx context.Context, o Options) (*Matrix, error) {
	began := time.Now()
	r, err := newRunner(o)
	if err != nil {
		return nil, err
	}
	list, err := r.faults()
	if err != nil {
		return nil, err
	}
	m := &Matrix{Schema: Schema, API: r.API, Catalog: r.catalog.Digest(), Seeds: r.Seeds, Requirements: columns(r.catalog), Rows: []Row{}}
	if r.Part == 0 {
		if err := r.honest(ctx); err != nil {
			return nil, err
		}
	}
	for i, f := range list {
		if r.Parts > 0 && i%r.Parts != r.Part {
			continue
		}
		row, err := r.row(ctx, f)
		if err != nil {
			return nil, err
		}
		m.Rows = append(m.Rows, row)
		if r.Progress != nil {
			r.Progress(row)
		}
	}
	m.TookMS = time.Since(began).Milliseconds()
	return m, nil
}

func newRunner(o Options) (*runner, error) {
	known, rows, err := familyOf(o.API)
	if err != nil {
		return nil, err
	}
	if len(o.Seeds) == 0 {
		o.Seeds = []int64{1}
	}
	if o.Profile != "" && !slices.Contains(rows.Profiles, o.Profile) {
		return nil, fmt.Errorf("%s has no profile %q: choose one of %s", o.API, o.Profile, strings.Join(rows.Profiles, ", "))
	}
	r := &runner{Options: o, family: known, catalog: rows, columns: map[string]Requirement{}}
	for _, column := range columns(rows) {
		r.columns[column.ID] = column
	}
	return r, nil
}

func columns(rows *catalog.Family) []Requirement {
	var all []Requirement
	for _, row := range rows.Requirements {
		levels := map[string]catalog.Level{}
		for _, profile := range row.Profiles {
			levels[profile] = row.LevelIn(profile)
		}
		all = append(all, Requirement{ID: row.ID, Endpoint: row.Endpoint, Statement: row.Statement, Levels: levels,
			Unjudged: row.Unjudged, Unbroken: row.Unbroken})
	}
	return all
}

// faults are those to run, all of them valid.
func (r *runner) faults() ([]fault.Fault, error) {
	list := r.family.faults()
	if len(r.Faults) > 0 {
		picked, err := fault.Pick("fault", list, func(f fault.Fault) string { return f.Name }, r.Faults)
		if err != nil {
			return nil, err
		}
		list = picked
	}
	var runnable []fault.Fault
	for _, f := range list {
		for _, id := range f.Breaks {
			if _, known := r.columns[id]; !known {
				return nil, fmt.Errorf("the fault %s breaks %s, which the catalogue of %s does not have", f.Name, id, r.API)
			}
		}
		if len(r.profiles(f)) > 0 {
			runnable = append(runnable, f)
		} else if r.Profile == "" {
			return nil, fmt.Errorf("the fault %s breaks %s, which no one profile judges together", f.Name, strings.Join(f.Breaks, ", "))
		}
	}
	return runnable, nil
}

// profiles are those that judge everything that the fault breaks.
func (r *runner) profiles(f fault.Fault) []string {
	var all []string
	for _, profile := range r.catalog.Profiles {
		unjudged := func(id string) bool { return !r.columns[id].Judged(profile) }
		if (r.Profile == "" || r.Profile == profile) && !slices.ContainsFunc(f.Breaks, unjudged) {
			all = append(all, profile)
		}
	}
	return all
}

// row runs the fault in its profiles, until it is killed.
func (r *runner) row(ctx context.Context, f fault.Fault) (row Row, err error) {
	for _, profile := range r.profiles(f) {
		if row, err = r.try(ctx, profile, f); err != nil || row.Judgement() == Killed {
			break
		}
	}
	return row, err
}

// honest runs the suite against the reference without faults, in every profile.
func (r *runner) honest(ctx context.Context) error {
	for _, profile := range r.catalog.Profiles {
		row, err := r.try(ctx, profile, fault.Fault{})
		if err != nil {
			return err
		}
		if noticed := row.noticed(); len(noticed) > 0 {
			return fmt.Errorf("the suite fails the honest reference of %s, profile %s, on %s: a fault cannot be told from it; look at parley conform",
				r.API, profile, strings.Join(noticed, ", "))
		}
	}
	return nil
}

// try runs the suite once for each seed against one fault; no name: against the honest reference.
func (r *runner) try(ctx context.Context, profile string, f fault.Fault) (Row, error) {
	began := time.Now()
	row := Row{Name: f.Name, Breaks: f.Breaks, Summary: f.Summary, Odds: f.Odds, Profile: profile,
		Cells: map[string]reports.Verdict{}, Specs: map[string][]string{}}
	for _, seed := range r.Seeds {
		run, err := r.suite(ctx, profile, f, seed)
		if err != nil {
			return row, err
		}
		row.note(run)
	}
	row.TookMS = time.Since(began).Milliseconds()
	return row, nil
}

func (r *runner) suite(ctx context.Context, profile string, f fault.Fault, seed int64) (*reports.Run, error) {
	all, err := r.family.specs.Specs(profile)
	if err != nil {
		return nil, err
	}
	env, err := r.env(profile, f, seed, all)
	if err != nil {
		return nil, err
	}
	session := specs.Run(ctx, all, env, nil)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("interrupted while the suite ran against %s: %w", called(f), err)
	}
	return session.Outcome(r.catalog, env, nil, false), nil
}

// env is a server with the fault. Restarts and destructive inputs are slow: they are there where the fault breaks what
// their specs judge, and on the honest reference.
func (r *runner) env(profile string, f fault.Fault, seed int64, all []*specs.Spec) (*specs.Env, error) {
	wanted := func(kind func(*specs.Spec) bool) bool {
		return f.Name == "" || slices.ContainsFunc(all, func(s *specs.Spec) bool { return kind(s) && slices.Contains(f.Breaks, s.Requirement.ID) })
	}
	turned := clock.NewManual(Now)
	s := served{profile: profile, now: turned.Now, seed: seed,
		restarts: wanted(func(s *specs.Spec) bool { return slices.Contains(s.Needs, restart) })}
	if f.Name != "" {
		s.faults = []string{f.Name}
	}
	handler, life, err := r.family.serve(s)
	if err != nil {
		return nil, err
	}
	env, err := Env(r.API, profile, handler, turned, seed)
	if err != nil {
		return nil, err
	}
	if life != nil {
		env.Life, env.Capabilities = life, append(env.Capabilities, restart)
	}
	env.Destructive = wanted(func(s *specs.Spec) bool { return s.Destructive })
	return env, nil
}

// restart is the capability of a target that can be stopped and started.
const restart = "restart"

func called(f fault.Fault) string {
	if f.Name == "" {
		return "the honest reference"
	}
	return "the fault " + f.Name
}

// note takes the verdicts of one run into the row. Of several seeds a verdict against the fault stays.
func (r *Row) note(run *reports.Run) {
	for _, requirement := range run.Requirements {
		if requirement.Verdict != reports.Pass && !against(r.Cells[requirement.ID]) {
			r.Cells[requirement.ID] = requirement.Verdict
		}
		for _, spec := range requirement.Specs {
			if against(spec.Verdict) && !slices.Contains(r.Specs[requirement.ID], spec.Title) {
				r.Specs[requirement.ID] = append(r.Specs[requirement.ID], spec.Title)
			}
		}
	}
}
