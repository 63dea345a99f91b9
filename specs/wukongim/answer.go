package wukongim

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs/match"
)

// What every judgement of a sync answer builds on.
const (
	formOfAnswer       = "WK-SYNC-01"
	formOfConversation = "WK-SYNC-02"
	formOfMessage      = "WK-SYNC-03"
)

// key is how a conversation is addressed: by id and type.
type key struct {
	id  string
	typ int64
}

func (k key) String() string { return fmt.Sprintf("(%q, type %d)", k.id, k.typ) }

// conversation is one element of a sync answer, as it stood. Fields that a judgement needs are read by integer and
// messages, which say what is wrong with them.
type conversation struct {
	strictjson.Value
	channelID   string
	channelType int64
}

func (c conversation) key() key { return key{c.channelID, c.channelType} }

// reading is a sync answer with what was read in it.
type reading struct {
	of            *exchange.Exchange
	conversations []conversation
	result        match.Result
}

// lastRead keeps the latest reading: one answer is mostly judged by several matchers, and some answers are long.
var lastRead atomic.Pointer[reading]

// parsed is an answer's body, read before anybody judged it.
type parsed struct {
	of   *exchange.Exchange
	body strictjson.Value
	err  error
}

// lastParsed keeps what a world read of the latest answer for whoever judges it next: reading a long one twice takes long.
var lastParsed atomic.Pointer[parsed]

// readAhead is the answer's body, which is kept for the judgement.
func readAhead(x *exchange.Exchange) strictjson.Value {
	body, err := match.JSONBody(x)
	lastParsed.Store(&parsed{x, body, err})
	return body
}

func jsonBody(x *exchange.Exchange) (strictjson.Value, error) {
	if ahead := lastParsed.Swap(nil); ahead != nil && ahead.of == x {
		return ahead.body, ahead.err
	}
	return match.JSONBody(x)
}

// readConversations reads a sync answer: 200 and an array of objects that can be told apart. Of what a world asked for it gives
// the run's conversations alone. What it gives is shared, and must not be changed.
func readConversations(x *exchange.Exchange) ([]conversation, match.Result) {
	if last := lastRead.Load(); last != nil && last.of == x {
		return last.conversations, last.result
	}
	conversations, result := parseConversations(x, claimOf(x))
	lastRead.Store(&reading{x, conversations, result})
	return conversations, result
}

func parseConversations(x *exchange.Exchange, of claim) ([]conversation, match.Result) {
	unreadable := func(format string, args ...any) ([]conversation, match.Result) {
		return nil, match.Result{Got: fmt.Sprintf(format, args...), BuildsOn: formOfAnswer}
	}
	if x.Status() != 200 {
		return unreadable("HTTP status %s", match.Told(x))
	}
	body, err := jsonBody(x)
	if err != nil {
		return unreadable("a body that is no JSON: %v", err)
	}
	if body.Kind != strictjson.Array {
		return unreadable("%s, where the array of conversations belongs", body.Describe())
	}
	conversations := make([]conversation, 0, len(body.Elements))
	for i, element := range body.Elements {
		if element.Kind != strictjson.Object {
			return unreadable("conversation %d is %s", i+1, element.Describe())
		}
		if !of.own(element) {
			continue
		}
		c := conversation{Value: element, channelID: element.Get("channel_id").Text}
		var ok bool
		if c.channelType, ok = element.Get("channel_type").Int64(); !ok || element.Get("channel_id").Kind != strictjson.String {
			return nil, match.Result{Got: fmt.Sprintf("conversation %d has %s as channel_id and %s as channel_type", i+1,
				element.Get("channel_id").Describe(), element.Get("channel_type").Describe()), BuildsOn: formOfConversation}
		}
		conversations = append(conversations, c)
	}
	return conversations, match.Pass()
}

func find(conversations []conversation, k key) (conversation, bool) {
	for _, c := range conversations {
		if c.key() == k {
			return c, true
		}
	}
	return conversation{}, false
}

// integer is an integer field of the conversation.
func (c conversation) integer(field string) (int64, match.Result) {
	n, ok := c.Get(field).Int64()
	if !ok {
		return 0, match.Result{Got: fmt.Sprintf("%s of %s is %s, where an integer belongs", field, c.key(), c.Get(field).Describe()),
			BuildsOn: formOfConversation}
	}
	return n, match.Pass()
}

// messages are the conversation's recents.
func (c conversation) messages() ([]strictjson.Value, match.Result) {
	recents := c.Get("recents")
	if recents.Kind != strictjson.Array {
		return nil, match.Result{Got: fmt.Sprintf("recents of %s is %s, where an array belongs", c.key(), recents.Describe()),
			BuildsOn: formOfConversation}
	}
	return recents.Elements, match.Pass()
}

// holds tells whether the message stands in the conversation's recents.
func (c conversation) holds(m message) bool {
	return slices.ContainsFunc(c.Get("recents").Elements, func(v strictjson.Value) bool {
		return v.Get("client_msg_no").Text == m.clientMsgNo
	})
}

