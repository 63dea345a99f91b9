// Package variants is Yunhu's reference answering otherwise wherever the documents leave it free: a server that does
// everything they say, and yet looks like another. No check of conformance may speak against any of it.
//
// It decorates the honest model and handler from outside; they know nothing of it. It may know the rooms of Yunhu's
// reference, and chance.
package variants

import (
	"net/http"
	"slices"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// Variant is one freedom, taken in another way than the reference takes it.
type Variant struct {
	Name    string // by what it does: zeros-written
	Summary string // one sentence
	// Freedom says what leaves it open: the words of a document, or that they say nothing of it.
	Freedom string
	// Choice is the freedom's name where several variants take the same one: a server can be but one of these.
	Choice string
	// Profiles are those in which it is a freedom; nil: all.
	Profiles []string
	// Eventual says that a change may take a moment to show: a target that must be declared as such.
	Eventual bool

	model   func(model.Model) model.Model
	codec   func(*server.Codec)
	handler func(*fault.Chance, http.Handler) http.Handler
}

// In tells whether the variant is a freedom in the profile; the empty profile is 2025.
func (v Variant) In(profile string) bool {
	if profile == "" {
		profile = string(wire.P2025)
	}
	return v.Profiles == nil || slices.Contains(v.Profiles, profile)
}

// All are the variants, in the order in which they are laid over the reference.
func All() []Variant {
	return slices.Concat(semantics, lists, digests, encodings, envelopes, transfers, names, replicas)
}

// Together are the names of variants that can be taken at once in a profile, as many as there are: of those that are one
// choice, the seed picks one. Eventual ones are left out, since they need a target that is declared so.
func Together(profile string, seed int64) []string {
	open := slices.DeleteFunc(All(), func(v Variant) bool { return v.Eventual || !v.In(profile) })
	return fault.Together(choices(open), seed)
}

func choices(all []Variant) []fault.Choice {
	taken := make([]fault.Choice, len(all))
	for i, v := range all {
		taken[i] = fault.Choice{Variant: v.Name, Name: v.Choice}
	}
	return taken
}

// New is the reference with the named variants laid over it; seed decides what they leave to chance. An unknown name is a
// *fault.Unknown, two that exclude each other are a *fault.ConflictError. A variant that is no freedom in o.Profile changes
// nothing. New panics where server.New does.
func New(o server.Options, wanted []string, seed int64) (http.Handler, error) {
	picked, err := fault.Pick("variant", All(), func(v Variant) string { return v.Name }, wanted)
	if err != nil {
		return nil, err
	}
	if err := fault.Compatible(choices(picked)); err != nil {
		return nil, err
	}
	if o.Model == nil {
		o.Model = model.New()
	}
	o.ExclusiveList = true // what a variant remembers between lists needs no lock of its own
	picked = slices.DeleteFunc(picked, func(v Variant) bool { return !v.In(o.Profile) })
	for _, v := range picked {
		if v.model != nil {
			o.Model = v.model(o.Model)
		}
		if v.codec != nil {
			v.codec(&o.Codec)
		}
	}
	var handler http.Handler = server.New(o)
	chance := fault.NewChance(seed)
	for _, v := range picked {
		if v.handler != nil {
			handler = v.handler(chance, handler)
		}
	}
	return handler, nil
}

// The profiles of variants that are a freedom in one alone.
var (
	only2025 = []string{"2025"}
	only2026 = []string{"2026"}
)
