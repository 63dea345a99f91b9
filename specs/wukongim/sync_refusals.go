package wukongim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerSyncRefusals(s *specs.Suite) {
	registerBadSync(s)
	registerDeniedSync(s)
	registerNoServerError(s)
	registerDestructive(s)
	registerMethods(s)
	registerErrorAnswers(s)
	registerLeniency(s)
}

// syncOptions are valid values of every optional field.
func syncOptions() with {
	return with{"version": 1, "last_msg_seqs": "a:2:1", "msg_count": 5, "only_unread": 0, "exclude_channel_types": []int{3}}
}

func registerBadSync(s *specs.Suite) {
	s.Requirement("WK-SYNC-26", "a body without uid, with an empty one, and with null are answered 400", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		w.refuses(syncPath, "ann", []badBody{
			{"no field at all", []byte(`{}`)},
			{"every field but uid", specs.JSON(syncOptions())},
			{"an empty uid", []byte(`{"uid":""}`)},
			{"an empty uid beside msg_count", []byte(`{"uid":"","msg_count":10}`)},
			{"uid null", []byte(`{"uid":null,"msg_count":10}`)},
		})
	})
	// Who names nobody is WK-SYNC-26's, in whatever form.
	refused := func(title string, bodies func(required, optional with) []badBody) {
		s.Requirement("WK-SYNC-27", title, func(t *specs.Trial) {
			w := newWorld(t)
			w.group("g", "ann", "bob").says("bob", 1)
			w.seed()
			w.refuses(syncPath, "ann", slices.DeleteFunc(bodies(with{"uid": w.id("ann")}, syncOptions()), badBody.namesNobody))
		})
	}
	s.Requirement("WK-SYNC-27", "a body of null, which is no JSON object, is answered 400", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		x := w.raw(syncPath, "ann", []byte("null"))
		if x.Status() >= 500 { // a reader that takes null for an object without fields has the trouble of a missing uid
			t.Expect(x, buildsOn("WK-SYNC-26", match.Status(400)))
		}
		t.Expect(x, match.Status(400))
	})
	refused("a field of a wrong JSON type is answered 400", wrongTypes)
	refused("a body that is no JSON object is answered 400", func(required, optional with) []badBody {
		return notObjects(merge(required, optional))
	})
	refused("exclude_channel_types as an empty string, and as the base64 of types, is answered 400", func(required, _ with) []badBody {
		var bad []badBody
		for _, text := range []string{"", "Ag==", "AQI="} {
			bad = append(bad, badBody{fmt.Sprintf("%q", text), specs.JSON(merge(required, with{"exclude_channel_types": text}))})
		}
		return bad
	})
	refused("exclude_channel_types with an element that is no integer is answered 400", func(required, _ with) []badBody {
		var bad []badBody
		for _, element := range []any{"2", 1.5, true, []any{1}, with{}} {
			bad = append(bad, badBody{fmt.Sprintf("[1, %v]", element), specs.JSON(merge(required, with{"exclude_channel_types": []any{1, element}}))})
		}
		return bad
	})
}

func registerDeniedSync(s *specs.Suite) {
	denied := func(title string, statuses []int, request func(w *world) specs.Request, options ...specs.Option) {
		s.Requirement("WK-SYNC-29", title, func(t *specs.Trial) {
			w := newWorld(t)
			w.group("g", "ann", "bob").says("bob", 1)
			w.seed()
			r := request(w)
			r.Path, r.Body = syncPath, specs.JSON(with{"uid": w.id("ann"), "msg_count": 10})
			t.Expect(t.Do(r), match.Status(statuses...))
		}, options...)
	}
	denied("a credential that must be refused is answered 401 or 403", notLetIn, (*world).withDenied, specs.Needs("auth"))
	denied("no credential at all is answered 401 or 403", notLetIn, (*world).withNone, specs.Needs("auth"))
	denied("another user's credential is answered 403", notAllowed, (*world).withAnothers)
}

// How a request without permission may be answered. Who shows no credential, or one that the target need not know, may be asked
// for another (401); a credential that the target knows has no permission (403).
var (
	notLetIn   = []int{http.StatusUnauthorized, http.StatusForbidden}
	notAllowed = []int{http.StatusForbidden}
)

func (w *world) withDenied() specs.Request {
	header := http.Header{}
	header.Set(w.t.Env.AuthHeader, w.t.Env.AuthDenied)
	return specs.Request{Header: header}
}

