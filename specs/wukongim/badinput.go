package wukongim

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

// badBody is a request body that a server must refuse, and what is wrong with it.
type badBody struct {
	title string
	body  []byte
}

// namesNobody tells whether a reader that is not strict finds no uid in the body.
func (b badBody) namesNobody() bool {
	v, err := strictjson.Parse(b.body)
	if err != nil || v.Kind != strictjson.Object {
		return err == nil && v.Kind == strictjson.Null
	}
	uid := v.Get("uid")
	return uid.Kind == strictjson.Missing || uid.Kind == strictjson.Null || uid.Kind == strictjson.String && uid.Text == ""
}

// kinds are one value of each JSON type, by its name; 1.5 is the number that is no integer.
var kinds = []struct {
	name  string
	value any
}{
	{"a string", "2"},
	{"an integer", 2},
	{"1.5", 1.5},
	{"a boolean", true},
	{"an array", []any{}},
	{"an object", with{}},
}

// kindOf is the name of the JSON type that a field has in a valid body.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case int, int64:
		return "an integer"
	case []int, []int64:
		return "an array"
	}
	panic(fmt.Sprintf("no documented field is a %T", value))
}

// wrongTypes are bodies in which one field has a wrong JSON type. required and optional make a valid body. null stands
// only in required fields: in an optional one it may as well mean that the field is left out.
func wrongTypes(required, optional with) []badBody {
	valid := merge(required, optional)
	var bad []badBody
	for _, field := range slices.Sorted(maps.Keys(valid)) {
		for _, kind := range kinds {
			if kind.name != kindOf(valid[field]) {
				bad = append(bad, badBody{field + " as " + kind.name, specs.JSON(merge(valid, with{field: kind.value}))})
			}
		}
		if _, ok := required[field]; ok {
			bad = append(bad, badBody{field + " as null", specs.JSON(merge(valid, with{field: nil}))})
		}
	}
	return bad
}

// missingFields are bodies in which one required field is missing, or an empty string, and one without any field.
func missingFields(required, optional with) []badBody {
	valid := merge(required, optional)
	bad := []badBody{{"no field at all", []byte("{}")}}
	for _, field := range slices.Sorted(maps.Keys(required)) {
		without := maps.Clone(valid)
		delete(without, field)
		bad = append(bad, badBody{"no " + field, specs.JSON(without)})
		if _, text := valid[field].(string); text {
			bad = append(bad, badBody{"an empty " + field, specs.JSON(merge(valid, with{field: ""}))})
		}
	}
	return bad
}

// notObjects are bodies that are no JSON object, most of them made of a valid one. A byte order mark before the object is not
// among them: RFC 8259 lets a reader ignore it.
func notObjects(valid with) []badBody {
	object := specs.JSON(valid)
	return []badBody{
		{"an empty body", nil},
		{"spaces", []byte("   ")},
		{"an object without its last brace", object[:len(object)-1]},
		{"half an object", object[:len(object)/2]},
		{"single quotes", bytes.ReplaceAll(object, []byte(`"`), []byte(`'`))},
		{"an array of the object", slices.Concat([]byte("["), object, []byte("]"))},
		{"a string", []byte(`"uid"`)},
		{"a number", []byte("5")},
		{"true", []byte("true")},
		{"null", []byte("null")},
		{"a form", asForm(valid)},
		{"plain text", []byte("hello")},
	}
}

func asForm(valid with) []byte {
	var pairs []string
	for _, field := range slices.Sorted(maps.Keys(valid)) {
		pairs = append(pairs, fmt.Sprintf("%s=%v", field, valid[field]))
	}
	return []byte(strings.Join(pairs, "&"))
}

