// Package catalog is the list of documented statements: what a target must do, who says so, and how hard the word is.
//
// It is parley's front door. It knows nothing of targets, specs or faults; these name statements by their ids.
package catalog

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed *.yaml
var files embed.FS

// Level is how hard a statement is: it decides the verdict where the statement does not hold.
type Level string

// The levels: a MUST that fails makes a target non-conformant, a SHOULD is a warning, a PROBE is only observed.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	Probe  Level = "PROBE"
)

// Basis is where a statement comes from.
type Basis string

// The bases: Said in prose or in a table, seen in an Example, Inferred from what the endpoint is for.
const (
	Said     Basis = "D"
	Example  Basis = "E"
	Inferred Basis = "I"
)

// Source is a document that statements stand in.
type Source struct {
	Title string `yaml:"title"` // as the document calls itself
	Gloss string `yaml:"gloss"` // the title in English
	Where string `yaml:"where"` // site and page
}

// Citation is where a statement stands: the document, its own words, and what they say in English.
type Citation struct {
	Document string `yaml:"document"` // key of a Source
	Quote    string `yaml:"quote,omitempty"`
	Gloss    string `yaml:"gloss,omitempty"`
}

// Requirement is one documented statement.
type Requirement struct {
	ID        string `yaml:"id"`
	Endpoint  string `yaml:"endpoint"`
	Statement string `yaml:"statement"`
	// Level applies in every profile that Levels does not name.
	Level    Level            `yaml:"level"`
	Levels   map[string]Level `yaml:"levels,omitempty"`
	Basis    Basis            `yaml:"basis"`
	Profiles []string         `yaml:"profiles"`
	Document string           `yaml:"document"` // key of a Source
	Quote    string           `yaml:"quote,omitempty"`
	Gloss    string           `yaml:"gloss,omitempty"`
	// Cited names the profiles whose document is another than Document: each profile quotes its own pages.
	Cited map[string]Citation `yaml:"cited,omitempty"`
	// Unjudged says why no spec judges the statement yet; empty where one does.
	Unjudged string `yaml:"unjudged,omitempty"`
	// Unbroken says why no fault of the reference breaks the statement; empty where one does.
	Unbroken string `yaml:"unbroken,omitempty"`
}

// LevelIn is the statement's level in a profile.
func (r Requirement) LevelIn(profile string) Level {
	if level, ok := r.Levels[profile]; ok {
		return level
	}
	return r.Level
}

// CitationIn is where the statement stands for a profile.
func (r Requirement) CitationIn(profile string) Citation {
	if citation, ok := r.Cited[profile]; ok {
		return citation
	}
	return Citation{Document: r.Document, Quote: r.Quote, Gloss: r.Gloss}
}

// In tells whether the statement belongs to a profile.
func (r Requirement) In(profile string) bool { return slices.Contains(r.Profiles, profile) }

// Family is the catalogue of one API.
type Family struct {
	API          string            `yaml:"api"`
	Title        string            `yaml:"title"`
	Profiles     []string          `yaml:"profiles"` // the default first
	Capabilities map[string]string `yaml:"capabilities,omitempty"`
	Sources      map[string]Source `yaml:"sources"`
	Requirements []Requirement     `yaml:"requirements"`

	byID map[string]int
}

// Get is the statement with this id.
func (f *Family) Get(id string) (Requirement, bool) {
	i, ok := f.byID[id]
	if !ok {
		return Requirement{}, false
	}
	return f.Requirements[i], true
}

// In are the statements of a profile, in the catalogue's order.
func (f *Family) In(profile string) []Requirement {
	var in []Requirement
	for _, r := range f.Requirements {
		if r.In(profile) {
			in = append(in, r)
		}
	}
	return in
}

// Digest names the catalogue's content: the same digest, the same statements.
func (f *Family) Digest() string {
	data, err := files.ReadFile(f.API + ".yaml")
	if err != nil {
		panic(err) // the family was loaded from this file
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:8])
}

var load = sync.OnceValues(func() (map[string]*Family, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	families := map[string]*Family{}
	for _, entry := range entries {
		data, err := files.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		family, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", entry.Name(), err)
		}
		families[family.API] = family
	}
	return families, nil
})

func parse(data []byte) (*Family, error) {
	family := &Family{byID: map[string]int{}}
	if err := yaml.UnmarshalWithOptions(data, family, yaml.Strict()); err != nil {
		return nil, err
	}
	for i, r := range family.Requirements {
		if err := family.check(r); err != nil {
			return nil, err
		}
		family.byID[r.ID] = i
	}
	return family, nil
}

func (f *Family) check(r Requirement) error {
	if _, double := f.byID[r.ID]; double {
		return fmt.Errorf("%s stands twice", r.ID)
	}
	levels := []Level{r.Level}
	for profile, level := range r.Levels {
		if !r.In(profile) {
			return fmt.Errorf("%s: a level for profile %q, to which it does not belong", r.ID, profile)
		}
		levels = append(levels, level)
	}
	for _, level := range levels {
		if level != Must && level != Should && level != Probe {
			return fmt.Errorf("%s: unknown level %q", r.ID, level)
		}
	}
	if r.Basis != Said && r.Basis != Example && r.Basis != Inferred {
		return fmt.Errorf("%s: unknown basis %q", r.ID, r.Basis)
	}
	for _, profile := range r.Profiles {
		if !slices.Contains(f.Profiles, profile) {
			return fmt.Errorf("%s: unknown profile %q", r.ID, profile)
		}
	}
	if r.ID == "" || r.Statement == "" || r.Endpoint == "" || len(r.Profiles) == 0 {
		return fmt.Errorf("%s: id, statement, endpoint and profiles are needed", r.ID)
	}
	return f.checkCitations(r)
}

func (f *Family) checkCitations(r Requirement) error {
	citations := []Citation{{Document: r.Document, Quote: r.Quote, Gloss: r.Gloss}}
	for profile, citation := range r.Cited {
		if !r.In(profile) {
			return fmt.Errorf("%s: a citation for profile %q, to which it does not belong", r.ID, profile)
		}
		citations = append(citations, citation)
	}
	for _, citation := range citations {
		if _, ok := f.Sources[citation.Document]; !ok {
			return fmt.Errorf("%s: unknown document %q", r.ID, citation.Document)
		}
		if r.Basis == Said && citation.Quote == "" {
			return fmt.Errorf("%s: a statement that a document makes needs its quote", r.ID)
		}
	}
	return nil
}

// Of is the catalogue of an API: wukongim. An unknown name is an error that lists those there are.
func Of(api string) (*Family, error) {
	families, err := load()
	if err != nil {
		return nil, err
	}
	if family, ok := families[api]; ok {
		return family, nil
	}
	return nil, fmt.Errorf("unknown api %q: parley knows %s", api, strings.Join(APIs(), ", "))
}

// APIs are the families that have a catalogue, in alphabetical order.
func APIs() []string {
	families, err := load()
	if err != nil {
		return nil
	}
	var names []string
	for name := range families {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
