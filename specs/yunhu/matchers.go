package yunhu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs/match"
)

// answered makes a matcher of a judgement over a list that says success.
func answered(expected string, judge func(list) match.Result) *match.Matcher {
	return match.New(expected, func(x *exchange.Exchange) match.Result {
		l, r := accepted(x)
		if !r.OK {
			return r
		}
		return judge(l)
	})
}

// about makes a matcher of a judgement over one conversation, which must be listed.
func about(k key, expected string, judge func(conversation) match.Result) *match.Matcher {
	return answered(expected, func(l list) match.Result {
		c, ok := l.find(k)
		if !ok {
			return l.lacks(k)
		}
		return judge(c)
	})
}

// each makes a matcher of a judgement that must hold for every conversation of a world: what the target itself gives its
// users is its own.
func each(expected string, judge func(conversation) match.Result) func(*world) *match.Matcher {
	return func(w *world) *match.Matcher {
		return answered(expected, func(l list) match.Result {
			for _, c := range l.data {
				if r := judge(c); !r.OK && w.ours(c) {
					return r
				}
			}
			return match.Pass()
		})
	}
}

// isList matches a list that says success.
func isList() *match.Matcher {
	return answered("200 and the protobuf message of a list with code 1", func(list) match.Result { return match.Pass() })
}

// lists matches a list that has the conversations.
func lists(wanted ...key) *match.Matcher {
	return answered("in the list: "+words(wanted), func(l list) match.Result {
		for _, k := range wanted {
			if _, ok := l.find(k); !ok {
				return l.lacks(k)
			}
		}
		return match.Pass()
	})
}

// lacks is the result of a list without the conversation. Where it stands there under another kind, or under none of its
// ids, that is another statement than that it is there.
func (l list) lacks(k key) match.Result {
	r := match.Failf("%s is missing among %s", k, l.keys())
	r.BuildsOn = completeList
	for _, c := range l.data {
		if c.id == k.id || c.id == "" && c.numbers[2] == k.kind {
			r.BuildsOn = kindAndID
		}
	}
	return r
}

func words(keys []key) string {
	const most = 8
	var all []string
	for _, k := range keys[:min(len(keys), most)] {
		all = append(all, k.String())
	}
	if len(keys) > most {
		all = append(all, fmt.Sprintf("and %d more", len(keys)-most))
	}
	return strings.Join(all, ", ")
}

// omits matches a list without the conversation, whatever its kind.
func omits(id string) *match.Matcher {
	return answered(fmt.Sprintf("no conversation with %q in the list", id), func(l list) match.Result {
		for _, c := range l.data {
			if c.id == id {
				return match.Failf("%s is there", c.key())
			}
		}
		return match.Pass()
	})
}

// listsExactly matches a list that has these conversations, in any order, and no other of the run's: one that the target
// itself gives its users, a welcome, no document forbids.
func (w *world) listsExactly(wanted ...key) *match.Matcher {
	expected := fmt.Sprintf("of the run's conversations exactly these %d: %s", len(wanted), words(wanted))
	if len(wanted) == 0 {
		expected = "none of the run's conversations"
	}
	return answered(expected, func(l list) match.Result {
		for _, k := range wanted {
			if _, ok := l.find(k); !ok {
				return l.lacks(k)
			}
		}
		for _, c := range l.data {
			if !slices.Contains(wanted, c.key()) && w.ours(c) {
				return match.Failf("%s, which does not belong there, among %s", c.key(), l.keys())
			}
		}
		return match.Pass()
	})
}

// ours tells whether a conversation bears a name of the run: that of a user or chat of this world, or one that begins as
// they all do.
func (w *world) ours(c conversation) bool {
	if strings.HasPrefix(c.id, w.t.Env.Run+"-") {
		return true
	}
	for _, name := range w.users {
		if c.key() == (key{w.id(name), user}) {
			return true
		}
	}
	return slices.ContainsFunc(w.chats, func(known *chat) bool { return c.key() == known.key(known.members[0]) })
}

// totals matches a list whose total is the number of its conversations. One that stands twice may count once or twice:
// that it does is another statement.
func totals() *match.Matcher {
	return answered("total as many as there are conversations in the list", func(l list) match.Result {
		different := map[key]bool{}
		for _, c := range l.data {
			different[c.key()] = true
		}
		if l.total != uint64(len(l.data)) && l.total != uint64(len(different)) {
			return match.Failf("total %d, and %d conversations", int64(l.total), len(l.data))
		}
		return match.Pass()
	})
}

// each of these conversations stands in the list once.
func once(wanted ...key) *match.Matcher {
	return answered("each once: "+words(wanted), func(l list) match.Result {
		count := map[key]int{}
		for _, c := range l.data {
			count[c.key()]++
		}
		for _, k := range wanted {
			if count[k] > 1 {
				return match.Failf("%s %d times among %s", k, count[k], l.keys())
			}
		}
		return match.Pass()
	})
}

// buildsOn matches what m matches; a failure of it hangs on the requirement id, unless it hangs on another already.
func buildsOn(id string, m *match.Matcher) *match.Matcher {
	return match.New(m.Expected, func(x *exchange.Exchange) match.Result {
		r := m.Judge(x)
		if !r.OK && r.BuildsOn == "" {
			r.BuildsOn = id
		}
		return r
	})
}

// given ends the spec where the user's list does not show what it rests on, which is the statement id.
func (w *world) given(id, user string, matchers ...*match.Matcher) *exchange.Exchange {
	m := buildsOn(id, match.All(matchers...))
	x, _ := w.t.Await(func() *exchange.Exchange { return w.list(user) }, m)
	w.t.Need(x, m)
	return x
}

