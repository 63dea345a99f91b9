package ozeki

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs/match"
)

// What every judgement of an answer builds on.
const (
	formOfAnswer       = "OZ-COM-7"
	wordOfSuccess      = "OZ-COM-8"
	formOfConversation = "OZ-CONV-1"
	formOfAdded        = "OZ-ADD-3"
	namesOfMessage     = "OZ-DL-4"
)

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

// itself matches what m matches; a failure of it hangs on no other requirement, since this is what the statement says.
func itself(m *match.Matcher) *match.Matcher {
	return match.New(m.Expected, func(x *exchange.Exchange) match.Result {
		r := m.Judge(x)
		r.BuildsOn = ""
		return r
	})
}

// readObject is the answer as a JSON object.
func readObject(x *exchange.Exchange) (strictjson.Value, match.Result) {
	body, err := match.JSONBody(x)
	switch {
	case x.Status() >= 500:
		return body, match.Failf("HTTP status %s", match.Told(x))
	case err != nil:
		return body, match.Result{Got: fmt.Sprintf("a body that is no JSON: %v: %s", err, match.Told(x)), BuildsOn: formOfAnswer}
	case body.Kind != strictjson.Object:
		return body, match.Result{Got: body.Describe() + ", where an object belongs", BuildsOn: formOfAnswer}
	}
	return body, match.Pass()
}

// readSuccess is the answer of a call that went well. Its status alone decides, never errormessage; download need not
// have one.
func readSuccess(x *exchange.Exchange) (strictjson.Value, match.Result) {
	body, r := readObject(x)
	if !r.OK {
		return body, r
	}
	status := body.Get("status")
	bare := status.Kind == strictjson.Missing && body.Get("messages").Kind == strictjson.Array
	if !bare && (status.Kind != strictjson.String || status.Text != "OK") {
		return body, match.Result{Got: fmt.Sprintf("status %s: %s", status.Describe(), match.Told(x)), BuildsOn: wordOfSuccess}
	}
	return body, match.Pass()
}

// succeeds matches an answer with status OK.
func succeeds() *match.Matcher {
	return match.New("status OK", func(x *exchange.Exchange) match.Result {
		_, r := readSuccess(x)
		return r
	})
}

// refused matches the documented form without success.
func refused() *match.Matcher {
	return match.New(`a JSON object with a string status that is not "OK" and a non-empty errormessage, and no 5xx`, func(x *exchange.Exchange) match.Result {
		body, r := readObject(x)
		status, message := body.Get("status"), body.Get("errormessage")
		switch {
		case !r.OK:
			return match.Failf("%s", r.Got)
		case status.Kind != strictjson.String || status.Text == "OK":
			return match.Failf("status %s: %s", status.Describe(), match.Told(x))
		case message.Kind != strictjson.String || message.Text == "":
			return match.Failf("errormessage %s: %s", message.Describe(), match.Told(x))
		}
		return match.Pass()
	})
}

// view is a conversation in an answer to one user.
type view struct {
	strictjson.Value
	caller string // the user's id
}

// own is the caller's entry in properties.
func (v view) own() (strictjson.Value, match.Result) {
	for _, p := range v.Get("properties").Elements {
		if p.Get("userid").Text == v.caller {
			return p, match.Pass()
		}
	}
	return strictjson.Value{}, match.Result{Got: fmt.Sprintf("properties without an entry of the caller: %s", v.Get("properties").JSON()), BuildsOn: "OZ-CONV-3"}
}

func (v view) holds(list, id string) bool {
	return slices.ContainsFunc(v.Get(list).Elements, func(e strictjson.Value) bool { return e.Text == id })
}

// check judges one conversation.
type check struct {
	expected string
	judge    func(view) match.Result
}

func apply(v view, checks []check) match.Result {
	for _, c := range checks {
		if r := c.judge(v); !r.OK {
			return r
		}
	}
	return match.Pass()
}

func words(checks []check) string {
	var all []string
	for _, c := range checks {
		all = append(all, c.expected)
	}
	return strings.Join(all, ", ")
}

