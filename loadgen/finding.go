package loadgen

import (
	"fmt"

	"github.com/parley-im/parley/specs/catalog"
)

// Statements are what the documents of a family say in one profile, each with its level.
type Statements map[string]catalog.Level

// StatementsOf reads them from the catalogue.
func StatementsOf(api, profile string) (Statements, error) {
	family, err := catalog.Of(api)
	if err != nil {
		return nil, err
	}
	all := Statements{}
	for _, r := range family.In(profile) {
		all[r.ID] = r.LevelIn(profile)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the catalogue of %s has no statement for the profile %q", api, profile)
	}
	return all, nil
}

// Finding is one statement that an answer breaks.
type Finding struct {
	ID     string // of the requirement
	Must   bool   // the statement is a MUST: the answer is wrong
	Known  bool   // set by the engine: a known deviation excuses it
	Detail string // expected and got, in one line
}

// Findings collects what one answer breaks. Whoever judges names a statement; how hard it is, the catalogue says.
type Findings struct {
	Statements Statements
	Checked    bool // false: the answer is not in the sample, and nothing is kept
	all        []Finding
}

// Begin forgets the answer before.
func (f *Findings) Begin(checked bool) { f.Checked, f.all = checked, nil }

// Find notes that the answer breaks a statement. One answer breaks a statement once. What is a PROBE, or no statement of the
// profile at all, asks nothing of the target.
func (f *Findings) Find(id, format string, args ...any) {
	f.note(id, f.Statements[id], format, args...)
}

// Lesser is Find of a part of a statement that is a SHOULD, where the whole may be a MUST.
func (f *Findings) Lesser(id, format string, args ...any) {
	level := f.Statements[id]
	if level == catalog.Must {
		level = catalog.Should
	}
	f.note(id, level, format, args...)
}

func (f *Findings) note(id string, level catalog.Level, format string, args ...any) {
	if !f.Checked || level != catalog.Must && level != catalog.Should || repeated(f.all, id) {
		return
	}
	f.all = append(f.all, Finding{ID: id, Must: level == catalog.Must, Detail: fmt.Sprintf(format, args...)})
}

// All is what was found.
func (f *Findings) All() []Finding { return f.all }
