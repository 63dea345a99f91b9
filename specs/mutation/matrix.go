package mutation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// Schema is the version of the matrix's shape as JSON. Keys are only ever added.
const Schema = 1

// Matrix is what the suite made of each fault.
type Matrix struct {
	Schema       int           `json:"schema"`
	API          string        `json:"api"`
	Catalog      string        `json:"catalog"` // digest of the catalogue
	Seeds        []int64       `json:"seeds"`
	TookMS       int64         `json:"took_ms"`
	Requirements []Requirement `json:"requirements"`
	Rows         []Row         `json:"rows"`
	// Nulls are what servers scored that know nothing.
	Nulls []NullScore `json:"null_servers,omitempty"`
}

// Requirement is one column: a statement, and how firmly it is made.
type Requirement struct {
	ID        string                   `json:"id"`
	Endpoint  string                   `json:"endpoint"`
	Statement string                   `json:"statement"`
	Levels    map[string]catalog.Level `json:"levels"` // by profile
	Unjudged  string                   `json:"unjudged,omitempty"`
	Unbroken  string                   `json:"unbroken,omitempty"` // why no fault breaks it
}

// Judged tells whether a failure of the statement counts in a profile.
func (r Requirement) Judged(profile string) bool {
	level := r.Levels[profile]
	return level == catalog.Must || level == catalog.Should
}

// JudgedAnywhere tells whether a failure of the statement counts in any profile.
func (r Requirement) JudgedAnywhere() bool {
	return slices.ContainsFunc(slices.Collect(maps.Keys(r.Levels)), r.Judged)
}

// Row is one fault and what the suite made of it.
type Row struct {
	Name    string   `json:"name"`
	Breaks  []string `json:"breaks"`
	Summary string   `json:"summary"`
	Odds    float64  `json:"odds"`
	Profile string   `json:"profile"`
	// Cells are the verdicts by requirement; what passed is left out.
	Cells map[string]reports.Verdict `json:"cells"`
	// Specs are the titles of the specs that noticed, by requirement.
	Specs  map[string][]string `json:"specs"`
	TookMS int64               `json:"took_ms"`
}

// Judgement is what became of a fault.
type Judgement string

// The judgements. Only Killed is good.
const (
	Killed   Judgement = "killed"   // every statement that it breaks was found broken
	Wrong    Judgement = "wrong"    // it was noticed, but not (or not only) where it breaks something: Missed says where
	Survived Judgement = "survived" // nothing noticed
)

// Judgement is what became of the row's fault.
func (r Row) Judgement() Judgement {
	switch {
	case len(r.Missed()) == 0:
		return Killed
	case len(r.noticed()) == 0:
		return Survived
	}
	return Wrong
}

// Missed are the statements that the fault breaks and the suite did not find broken.
func (r Row) Missed() []string {
	var missed []string
	for _, id := range r.Breaks {
		if !against(r.Cells[id]) {
			missed = append(missed, id)
		}
	}
	return missed
}

// Collateral are the statements that were found broken beside those that the fault says it breaks.
func (r Row) Collateral() []string {
	return slices.DeleteFunc(r.noticed(), func(id string) bool { return slices.Contains(r.Breaks, id) })
}

func (r Row) noticed() []string {
	var ids []string
	for id, verdict := range r.Cells {
		if against(verdict) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func against(v reports.Verdict) bool { return v == reports.Fail || v == reports.Warn }

// With are the rows that were judged so.
func (m *Matrix) With(j Judgement) []Row {
	var rows []Row
	for _, row := range m.Rows {
		if row.Judgement() == j {
			rows = append(rows, row)
		}
	}
	return rows
}

// FaultsOf are the rows whose fault breaks a statement.
func (m *Matrix) FaultsOf(id string) []Row {
	var rows []Row
	for _, row := range m.Rows {
		if slices.Contains(row.Breaks, id) {
			rows = append(rows, row)
		}
	}
	return rows
}

// FaultsEach is how many faults must break each statement whose failure counts: a plain one and a subtle one.
const FaultsEach = 2

// Gaps are the statements that too few faults break, although their failure counts and nothing says why.
func (m *Matrix) Gaps() []Requirement {
	var gaps []Requirement
	for _, r := range m.Requirements {
		if r.JudgedAnywhere() && r.Unjudged == "" && r.Unbroken == "" && len(m.FaultsOf(r.ID)) < FaultsEach {
			gaps = append(gaps, r)
		}
	}
	return gaps
}

// Clean tells whether every fault was killed.
func (m *Matrix) Clean() bool { return len(m.Rows) > 0 && len(m.With(Killed)) == len(m.Rows) }

// Headline is the matrix in one line.
func (m *Matrix) Headline() string {
	return fmt.Sprintf("%d of %d faults killed, %d noticed in the wrong place, %d survived",
		len(m.With(Killed)), len(m.Rows), len(m.With(Wrong)), len(m.With(Survived)))
}

// Merge puts the parts of a matrix together that several processes made. The rows stand in the faults' own order.
func Merge(parts []*Matrix) (*Matrix, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("there is no part of a matrix to put together")
	}
	whole := *parts[0]
	whole.Rows = nil
	for i, part := range parts {
		if part.Schema != whole.Schema || part.API != whole.API || part.Catalog != whole.Catalog {
			return nil, fmt.Errorf("part %d of the matrix is of another schema, api or catalogue than the first", i+1)
		}
		whole.Rows = append(whole.Rows, part.Rows...)
		whole.TookMS = max(whole.TookMS, part.TookMS)
	}
	known, _, err := familyOf(whole.API)
	if err != nil {
		return nil, err
	}
	order := map[string]int{}
	for i, f := range known.faults() {
		order[f.Name] = i
	}
	slices.SortStableFunc(whole.Rows, func(a, b Row) int { return cmp.Compare(order[a.Name], order[b.Name]) })
	return &whole, nil
}