// readList is the conversations of a list's answer.
func readList(x *exchange.Exchange, caller string) ([]view, match.Result) {
	body, r := readSuccess(x)
	if !r.OK {
		return nil, r
	}
	all := body.Get("conversations")
	if all.Kind != strictjson.Array {
		return nil, match.Result{Got: "conversations is " + all.Describe(), BuildsOn: "OZ-LIST-1"}
	}
	var views []view
	for _, v := range all.Elements {
		views = append(views, view{v, caller})
	}
	return views, match.Pass()
}

// find is one conversation of a list.
func find(x *exchange.Exchange, id, caller string) (view, match.Result) {
	all, r := readList(x, caller)
	for _, v := range all {
		if v.Get("id").Text == id {
			return v, match.Pass()
		}
	}
	if r.OK {
		r = match.Result{Got: fmt.Sprintf("a list of %d without it", len(all)), BuildsOn: "OZ-LIST-1"}
	}
	return view{}, r
}

// listed matches a list of the user with the conversation, of which the checks hold.
func listed(c *conversation, user string, checks ...check) *match.Matcher {
	return match.New(strings.TrimSuffix("list shows the conversation "+c.id()+" with "+words(checks), " with "), func(x *exchange.Exchange) match.Result {
		v, r := find(x, c.id(), c.w.id(user))
		if !r.OK {
			return r
		}
		return apply(v, checks)
	})
}

// returns matches an answer that carries the conversation, of which the checks hold.
func returns(c *conversation, user string, checks ...check) *match.Matcher {
	return match.New(strings.TrimSuffix("status OK and the conversation with "+words(checks), " with "), func(x *exchange.Exchange) match.Result {
		v, r := readReturned(x, c.w.id(user))
		if !r.OK {
			return r
		}
		return apply(v, checks)
	})
}

func readReturned(x *exchange.Exchange, caller string) (view, match.Result) {
	body, r := readSuccess(x)
	v := body.Get("conversation")
	if r.OK && v.Kind != strictjson.Object {
		return view{}, match.Failf("conversation is %s: %s", v.Describe(), match.Told(x))
	}
	return view{v, caller}, r
}

// text checks a member that is a string.
func text(name, want string) check {
	return check{fmt.Sprintf("%s %q", name, want), func(v view) match.Result {
		if got := v.Get(name); got.Kind != strictjson.String || got.Text != want {
			return match.Failf("%s is %s", name, got.Describe())
		}
		return match.Pass()
	}}
}

// same checks that members are as they were.
func same(before view, names ...string) check {
	return check{strings.Join(names, ", ") + " as before", func(v view) match.Result {
		for _, name := range names {
			if !v.Get(name).Equal(before.Get(name)) {
				return match.Failf("%s is %s, and was %s", name, v.Get(name).JSON(), before.Get(name).JSON())
			}
		}
		return match.Pass()
	}}
}

// sameSet checks that arrays hold what they held, in any order.
func sameSet(before view, names ...string) check {
	return check{strings.Join(names, ", ") + " with the same content", func(v view) match.Result {
		for _, name := range names {
			if !slices.Equal(texts(v.Get(name)), texts(before.Get(name))) {
				return match.Failf("%s is %s, and was %s", name, v.Get(name).JSON(), before.Get(name).JSON())
			}
		}
		return match.Pass()
	}}
}

// texts are the elements as JSON, sorted.
func texts(v strictjson.Value) []string {
	var all []string
	for _, e := range v.Elements {
		all = append(all, e.JSON())
	}
	slices.Sort(all)
	return all
}

// ownIs checks a member of the caller's properties.
func ownIs(name string, want strictjson.Value) check {
	return check{"own " + name + " " + want.JSON(), func(v view) match.Result {
		own, r := v.own()
		if r.OK && !own.Get(name).Equal(want) && !(name == "listitembackgroundcolor" && strings.EqualFold(own.Get(name).Text, want.Text)) {
			return match.Failf("own %s is %s", name, own.Get(name).Describe())
		}
		return r
	}}
}