// givenUnread ends the spec where the user's chats do not show unread messages to begin with.
func (w *world) givenUnread(user string, chats ...*chat) {
	if !w.t.Env.Has("endpoint:list") {
		return
	}
	var all []*match.Matcher
	for _, c := range chats {
		all = append(all, unread(c.key(user), true))
	}
	w.given(unreadShown, user, all...)
}

// givenRead dismisses chats, and ends the spec where they are not read afterwards.
func (w *world) givenRead(user string, chats ...*chat) {
	var all []*match.Matcher
	for _, c := range chats {
		w.dismiss(user, c)
		all = append(all, unread(c.key(user), false))
	}
	w.given(readShown, user, all...)
}

// unread matches a conversation that says whether it has unread messages; a count is as good as a flag.
func unread(k key, has bool) *match.Matcher {
	expected := fmt.Sprintf("unread 0 (or absent) of %s", k)
	if has {
		expected = fmt.Sprintf("unread above 0 of %s", k)
	}
	return about(k, expected, func(c conversation) match.Result {
		if got := c.numbers[6]; (got != 0) != has {
			return match.Failf("unread %d", int64(got))
		}
		return match.Pass()
	})
}

// flag matches a conversation whose field of 0 or 1 has the value.
func flag(k key, number int, want uint64) *match.Matcher {
	name := dataFields[protoNumber(number)].name
	return about(k, fmt.Sprintf("%s %d of %s", name, want, k), func(c conversation) match.Result {
		if got := c.numbers[protoNumber(number)]; got != want {
			return match.Failf("%s %d", name, int64(got))
		}
		return match.Pass()
	})
}

// envelope is a JSON answer.
type envelope struct {
	code int64
	msg  string
}

// readEnvelope reads an object with an integer code and a string msg.
func readEnvelope(x *exchange.Exchange) (envelope, match.Result) {
	wrong := func(format string, args ...any) (envelope, match.Result) {
		return envelope{}, match.Result{Got: fmt.Sprintf(format, args...), BuildsOn: "YH-COM-4"}
	}
	body, err := match.JSONBody(x)
	if err != nil {
		return wrong("%s: a body that is no JSON: %v", told(x), err)
	}
	if body.Kind != strictjson.Object {
		return wrong("%s, where an object belongs", body.Describe())
	}
	code, ok := body.Get("code").Int64()
	if !ok || body.Get("msg").Kind != strictjson.String {
		return wrong("%s as code and %s as msg, where an integer and a string belong", body.Get("code").Describe(), body.Get("msg").Describe())
	}
	return envelope{code, body.Get("msg").Text}, match.Pass()
}

// enveloped makes a matcher of a judgement over a JSON answer.
func enveloped(expected string, judge func(envelope) match.Result) *match.Matcher {
	return match.New(expected, func(x *exchange.Exchange) match.Result {
		e, r := readEnvelope(x)
		if !r.OK {
			return r
		}
		return judge(e)
	})
}

// isEnvelope matches any JSON answer of the documented form.
func isEnvelope() *match.Matcher {
	m := enveloped("an object with an integer code and a string msg", func(envelope) match.Result { return match.Pass() })
	return match.New(m.Expected, func(x *exchange.Exchange) match.Result {
		r := m.Judge(x)
		r.BuildsOn = ""
		return r
	})
}

// succeeds matches the documented success of a JSON call.
func succeeds() *match.Matcher {
	form := enveloped("code 1", func(e envelope) match.Result {
		if e.code != success {
			return match.Failf("code %d and msg %q", e.code, e.msg)
		}
		return match.Pass()
	})
	return match.New("2xx with code 1", func(x *exchange.Exchange) match.Result {
		if !twoHundreds(x) {
			return match.Failf("HTTP status %s", told(x))
		}
		return form.Judge(x)
	})
}

// saysSo matches the text that the examples of success have.
func saysSo() *match.Matcher {
	return enveloped("msg \"success\"", func(e envelope) match.Result {
		if e.msg != "success" {
			return match.Failf("msg %q", e.msg)
		}
		return match.Pass()
	})
}

// codeOf is the code of any answer, JSON or protobuf, as the whole number that stood there.
func codeOf(x *exchange.Exchange) (code int64, form string, r match.Result) {
	if !twoHundreds(x) || looksJSON(x.Body()) {
		e, r := readEnvelope(x)
		return e.code, "JSON", r
	}
	l, err := readList(x.Body())
	if err != nil {
		return 0, "", match.Failf("%s: %v", told(x), err)
	}
	return int64(l.code), "protobuf", match.Pass()
}

// refusedWith matches a refusal with the code, as JSON or, of list, in a protobuf status; the HTTP status is free below 500.
func refusedWith(want int64) *match.Matcher {
	return match.New(fmt.Sprintf("code %d", want), func(x *exchange.Exchange) match.Result {
		if x.Status() >= 500 {
			return match.Failf("HTTP status %s", told(x))
		}
		code, _, r := codeOf(x)
		if r.OK && code != want {
			return match.Failf("code %d: %s", code, told(x))
		}
		return r
	})
}

// noSuccess matches an answer that is no success: an HTTP error, or a code other than 1; and no conversation is in it.
func noSuccess() *match.Matcher {
	return match.New("no success: an HTTP error, or a code other than 1", func(x *exchange.Exchange) match.Result {
		if looksJSON(x.Body()) || x.Status() >= 400 {
			if e, r := readEnvelope(x); r.OK && e.code == success {
				return match.Failf("%s", told(x))
			}
			return match.Pass()
		}
		l, err := readList(x.Body())
		switch {
		case err != nil:
			return match.Failf("%s: %v", told(x), err)
		case l.code == success || len(l.data) > 0:
			return match.Failf("status.code %d, and %d conversations", int64(l.code), len(l.data))
		}
		return match.Pass()
	})
}
