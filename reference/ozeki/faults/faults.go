// Package faults is the Ozeki Chat reference wrong on purpose: each fault breaks a statement of the documents, and as
// little else as possible, so that a conformance suite can show that it notices.
//
// A fault is a decorator over the model or the handler; the honest server knows nothing of it. The package may know all
// of the Ozeki Chat reference, and no suite: which ids a fault breaks is written here from the documents.
package faults

import (
	"net/http"
	"slices"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/server"
)

// Fault is one way in which the reference can be wrong. It has one of the decorators.
type Fault struct {
	fault.Fault
	// Model is wrong about what an operation means.
	Model func(model.Model) model.Model
	// Handler is wrong about what is on the wire.
	Handler func(http.Handler) http.Handler
}

// All are the faults, by theme.
func All() []Fault {
	return slices.Concat(calls, objects, clearing, listing, adding, downloading, paging, marking(), marks, refusing, together)
}

// List are the faults as those see them who only name them.
func List() []fault.Fault {
	var list []fault.Fault
	for _, f := range All() {
		list = append(list, f.Fault)
	}
	return list
}

// New is the reference with the named faults, the first named innermost wherever two decorate the same. No names make
// the honest server. The error is a *fault.Unknown. No fault is left to chance, so seed decides nothing.
func New(o server.Options, names []string, _ int64) (http.Handler, error) {
	picked, err := fault.Pick("fault", All(), func(f Fault) string { return f.Name }, names)
	if err != nil {
		return nil, err
	}
	for _, f := range picked {
		if f.Model == nil {
			continue
		}
		if o.Model == nil {
			o.Model = model.New(o.Seed)
		}
		o.Model = f.Model(o.Model)
	}
	var handler http.Handler = server.New(o)
	for _, f := range picked {
		if f.Handler != nil {
			handler = f.Handler(handler)
		}
	}
	return handler, nil
}

// wired is a fault of the wire.
func wired(name, summary string, wrong func(http.Handler) http.Handler, breaks ...string) Fault {
	return Fault{Fault: fault.Fault{Name: name, Breaks: breaks, Summary: summary, Odds: 1}, Handler: wrong}
}

// meant is a fault of the meaning.
func meant(name, summary string, wrong func(model.Model) model.Model, breaks ...string) Fault {
	return Fault{Fault: fault.Fault{Name: name, Breaks: breaks, Summary: summary, Odds: 1}, Model: wrong}
}
