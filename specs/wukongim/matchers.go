package wukongim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs/match"
)

// Statements that others rest on: where one of them does not hold, what rests on it says nothing.
const (
	messagesGiven     = "WK-SYNC-07"
	completeList      = "WK-SYNC-35"
	unreadCounted     = "WK-SYNC-14"
	ownNotUnread      = "WK-SYNC-15"
	clearWorks        = "WK-CLEAR-02"
	clearUpToWorks    = "WK-CLEAR-03"
	clearBeyondWorks  = "WK-CLEAR-05"
	setWorks          = "WK-SET-02"
	deleteWorks       = "WK-DEL-02"
	messageBringsBack = "WK-DEL-04"
	firstDeleteWorks  = "WK-DEL-10"
	syncReadsNothing  = "WK-SYNC-32"
	messageAfterSet   = "WK-SET-04"
	changesGiven      = "WK-SYNC-16"
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

// changed matches an answer in which a conversation that has changed is listed at all, as an incremental sync must.
func changed(k key) *match.Matcher { return buildsOn(changesGiven, lists(k)) }

// given waits until the user's full sync shows what the spec rests on, or ends the spec: its failure then hangs on the
// requirement id. It judges nothing.
func (w *world) given(id, user string, matchers ...*match.Matcher) *exchange.Exchange {
	all := buildsOn(id, match.All(matchers...))
	x, _ := w.t.Await(func() *exchange.Exchange { return w.full(user) }, all)
	w.t.Need(x, all)
	return x
}

// holding waits like given, and leaves the spec as not testable where what it rests on does not come to show: for what
// a target need not do, so that nothing may be concluded from its lack.
func (w *world) holding(id, user string, m *match.Matcher) {
	if x, ok := w.t.Await(func() *exchange.Exchange { return w.full(user) }, m); !ok {
		w.t.NotTestable("it rests on %s, which does not hold here: expected %s; got %s", id, m.Expected, m.Judge(x).Got)
	}
}

// broughtBack lets somebody send n messages into a conversation that ann deleted, which must bring it back.
func (w *world) broughtBack(ch *channel, from string, n int) {
	ch.says(from, n)
	w.holding(messageBringsBack, "ann", lists(ch.key("ann")))
}

// before is the user's full sync before something is done, to compare a later one with. On an eventual target it waits
// until last_msg_seq has caught up with the messages.
func (w *world) before(user string) *exchange.Exchange {
	x, _ := w.t.Await(func() *exchange.Exchange { return w.full(user) }, caughtUp())
	w.t.Need(x, isAnswer())
	return x
}

// caughtUp matches an answer in which every last_msg_seq is that of the newest message given.
func caughtUp() *match.Matcher {
	return eachConversation("last_msg_seq of the newest message", func(c conversation) match.Result {
		last, r := c.integer("last_msg_seq")
		for _, m := range c.Get("recents").Elements {
			if seq, ok := m.Get("message_seq").Int64(); r.OK && ok && seq > last {
				return match.Failf("last_msg_seq %d and a message %d", last, seq)
			}
		}
		return r
	})
}

// seqOf is the sequence number of a message among the channel's newest 50. The documents do not say where the numbers
// begin, so a spec never assumes one.
func (w *world) seqOf(user string, ch *channel, m message) int64 {
	var seq int64
	w.t.Need(w.sync(user, with{"msg_count": 50}), buildsOn(messagesGiven,
		about(ch.key(user), "the message "+m.clientMsgNo+" with its message_seq", func(c conversation) match.Result {
			messages, r := c.messages()
			if !r.OK {
				return r
			}
			for _, v := range messages {
				if n, ok := v.Get("message_seq").Int64(); ok && v.Get("client_msg_no").Text == m.clientMsgNo {
					seq = n
					return match.Pass()
				}
			}
			return match.Failf("%d messages: %s", len(messages), some(numbers(messages)))
		})))
	return seq
}

// saysOK matches 200 with {"status": "ok"}, and whatever else the object holds.
func saysOK() *match.Matcher {
	return match.New(`200 with {"status": "ok"}`, func(x *exchange.Exchange) match.Result {
		if x.Status() != 200 {
			return match.Failf("HTTP status %s", match.Told(x))
		}
		body, r := isObject(x)
		if status := body.Get("status"); r.OK && (status.Kind != strictjson.String || status.Text != "ok") {
			return match.Failf("%s", match.Told(x))
		}
		return r
	})
}

// sameAnswer matches an answer with the status and the word of an earlier one.
func sameAnswer(first *exchange.Exchange) *match.Matcher {
	word := func(x *exchange.Exchange) string {
		body, _ := match.JSONBody(x)
		status := body.Get("status")
		return status.Kind.String() + " " + status.Text
	}
	return match.New("the answer of the first time, "+match.Told(first), func(x *exchange.Exchange) match.Result {
		if x.Status() != first.Status() || word(x) != word(first) {
			return match.Failf("%s", match.Told(x))
		}
		return match.Pass()
	})
}

// unreadFrom matches a conversation with low to high unread messages.
func unreadFrom(k key, low, high int64) *match.Matcher {
	expected := fmt.Sprintf("unread from %d to %d of %s", low, high, k)
	return about(k, expected, func(c conversation) match.Result {
		got, r := c.integer("unread")
		if r.OK && (got < low || got > high) {
			return match.Failf("unread %d", got)
		}
		return r
	})
}

// someUnread matches a conversation with at least one unread message.
func someUnread(k key) *match.Matcher {
	return about(k, fmt.Sprintf("unread 1 or more of %s", k), func(c conversation) match.Result {
		got, r := c.integer("unread")
		if r.OK && got < 1 {
			return match.Failf("unread %d", got)
		}
		return r
	})
}

// unreadOneOf matches a conversation with the one or the other number of unread messages.
func unreadOneOf(k key, one, other int64) *match.Matcher {
	return about(k, fmt.Sprintf("unread %d or %d of %s", one, other, k), func(c conversation) match.Result {
		got, r := c.integer("unread")
		if r.OK && got != one && got != other {
			return match.Failf("unread %d", got)
		}
		return r
	})
}

// unreadWhereListed matches an answer that either does not list the conversation or lists it with n unread messages.
func unreadWhereListed(k key, n int64) *match.Matcher {
	return answered(fmt.Sprintf("unread %d of %s, where it is listed", n, k), func(all []conversation) match.Result {
		c, listed := find(all, k)
		if !listed {
			return match.Pass()
		}
		got, r := c.integer("unread")
		if r.OK && got != n {
			return match.Failf("unread %d", got)
		}
		return r
	})
}

// unreadVisible matches a conversation with no more unread messages than it shows. Ask for more messages than there are.
func unreadVisible(k key) *match.Matcher {
	return about(k, fmt.Sprintf("no more unread than messages in recents of %s", k), func(c conversation) match.Result {
		got, r := c.integer("unread")
		if !r.OK {
			return r
		}
		messages, r := c.messages()
		if r.OK && got > int64(len(messages)) {
			return match.Failf("unread %d, and %d messages", got, len(messages))
		}
		return r
	})
}

// hides matches an answer that shows neither the conversation nor any of these messages.
func hides(k key, messages []message) *match.Matcher {
	return match.All(omits(k), withholds(messages))
}

// withholds matches an answer that shows none of these messages, in whatever conversation.
func withholds(messages []message) *match.Matcher {
	return answered("none of the channel's messages", func(all []conversation) match.Result {
		for _, c := range all {
			for _, m := range messages {
				if c.holds(m) {
					return match.Failf("the message %s in %s", m.clientMsgNo, c.key())
				}
			}
		}
		return match.Pass()
	})
}

// What a comparison with an earlier answer looks at in each conversation.
var (
	unreadOnly   = []string{"unread"}
	allButUnread = []string{"last_msg_seq", "timestamp", "recents"}
	everything   = []string{"unread", "last_msg_seq", "recents"}
)

// same matches an answer that lists the conversations that before listed, and no others, each with the same values in
// fields. What it says of the conversations in but does not count.
func same(before *exchange.Exchange, fields []string, but ...key) *match.Matcher {
	aside := ""
	if len(but) > 0 {
		aside = ", but for " + but[0].String()
	}
	return answered("the conversations as before"+aside+", by "+strings.Join(fields, ", "), func(now []conversation) match.Result {
		were, r := readConversations(before)
		if !r.OK {
			return r
		}
		for _, was := range were {
			if slices.Contains(but, was.key()) {
				continue
			}
			is, ok := find(now, was.key())
			if !ok {
				return match.Failf("%s is missing: %s", was.key(), listed(now))
			}
			if r := sameFields(was, is, fields); !r.OK {
				return r
			}
		}
		return nothingNew(were, now, but)
	})
}

func nothingNew(were, now []conversation, but []key) match.Result {
	for _, is := range now {
		if _, known := find(were, is.key()); !known && !slices.Contains(but, is.key()) {
			return match.Failf("%s, which was not there before", is.key())
		}
	}
	return match.Pass()
}

func sameFields(was, is conversation, fields []string) match.Result {
	for _, field := range fields {
		if field == "recents" {
			if r := sameRecents(was, is); !r.OK {
				return r
			}
			continue
		}
		before, r := was.integer(field)
		if !r.OK {
			return r
		}
		now, r := is.integer(field)
		if !r.OK {
			return r
		}
		if now != before {
			return match.Failf("%s %d of %s, which was %d", field, now, is.key(), before)
		}
	}
	return match.Pass()
}

// sameRecents compares recents by client_msg_no, in any order.
func sameRecents(was, is conversation) match.Result {
	before, r := was.messages()
	if !r.OK {
		return r
	}
	now, r := is.messages()
	if !r.OK {
		return r
	}
	a, b := slices.Sorted(slices.Values(numbers(before))), slices.Sorted(slices.Values(numbers(now)))
	if !slices.Equal(a, b) {
		return match.Failf("%d messages of %s: %s; they were %d: %s", len(b), is.key(), some(b), len(a), some(a))
	}
	return match.Pass()
}

// anySync are the bodies of syncs in all combinations of the documented parameters: beside the defaults, versions, the
// channel as last_msg_seqs with each of the sequence numbers, and another type excluded. The older page knows fewer.
func (w *world) anySync(user string, ch *channel, versions, seqs []int64) []with {
	bodies := []with{{"msg_count": 0}, {"msg_count": 1}, {"msg_count": 50}}
	bodies = combine(bodies, "version", versions)
	var entries []string
	for _, seq := range seqs {
		entries = append(entries, ch.entry(user, seq))
	}
	bodies = combine(bodies, "last_msg_seqs", entries)
	if w.t.Env.Profile == "v1" {
		return bodies
	}
	bodies = combine(bodies, "only_unread", []int{1})
	return combine(bodies, "exclude_channel_types", [][]int{{personal + group - ch.typ}})
}

// combine are the bodies without the field, and with each of its values.
func combine[T any](bodies []with, field string, values []T) []with {
	all := bodies
	for _, value := range values {
		for _, body := range bodies {
			more := maps.Clone(body)
			more[field] = value
			all = append(all, more)
		}
	}
	return all
}
