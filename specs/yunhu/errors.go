package yunhu

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// notJSON are bodies that are no JSON object, by what they are.
var notJSON = []struct{ title, body string }{
	{"an empty body", ""},
	{"spaces", "   "},
	{"plain text", "hello"},
	{"half an object", `{"FIELD":"`},
	{"an object without its last brace", `{"FIELD":"ID"`},
	{"an object in single quotes", `{'FIELD':'ID'}`},
	{"a form", "FIELD=ID"},
	{"an object with a comment, as the documents show it", `{"FIELD": "ID" // the object's id` + "\n"},
}

// noField are JSON bodies without the field.
var noField = []struct{ title, body string }{
	{"an empty object", `{}`},
	{"an object with another field only", `{"parley":"ID"}`},
	{"an empty array", `[]`},
}

// wrongTypes are JSON bodies whose field is no string.
var wrongTypes = []string{`null`, `7`, `-1`, `1.5`, `true`, `[]`, `["ID"]`, `{}`, `{"id":"ID"}`, `1e400`, `123456789012345678901234567890`}

func registerErrors(s *specs.Suite) {
	const id = "YH-ERR-1"
	for _, c := range callsIn(s.Profile()) {
		if c.field == "" {
			continue
		}
		for _, bad := range append(notJSON, noField...) {
			s.Requirement(id, c.name+" with "+bad.title, func(t *specs.Trial) {
				w, g, d, b := everyKind(t)
				w.givenUnread("ann", g, d, b)
				t.Expect(c.raw(w, bad.body, g), refuses())
				w.untouched(g, d, b)
			}, c.needs())
		}
		s.Requirement(id, c.name+" with "+c.field+" of every wrong type: no 5xx", func(t *specs.Trial) {
			w, g, _, _ := everyKind(t)
			for _, value := range wrongTypes {
				t.Expect(c.raw(w, `{"FIELD":`+value+`}`, g), match.NoServerError())
			}
		}, c.needs())
		registerHuge(s, c)
	}
}

// raw sends a body in which FIELD and ID stand for the call's field and the chat's id.
func (c call) raw(w *world, body string, of *chat) *exchange.Exchange {
	body = strings.NewReplacer("FIELD", c.field, "ID", of.id("ann")).Replace(body)
	header := w.headers("ann")
	header.Set("Content-Type", "application/json")
	return w.t.Do(specs.Request{Path: c.path, Header: header, Body: []byte(body)})
}

// refuses matches a refusal in the documented envelope.
func refuses() *match.Matcher {
	const expected = "an envelope with a code other than 1 and a msg that is not empty, and no 5xx"
	return match.New(expected, func(x *exchange.Exchange) match.Result {
		if x.Status() >= 500 {
			return match.Failf("HTTP status %s", told(x))
		}
		e, r := readEnvelope(x)
		r.BuildsOn = "" // the form of a refusal is what is judged
		if r.OK && (e.code == success || e.msg == "") {
			return match.Failf("code %d and msg %q", e.code, e.msg)
		}
		return r
	})
}

// registerHuge declares what has taken servers down.
func registerHuge(s *specs.Suite, c call) {
	for _, huge := range []struct {
		title string
		body  func(run string) []byte
	}{
		{"a name of 70000 characters", func(run string) []byte {
			return fmt.Appendf(nil, `{%q:"%s"}`, c.field, run+strings.Repeat("a", 70_000))
		}},
		{"a body of 20 MB", func(run string) []byte {
			return bytes.Join([][]byte{[]byte(`{"more":"`), bytes.Repeat([]byte("a"), 20<<20), fmt.Appendf(nil, `",%q:%q}`, c.field, run)}, nil)
		}},
		{"nesting of 20000", func(string) []byte {
			return []byte(`{"more":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`)
		}},
	} {
		s.Requirement("YH-ERR-1", c.name+" with "+huge.title+": the target lives on", func(t *specs.Trial) {
			w, _, _, _ := everyKind(t)
			t.Survives(t.Do(specs.Request{Path: c.path, Header: w.headers("ann"), Body: huge.body(t.Env.Run)}), huge.title)
		}, c.needs(), specs.Destructive())
	}
}
