package ozeki

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// badBody is a body that must be refused, and what is wrong with it.
type badBody struct {
	title string
	body  []byte
}

func registerRefusals(s *specs.Suite) {
	registerNoJSON(s)
	registerUnknownAction(s)
	for _, action := range actions[1:] {
		registerConversationID(s, action)
		registerOutsider(s, action)
	}
	registerOddFields(s)
	registerHeaders(s)
	registerDestructive(s)
}

// refuses judges once that every body is refused, and then that nothing has changed for ann.
func (c *conversation) refuses(bodies []badBody) {
	w := c.w
	before := c.view("ann")
	var wrong []string
	var shownX *exchange.Exchange
	for _, bad := range bodies {
		x := w.raw("ann", bad.body, true)
		if r := refused().Judge(x); !r.OK {
			wrong = append(wrong, bad.title+": "+r.Got)
			if shownX == nil {
				shownX = x
			}
		}
		if x.Response == nil { // the target hung up, or hangs: more of the same would only take its time
			break
		}
	}
	w.t.Check(len(wrong) == 0, shownX, fmt.Sprintf("each of %d bodies refused: %s", len(bodies), refused().Expected),
		"%d otherwise: %s", len(wrong), strings.Join(wrong[:min(len(wrong), 6)], "; "))
	w.sees("ann", listed(c, "ann", same(before, "instance", "lastmessageid", "lastaccess"), ownAsBefore(before)))
}

func registerNoJSON(s *specs.Suite) {
	s.Requirement("OZ-ERR-1", "a body that is no JSON object is refused, and nothing changes", func(t *specs.Trial) {
		w, c := pair(t, 1)
		object := specs.JSON(w.body(clear, with{"conversationid": c.id(), "instance": c.instance("ann")}))
		c.refuses([]badBody{
			{"an empty body", nil},
			{"spaces", []byte("   ")},
			{"an object without its last brace", object[:len(object)-1]},
			{"half an object", object[:len(object)/2]},
			{"single quotes", bytes.ReplaceAll(object, []byte(`"`), []byte(`'`))},
			{"an array of the object", slices.Concat([]byte("["), object, []byte("]"))},
			{"a string", []byte(`"clear"`)}, {"a number", []byte("5")}, {"true", []byte("true")}, {"null", []byte("null")},
			{"a form", []byte("action=clear&conversationid=" + c.id())}, {"plain text", []byte("clear")},
		})
	}, needs(clear, list))
}

func registerUnknownAction(s *specs.Suite) {
	s.Requirement("OZ-ERR-1", "an unknown action is refused, and nothing changes", func(t *specs.Trial) {
		w, c := pair(t, 1)
		var bodies []badBody
		for _, action := range []any{unknownAction, "", "clear all", "delete", 5, true, nil, []any{"clear"}, with{}, 1.5} {
			body := w.body("", with{"conversationid": c.id(), "action": action})
			bodies = append(bodies, badBody{fmt.Sprintf("action %v", action), specs.JSON(body)})
		}
		without := w.body("", with{"conversationid": c.id()})
		delete(without, "action")
		c.refuses(append(bodies, badBody{"no action", specs.JSON(without)}, badBody{"an empty object", []byte("{}")}))
	}, needs(list))
}

// fields are what an action needs beside the conversation's id.
func (c *conversation) fields(action string) with {
	switch action {
	case color:
		return with{"color": blue}
	case hide:
		return with{"hideid": c.instance("ann") + ";"}
	case add:
		return with{"instance": c.instance("ann"), "message": c.message().text()}
	case clear:
		return with{"instance": c.instance("ann")}
	case download:
		return with{"instance": c.instance("ann"), "firstmessagedate": "2000-01-01 00:00:00", "firstmessageid": noUUID,
			"firstreportdate": "2000-01-01 00:00:00", "firstreportid": noUUID}
	case partial:
		return with{"instance": c.instance("ann"), "lastmessagedate": "2099-01-01 00:00:00", "lastmessageid": noUUID,
			"lastreportdate": "2099-01-01 00:00:00", "lastreportid": noUUID, "limit": 50}
	}
	return with{}
}

func registerConversationID(s *specs.Suite, action string) {
	s.Requirement("OZ-ERR-1", action+": a missing or unknown conversationid is refused, and nothing changes", func(t *specs.Trial) {
		w, c := pair(t, 1)
		bodies := []badBody{{"no conversationid", specs.JSON(w.body(action, c.fields(action)))}}
		for _, id := range unknownIDs(c) {
			members := c.fields(action)
			members["conversationid"] = id
			bodies = append(bodies, badBody{fmt.Sprintf("conversationid %.40v", id), specs.JSON(w.body(action, members))})
		}
		c.refuses(bodies)
	}, needs(action, list))
}

// unknownIDs are values of conversationid that name no conversation. The texts among them begin with the run's id, or with
// what the target gave the run: nobody else has such a name.
func unknownIDs(c *conversation) []any {
	run := c.w.t.Env.Run
	return []any{"", 5, true, nil, []any{c.id()}, with{"id": c.id()},
		digits(c.w.t) + strings.Repeat("0", 24), run + "-nowhere", run + strings.Repeat("a", 5000), run + "' OR '1'='1", run + "你好",
		c.id() + "0", c.id()[:len(c.id())-1], c.id() + "/../" + run}
}

