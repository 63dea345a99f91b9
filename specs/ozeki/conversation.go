package ozeki

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

var (
	instanceForm = regexp.MustCompile(`^[A-Za-z0-9]{10}$`)
	colourForm   = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

// kindsOf are the members of a conversation in every documented example.
var kindsOf = []struct {
	name string
	kind strictjson.Kind
}{
	{"id", strictjson.String}, {"isgroup", strictjson.Bool}, {"participantids", strictjson.Array}, {"participants", strictjson.Array},
	{"displayname", strictjson.String}, {"lastmessageid", strictjson.String}, {"lastreportid", strictjson.String},
	{"lastaccess", strictjson.Number}, {"secret", strictjson.String}, {"instance", strictjson.String}, {"mutedby", strictjson.Array},
	{"favoriteby", strictjson.Array}, {"hiddenby", strictjson.Array}, {"properties", strictjson.Array},
}

// inside are the members of the objects in a conversation's arrays.
var inside = map[string]map[string]strictjson.Kind{
	"participants": {"userid": strictjson.String, "username": strictjson.String},
	"properties": {"userid": strictjson.String, "ismuted": strictjson.Bool, "isfavorite": strictjson.Bool, "hideid": strictjson.String,
		"listitembackgroundcolor": strictjson.String},
}

func wellFormed() check {
	return check{"the 14 documented members with their types", func(v view) match.Result {
		for _, m := range kindsOf {
			if got := v.Get(m.name); got.Kind != m.kind {
				return match.Failf("%s is %s", m.name, got.Describe())
			}
			for i, e := range v.Get(m.name).Elements {
				if r := elementFormed(m.name, e); !r.OK {
					return match.Failf("%s[%d]: %s", m.name, i, r.Got)
				}
			}
		}
		return match.Pass()
	}}
}

func elementFormed(name string, e strictjson.Value) match.Result {
	members, isObject := inside[name]
	if !isObject && e.Kind != strictjson.String {
		return match.Failf("%s, where a string belongs", e.Describe())
	}
	for member, kind := range members {
		if got := e.Get(member); got.Kind != kind {
			return match.Failf("%s is %s", member, got.Describe())
		}
	}
	return match.Pass()
}

// forms are the statements about a conversation's form, each judged wherever a conversation is shown.
var forms = []struct {
	id    string
	check check
}{
	{"OZ-CONV-1", wellFormed()},
	{"OZ-CONV-2", check{"participantids and participants with the same users", func(v view) match.Result {
		ids := map[string]int{}
		for _, e := range v.Get("participantids").Elements {
			ids[e.Text]++
		}
		for _, p := range v.Get("participants").Elements {
			ids[p.Get("userid").Text]--
		}
		for id, n := range ids {
			if n != 0 || len(ids) == 0 {
				return match.Failf("participantids %s and participants %s differ in %q", v.Get("participantids").JSON(), v.Get("participants").JSON(), id)
			}
		}
		return nonEmpty(v, "participantids")
	}}},
	{"OZ-CONV-3", check{"the caller's entry in properties", func(v view) match.Result {
		_, r := v.own()
		return match.Result{OK: r.OK, Got: r.Got}
	}}},
	{"OZ-CONV-4", check{"mutedby and favoriteby that agree with the own properties", func(v view) match.Result {
		own, r := v.own()
		for list, flag := range map[string]string{"mutedby": "ismuted", "favoriteby": "isfavorite"} {
			if r.OK && v.holds(list, v.caller) != (own.Get(flag).Text == "true") {
				return match.Failf("%s %s beside own %s %s", list, v.Get(list).JSON(), flag, own.Get(flag).JSON())
			}
		}
		return r
	}}},
	{"OZ-CONV-5", check{"lastaccess as an integer of unix seconds", func(v view) match.Result {
		// From 2001 to 5138 in seconds; in milliseconds that would be before 1974.
		if n, ok := v.Get("lastaccess").Int64(); !ok || n < 1_000_000_000 || n > 100_000_000_000 {
			return match.Failf("lastaccess is %s", v.Get("lastaccess").Describe())
		}
		return match.Pass()
	}}},
	{"OZ-CONV-6", formed("instance", "10 letters and digits", instanceForm, func(v view) strictjson.Value { return v.Get("instance") })},
	{"OZ-CONV-7", formed("listitembackgroundcolor", "# and six hexadecimal digits", colourForm, func(v view) strictjson.Value {
		own, _ := v.own()
		return own.Get("listitembackgroundcolor")
	})},
}

func nonEmpty(v view, name string) match.Result {
	if len(v.Get(name).Elements) == 0 {
		return match.Failf("%s is %s", name, v.Get(name).Describe())
	}
	return match.Pass()
}

func formed(name, expected string, form *regexp.Regexp, get func(view) strictjson.Value) check {
	return check{name + " of " + expected, func(v view) match.Result {
		if got := get(v); got.Kind != strictjson.String || !form.MatchString(got.Text) {
			return match.Failf("%s is %s", name, got.Describe())
		}
		return match.Pass()
	}}
}

func registerConversation(s *specs.Suite) {
	for _, form := range forms {
		registerForm(s, form.id, form.check)
	}
	registerValues(s)
	s.Requirement("OZ-CONV-8", "what displayname and secret are", func(t *specs.Trial) {
		w, c := pair(t, 0)
		x := w.list("ann")
		v, _ := find(x, c.id(), w.id("ann"))
		t.Observe(x, "displayname is %s, secret is %s", v.Get("displayname").Kind, v.Get("secret").Kind)
	}, needs(list))
}

// registerValues declares the values that whoever seeded the world knows.
func registerValues(s *specs.Suite) {
	s.Requirement("OZ-CONV-1", "isgroup is false of a chat and true of a group", func(t *specs.Trial) {
		w := newWorld(t)
		c, g := w.direct("ann", "bob").says("bob", 1), w.group("g", "ann", "bob", "cid").says("cid", 1)
		w.seed()
		w.sees("ann", match.All(listed(c, "ann", isGroup(false)), listed(g, "ann", isGroup(true))))
		w.sees("bob", match.All(listed(c, "bob", isGroup(false)), listed(g, "bob", isGroup(true))))
	}, needs(list))
	s.Requirement("OZ-CONV-1", "username is each participant's name", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid").says("cid", 1)
		w.seed()
		if driver := t.Env.Seeder.Name(); driver != fixtures.DriverHook && driver != fixtures.DriverExec {
			t.NotTestable("the seeding (%s) finds users who have names already", driver)
		}
		w.sees("ann", listed(c, "ann", named(w, c)))
	}, needs(list))
}