func merge(a, b with) with {
	all := with{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// raw posts bytes as they are.
func (w *world) raw(path, user string, body []byte) *exchange.Exchange {
	return w.t.Do(specs.Request{Path: path, Header: w.headers(user), Body: body})
}

// refuses judges once that every body is answered with 400, and names those that are not.
func (w *world) refuses(path, user string, bodies []badBody) {
	var wrong []string
	var shown *exchange.Exchange
	for _, bad := range bodies {
		x := w.raw(path, user, bad.body)
		if x.Status() == http.StatusBadRequest {
			continue
		}
		if shown == nil {
			shown = x
		}
		if x.Response == nil { // the target hung up, or hangs: more of the same would only take its time
			wrong = append(wrong, fmt.Sprintf("%s: no answer: %v", bad.title, x.Err))
			break
		}
		wrong = append(wrong, fmt.Sprintf("%s: %d", bad.title, x.Status()))
	}
	w.t.Check(len(wrong) == 0, shown, fmt.Sprintf("400 to each of %d bodies", len(bodies)), "another status to %d: %s",
		len(wrong), strings.Join(wrong, "; "))
}

// mutation is an endpoint that changes one conversation, for the specs that are alike for all three.
type mutation struct {
	path     string
	does     string // a clear
	required with   // beside uid, channel_id and channel_type
	optional with
}

// valid is the mutation's required part for a channel of the user.
func (m mutation) valid(user string, ch *channel) with {
	return merge(m.required, ch.addressed(user, with{"uid": ch.w.id(user)}))
}

// oneGroup is the world of a refusal: ann has four unread messages of a group, and of a chat with bob.
func oneGroup(t *specs.Trial) (*world, *channel) {
	w := newWorld(t)
	g := w.group("g", "ann", "bob").says("bob", 4)
	w.direct("ann", "bob").says("bob", 4)
	w.seed()
	return w, g
}

// registerBadBodies declares the specs of "a required field missing, a wrong type, no JSON: 400, and nothing changes".
func (m mutation) registerBadBodies(s *specs.Suite, id string) {
	causes := []struct {
		title string
		make  func(required, optional with) []badBody
	}{
		{"a required field missing or an empty string", missingFields},
		{"a field of a wrong JSON type", wrongTypes},
		{"a body that is no JSON object", func(required, optional with) []badBody { return notObjects(merge(required, optional)) }},
	}
	for _, cause := range causes {
		s.Requirement(id, m.does+" with "+cause.title+" is answered with 400", func(t *specs.Trial) {
			w, g := oneGroup(t)
			w.refuses(m.path, "ann", cause.make(m.valid("ann", g), m.optional))
			m.works(w, g)
		})
		s.Requirement(id, m.does+" with "+cause.title+" changes nothing", func(t *specs.Trial) {
			w, g := oneGroup(t)
			before := w.before("ann")
			for _, bad := range cause.make(m.valid("ann", g), m.optional) {
				t.Need(w.raw(m.path, "ann", bad.body), answers())
			}
			t.Expect(w.full("ann"), same(before, everything))
			m.works(w, g)
		})
	}
}

// answers matches any answer at all.
func answers() *match.Matcher {
	return match.New("an answer", func(*exchange.Exchange) match.Result { return match.Pass() })
}

// absentee is a way in which a conversation does not exist for the one in whose name the request is.
type absentee struct {
	title    string
	statuses []int
	body     func(*world) with
}

// absentees need the world of registerAbsent. Who is no member may also be refused with 403: the conversation exists,
// but not for this user. Conversations that the user deleted are not among them: the documents leave those open.
var absentees = []absentee{
	{"a group that nobody made", []int{404}, func(w *world) with {
		return with{"channel_id": w.name("nowhere"), "channel_type": group}
	}},
	{"a personal chat with somebody never talked to", []int{404}, func(w *world) with {
		return with{"channel_id": w.id("eve"), "channel_type": personal}
	}},
	{"the id of a group with the type of a personal chat", []int{404}, func(w *world) with {
		return with{"channel_id": w.channels[0].id("ann"), "channel_type": personal}
	}},
	{"the id of a personal chat with the type of a group", []int{404}, func(w *world) with {
		return with{"channel_id": w.channels[1].id("ann"), "channel_type": group}
	}},
	{"a personal chat of a user who does not exist", []int{404}, func(w *world) with {
		return with{"uid": w.name("nobody"), "channel_id": w.id("ann"), "channel_type": personal}
	}},
	{"a group that the user is not in", []int{404, 403}, func(w *world) with {
		return with{"channel_id": w.channels[2].id("ann"), "channel_type": group}
	}},
	{"a group, for a user who does not exist", []int{404, 403}, func(w *world) with {
		return with{"uid": w.name("nobody"), "channel_id": w.channels[0].id("ann"), "channel_type": group}
	}},
}

// registerAbsent declares the specs of "a conversation that does not exist: 404".
func (m mutation) registerAbsent(s *specs.Suite, id string) {
	for _, absent := range absentees {
		s.Requirement(id, m.does+" of "+absent.title+" is answered with "+match.Status(absent.statuses...).Expected, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 2)
			w.direct("ann", "bob").says("bob", 2)
			w.group("others", "bob", "cid").says("cid", 2)
			w.person("eve")
			w.seed()
			t.Expect(w.post(m.path, "ann", merge(m.required, absent.body(w))), match.Status(absent.statuses...))
			m.works(w, g)
		})
	}
}

// registerDenied declares the specs of "without permission: 403". A request that is refused has no effect either.
func (m mutation) registerDenied(s *specs.Suite, id string) {
	denied := func(what string, statuses []int, request func(w *world) specs.Request, options ...specs.Option) {
		title := fmt.Sprintf("%s %s is answered with %s and changes nothing", m.does, what, strings.TrimPrefix(match.Status(statuses...).Expected, "HTTP status "))
		s.Requirement(id, title, func(t *specs.Trial) {
			w, g := oneGroup(t)
			before := w.before("ann")
			r := request(w)
			r.Path, r.Body = m.path, specs.JSON(m.valid("ann", g))
			t.Expect(t.Do(r), match.Status(statuses...))
			t.Expect(w.full("ann"), same(before, everything))
			m.works(w, g)
		}, options...)
	}
	denied("with a wrong credential", notLetIn, (*world).withDenied, specs.Needs("auth"))
	denied("without any credential", notLetIn, (*world).withNone, specs.Needs("auth"))
	denied("with another user's credential", notAllowed, (*world).withAnothers)
}