func (w *world) withNone() specs.Request { return specs.Request{Anonymous: true} }

// withAnothers carries bob's credential, for a request in ann's name.
func (w *world) withAnothers() specs.Request {
	anns, bobs := w.headers("ann"), w.headers("bob")
	if len(bobs) == 0 || maps.EqualFunc(anns, bobs, slices.Equal[[]string]) {
		w.t.NotDeclared("the target does not declare the capability %q: seeding told of no credential that ann and bob each have for themselves", "user-auth")
	}
	return specs.Request{Header: bobs}
}

// odd are bodies that no client should send and no server may break on. They have not been seen to take a server down. Names
// in them begin as the run's do: name is the beginning.
func odd(required, optional with, name string) []badBody {
	valid := merge(required, optional)
	bodies := append(wrongTypes(required, optional), missingFields(required, optional)...)
	bodies = append(bodies, notObjects(valid)...)
	values := map[string][]any{
		"uid":                   named(name, " ", "\x00", strings.Repeat("u", 300), "😀", "a:b|c", "%00", "../../etc/passwd", "' OR 1=1 --"),
		"channel_id":            named(name, " ", "\x00", strings.Repeat("c", 300), "😀", "a:b|c", "____cmd", "a@b"),
		"channel_type":          {0, -1, 3, 99, 255, 256, 65536},
		"message_seq":           {-1, 0, 1 << 31, 1 << 32, int64(1)<<53 + 1},
		"unread":                {-1, 1 << 31, 1 << 32, int64(1)<<53 + 1},
		"version":               {-1, 1, int64(1)<<53 + 1, int64(9e18)},
		"msg_count":             {-1, 10000},
		"only_unread":           {-1, 2, 255},
		"last_msg_seqs":         malformedSeqs,
		"exclude_channel_types": {[]int{0}, []int{-1}, []int{256}, make([]int, 1000), nil},
	}
	for _, field := range slices.Sorted(maps.Keys(valid)) {
		for _, value := range values[field] {
			bodies = append(bodies, badBody{fmt.Sprintf("%s %.40v", field, value), specs.JSON(merge(valid, with{field: value}))})
		}
	}
	return append(bodies,
		badBody{"bytes that are no UTF-8", fmt.Appendf(nil, "{\"uid\":\"%s\xff\xfe\",\"channel_id\":\"%[1]s\xc3\",\"channel_type\":2}", name)},
		badBody{"nesting of 500", []byte(strings.Repeat("[", 500) + strings.Repeat("]", 500))},
		badBody{"a key twice", fmt.Appendf(nil, `{"uid":"%sa","uid":"%[1]sb","channel_id":"%[1]sc","channel_type":2}`, name)})
}

// named are names that begin alike and end oddly.
func named(name string, odd ...string) []any {
	all := make([]any, len(odd))
	for i, part := range odd {
		all[i] = name + part
	}
	return all
}

var malformedSeqs = []any{"|", ":::", "g", "g:2", "g:2:", "g:x:1", "g:2:x", "g:2:-1", ":2:1", "g:2:1:1", "g:2:1|", "||g:2:1", "g:2:99999999999999999999", "g:-1:1"}

// endpoint is one documented path with the fields of its request.
type endpoint struct {
	path               string
	required, optional with
}

func endpoints(uid, channel string) []endpoint {
	addressed := with{"uid": uid, "channel_id": channel, "channel_type": group}
	return []endpoint{
		{syncPath, with{"uid": uid}, syncOptions()},
		{clearPath, addressed, with{"message_seq": 1}},
		{setPath, merge(addressed, with{"unread": 1}), nil},
		{deletePath, addressed, nil},
	}
}

func registerNoServerError(s *specs.Suite) {
	for i, e := range endpoints("", "") {
		s.Requirement("WK-SYNC-30", "none of some 80 odd bodies to "+e.path+" leads to a 5xx", func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 2)
			w.seed()
			e := endpoints(w.id("ann"), g.id("ann"))[i]
			for _, bad := range odd(e.required, e.optional, w.name("")) {
				if e.path == syncPath && bad.namesNobody() {
					continue // WK-SYNC-26 says what becomes of it
				}
				t.Expect(w.raw(e.path, "ann", bad.body), match.NoServerError())
			}
		})
	}
	s.Requirement("WK-SYNC-30", "no other method, content type or query leads to a 5xx", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		body := specs.JSON(with{"uid": w.id("ann"), "msg_count": 1})
		for _, e := range endpoints("", "") {
			for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"} {
				if x := t.Do(specs.Request{Method: method, Path: e.path, Body: body}); x.Status() != http.StatusNotImplemented {
					t.Expect(x, match.NoServerError())
				}
			}
			for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=gbk", "x"} {
				t.Expect(t.Do(specs.Request{Path: e.path, Body: body, Header: http.Header{"Content-Type": {kind}}}), match.NoServerError())
			}
			t.Expect(t.Do(specs.Request{Path: e.path + "?uid=%ff&uid=b", Body: body}), match.NoServerError())
		}
	})
}