// numbers are the client_msg_no of messages.
func numbers(messages []strictjson.Value) []string {
	all := make([]string, len(messages))
	for i, m := range messages {
		all[i] = m.Get("client_msg_no").Text
	}
	return all
}

// answered makes a matcher of a judgement over a readable answer.
func answered(expected string, judge func([]conversation) match.Result) *match.Matcher {
	return match.New(expected, func(x *exchange.Exchange) match.Result {
		conversations, r := readConversations(x)
		if !r.OK {
			return r
		}
		return judge(conversations)
	})
}

// about makes a matcher of a judgement over one conversation, which must be listed.
func about(k key, expected string, judge func(conversation) match.Result) *match.Matcher {
	return answered(expected, func(all []conversation) match.Result {
		c, ok := find(all, k)
		if !ok {
			return match.Failf("%s is not listed: %s", k, listed(all))
		}
		return judge(c)
	})
}

// keys are the conversations of an answer, for a message.
func keys(all []conversation) string {
	const most = 8
	if len(all) == 0 {
		return "none"
	}
	var words []string
	for i, c := range all {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(all)-most))
			break
		}
		words = append(words, c.key().String())
	}
	return fmt.Sprintf("%d: %s", len(all), strings.Join(words, ", "))
}

// listed tells in a sentence which conversations an answer has.
func listed(all []conversation) string {
	if len(all) == 0 {
		return "the answer has no conversation"
	}
	return "the answer has " + keys(all)
}

// isAnswer matches 200 and an array.
func isAnswer() *match.Matcher {
	return answered("200 and a JSON array of conversations", func([]conversation) match.Result { return match.Pass() })
}

// lists matches an answer that has the conversation.
func lists(k key) *match.Matcher {
	return about(k, fmt.Sprintf("the conversation %s in the answer", k), func(conversation) match.Result { return match.Pass() })
}

// omits matches an answer that does not have the conversation.
func omits(k key) *match.Matcher {
	return answered(fmt.Sprintf("no conversation %s in the answer", k), func(all []conversation) match.Result {
		if _, ok := find(all, k); ok {
			return match.Failf("the conversation %s among %s", k, keys(all))
		}
		return match.Pass()
	})
}

// listsExactly matches an answer that has these conversations and no other, in any order.
func listsExactly(wanted ...key) *match.Matcher {
	words := make([]string, len(wanted))
	for i, k := range wanted {
		words[i] = k.String()
	}
	expected := fmt.Sprintf("exactly these %d conversations: %s", len(wanted), strings.Join(words[:min(len(words), 8)], ", "))
	if len(wanted) == 0 {
		expected = "no conversation at all"
	}
	return answered(expected, func(all []conversation) match.Result {
		for _, k := range wanted {
			if _, ok := find(all, k); !ok {
				return match.Failf("%s is missing: %s", k, listed(all))
			}
		}
		return noOther(all, wanted)
	})
}

// listsNoOther matches an answer that has no conversation but these. Which of them it has is for others to judge.
func listsNoOther(allowed ...key) *match.Matcher {
	words := make([]string, len(allowed))
	for i, k := range allowed {
		words[i] = k.String()
	}
	expected := "no conversation but " + strings.Join(words, ", ")
	if len(allowed) == 0 {
		expected = "no conversation at all"
	}
	return answered(expected, func(all []conversation) match.Result { return noOther(all, allowed) })
}

func noOther(all []conversation, allowed []key) match.Result {
	for _, c := range all {
		if !slices.Contains(allowed, c.key()) {
			return match.Failf("%s, which does not belong there, among %s", c.key(), keys(all))
		}
	}
	return match.Pass()
}

// field matches a conversation whose integer field is n.
func field(k key, name string, n int64) *match.Matcher {
	return about(k, fmt.Sprintf("%s %d of %s", name, n, k), func(c conversation) match.Result {
		got, r := c.integer(name)
		if r.OK && got != n {
			return match.Failf("%s %d", name, got)
		}
		return r
	})
}

// unread matches a conversation with n unread messages.
func unread(k key, n int64) *match.Matcher { return field(k, "unread", n) }

// showsMessages matches an answer in which each of the messages stands in somebody's recents.
func showsMessages(messages []message) *match.Matcher {
	all := make([]*match.Matcher, len(messages))
	for i, m := range messages {
		all[i] = showsMessage(m)
	}
	return match.All(all...)
}

// seqAnywhere is the message_seq that the answer gives a message: 0 where it does not stand in it.
func seqAnywhere(x *exchange.Exchange, m message) int64 {
	conversations, _ := readConversations(x)
	for _, c := range conversations {
		if v, ok := c.message(m); ok {
			seq, _ := v.Get("message_seq").Int64()
			return seq
		}
	}
	return 0
}

// showsMessage matches an answer in which the message stands in somebody's recents.
func showsMessage(m message) *match.Matcher {
	return answered("the message "+m.clientMsgNo, func(all []conversation) match.Result {
		if slices.ContainsFunc(all, func(c conversation) bool { return c.holds(m) }) {
			return match.Pass()
		}
		return match.Failf("it is not there: %s", listed(all))
	})
}

