package ozeki

import (
	"fmt"
	"regexp"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

// pair is the world of most specs: ann and bob have a chat with n messages of bob's.
func pair(t *specs.Trial, n int) (*world, *conversation) {
	w := newWorld(t)
	c := w.direct("ann", "bob").says("bob", n)
	return w.seed(), c
}

// eachAction declares a spec for every action, done in a form that must succeed.
func eachAction(s *specs.Suite, id, title string, judge func(t *specs.Trial, action string, x *exchange.Exchange), of ...string) {
	for _, action := range of {
		s.Requirement(id, action+": "+title, func(t *specs.Trial) {
			_, c := pair(t, 1)
			judge(t, action, c.act("ann", action))
		}, needs(action, list))
	}
}

func expecting(m *match.Matcher) func(*specs.Trial, string, *exchange.Exchange) {
	return func(t *specs.Trial, _ string, x *exchange.Exchange) { t.Expect(x, m) }
}

func registerCommon(s *specs.Suite) {
	registerAddress(s)
	registerBodyForm(s)
	registerAnswers(s)
	registerDone(s)
	registerIDsAndTimes(s)
}

func registerAddress(s *specs.Suite) {
	s.Requirement("OZ-COM-1", "a POST to the documented address is answered with OK", func(t *specs.Trial) {
		w, _ := pair(t, 0)
		t.Expect(w.list("ann"), itself(succeeds()))
	}, needs(list))
	s.Requirement("OZ-COM-1", "whether the query may name api before srv", func(t *specs.Trial) {
		w, _ := pair(t, 0)
		x := t.Do(specs.Request{Path: "?api=chatconversation&srv=chatserver", Header: w.headers("ann"), Body: specs.JSON(w.body(list, nil))})
		t.Observe(x, "a list whose query names api before srv: OK %v", succeeds().Judge(x).OK)
	}, needs(list), specs.AtMost(catalog.Probe))
	eachAction(s, "OZ-COM-2", "srv=chatserver answers with OK", expecting(itself(succeeds())), actions...)
	eachAction(s, "OZ-COM-5", "the four documented headers suffice", expecting(itself(succeeds())), actions...)
}

func registerBodyForm(s *specs.Suite) {
	for _, form := range []struct{ title, before, between, after string }{
		{"action first", `{"action":"mute",`, `"conversationid":"%s"`, `}`},
		{"action last", `{`, `"conversationid":"%s"`, `,"action":"mute"}`},
		{"white space and line ends between the members", "\n{ \"action\" :\t\"mute\",\r\n", "  \"conversationid\" : \"%s\"", "\n}\n"},
		{"characters escaped", `{"\u0061ction":"m\u0075te",`, `"conversationid":"%s"`, `}`},
	} {
		s.Requirement("OZ-COM-3", "a JSON object with "+form.title+" is understood", func(t *specs.Trial) {
			w, c := pair(t, 0)
			more := fmt.Sprintf(`,"clientversioncode":3,"timestamp":"%s"`, w.timestamp())
			t.Expect(w.raw("ann", []byte(form.before+fmt.Sprintf(form.between, c.id())+more+form.after), false), itself(succeeds()))
		}, needs(mute, list))
	}
}

// answersWith is the member that the answer to an action carries.
func answersWith(action string) (name string, kind strictjson.Kind) {
	switch action {
	case list:
		return "conversations", strictjson.Array
	case add:
		return "message", strictjson.Object
	case download, partial:
		return "messages", strictjson.Array
	}
	return "conversation", strictjson.Object
}

func registerAnswers(s *specs.Suite) {
	eachAction(s, "OZ-COM-4", "is answered with what the action is for", func(t *specs.Trial, action string, x *exchange.Exchange) {
		name, kind := answersWith(action)
		t.Expect(x, match.New(fmt.Sprintf("a success with %s of %s", kind, name), func(x *exchange.Exchange) match.Result {
			body, r := readSuccess(x)
			if got := body.Get(name).Kind; !r.OK || got == kind || action == add && got == strictjson.String {
				return r
			}
			r = match.Failf("%s is %s", name, body.Get(name).Describe())
			if action == add && body.Get(name).Kind != strictjson.Missing {
				r.BuildsOn = formOfAdded
			}
			return r
		}))
	}, actions...)
	eachAction(s, "OZ-COM-6", "Content-Type is application/json", expecting(match.ContentTypeJSON()), actions...)
	eachAction(s, "OZ-COM-7", "status and errormessage are strings", func(t *specs.Trial, action string, x *exchange.Exchange) {
		t.Expect(x, envelope(action))
	}, actions...)
	eachAction(s, "OZ-COM-8", "the status of success is OK", expecting(succeeds()), actions...)
}

func envelope(action string) *match.Matcher {
	return match.New("an object with the strings status and errormessage", func(x *exchange.Exchange) match.Result {
		body, r := readObject(x)
		for _, name := range []string{"status", "errormessage"} {
			got := body.Get(name).Kind
			if r.OK && got != strictjson.String && !(action == download && got == strictjson.Missing) {
				return match.Failf("%s is %s", name, body.Get(name).Describe())
			}
		}
		return r
	})
}

// registerDone declares that OK means done, whatever errormessage says beside it.
func registerDone(s *specs.Suite) {
	for _, done := range []struct {
		action string
		effect check
	}{
		{mute, shown("muted", true)}, {favorite, shown("favorite", true)}, {hide, shown("hidden", true)},
		{color, ownIs("listitembackgroundcolor", str(blue))},
	} {
		action, effect := done.action, done.effect
		s.Requirement("OZ-COM-9", action+" is answered with OK, whatever errormessage says: it is done", func(t *specs.Trial) {
			w, c := pair(t, 0)
			c.marked("ann", action)
			w.sees("ann", hiddenOr(action == hide, listed(c, "ann", effect)))
		}, needs(action, list))
	}
	s.Requirement("OZ-COM-9", "clear is answered with OK, whatever errormessage says: it is done", func(t *specs.Trial) {
		w, c := pair(t, 2)
		w.awaits("ann", listed(c, "ann", text("lastmessageid", c.last())))
		c.cleared("ann")
		w.sees("ann", listed(c, "ann", text("lastmessageid", "")))
	}, needs(clear, list))
}

var (
	userID   = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	dateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$`)
)

func registerIDsAndTimes(s *specs.Suite) {
	s.Requirement("OZ-COM-10", "the user ids of a chat are 32 hexadecimal digits", func(t *specs.Trial) {
		w, c := pair(t, 0)
		w.sees("ann", listed(c, "ann", idsAreHex()))
	}, needs(list))
	s.Requirement("OZ-COM-10", "the user ids of a group are 32 hexadecimal digits", func(t *specs.Trial) {
		w := newWorld(t)
		c := w.group("g", "ann", "bob", "cid")
		w.seed().sees("bob", listed(c, "bob", idsAreHex()))
	}, needs(list))
	s.Requirement("OZ-COM-11", "Created in a download is yyyy-MM-dd HH:mm:ss", func(t *specs.Trial) {
		_, c := pair(t, 2)
		c.reads("ann", match.All(shows(c.ids...), createdWellFormed()))
	}, needs(download, list))
	s.Requirement("OZ-COM-11", "a message of the afternoon keeps its 24 hours", func(t *specs.Trial) {
		_, c := pair(t, 0)
		day := t.Now().UTC().AddDate(0, 0, -1)
		c.clock = time.Date(day.Year(), day.Month(), day.Day(), 15, 26, 55, 0, time.UTC)
		m := c.adds("ann", 1)[0]
		c.reads("bob", match.All(shows(m.id), eachMessage("Created "+m.created, func(v strictjson.Value) bool { return v.Get("Created").Text == m.created })))
	}, needs(add, download, list), specs.AtMost(catalog.Should))
	s.Requirement("OZ-COM-12", "whether the target's user ids are those of the worked example", func(t *specs.Trial) {
		w, _ := pair(t, 0)
		t.Observe(w.list("ann"), "md5 of admin@ozeki.hu is the Administrator of the examples, d574638619cbff603bf857164c47e850; the id of a user here: %s", w.id("ann"))
	}, needs(list))
}

func idsAreHex() check {
	return check{"user ids of 32 hexadecimal digits", func(v view) match.Result {
		var ids []string
		for _, e := range v.Get("participantids").Elements {
			ids = append(ids, e.Text)
		}
		for _, name := range []string{"participants", "properties"} {
			for _, e := range v.Get(name).Elements {
				ids = append(ids, e.Get("userid").Text)
			}
		}
		for _, id := range ids {
			if !userID.MatchString(id) {
				return match.Failf("the user id %q", id)
			}
		}
		if len(ids) == 0 {
			return match.Result{Got: "no user id at all", BuildsOn: formOfConversation}
		}
		return match.Pass()
	}}
}

func createdWellFormed() *match.Matcher {
	return eachMessage("Created as yyyy-MM-dd HH:mm:ss", func(v strictjson.Value) bool {
		_, err := time.Parse(timeLayout, v.Get("Created").Text)
		return err == nil && dateTime.MatchString(v.Get("Created").Text)
	})
}

// eachMessage matches a download of which every message holds.
func eachMessage(expected string, holds func(strictjson.Value) bool) *match.Matcher {
	return match.New("messages with "+expected, func(x *exchange.Exchange) match.Result {
		messages, r := readMessages(x)
		for _, m := range messages {
			if r.OK && !holds(m) {
				return match.Failf("the message %s", m.JSON())
			}
		}
		return r
	})
}
