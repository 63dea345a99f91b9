package yunhu

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// preflight looks which of the documented calls the target has, and declares each as a capability: what judges a call that
// is not there is not-declared. It seeds a first world, since a target may ask for a token before it looks at the path.
func preflight(t *specs.Trial) error {
	nowhere := t.Do(specs.Request{Path: noPath, Body: []byte("{}")})
	if nowhere.Response == nil {
		return nowhere.Err
	}
	if len(found(t, nil)) == 0 {
		return fmt.Errorf("the target has none of Yunhu's calls (POST %s is answered like a path that nobody has): %s", listPath, looksLike(t))
	}
	w := newWorld(t)
	w.group("preflight", "ann", "bob").says("bob", 1)
	w.seed()
	declare(t.Env, found(t, w.headers("ann")))
	return declareBots(t)
}

// declareBots tries whether the seeding makes a chat with a bot. Who refuses the content of that call, or cannot make it, is
// not asked for bots again.
func declareBots(t *specs.Trial) error {
	t.Env.Capabilities = slices.DeleteFunc(slices.Clone(t.Env.Capabilities), func(c string) bool { return c == withBots })
	w := newWorld(t)
	w.bot("preflight-bot", "cid").says("", 1)
	var failed *fixtures.SeedError
	_, err := t.Env.Seeder.Seed(t.Context(), t.Env.Run, w.wanted())
	switch {
	case err == nil:
		t.Env.Capabilities = append(t.Env.Capabilities, withBots)
	case errors.Is(err, fixtures.ErrNotOffered):
	case errors.As(err, &failed) && t.Context().Err() == nil && (failed.Exchange == nil || fixtures.ContentRefused(failed.Exchange.Status())):
	default:
		return err
	}
	return nil
}

// noPath is a path that no document names.
const noPath = "/v1/conversation/parley-asks-for-a-path-that-no-document-names"

// found are the calls that the target has: those whose path is answered otherwise than one that nobody has, by POST, or by
// GET where the target takes the wrong method.
func found(t *specs.Trial, user http.Header) []call {
	return slices.DeleteFunc(callsIn(t.Env.Profile), func(c call) bool {
		return absent(t, c.path, http.MethodPost, user) && absent(t, c.path, http.MethodGet, user)
	})
}

// absent tells whether the path is answered like one that nobody has: 404 or 405, of the same kind.
func absent(t *specs.Trial, path, method string, user http.Header) bool {
	ask := func(path string) *exchange.Exchange {
		return t.Do(specs.Request{Method: method, Path: path, Header: user.Clone()})
	}
	x := ask(path)
	if x.Status() != http.StatusNotFound && x.Status() != http.StatusMethodNotAllowed {
		return x.Response == nil
	}
	return method == http.MethodPost || ask(noPath).Status() == x.Status()
}

func declare(env *specs.Env, there []call) {
	env.Capabilities = slices.DeleteFunc(slices.Clone(env.Capabilities), func(c string) bool {
		return slices.ContainsFunc(calls, func(known call) bool { return known.capability() == c })
	})
	for _, c := range there {
		env.Capabilities = append(env.Capabilities, c.capability())
	}
}

// looksLike says what the target may be instead.
func looksLike(t *specs.Trial) string {
	sync := t.Do(specs.Request{Path: "/conversation/sync", Body: specs.JSON(with{"uid": t.Name("nobody")})})
	if body, err := match.JSONBody(sync); sync.Status() == http.StatusOK && err == nil && body.Kind == strictjson.Array {
		return "it looks like WuKongIM: try --api wukongim"
	}
	ozeki := t.Do(specs.Request{Path: "/?srv=chatserver&api=chatconversation", Body: []byte("{}")})
	if body, err := match.JSONBody(ozeki); err == nil && body.Get("status").Kind == strictjson.String {
		return "it looks like Ozeki Chat: try --api ozeki"
	}
	return "is --target the address that stands before /v1, with its path prefix if it has one?"
}