// registerDestructive: each of these has taken a real server down, or made it answer 500.
func registerDestructive(s *specs.Suite) {
	destructive := func(title string, bodies func(e endpoint) []badBody) {
		s.Requirement("WK-SYNC-30", title, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 3)
			w.seed()
			for _, e := range endpoints(w.id("ann"), g.id("ann")) {
				for _, bad := range bodies(e) {
					t.Survives(w.raw(e.path, "ann", bad.body), e.path+" with "+bad.title)
				}
			}
		}, specs.Destructive())
	}
	destructive("integers near 2^63 in every integer field leave the target alive", func(e endpoint) []badBody {
		valid := merge(e.required, e.optional)
		var bad []badBody
		for _, field := range slices.Sorted(maps.Keys(valid)) {
			if kindOf(valid[field]) != "an integer" {
				continue
			}
			for _, n := range []string{"9223372036854775807", "9223372036854775806", "9223372036854775808", "18446744073709551615", "-9223372036854775808"} {
				bad = append(bad, badBody{field + " " + n, specs.JSON(merge(valid, with{field: rawNumber(n)}))})
			}
		}
		return bad
	})
	destructive("names of 70,000 characters leave the target alive", func(e endpoint) []badBody {
		valid := merge(e.required, e.optional)
		var bad []badBody
		for _, field := range []string{"uid", "channel_id"} {
			if _, ok := valid[field]; ok {
				bad = append(bad, badBody{field + " of 70,000 characters", specs.JSON(merge(valid, with{field: valid[field].(string) + strings.Repeat("n", 70_000)}))})
			}
		}
		return bad
	})
	destructive("a body of 20 MB leaves the target alive", func(e endpoint) []badBody {
		return []badBody{{"a body of 20 MB", specs.JSON(merge(merge(e.required, e.optional), with{"x": strings.Repeat("x", 20_000_000)}))}}
	})
	destructive("nesting of 20,000 leaves the target alive", func(e endpoint) []badBody {
		deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
		object := specs.JSON(e.required)
		return []badBody{{"nesting of 20,000", fmt.Appendf(nil, `%s,"x":%s}`, object[:len(object)-1], deep)}, {"nothing but nesting", []byte(deep)}}
	})
}

// rawNumber is a number with its digits as they are.
type rawNumber string

func (n rawNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func registerMethods(s *specs.Suite) {
	for _, e := range endpoints("", "") {
		if s.Profile() == "v1" && e.path == clearPath {
			continue
		}
		s.Requirement("WK-SYNC-37", "GET, PUT, DELETE and PATCH of "+e.path+" are refused with 404, 405 or 501", func(t *specs.Trial) {
			w := newWorld(t)
			w.group("g", "ann", "bob").says("bob", 1)
			w.seed()
			for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
				t.Expect(t.Do(specs.Request{Method: method, Path: e.path, Body: specs.JSON(with{"uid": w.id("ann")})}), match.Status(404, 405, 501))
			}
		})
	}
	s.Requirement("WK-SYNC-42", "fields that no document names change nothing, whatever their type", func(t *specs.Trial) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("bob", 2), w.direct("ann", "bob").says("bob", 1)
		w.seed()
		w.eventually(func() *exchange.Exchange {
			return w.sync("ann", with{"msg_count": 10, "x_unknown": 1, "device": "d", "more": with{"a": []any{1, nil}}, "flag": true, "none": nil})
		}, listsExactly(g.key("ann"), d.key("ann")), count(g.key("ann"), 2))
	})
}

