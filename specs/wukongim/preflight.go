package wukongim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// preflight looks whether the target has the endpoint that everything rests on, before a world is made there. A 404 of
// its own is no proof, since the documents do not say what an unknown uid is answered with: the path counts as absent
// where an arbitrary path gets the same answer, or where a user who has a conversation gets it as well.
func preflight(t *specs.Trial) error {
	x := t.Do(specs.Request{Path: syncPath, Body: specs.JSON(with{"uid": t.Name("nobody"), "version": 0, "msg_count": 1})})
	if x.Response == nil {
		return x.Err
	}
	if likeNowhere(t, x) {
		return noSync(t, x)
	}
	if t.Env.Profile != "v1" && olderGeneration(t) {
		return fmt.Errorf("the target looks like WuKongIM v1, which answers the older page of the documents: try --profile v1")
	}
	w, err := firstWorld(t)
	if err == nil && isNowhere(x) {
		if x := w.notFound(); x != nil {
			return noSync(t, x)
		}
	}
	if err == nil && t.Env.Profile != "v1" && w.withoutClear() {
		err = fmt.Errorf("the target has no POST %s, and looks like WuKongIM v1, whose older page has none either: try --profile v1", clearPath)
	}
	return err
}

// likeNowhere tells whether an answer is the one that the target gives to the same request under any path.
func likeNowhere(t *specs.Trial, x *exchange.Exchange) bool {
	if !isNowhere(x) {
		return false
	}
	nowhere := t.Do(specs.Request{Path: "/parley-asks-for-a-path-that-no-document-names", Body: x.Request.Body})
	return nowhere.Status() == x.Status() && kindOfBody(nowhere) == kindOfBody(x)
}

// isNowhere tells whether an answer may be that of a server without such an endpoint.
func isNowhere(x *exchange.Exchange) bool {
	return x.Status() == http.StatusNotFound || x.Status() == http.StatusMethodNotAllowed
}

func noSync(t *specs.Trial, x *exchange.Exchange) error {
	return fmt.Errorf("the target has no POST %s (%s): %s", syncPath, match.Told(x), looksLike(t))
}

// notFound is the answer to a sync of a user who has a conversation, where the target knows no such path; else nil.
func (w *world) notFound() *exchange.Exchange {
	if len(w.channels) == 0 {
		return nil // a static world has no user to spare
	}
	found := match.New("an answer that is not 404 or 405", func(x *exchange.Exchange) match.Result {
		if isNowhere(x) {
			return match.Failf("%s", match.Told(x))
		}
		return match.Pass()
	})
	if x, ok := w.t.Await(func() *exchange.Exchange { return w.full("ann") }, found); !ok {
		return x
	}
	return nil
}

// withoutClear tells whether the target has no clearUnread at all: not even a conversation that is there, and not even a
// body without a single field, is answered otherwise than under a path that nobody has. A 404 alone is no proof, since it
// is also how the page says that there is no such conversation.
func (w *world) withoutClear() bool {
	if len(w.channels) == 0 {
		return false // a static world has no conversation to spare
	}
	for _, body := range []with{{}, merge(w.channels[0].addressed("ann", nil), with{"uid": w.id("ann")})} {
		if !likeNowhere(w.t, w.t.Do(specs.Request{Path: clearPath, Header: w.headers("ann"), Body: specs.JSON(body)})) {
			return false
		}
	}
	return true
}

// firstWorld shows that the target can be seeded, and marks the run's id as used: whoever comes with the same id finds
// this user's conversation.
func firstWorld(t *specs.Trial) (*world, error) {
	w := newWorld(t)
	if t.Env.Seeder.Name() == fixtures.DriverStatic {
		return w, nil // what its file names can be used only once
	}
	w.group("preflight", "ann", "bob").says("bob", 1)
	before := t.Do(specs.Request{Path: syncPath, Body: specs.JSON(with{"uid": w.name("ann"), "version": 0, "msg_count": 1})})
	conversations, _ := readConversations(before)
	if slices.ContainsFunc(conversations, func(c conversation) bool { return c.channelID == w.channels[0].handle }) {
		return nil, specs.ErrRunTaken
	}
	w.put() // whether it shows is for the specs to judge
	return w, nil
}

// kindOfBody tells apart a server's own "no such path" from an endpoint's answer: by its type and the beginning of its
// text, without the path that it may repeat.
func kindOfBody(x *exchange.Exchange) string {
	body := string(x.Body())
	if u, err := url.Parse(x.Request.URL); err == nil {
		body = strings.ReplaceAll(body, u.Path, "")
	}
	return x.Response.Header.Get("Content-Type") + body[:min(len(body), 64)]
}

// olderGeneration tells v1 by what only it has: a list of conversations by GET, and no health page.
func olderGeneration(t *specs.Trial) bool {
	list := t.Do(specs.Request{Method: http.MethodGet, Path: "/conversations?uid=" + t.Name("nobody")})
	health := t.Do(specs.Request{Method: http.MethodGet, Path: "/health"})
	body, err := match.JSONBody(list)
	return list.Status() == http.StatusOK && err == nil && body.Kind == strictjson.Array && health.Status() == http.StatusNotFound
}

// looksLike says what the target may be instead.
func looksLike(t *specs.Trial) string {
	list := t.Do(specs.Request{Path: "/conversation/list", Body: specs.JSON(with{"uid": t.Name("nobody")})})
	if list.Status() == http.StatusOK {
		return "it looks like WuKongIM v3, which has /conversation/list instead; the documents of profiles v2 and v1 do not describe it"
	}
	ozeki := t.Do(specs.Request{Path: "/?srv=chatserver&api=chatconversation", Body: []byte("{}")})
	if body, err := match.JSONBody(ozeki); err == nil && body.Get("status").Kind == strictjson.String {
		return "it looks like Ozeki Chat: try --api ozeki"
	}
	yunhu := t.Do(specs.Request{Path: "/v1/conversation/list"})
	if yunhu.Response != nil && yunhu.Status() != http.StatusNotFound && yunhu.Status() != http.StatusMethodNotAllowed {
		return "it looks like Yunhu: try --api yunhu"
	}
	return "is --target the address of the HTTP API (WuKongIM: port 5001), with its path prefix if it has one?"
}
