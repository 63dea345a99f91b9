package wukongim

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"weak"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
)

// names tell the run's conversations from the target's own: some servers put a system account's into everybody's list. What
// the run made carries the run's id, or is called as seeding said. How a personal channel's id is spelled is free: where that tells
// nothing, its messages do, once they have been seen.
type names struct {
	run    string
	called map[string]bool // what the target calls the world's people, channels and messages
	spoken map[spot]bool   // personal channels whose messages were seen: whether they were the run's
}

// spot is a personal channel's id in the eyes of one user: who else has that id may mean another channel by it.
type spot struct{ uid, id string }

func newNames(run string) *names {
	return &names{run: run, called: map[string]bool{}, spoken: map[spot]bool{}}
}

func (n *names) add(seeded *fixtures.Seeded) {
	for _, user := range seeded.Users {
		n.called[user.ID] = true
	}
	for _, c := range seeded.Conversations {
		n.called[c.ID] = true
	}
	for _, m := range seeded.Messages {
		n.called[m.ClientMsgNo] = true
	}
}

// claim says on whose behalf an answer was asked for.
type claim struct {
	*names
	uid string
}

// has tells whether a name is of the run. That of the one who asks may stand in a personal channel with anybody.
func (c claim) has(v strictjson.Value) bool {
	return v.Kind == strictjson.String && v.Text != "" && (c.called[v.Text] || strings.Contains(strings.ReplaceAll(v.Text, c.uid, ""), c.run))
}

// own tells whether an element of an answer is to be judged: one that names somebody or something of the run, and one that has
// no name at all. Where nobody is known to have asked, all are.
func (c claim) own(conversation strictjson.Value) bool {
	id := conversation.Get("channel_id")
	return c.names == nil || id.Kind != strictjson.String || c.has(id) || c.spoken[spot{c.uid, id.Text}] || c.speaks(conversation)
}

// speaks tells whether a conversation has a message of the run's.
func (c claim) speaks(conversation strictjson.Value) bool {
	if c.has(conversation.Get("last_client_msg_no")) {
		return true
	}
	return slices.ContainsFunc(conversation.Get("recents").Elements, func(m strictjson.Value) bool {
		return c.has(m.Get("client_msg_no")) || c.has(m.Get("from_uid"))
	})
}

// hear learns from an answer whose the personal channels are that it shows messages of, and tells whether it has one that
// nothing is known of.
func (c claim) hear(x *exchange.Exchange) (doubtful bool) {
	for _, conversation := range readAhead(x).Elements {
		id := conversation.Get("channel_id")
		if typ, _ := conversation.Get("channel_type").Int64(); typ != personal || id.Kind != strictjson.String || c.has(id) {
			continue
		}
		at, own := spot{c.uid, id.Text}, c.speaks(conversation)
		if own || len(conversation.Get("recents").Elements) > 0 {
			c.spoken[at] = own || c.spoken[at]
		}
		if _, known := c.spoken[at]; !known {
			doubtful = true
		}
	}
	return doubtful
}

// hears makes sure that the personal channels of an answer can be told from the target's own. One that came without messages
// before any of its messages was seen takes one more look, at all of the user's conversations with messages.
func (w *world) hears(x *exchange.Exchange, user string) {
	if of := (claim{w.own, w.id(user)}); of.hear(x) {
		of.hear(w.t.Do(specs.Request{Path: syncPath, Header: w.headers(user), Body: specs.JSON(w.versioned(with{"uid": of.uid, "msg_count": 10}))}))
	}
}

// claims are those of all answers that are still looked at: matchers get nothing but the exchange. They keep none alive.
var claims sync.Map // weak.Pointer[exchange.Exchange] to claim

// claimed marks an exchange as the user's of this world.
func (w *world) claimed(x *exchange.Exchange, user string) *exchange.Exchange {
	at := weak.Make(x)
	claims.Store(at, claim{w.own, w.id(user)})
	runtime.AddCleanup(x, func(at weak.Pointer[exchange.Exchange]) { claims.Delete(at) }, at)
	return x
}

func claimOf(x *exchange.Exchange) claim {
	found, _ := claims.Load(weak.Make(x))
	c, _ := found.(claim)
	return c
}