// registerErrorAnswers judges the form of whatever error answers there are: which requests are refused is judged elsewhere.
func registerErrorAnswers(s *specs.Suite) {
	for i, e := range endpoints("", "") {
		if s.Profile() == "v1" && e.path == clearPath {
			continue
		}
		s.Requirement("WK-SYNC-50", "an error of "+e.path+" is JSON by its Content-Type, and says what is wrong", func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").says("bob", 1)
			w.put()
			e := endpoints(w.id("ann"), g.id("ann"))[i]
			bodies := append(missingFields(e.required, e.optional), notObjects(e.required)...)
			bodies = append(bodies, wrongTypes(e.required, e.optional)...)
			errors := 0
			for _, bad := range bodies {
				if x := w.raw(e.path, "ann", bad.body); slices.Contains([]int{400, 403, 404}, x.Status()) { // a 5xx is WK-SYNC-30's
					errors++
					t.Expect(x, match.All(match.ContentTypeJSON(), saysSomething()))
				}
			}
			if errors == 0 {
				t.NotTestable("the target answered none of %d wrong requests with an error", len(bodies))
			}
		})
	}
}

// saysSomething matches a JSON body with at least one string that is not empty.
func saysSomething() *match.Matcher {
	return match.New("a JSON body that says in words what is wrong", func(x *exchange.Exchange) match.Result {
		body, err := match.JSONBody(x)
		if err != nil {
			return match.Failf("%s: %v", match.Told(x), err)
		}
		if !hasWords(body) {
			return match.Failf("%s", match.Told(x))
		}
		return match.Pass()
	})
}

func hasWords(v strictjson.Value) bool {
	if v.Kind == strictjson.String {
		return strings.TrimSpace(v.Text) != ""
	}
	for _, member := range v.Members {
		if hasWords(member.Value) {
			return true
		}
	}
	for _, element := range v.Elements {
		if hasWords(element) {
			return true
		}
	}
	return false
}

func registerLeniency(s *specs.Suite) {
	observed := func(id, title string, bodies func(uid string) []badBody, options ...specs.Option) {
		s.Requirement(id, title, func(t *specs.Trial) {
			w := newWorld(t)
			w.group("g", "ann", "bob").says("bob", 1)
			w.seed()
			for _, odd := range bodies(w.id("ann")) {
				x := w.raw(syncPath, "ann", odd.body)
				t.Observe(x, "%s: %d", odd.title, x.Status())
			}
		}, options...)
	}
	observed("WK-SYNC-23", "what malformed last_msg_seqs are answered with", func(uid string) []badBody {
		var bodies []badBody
		for _, value := range malformedSeqs {
			bodies = append(bodies, badBody{fmt.Sprintf("%q", value), specs.JSON(with{"uid": uid, "version": 0, "msg_count": 1, "last_msg_seqs": value})})
		}
		return bodies
	}, specs.AtMost(catalog.Probe))
	observed("WK-SYNC-28", "what numbers out of range are answered with", func(uid string) []badBody {
		var bodies []badBody
		for _, c := range []struct {
			field string
			n     int
		}{{"msg_count", -1}, {"version", -1}, {"only_unread", 2}, {"only_unread", -1}} {
			bodies = append(bodies, badBody{fmt.Sprintf("%s %d", c.field, c.n), specs.JSON(merge(with{"uid": uid, "version": 0, "msg_count": 1}, with{c.field: c.n}))})
		}
		return bodies
	})
	observed("WK-SYNC-51", "how lenient the target reads JSON", func(uid string) []badBody {
		object := specs.JSON(with{"uid": uid, "version": 0, "msg_count": 1})
		return []badBody{
			{"bytes after the object", append(object[:len(object):len(object)], " x"...)},
			{"two objects", append(object[:len(object):len(object)], object...)},
			{"a key twice", fmt.Appendf(nil, `{"uid":"%s-nobody",%s`, uid, object[1:])},
			{"keys in capitals", specs.JSON(with{"UID": uid, "VERSION": 0, "MSG_COUNT": 1})},
			{"null for optional fields", specs.JSON(with{"uid": uid, "version": nil, "msg_count": nil, "only_unread": nil, "exclude_channel_types": nil, "last_msg_seqs": nil})},
			{"2.0 for an integer", fmt.Appendf(nil, `{"msg_count":2.0,%s`, object[1:])},
		}
	})
	s.Requirement("WK-SYNC-51", "a JSON body under another Content-Type", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded"} {
			x := t.Do(specs.Request{Path: syncPath, Body: specs.JSON(with{"uid": w.id("ann"), "version": 0}), Header: http.Header{"Content-Type": {kind}}})
			t.Observe(x, "Content-Type %s: %d", kind, x.Status())
		}
	})
}
