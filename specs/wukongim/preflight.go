package wukongim

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// preflight looks whether the target has the endpoint that everything rests on, before a world is made there. A 404 of
// its own is no proof, since the documents do not say what an unknown uid is answered with: the path counts as absent
// where an arbitrary path gets the same answer.
func preflight(t *specs.Trial) error {
	x := t.Do(specs.Request{Path: syncPath, Body: specs.JSON(with{"uid": t.Name("nobody"), "msg_count": 1})})
	if x.Response == nil {
		return x.Err
	}
	if x.Status() == http.StatusNotFound || x.Status() == http.StatusMethodNotAllowed {
		nowhere := t.Do(specs.Request{Path: "/parley-asks-for-a-path-that-no-document-names", Body: x.Request.Body})
		if nowhere.Status() == x.Status() && kindOfBody(nowhere) == kindOfBody(x) {
			return fmt.Errorf("the target has no POST %s (%s): %s", syncPath, match.Told(x), looksLike(t))
		}
	}
	if t.Env.Profile != "v1" && olderGeneration(t) {
		return fmt.Errorf("the target looks like WuKongIM v1, which answers the older page of the documents: try --profile v1")
	}
	return firstWorld(t)
}

// firstWorld shows that the target can be seeded, and marks the run's id as used: whoever comes with the same id finds
// this user's conversation.
func firstWorld(t *specs.Trial) error {
	if t.Env.Seeder.Name() == fixtures.DriverStatic {
		return nil // what its file names can be used only once
	}
	w := newWorld(t)
	w.group("preflight", "ann", "bob").says("bob", 1)
	before := t.Do(specs.Request{Path: syncPath, Body: specs.JSON(with{"uid": w.name("ann"), "msg_count": 1})})
	if conversations, r := readConversations(before); r.OK && len(conversations) > 0 && conversations[0].channelID == w.channels[0].handle {
		return specs.ErrRunTaken
	}
	w.put() // whether it shows is for the specs to judge
	return nil
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
