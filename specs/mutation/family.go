// Package mutation proves the suite itself: it runs the specs in process against servers that are wrong on purpose, and
// says which spec noticed.
//
// It is the one room of specs that may know the families, their references and their faults. It uses no network and
// no real waiting: the handler is called directly, and the clock is turned by hand.
package mutation

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/parley-im/parley/fixtures"
	wkfixtures "github.com/parley-im/parley/fixtures/wukongim"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/fault"
	ozfaults "github.com/parley-im/parley/reference/ozeki/faults"
	ozserver "github.com/parley-im/parley/reference/ozeki/server"
	wkfaults "github.com/parley-im/parley/reference/wukongim/faults"
	wkserver "github.com/parley-im/parley/reference/wukongim/server"
	yhfaults "github.com/parley-im/parley/reference/yunhu/faults"
	yhserver "github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	ozspecs "github.com/parley-im/parley/specs/ozeki"
	wkspecs "github.com/parley-im/parley/specs/wukongim"
	yhspecs "github.com/parley-im/parley/specs/yunhu"
)

// family is what a matrix needs of one API.
type family struct {
	specs  specs.Family
	faults func() []fault.Fault
	serve  func(served) (http.Handler, fixtures.Life, error)
	seeder func(fixtures.Target, exchange.Doer) fixtures.Seeder
}

// served is a reference that is wanted.
type served struct {
	profile string
	now     func() time.Time
	faults  []string // none: the honest one
	seed    int64
	// restarts says that it can be stopped and started: that costs time, and few faults show there.
	restarts bool
}

var families = map[string]family{
	"wukongim": {
		specs:  wkspecs.Family(),
		faults: wkfaults.List,
		serve:  serveWuKongIM,
		seeder: wkfixtures.NewNativeOver,
	},
	"ozeki": {
		specs:  ozspecs.Family(),
		faults: ozfaults.List,
		serve: func(s served) (http.Handler, fixtures.Life, error) {
			handler, err := ozfaults.New(ozserver.Options{Token: token, Clock: s.now, Seed: s.seed}, s.faults, s.seed)
			return handler, nil, err
		},
		seeder: fixtures.NewHookOver,
	},
	"yunhu": {
		specs:  yhspecs.Family(),
		faults: yhfaults.List,
		serve: func(s served) (http.Handler, fixtures.Life, error) {
			o := yhserver.Options{Profile: s.profile, Token: token, Clock: s.now, Key: []byte("in process")}
			handler, err := yhfaults.New(o, s.faults, s.seed)
			return handler, nil, err
		},
		seeder: fixtures.NewHookOver,
	},
}

func serveWuKongIM(s served) (http.Handler, fixtures.Life, error) {
	o := wkserver.Options{Profile: s.profile, Token: token, Clock: s.now, Seed: s.seed}
	if !s.restarts {
		handler, err := wkfaults.New(o, s.faults, s.seed)
		return handler, nil, err
	}
	r, err := wkfixtures.NewRestartable(func(j wkserver.Journal) (http.Handler, error) {
		o.Journal = j
		return wkfaults.New(o, s.faults, s.seed)
	})
	return r, r, err
}

// offered are the capabilities of a reference that nobody can restart: all others that the catalogue knows. What a
// preflight would find out is not asked for, since a fault may hide it.
func offered(rows *catalog.Family) []string {
	all := slices.Sorted(maps.Keys(rows.Capabilities))
	return slices.DeleteFunc(all, func(name string) bool { return name == specs.Restartable })
}

// APIs are the families that have faults, in alphabetical order.
func APIs() []string { return slices.Sorted(maps.Keys(families)) }

func familyOf(api string) (family, *catalog.Family, error) {
	known, ok := families[api]
	if !ok {
		return family{}, nil, fmt.Errorf("the api %q has no reference with faults", api)
	}
	rows, err := catalog.Of(api)
	return known, rows, err
}

// The credentials of a server in process, and where it seems to be.
const (
	token  = "in-process-token"
	denied = "in-process-denied"
	origin = "http://reference.invalid"
)

// tick is the time between two requests.
const tick = 100 * time.Microsecond

// Now is where the clock of a run in process begins: a fixed moment, so that the same seed gives the same run.
var Now = time.Date(2026, time.March, 14, 9, 26, 53, 589793238, time.UTC)

// Env is what a suite runs against in process: handler, called by its own name and credential, with a clock turned by
// hand that handler must share. Each request moves the clock on a little.
func Env(api, profile string, handler http.Handler, turned *clock.Manual, rng int64) (*specs.Env, error) {
	known, rows, err := familyOf(api)
	if err != nil {
		return nil, err
	}
	doer := &InProcess{Handler: handler, Clock: turned, Tick: tick}
	target, err := (*fixtures.File)(nil).Overlay(fixtures.Flags{API: api, Profile: profile, Target: origin, AuthValue: token, AuthDenied: denied,
		SeedDriver: fixtures.DriverHook, SeedURL: origin + "/_parley"})
	if err != nil {
		return nil, err
	}
	return &specs.Env{
		URL: origin, Profile: profile, AuthHeader: target.Auth.Header, AuthValue: token, AuthDenied: denied,
		Settle: time.Second, Timeout: 10 * time.Second, Capabilities: offered(rows),
		Seeder: known.seeder(target, doer), Doer: doer, Clock: turned, Run: fmt.Sprintf("p%08x", uint32(rng)), RNG: rng,
	}, nil
}
