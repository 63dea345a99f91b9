package main

import (
	"net/http"

	"github.com/parley-im/parley/fixtures"
	ozfixtures "github.com/parley-im/parley/fixtures/ozeki"
	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	yhfixtures "github.com/parley-im/parley/fixtures/yunhu"
	"github.com/parley-im/parley/loadgen"
	ozload "github.com/parley-im/parley/loadgen/ozeki"
	wkload "github.com/parley-im/parley/loadgen/wukongim"
	yhload "github.com/parley-im/parley/loadgen/yunhu"
	"github.com/parley-im/parley/reference/fault"
	ozfaults "github.com/parley-im/parley/reference/ozeki/faults"
	ozserver "github.com/parley-im/parley/reference/ozeki/server"
	ozvariants "github.com/parley-im/parley/reference/ozeki/variants"
	wkfaults "github.com/parley-im/parley/reference/wukongim/faults"
	wkserver "github.com/parley-im/parley/reference/wukongim/server"
	wkvariants "github.com/parley-im/parley/reference/wukongim/variants"
	yhfaults "github.com/parley-im/parley/reference/yunhu/faults"
	yhserver "github.com/parley-im/parley/reference/yunhu/server"
	yhvariants "github.com/parley-im/parley/reference/yunhu/variants"
	"github.com/parley-im/parley/specs"
	ozspecs "github.com/parley-im/parley/specs/ozeki"
	wkspecs "github.com/parley-im/parley/specs/wukongim"
	yhspecs "github.com/parley-im/parley/specs/yunhu"
)

// variant is a way of being right that differs from the reference's.
type variant struct{ name, summary, freedom string }

// family is what the verbs know of one API: the only place where the rooms of a family meet.
type family struct {
	title    string
	specs    specs.Family
	native   func(fixtures.Target) fixtures.Seeder // nil: its API has no call to seed with
	embedded func(profile string) fixtures.Target
	start    func(fixtures.Target, http.Handler) (fixtures.Target, func(), error)
	// restartable is the honest reference with a life cycle, for start; nil: the family has none.
	restartable func(fixtures.Target) (http.Handler, fixtures.Life, error)
	// serve is the reference: honest, or with faults or variants. done gives back what it holds.
	serve    func(v serveVerb, log func(string)) (handler http.Handler, done func() error, err error)
	faults   func() []fault.Fault
	variants func() []variant
	// load is what the family's users do under load, and which answers to them are right.
	load func(loadgen.Setup) (loadgen.Workload, error)
	// note is what a reader of a report must know of the family's limits.
	note string
}

var families = map[string]family{
	"wukongim": {
		title:    "WuKongIM",
		specs:    wkspecs.Family(),
		native:   wkfixtures.NewNative,
		embedded: wkfixtures.Embedded,
		start:    wkfixtures.Start,
		restartable: func(t fixtures.Target) (http.Handler, fixtures.Life, error) {
			r, err := wkfixtures.Reference(t)
			return r, r, err
		},
		serve:  serveWuKongIM,
		faults: wkfaults.List,
		load:   func(s loadgen.Setup) (loadgen.Workload, error) { return wkload.New(s) },
		variants: func() []variant {
			var all []variant
			for _, v := range wkvariants.All() {
				all = append(all, variant{v.Name, v.Summary, v.Freedom})
			}
			return all
		},
	},
	"ozeki": {
		title: "Ozeki Chat", specs: ozspecs.Family(), note: ozspecs.Note,
		native: ozfixtures.NewNative, embedded: ozfixtures.Embedded, start: ozfixtures.Start,
		serve: serveOzeki, faults: ozfaults.List,
		load: func(s loadgen.Setup) (loadgen.Workload, error) { return ozload.New(s) },
		variants: func() []variant {
			var all []variant
			for _, v := range ozvariants.All() {
				all = append(all, variant{v.Name, v.Summary, "the documents leave it open"})
			}
			return all
		},
	},
	"yunhu": {
		title: "Yunhu", specs: yhspecs.Family(),
		embedded: yhfixtures.Embedded, start: yhfixtures.Start,
		serve: serveYunhu, faults: yhfaults.List,
		load: func(s loadgen.Setup) (loadgen.Workload, error) { return yhload.New(s) },
		variants: func() []variant {
			var all []variant
			for _, v := range yhvariants.All() {
				all = append(all, variant{v.Name, v.Summary, v.Freedom})
			}
			return all
		},
	},
}

// held is what a reference holds that has no journal: nothing.
func held() error { return nil }

// journalOnly refuses --data where there is no journal.
func journalOnly(v serveVerb) error {
	if v.Data != "" {
		return fail(exitUsage, "--data: only the WuKongIM reference keeps a journal; the others forget everything when they stop")
	}
	return nil
}

func serveOzeki(v serveVerb, log func(string)) (handler http.Handler, done func() error, err error) {
	if err := journalOnly(v); err != nil {
		return nil, nil, err
	}
	o := ozserver.Options{Token: v.Token, Log: log, Seed: v.Seed}
	if len(v.Variant) > 0 {
		handler, err = ozvariants.New(o, v.Variant)
	} else {
		handler, err = ozfaults.New(o, v.Fault, v.Seed)
	}
	return handler, held, err
}

func serveYunhu(v serveVerb, log func(string)) (handler http.Handler, done func() error, err error) {
	if err := journalOnly(v); err != nil {
		return nil, nil, err
	}
	o := yhserver.Options{Profile: v.Profile, Token: v.Token, Log: log}
	if len(v.Variant) > 0 {
		handler, err = yhvariants.New(o, v.Variant, v.Seed)
	} else {
		handler, err = yhfaults.New(o, v.Fault, v.Seed)
	}
	return handler, held, err
}

func serveWuKongIM(v serveVerb, log func(string)) (handler http.Handler, done func() error, err error) {
	o := wkserver.Options{Profile: v.Profile, Token: v.Token, Log: log}
	done = func() error { return nil }
	if v.Data != "" {
		journal, err := wkserver.OpenJournal(v.Data)
		if err != nil {
			return nil, nil, err
		}
		o.Journal, done = journal, journal.Close
	}
	if len(v.Variant) > 0 {
		handler, err = wkvariants.New(o, v.Variant, v.Seed)
	} else {
		handler, err = wkfaults.New(o, v.Fault, v.Seed)
	}
	if err != nil {
		_ = done()
	}
	return handler, done, err
}