func isGroup(want bool) check {
	return check{fmt.Sprintf("isgroup %v", want), func(v view) match.Result {
		if got := v.Get("isgroup"); !got.Equal(boolean(want)) {
			return match.Failf("isgroup is %s", got.Describe())
		}
		return match.Pass()
	}}
}

// named checks that the participants bear the names that their users were made with.
func named(w *world, c *conversation) check {
	return check{"the participants by their names", func(v view) match.Result {
		for _, member := range c.members {
			want := str(w.id(member)).JSON() + " " + str(member).JSON()
			if !slices.Contains(people(v), want) {
				return match.Failf("participants %s without %s called %s", v.Get("participants").JSON(), w.id(member), member)
			}
		}
		return match.Pass()
	}}
}

func registerForm(s *specs.Suite, id string, form check) {
	s.Requirement(id, "a chat in the list", func(t *specs.Trial) {
		w, c := pair(t, 1)
		w.sees("ann", listed(c, "ann", form))
	}, needs(list))
	s.Requirement(id, "a group in the list, for each of its members", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid").says("cid", 1)
		w.seed()
		for _, user := range c.members {
			w.sees(user, listed(c, user, form))
		}
	}, needs(list))
	s.Requirement(id, "a conversation in the answer to clear, and in the list after it", func(t *specs.Trial) {
		w, c := pair(t, 1)
		t.Expect(c.clear("ann"), returns(c, "ann", form))
		w.sees("ann", listed(c, "ann", form))
	}, needs(clear, list))
	for _, action := range marks {
		s.Requirement(id, "a conversation in the answer to "+action+", and in the list after it", func(t *specs.Trial) {
			w, c := pair(t, 1)
			t.Expect(c.mark("ann", action), returns(c, "ann", form))
			w.sees("ann", hiddenOr(action == hide, listed(c, "ann", form)))
		}, needs(action, list))
	}
}
