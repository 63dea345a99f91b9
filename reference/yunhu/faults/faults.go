// Package faults is the Yunhu reference wrong on purpose: each fault breaks a statement of the documents, and as little
// else as possible, so that a conformance suite can show that it notices.
//
// A fault is a decorator over the model, the codec or the handler; the honest server knows nothing of it. The package may
// know all of the Yunhu reference, and no suite: which ids a fault breaks is written here from the documents.
package faults

import (
	"net/http"
	"slices"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// Fault is one way in which the reference can be wrong. Of its decorators most faults have one.
type Fault struct {
	fault.Fault
	// Profiles are those in which it shows; nil: all.
	Profiles []string
	// Model is wrong about what an operation means.
	Model func(model.Model) model.Model
	// Codec is wrong about how answers are written.
	Codec func(*server.Codec)
	// Handler is wrong about HTTP.
	Handler func(http.Handler) http.Handler
}

// In tells whether the fault shows in a profile.
func (f Fault) In(profile string) bool {
	return f.Profiles == nil || slices.Contains(f.Profiles, profile)
}

// All are the faults, by theme.
func All() []Fault {
	return slices.Concat(calls, tokens, envelopes, dismissing, listForm, listTotals, listKinds, listTimes, listFlags, listTexts, listDouble,
		digests, sorting, removing, refusals, isolation, overTime)
}

// List are the faults as those see them who only name them.
func List() []fault.Fault {
	all := All()
	list := make([]fault.Fault, len(all))
	for i, f := range all {
		list[i] = f.Fault
	}
	return list
}

// New is the reference with the named faults, the first named innermost wherever two decorate the same. No names make the
// honest server. The error is a *fault.Unknown. seed decides when those faults show that show only sometimes.
func New(o server.Options, names []string, seed int64) (http.Handler, error) {
	picked, err := fault.Pick("fault", All(), func(f Fault) string { return f.Name }, names)
	if err != nil {
		return nil, err
	}
	if len(picked) == 0 {
		return server.New(o), nil
	}
	chance := fault.NewChance(seed)
	if o.Model == nil {
		o.Model = model.New()
	}
	o.Codec = whole(o.Codec)
	o.ExclusiveList = true // what a fault remembers between lists needs no lock of its own
	for _, f := range picked {
		if f.Model != nil {
			o.Model = f.Model(o.Model)
		}
		if f.Codec != nil {
			f.Codec(&o.Codec)
		}
	}
	var handler http.Handler = server.New(o)
	for _, f := range picked {
		if f.Handler != nil {
			handler = chance.Sometimes(f.Odds, handler, f.Handler(handler))
		}
	}
	return handler, nil
}

// whole is a codec in which every function stands, so that a fault can call the one that it replaces.
func whole(c server.Codec) server.Codec {
	if c.Show == nil {
		c.Show = server.Show
	}
	if c.AppendList == nil {
		c.AppendList = wire.AppendList
	}
	if c.AppendUnchanged == nil {
		c.AppendUnchanged = wire.AppendUnchanged
	}
	if c.AppendEnvelope == nil {
		c.AppendEnvelope = wire.AppendEnvelope
	}
	if c.Digest == nil {
		c.Digest = wire.Digest
	}
	return c
}

// named describes a fault that shows every time.
func named(name, summary string, breaks ...string) fault.Fault {
	return fault.Fault{Name: name, Breaks: breaks, Summary: summary, Odds: 1}
}

// The profiles of faults that show in one alone.
var (
	only2025 = []string{"2025"}
	only2026 = []string{"2026"}
)