func str(s string) strictjson.Value { return strictjson.Value{Kind: strictjson.String, Text: s} }
func boolean(b bool) strictjson.Value {
	return strictjson.Value{Kind: strictjson.Bool, Text: fmt.Sprint(b)}
}

// sameParticipants checks that the same users take part under the same names. Whatever else is said of them, such as who is
// online, changes by itself.
func sameParticipants(before view) check {
	return check{"participants as before", func(v view) match.Result {
		if !slices.Equal(people(v), people(before)) {
			return match.Failf("participants is %s, and was %s", v.Get("participants").JSON(), before.Get("participants").JSON())
		}
		return match.Pass()
	}}
}

// people are the documented members of participants, sorted.
func people(v view) []string {
	var all []string
	for _, p := range v.Get("participants").Elements {
		all = append(all, p.Get("userid").JSON()+" "+p.Get("username").JSON())
	}
	slices.Sort(all)
	return all
}

// ownAsBefore checks that what the caller set is what it was: the documented members, and no other.
func ownAsBefore(before view) check {
	return check{"own properties as before", func(v view) match.Result {
		was, r := before.own()
		if !r.OK {
			return r
		}
		is, r := v.own()
		for name := range inside["properties"] {
			sameColor := name == "listitembackgroundcolor" && strings.EqualFold(is.Get(name).Text, was.Get(name).Text)
			if r.OK && !sameColor && !is.Get(name).Equal(was.Get(name)) {
				return match.Failf("own properties are %s, and were %s", is.JSON(), was.JSON())
			}
		}
		return r
	}}
}

// member checks whether the caller stands in a list of users.
func member(list string, want bool) check {
	return check{fmt.Sprintf("the caller in %s: %v", list, want), func(v view) match.Result {
		if v.holds(list, v.caller) != want {
			return match.Failf("%s is %s", list, v.Get(list).JSON())
		}
		return match.Pass()
	}}
}

// readMessages are the messages of a download, each with its ID.
func readMessages(x *exchange.Exchange) ([]strictjson.Value, match.Result) {
	messages, r := rawMessages(x)
	for _, m := range messages {
		if m.Get("ID").Kind != strictjson.String {
			return nil, match.Result{Got: "a message without an ID: " + m.JSON(), BuildsOn: namesOfMessage}
		}
	}
	return messages, r
}

// rawMessages are the messages of a download, whatever they are.
func rawMessages(x *exchange.Exchange) ([]strictjson.Value, match.Result) {
	body, r := readSuccess(x)
	all := body.Get("messages")
	if r.OK && all.Kind != strictjson.Array {
		return nil, match.Failf("messages is %s: %s", all.Describe(), match.Told(x))
	}
	return all.Elements, r
}

func idsOf(messages []strictjson.Value) []string {
	var ids []string
	for _, m := range messages {
		ids = append(ids, m.Get("ID").Text)
	}
	return ids
}

// shows matches a download with every one of these messages.
func shows(ids ...string) *match.Matcher {
	return match.New(fmt.Sprintf("messages with the IDs %s", some(ids)), func(x *exchange.Exchange) match.Result {
		messages, r := readMessages(x)
		if !r.OK {
			return r
		}
		got := idsOf(messages)
		for _, id := range ids {
			if !slices.Contains(got, id) {
				return match.Failf("%d messages without %s: %s", len(got), id, some(got))
			}
		}
		return match.Pass()
	})
}

// withholds matches any answer, also a refusal, that says none of these ids.
func withholds(ids ...string) *match.Matcher {
	return match.New(fmt.Sprintf("none of the %d messages that must be gone", len(ids)), func(x *exchange.Exchange) match.Result {
		body := string(x.Body())
		for _, id := range ids {
			if strings.Contains(body, id) {
				return match.Failf("the message %s", id)
			}
		}
		return match.Pass()
	})
}

func some(ids []string) string {
	const most = 4
	if len(ids) == 0 {
		return "none"
	}
	if len(ids) > most {
		return strings.Join(ids[:most], ", ") + fmt.Sprintf(" and %d more", len(ids)-most)
	}
	return strings.Join(ids, ", ")
}
