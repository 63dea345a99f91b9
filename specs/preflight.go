package specs

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// ErrRunTaken says that an earlier run has left data on the target under this run's id.
var ErrRunTaken = errors.New("an earlier run with this id has left its data on the target")

// Preflight looks whether the target answers, speaks the family's API, and can be seeded. Its error is a sentence for the
// user; nothing was judged. It costs at most the timeout of a few requests.
func Preflight(ctx context.Context, family Family, env *Env) (err error) {
	if err := Reach(ctx, env); err != nil {
		return err
	}
	t := newTrial(ctx, env, &Spec{Title: "preflight"}, 0)
	t.learns = true
	defer func() {
		switch p := recover().(type) {
		case nil:
		case ended:
			err = errors.New(t.reason)
			if t.seedError != nil {
				err = t.seedError
			}
		default:
			panic(p)
		}
	}()
	if env.Life != nil { // parley has only just started it
		t.awaitSeedable()
	}
	return family.Preflight(t)
}

// Reach asks the target for anything: every HTTP status is an answer. Its error is a sentence for the user.
func Reach(ctx context.Context, env *Env) error {
	if env.Clock == nil {
		env.Clock = clock.Real{}
	}
	env.link()
	call, cancel := context.WithTimeout(ctx, env.Timeout)
	defer cancel()
	header := http.Header{}
	env.authorize(header)
	x := exchange.Do(call, env.Doer, exchange.Request{Method: http.MethodGet, URL: env.URL, Header: header}, 1<<20, false)
	if OwnLimit(x.Err) {
		return &Stopped{reports.CauseParley, ownFault(x.Err)}
	}
	if x.Response == nil {
		return fmt.Errorf("the target cannot be reached: %w; is the server running, and is %s its address?", x.Err, env.URL)
	}
	return nil
}