// registerOddFields declares that no value of any other field is the server's own fault.
func registerOddFields(s *specs.Suite) {
	odd := []any{nil, "", "x", 5, -1, 1.5, true, []any{}, with{}, strings.Repeat("9", 400), "2024-13-45 99:99:99", "你\u0000好"}
	for _, action := range actions {
		s.Requirement("OZ-ERR-1", action+": no value of any field is answered with a 5xx", func(t *specs.Trial) {
			w, c := pair(t, 1)
			members := w.body(action, c.fields(action))
			members["conversationid"] = c.id()
			for _, name := range slices.Sorted(maps.Keys(members)) {
				for _, value := range odd {
					body := maps.Clone(members)
					if text, ok := value.(string); ok && name == "conversationid" && text != "" {
						value = t.Env.Run + text // nobody else has such a conversation
					}
					body[name] = value
					x := w.raw("ann", specs.JSON(body), true)
					t.Need(x, match.NoServerError())
				}
			}
			t.Expect(w.list("ann"), succeeds())
		}, needs(action, list))
	}
	s.Requirement("OZ-ERR-1", "add: no message in the string is answered with a 5xx", func(t *specs.Trial) {
		w, c := pair(t, 1)
		for _, text := range []string{"", "{}", "[]", "null", "{", "5", `{"ID":5}`, `{"ID":"","Type":"","Created":"","ValidUntil":"","Data":""}`,
			`{"ID":"` + t.Env.Run + `","Type":"Message","Created":"yesterday","ValidUntil":"tomorrow","Data":"*"}`} {
			t.Need(w.call("ann", add, with{"conversationid": c.id(), "instance": c.instance("ann"), "message": text}), match.NoServerError())
		}
		w.sees("ann", listed(c, "ann"))
	}, needs(add, list))
}

func registerHeaders(s *specs.Suite) {
	const id = "OZ-ERR-2"
	for _, missing := range []string{"Ozeki-Signature", "Ozeki-Station", "Ozeki-User"} {
		for _, action := range []string{clear, list, mute, download} {
			s.Requirement(id, action+" without "+missing+" is refused, and nothing changes", func(t *specs.Trial) {
				_, c := pair(t, 1)
				c.denied(action, func(header http.Header) { header.Del(missing) })
			}, needs(action, list))
		}
	}
	for _, action := range []string{clear, list, mute, download} {
		s.Requirement(id, action+" with a credential that the target declares denied is refused, and nothing changes", func(t *specs.Trial) {
			_, c := pair(t, 1)
			c.denied(action, func(header http.Header) { header.Set(t.Env.AuthHeader, t.Env.AuthDenied) })
		}, needs(action, list), specs.Needs("auth"))
	}
}

// denied judges that an action with spoiled headers is refused, shows nothing and changes nothing.
func (c *conversation) denied(action string, spoil func(http.Header)) {
	w := c.w
	before := c.view("ann")
	members := c.fields(action)
	members["conversationid"] = c.id()
	header := w.headers("ann")
	spoil(header)
	x := w.t.Do(specs.Request{Path: path, Header: header, Body: specs.JSON(w.body(action, members)), Anonymous: true})
	w.t.Expect(x, match.All(refused(), withholds(c.ids...)))
	w.sees("ann", listed(c, "ann", same(before, "instance", "lastmessageid"), ownAsBefore(before)))
}

// registerOutsider declares that nobody reaches a conversation of others.
func registerOutsider(s *specs.Suite, action string) {
	s.Requirement("OZ-ERR-3", action+" by a user who does not take part: nothing is read, nothing changes", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.direct("ann", "bob").says("bob", 2)
		w.direct("eve", "dan").says("dan", 1)
		w.seed()
		before := map[string]view{"ann": c.view("ann"), "bob": c.view("bob")}
		members := c.fields(action)
		members["conversationid"] = c.id()
		x := w.call("eve", action, members)
		t.Expect(x, match.All(withholds(c.ids...), conceals(w, c)))
		for user, was := range before {
			w.sees(user, listed(c, user, same(was, "instance", "lastmessageid", "lastreportid", "lastaccess"), sameSet(was, "participantids"), ownAsBefore(was)))
		}
		w.sees("eve", w.lists("eve", w.conversations[1]))
		if t.Env.Has("action:" + download) {
			c.reads("ann", shows(c.ids...))
		}
	}, needs(action, list))
}

// conceals matches an answer without the conversation and its people.
func conceals(w *world, c *conversation) *match.Matcher {
	return match.New("an answer without the conversation", func(x *exchange.Exchange) match.Result {
		body, err := match.JSONBody(x)
		if err != nil {
			return match.Pass() // what is no JSON shows no conversation
		}
		if v := body.Get("conversation"); v.Kind == strictjson.Object && (v.Get("id").Text == c.id() || len(v.Get("participantids").Elements) > 0) {
			return match.Failf("the conversation %s", v.JSON())
		}
		return match.Pass()
	})
}

// registerDestructive declares inputs that can take a server down.
func registerDestructive(s *specs.Suite) {
	for _, input := range []struct {
		title string
		build func(c *conversation) []byte
	}{
		{"a body of 20 MB", func(c *conversation) []byte {
			return specs.JSON(c.w.body(hide, with{"conversationid": c.id(), "hideid": strings.Repeat("x", 20<<20)}))
		}},
		{"nesting of 20 000", func(*conversation) []byte {
			return []byte(`{"action":"list","x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}")
		}},
		{"a conversationid of 70 000 characters", func(c *conversation) []byte {
			return specs.JSON(c.w.body(mute, with{"conversationid": c.w.t.Env.Run + strings.Repeat("a", 70_000)}))
		}},
	} {
		s.Requirement("OZ-ERR-1", input.title+": the target answers without a 5xx, and lives", func(t *specs.Trial) {
			_, c := pair(t, 0)
			t.Survives(c.w.raw("ann", input.build(c), false), input.title)
		}, specs.Destructive(), needs(list))
	}
}
