package wukongim

import (
	"fmt"
	"slices"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// twins is a world in which ann has a personal chat with bob and a group of the same id, however the target spells that.
// Where no group of that id can be made, there is nothing to judge.
func twins(t *specs.Trial) (w *world, d, g *channel) {
	w = newWorld(t)
	d = w.direct("ann", "bob").says("bob", 4)
	w.group("more", "ann", "cid").says("cid", 2)
	w.direct("ann", "cid").says("cid", 1)
	w.seed()
	w.given(completeList, "ann", showsMessage(d.sent[3]))
	return w, d, w.namesake(d, "cid")
}

// namesake makes a group that has the id which the personal chat has in ann's sync, with three messages of bob's.
func (w *world) namesake(d *channel, more ...string) *channel {
	spelled := d.id("ann")
	g := w.group("bob", append(slices.Clone(d.members), more...)...)
	if spelled != w.id("bob") {
		g.handle = spelled
	}
	if err := w.add(g); err != nil {
		w.t.NotTestable("no group can be made with the id that the target gives to the personal chat, %q: %v", spelled, err)
	}
	messages := make([]fixtures.Message, 3)
	for i := range messages {
		messages[i] = fixtures.Message{From: w.name("bob"), ClientMsgNo: fmt.Sprintf("%s-m%d", w.name("namesake"), i+1), Payload: []byte("hi")}
	}
	g.send(messages...)
	both := match.All(lists(key{spelled, personal}), lists(key{spelled, group}), showsMessage(g.sent[2]))
	if x, ok := w.t.Await(func() *exchange.Exchange { return w.full("ann") }, both); !ok {
		w.t.NotTestable("no group gets the id that the target gives to the personal chat, %q: expected %s; got %s", spelled, both.Expected, both.Judge(x).Got)
	}
	return g
}

// add puts a further channel without messages onto the target, as an attempt: the target may refuse its name.
func (w *world) add(ch *channel) error {
	want := fixtures.World{Conversations: []fixtures.Conversation{ch.conversation(nil)}}
	for _, member := range ch.members {
		want.Users = append(want.Users, fixtures.User{ID: w.name(member), Name: member})
	}
	seeded, err := w.t.Env.Seeder.Seed(w.t.Context(), w.t.Env.Run, want)
	if err != nil {
		return err
	}
	w.seeded.Conversations[ch.handle] = seeded.Conversations[ch.handle]
	w.own.add(seeded)
	return nil
}

// pairs is how many pairs of groups differ only in case. A target that takes one of the two for the other as it happens
// to find them escapes with a probability of 2^-8.
const pairs = 8

// likeNames is a world of groups whose ids differ only in case, with a message of bob's in each: at 2i and 2i+1 stand two
// that are alike.
func likeNames(t *specs.Trial) *world {
	w := newWorld(t)
	for i := range pairs {
		for _, name := range []string{fmt.Sprintf("room%d", i), fmt.Sprintf("ROOM%d", i)} {
			w.group(name, "ann", "bob").says("bob", 1)
		}
	}
	w.seed()
	apart := match.All(lists(w.channels[0].key("ann")), lists(w.channels[1].key("ann")))
	if x, ok := t.Await(func() *exchange.Exchange { return w.full("ann") }, apart); !ok {
		t.NotTestable("the target does not keep two groups apart whose ids differ only in case: %s", apart.Judge(x).Got)
	}
	return w
}

// registerLikeNames: what a call does to one of two groups whose ids differ only in case leaves the other as it is.
func registerLikeNames(s *specs.Suite) {
	alike := func(id, works, done string, fields []string, act func(w *world, ch *channel), then func(k key) *match.Matcher) {
		s.Requirement(id, "of two groups whose ids differ only in case one is "+done+": the other stays", func(t *specs.Trial) {
			w := likeNames(t)
			before := w.before("ann")
			var touched []key
			var effects []*match.Matcher
			for i := range pairs {
				ch := w.channels[2*i+i%2] // by turns the one in lower and the one in upper case
				act(w, ch)
				touched = append(touched, ch.key("ann"))
				effects = append(effects, buildsOn(works, then(ch.key("ann"))))
			}
			x, _ := t.Await(func() *exchange.Exchange { return w.full("ann") }, match.All(effects...))
			t.Expect(x, same(before, fields, touched...))
			t.Need(x, match.All(effects...))
		})
	}
	if s.Profile() != "v1" { // the older page alone has no clearUnread
		alike("WK-CLEAR-07", clearWorks, "cleared", unreadOnly, func(w *world, ch *channel) { w.clear("ann", ch, nil) }, isUnread(0))
	}
	alike("WK-SET-03", setWorks, "set to 0", unreadOnly, func(w *world, ch *channel) { w.set("ann", ch, 0) }, isUnread(0))
	alike("WK-DEL-03", firstDeleteWorks, "deleted", everything, func(w *world, ch *channel) { w.remove("ann", ch) }, omits)
}

func isUnread(n int64) func(k key) *match.Matcher {
	return func(k key) *match.Matcher { return unread(k, n) }
}
