package wukongim

import (
	"runtime"
	"strings"
	"sync"
	"weak"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
)

// names tell the run's conversations from the target's own: some servers put a system account's into everybody's list. What
// the run made carries the run's id, or is called as seeding said.
type names struct {
	run    string
	called map[string]bool // what the target calls the world's people, channels and messages
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
	if id := conversation.Get("channel_id"); c.names == nil || id.Kind != strictjson.String || c.has(id) {
		return true
	}
	for _, m := range conversation.Get("recents").Elements {
		if c.has(m.Get("client_msg_no")) || c.has(m.Get("from_uid")) {
			return true
		}
	}
	return false
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
