package main

import (
	"net/http"

	"github.com/parley-im/parley/fixtures"
	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	wkserver "github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/specs"
	wkspecs "github.com/parley-im/parley/specs/wukongim"
)

// family is what the verbs know of one API: the only place where the rooms of a family meet.
type family struct {
	title    string
	specs    specs.Family
	native   func(fixtures.Target) fixtures.Seeder
	embedded func(profile string) fixtures.Target
	start    func(fixtures.Target, http.Handler) (fixtures.Target, func(), error)
	serve    func(serveVerb, func(string)) http.Handler
}

var families = map[string]family{
	"wukongim": {
		title:    "WuKongIM",
		specs:    wkspecs.Family(),
		native:   wkfixtures.NewNative,
		embedded: wkfixtures.Embedded,
		start:    wkfixtures.Start,
		serve: func(v serveVerb, log func(string)) http.Handler {
			return wkserver.New(wkserver.Options{Profile: v.Profile, Token: v.Token, Log: log})
		},
	},
}