// recents matches a conversation that holds exactly these messages, told apart by client_msg_no, in any order.
func recents(k key, wanted []message) *match.Matcher {
	expected := fmt.Sprintf("%d messages in recents of %s", len(wanted), k)
	if len(wanted) > 0 {
		expected += fmt.Sprintf(": %s … %s", wanted[0].clientMsgNo, wanted[len(wanted)-1].clientMsgNo)
	}
	return about(k, expected, func(c conversation) match.Result {
		messages, r := c.messages()
		if !r.OK {
			return r
		}
		got := numbers(messages)
		for i, m := range wanted {
			if slices.Contains(got, m.clientMsgNo) {
				continue
			}
			missing := match.Failf("%d messages, without %s: %s", len(got), m.clientMsgNo, some(got))
			if oldest := len(wanted) - len(got); i == 0 && oldest > 0 && holdsExactly(got, wanted[oldest:]) {
				missing.BuildsOn = messagesGiven // the newest are there: it is how many there are
			}
			return missing
		}
		if len(got) != len(wanted) {
			return match.Failf("%d messages: %s", len(got), some(got))
		}
		return match.Pass()
	})
}

func holdsExactly(got []string, wanted []message) bool {
	return len(got) == len(wanted) && !slices.ContainsFunc(wanted, func(m message) bool { return !slices.Contains(got, m.clientMsgNo) })
}

// recentsAmong matches a conversation that holds n of these messages and none else.
func recentsAmong(k key, n int, of []message) *match.Matcher {
	expected := fmt.Sprintf("%d messages in recents of %s, all of them from %s to %s", n, k, of[0].clientMsgNo, of[len(of)-1].clientMsgNo)
	return about(k, expected, func(c conversation) match.Result {
		messages, r := c.messages()
		if !r.OK {
			return r
		}
		got := numbers(messages)
		for _, number := range got {
			if !slices.ContainsFunc(of, func(m message) bool { return m.clientMsgNo == number }) {
				return match.Failf("%d messages, %s among them: %s", len(got), number, some(got))
			}
		}
		if len(got) != n {
			return match.Failf("%d messages: %s", len(got), some(got))
		}
		return match.Pass()
	})
}

// some is a list of names, cut for a message.
func some(names []string) string {
	const most = 6
	if len(names) > most {
		return fmt.Sprintf("%s, … (%d more)", strings.Join(names[:most], ", "), len(names)-most)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// count matches a conversation that has n messages in its recents, whichever they are.
func count(k key, n int) *match.Matcher {
	return about(k, fmt.Sprintf("%d messages in recents of %s", n, k), func(c conversation) match.Result {
		messages, r := c.messages()
		if r.OK && len(messages) != n {
			return match.Failf("%d messages", len(messages))
		}
		return r
	})
}

// noMoreThan matches a conversation that has at most n messages in its recents.
func noMoreThan(k key, n int) *match.Matcher {
	return about(k, fmt.Sprintf("at most %d messages in recents of %s", n, k), func(c conversation) match.Result {
		messages, r := c.messages()
		if r.OK && len(messages) > n {
			return match.Failf("%d messages", len(messages))
		}
		return r
	})
}

// eachConversation matches an answer in which the judgement holds for every conversation.
func eachConversation(expected string, judge func(conversation) match.Result) *match.Matcher {
	return answered(expected, func(all []conversation) match.Result {
		for _, c := range all {
			if r := judge(c); !r.OK {
				return r
			}
		}
		return match.Pass()
	})
}

// eachMessage matches an answer in which the judgement holds for every message of every conversation.
func eachMessage(expected string, judge func(c conversation, m strictjson.Value) match.Result) *match.Matcher {
	return eachConversation(expected, func(c conversation) match.Result {
		messages, r := c.messages()
		if !r.OK {
			return r
		}
		for _, m := range messages {
			if r := judge(c, m); !r.OK {
				return r
			}
		}
		return match.Pass()
	})
}

// payloadIs tells whether a message's payload is standard base64 of exactly these bytes.
func payloadIs(v strictjson.Value, want []byte) match.Result {
	got, err := base64.StdEncoding.Strict().DecodeString(v.Get("payload").Text)
	if err != nil {
		return match.Failf("a payload that is not standard base64: %v", err)
	}
	if !bytes.Equal(got, want) {
		return match.Failf("a payload of %d bytes that differs from the %d bytes sent, first at byte %d", len(got), len(want), differsAt(got, want))
	}
	return match.Pass()
}

func differsAt(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// isObject reads an answer whose body is a JSON object.
func isObject(x *exchange.Exchange) (strictjson.Value, match.Result) {
	body, err := match.JSONBody(x)
	if err != nil {
		return body, match.Failf("a body that is no JSON: %v", err)
	}
	if body.Kind != strictjson.Object {
		return body, match.Failf("%s, where an object belongs", body.Describe())
	}
	return body, match.Pass()
}
