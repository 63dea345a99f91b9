package wukongim

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// rounds is how often requests are sent side by side. What goes wrong in one round of ten escapes 40 of them with a
// probability of 0.9^40 = 1.5 %. On an eventual target, where each round may have to wait, there are fewer.
const (
	rounds         = 40
	eventualRounds = 8
)

func roundsOn(t *specs.Trial) int {
	if t.Env.Eventual {
		return eventualRounds
	}
	return rounds
}

// atOnce does all things side by side, begun together, and returns when the last is done. What they do must judge
// nothing: a judgement ends the spec, which only its own goroutine can.
func atOnce(things ...func()) {
	begin := make(chan struct{})
	var all sync.WaitGroup
	for _, thing := range things {
		all.Go(func() {
			<-begin
			thing()
		})
	}
	close(begin)
	all.Wait()
}

// asks is a request in the name of a user that may run beside others; it leaves what came of it in x.
func (w *world) asks(path, user string, body with, x **exchange.Exchange) func() {
	header := w.headers(user)
	header.Set("Content-Type", "application/json")
	if w.t.Env.AuthHeader != "" && w.t.Env.AuthValue != "" && header.Get(w.t.Env.AuthHeader) == "" {
		header.Set(w.t.Env.AuthHeader, w.t.Env.AuthValue)
	}
	request := exchange.Request{
		Method: http.MethodPost, URL: strings.TrimRight(w.t.Env.URL, "/") + path, Header: header,
		Body: specs.JSON(merge(with{"uid": w.id(user)}, body)),
	}
	return func() {
		ctx, cancel := context.WithTimeout(w.t.Context(), w.t.Env.Timeout)
		defer cancel()
		*x = w.claimed(w.t.Env.Do(ctx, request, false), user)
	}
}

func registerTogether(s *specs.Suite) {
	s.Requirement("WK-SYNC-41", fmt.Sprintf("four people send into a group at once, %d times: no message_seq stands twice", rounds), func(t *specs.Trial) {
		people := []string{"bob", "cid", "dan", "eve"}
		w := newWorld(t)
		g := w.group("g", append([]string{"ann"}, people...)...)
		w.seed()
		g.says("bob", 1)
		for range roundsOn(t) {
			w.sendAtOnce(g, people)
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 10}) }, holdsAll(g.key("ann"), g.last(len(people))), seqsDiffer(g.key("ann")))
		}
	})
	if s.Profile() != "v1" { // the older page alone has no clearUnread
		s.Requirement("WK-CLEAR-06", fmt.Sprintf("two members clear a group at once, one as a whole and one up to a message, %d times: the latter keeps what comes after", rounds),
			func(t *specs.Trial) {
				w := newWorld(t)
				g := w.group("g", "ann", "bob", "cid").says("bob", 1)
				w.seed()
				for i := range roundsOn(t) {
					g.says("bob", 2)
					keeps, clears := []string{"ann", "cid"}[i%2], []string{"cid", "ann"}[i%2]
					w.clearAtOnce(g, keeps, clears)
					w.eventually(func() *exchange.Exchange { return w.full(keeps) }, buildsOn("WK-CLEAR-03", someUnread(g.key(keeps))))
				}
			})
	}
	s.Requirement("WK-SYNC-35", fmt.Sprintf("two full syncs run beside a setUnread of the same user, %d times: each gives all of 20 conversations", rounds), func(t *specs.Trial) {
		w, groups := manyGroups(t, 20)
		all := listsExactly(keysOf("ann", groups)...)
		w.eventually(func() *exchange.Exchange { return w.full("ann") }, all)
		for i := range roundsOn(t) {
			g := groups[i%len(groups)]
			var set, one, other *exchange.Exchange
			atOnce(w.asks(setPath, "ann", g.addressed("ann", with{"unread": i % 2}), &set),
				w.asks(syncPath, "ann", w.versioned(with{"msg_count": 1}), &one), w.asks(syncPath, "ann", w.versioned(with{"msg_count": 1}), &other))
			t.Expect(one, all)
			t.Expect(other, all)
		}
	})
}

// sendAtOnce lets each of the people send one message into the channel, all at the same time.
func (w *world) sendAtOnce(ch *channel, people []string) {
	messages, failed := make([]fixtures.Message, len(people)), make([]error, len(people))
	answers := make([]map[string]fixtures.SeededMessage, len(people))
	things := make([]func(), len(people))
	before := w.t.Now()
	for i, person := range people {
		messages[i] = fixtures.Message{From: w.name(person), Payload: []byte("at once"),
			ClientMsgNo: fmt.Sprintf("%s-m%d", ch.handle, len(ch.sent)+i+1)}
		things[i] = func() {
			answers[i], failed[i] = w.t.Env.Seeder.Append(w.t.Context(), w.t.Env.Run, ch.conversation(nil), messages[i:i+1])
		}
	}
	atOnce(things...)
	for i, err := range failed {
		if err != nil {
			w.t.NotTestable("messages could not be sent side by side: %v", err)
		}
		ch.note(messages[i:i+1], answers[i], before)
	}
}

// clearAtOnce lets one member clear the channel up to the last message but one, while another clears it as a whole.
func (w *world) clearAtOnce(ch *channel, keeps, clears string) {
	k := w.seqOf(keeps, ch, ch.last(2)[0])
	w.given(unreadCounted, keeps, someUnread(ch.key(keeps)))
	var up, whole *exchange.Exchange
	things := []func(){w.asks(clearPath, keeps, ch.addressed(keeps, with{"message_seq": k}), &up), w.asks(clearPath, clears, ch.addressed(clears, nil), &whole)}
	w.t.Rand.Shuffle(len(things), func(i, j int) { things[i], things[j] = things[j], things[i] }) // what begins first often ends first
	atOnce(things...)
	w.t.Need(up, answers())
	w.t.Need(whole, answers())
}

// holdsAll matches a conversation that holds these messages, and whatever else.
func holdsAll(k key, wanted []message) *match.Matcher {
	return about(k, fmt.Sprintf("the latest %d messages in recents of %s", len(wanted), k), func(c conversation) match.Result {
		for _, m := range wanted {
			if !c.holds(m) {
				return match.Failf("no message %s: %s", m.clientMsgNo, some(numbers(c.Get("recents").Elements)))
			}
		}
		return match.Pass()
	})
}

// seqsDiffer matches a conversation whose messages each have a message_seq of their own.
func seqsDiffer(k key) *match.Matcher {
	return about(k, fmt.Sprintf("a message_seq of its own for each message of %s", k), func(c conversation) match.Result {
		owners := map[string]strictjson.Value{}
		for _, m := range c.Get("recents").Elements {
			seq := m.Get("message_seq").Text
			if other, double := owners[seq]; double {
				return match.Failf("message_seq %s for both %s and %s", seq, other.Get("client_msg_no").Text, m.Get("client_msg_no").Text)
			}
			owners[seq] = m
		}
		return match.Pass()
	})
}
