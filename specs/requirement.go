package specs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/specs/catalog"
)

// Family is one API with its specs.
type Family struct {
	API string
	// Register declares every spec of the family. It must not touch a target: it also runs to list them.
	Register func(*Suite)
	// Preflight looks whether the target speaks the API in this profile at all, and seeds a first world, before the first
	// spec. Its error is ErrRunTaken, a *fixtures.SeedError, or a sentence for the user that says what the target looks
	// like and which profile or API to try.
	Preflight func(*Trial) error
}

// Spec is one check of one requirement.
type Spec struct {
	Requirement catalog.Requirement
	Level       catalog.Level
	// Title says how it is judged: what is done, and what must come of it.
	Title       string
	Needs       []string // capabilities of the target
	Destructive bool     // inputs that have taken real servers down: runs last, and only on demand
	restarts    bool     // it stops and starts the target: runs after the ordinary ones
	body        func(*Trial)
	suite       []*Spec // all of the profile, this one among them
	number      int     // in order of registration, so that names do not depend on a filter
}

// Suite is what a family registers its specs with.
type Suite struct {
	catalog *catalog.Family
	profile string
	specs   []*Spec
	problem error
}

// An Option tells more of a spec.
type Option func(*Spec)

// Needs says that the spec can only be judged on a target with this capability.
func Needs(capability string) Option {
	return func(s *Spec) { s.Needs = append(s.Needs, capability) }
}

// Destructive says that the spec sends what has taken real servers down.
func Destructive() Option { return func(s *Spec) { s.Destructive = true } }

// AtMost says that this one spec judges a part of its statement that has a lower level than the whole.
func AtMost(level catalog.Level) Option {
	return func(s *Spec) {
		harder := []catalog.Level{catalog.Must, catalog.Should, catalog.Probe}
		if slices.Index(harder, level) > slices.Index(harder, s.Level) {
			s.Level = level
		}
	}
}

// Profile is the profile that the suite is registered for.
func (s *Suite) Profile() string { return s.profile }

// Requirement declares a spec of the requirement id. The title says how it is judged. The level of the requirement in
// the suite's profile decides what a failure is; a spec of a requirement that is not in the profile is left out.
func (s *Suite) Requirement(id, title string, body func(*Trial), options ...Option) {
	requirement, ok := s.catalog.Get(id)
	if !ok {
		s.fail("spec %q: the catalogue of %s has no requirement %q", title, s.catalog.API, id)
		return
	}
	spec := &Spec{Requirement: requirement, Level: requirement.LevelIn(s.profile), Title: title, body: body, number: len(s.specs) + 1}
	for _, option := range options {
		option(spec)
	}
	for _, need := range spec.Needs {
		if _, known := s.catalog.Capabilities[need]; !known {
			s.fail("spec %q of %s: the catalogue knows no capability %q", title, id, need)
		}
	}
	if slices.ContainsFunc(s.specs, func(other *Spec) bool { return other.Requirement.ID == id && other.Title == title }) {
		s.fail("spec %q of %s stands twice", title, id)
	}
	s.specs = append(s.specs, spec)
}

func (s *Suite) fail(format string, args ...any) {
	if s.problem == nil {
		s.problem = fmt.Errorf(format, args...)
	}
}

// Specs are the family's specs that belong to the profile, in order of registration. The error is a mistake in the
// family's registration: an unknown id, an unknown capability, a title that stands twice.
func (f Family) Specs(profile string) ([]*Spec, error) {
	family, err := catalog.Of(f.API)
	if err != nil {
		return nil, err
	}
	suite := &Suite{catalog: family, profile: profile}
	f.Register(suite)
	if suite.problem != nil {
		return nil, suite.problem
	}
	specs := slices.DeleteFunc(suite.specs, func(s *Spec) bool { return !s.Requirement.In(profile) })
	for _, spec := range specs {
		spec.suite = specs
	}
	return specs, nil
}

// Labels are the words that a filter can select the spec by.
func (s *Spec) Labels() []string {
	labels := []string{s.Requirement.ID, string(s.Level), endpointLabel(s.Requirement.Endpoint)}
	if s.Destructive {
		labels = append(labels, "destructive")
	}
	return append(labels, s.Needs...)
}

// endpointLabel is an endpoint in one word: its path's last part, clearUnread, or "over-time".
func endpointLabel(endpoint string) string {
	return strings.ReplaceAll(endpoint[strings.LastIndex(endpoint, "/")+1:], " ", "-")
}
