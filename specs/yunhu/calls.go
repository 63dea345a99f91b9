package yunhu

import (
	"net/http"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
)

// call is one documented call.
type call struct {
	name  string // the last part of its path
	path  string
	field string // the one field of its JSON body; empty: it is list
	since string // the profile that it came with; empty: both have it
}

var calls = []call{
	{name: "list", path: listPath},
	{name: "dismiss-notification", path: dismissPath, field: "chatId"},
	{name: "sort-change", path: sortPath, field: "userId"},
	{name: "remove", path: removePath, field: "chatId", since: "2026"},
}

// callsIn are the calls of a profile.
func callsIn(profile string) []call {
	return slices.DeleteFunc(slices.Clone(calls), func(c call) bool { return c.since > profile })
}

func (c call) capability() string { return "endpoint:" + c.name }

func (c call) needs() specs.Option { return specs.Needs(c.capability()) }

// body is a valid body about the chat, as the member knows it.
func (c call) body(of *chat, member string) []byte {
	if c.field == "" {
		return nil
	}
	return specs.JSON(with{c.field: of.id(member)})
}

// do makes the call with these headers.
func (c call) do(w *world, header http.Header, body []byte) *exchange.Exchange {
	header = header.Clone()
	if c.field == "" {
		header.Set("Content-Type", protobufType)
	}
	return w.t.Do(specs.Request{Path: c.path, Header: header, Body: body, Anonymous: header["Token"] == nil && ownToken(w.t.Env)})
}

// ownToken tells whether the target's credential goes in the header of the users' tokens, which a request without a token
// must then do without as well.
func ownToken(env *specs.Env) bool { return strings.EqualFold(env.AuthHeader, "token") }

// badTokens are the ways not to be logged in, in the eyes of a user with a token.
var badTokens = []struct {
	title  string
	header func(w *world, user string) http.Header
}{
	{"without a token", func(*world, string) http.Header { return http.Header{} }},
	{"with an empty token", func(*world, string) http.Header { return http.Header{"Token": {""}} }},
	{"with a token that nobody has", func(w *world, _ string) http.Header {
		if denied := w.t.Env.AuthDenied; denied != "" {
			return http.Header{"Token": {denied}}
		}
		return http.Header{"Token": {w.name("a-token-that-nobody-has")}}
	}},
	{"with half of a user's token", func(w *world, user string) http.Header {
		token := w.token(user)
		return http.Header{"Token": {w.t.Secret(token[:len(token)/2])}}
	}},
	{"with a user's token in which one letter is another", func(w *world, user string) http.Header {
		token := []byte(w.token(user))
		if at := len(token) / 2; token[at] == 'x' {
			token[at] = 'y'
		} else {
			token[at] = 'x'
		}
		return http.Header{"Token": {w.t.Secret(string(token))}}
	}},
	{"with the user's id as token", func(w *world, user string) http.Header {
		return http.Header{"Token": {w.id(user)}}
	}},
}

// token is the user's token; a target whose users have none cannot be judged by it.
func (w *world) token(user string) string {
	token := w.headers(user).Get("Token")
	if len(token) < 4 {
		w.t.NotTestable("seeding gave the user %s no header token, or one of less than 4 characters", w.name(user))
	}
	return token
}
