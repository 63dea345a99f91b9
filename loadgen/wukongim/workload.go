// Package wukongim is the WuKongIM room of loadgen: users who log in, sync, read and send, and an oracle that judges
// each answer by the rules of the family's model, as far as what the user knows allows.
//
// It may know the WuKongIM reference, and nothing of the other families. It keeps bounds where requests overtake one
// another: an answer that some order of the concurrent requests explains is right.
package wukongim

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// kind is one thing that a user can do.
type kind int

const (
	login       kind = iota // a full sync
	incremental             // an incremental one, from where the user's last answer ended
	catchUp                 // an incremental one, from where the user's first answer ended: a device long offline
	unread                  // only conversations with unread messages
	send
	clearUnread
	setUnread
	remove
	kinds
)

var operations = []loadgen.Operation{
	login:       {Name: "login", Method: http.MethodPost, Path: "/conversation/sync"},
	incremental: {Name: "incremental", Method: http.MethodPost, Path: "/conversation/sync"},
	catchUp:     {Name: "catch-up", Method: http.MethodPost, Path: "/conversation/sync"},
	unread:      {Name: "unread", Method: http.MethodPost, Path: "/conversation/sync"},
	send:        {Name: "send", Method: http.MethodPost, Path: "/message/send"},
	clearUnread: {Name: "clear", Method: http.MethodPost, Path: "/conversations/clearUnread"},
	setUnread:   {Name: "set", Method: http.MethodPost, Path: "/conversations/setUnread"},
	remove:      {Name: "delete", Method: http.MethodPost, Path: "/conversations/delete"},
}

// Workload is the users of a population.
type Workload struct {
	loadgen.Setup
	plan    *fixtures.Plan
	ledgers []ledger
	users   []user
	shares  loadgen.Shares
	again   http.Header // of requests that may be repeated on a fresh connection
	once    http.Header
	tag     string // of the messages of this attack
	cap     int64  // the most messages a conversation; 0: no cap
	numbers atomic.Int32
	names   names
}

// How a target numbers the messages of a channel. The documents want numbers that are unique and ascending; where they are
// 1, 2, 3, a number also tells how many messages there are, and more can be judged.
const (
	numbersUnknown int32 = iota // no answer has told so far
	numbersDense
	numbersWithGaps
)

// dense tells whether a message's number is its place among the channel's messages.
func (w *Workload) dense() bool { return w.numbers.Load() == numbersDense }

// counted tells whether the numbers of a conversation count its messages.
func (w *Workload) counted(chat int32) bool { return w.dense() && w.numbered(chat) }

// numbered tells whether the numbers of a conversation are unique and grow, as far as was seen.
func (w *Workload) numbered(chat int32) bool { return !w.ledgers[chat].muddled.Load() }

// New is the workload of a plan that is on the target.
func New(s loadgen.Setup) (*Workload, error) {
	shares, err := loadgen.NewShares("WuKongIM", operations, s.Weights)
	if err != nil {
		return nil, err
	}
	statements, err := loadgen.StatementsOf("wukongim", s.Profile)
	if err != nil {
		return nil, err
	}
	w := &Workload{
		Setup: s, plan: s.Plan, shares: shares, ledgers: make([]ledger, len(s.Plan.Chats)), users: make([]user, s.Plan.Users), cap: 50,
		names: newNames(s.Plan, s.Populated),
	}
	if wire.Profile(s.Profile) == wire.V1 {
		w.cap = 0
	}
	w.once = s.Header.Clone()
	if w.once == nil {
		w.once = http.Header{}
	}
	w.once.Set("Content-Type", "application/json")
	w.again = w.once.Clone()
	// An empty key is never on the wire; it tells net/http that the request may be repeated.
	w.again["Idempotency-Key"] = []string{}
	w.tag = fmt.Sprintf("a%08x", s.Tag())
	for u := range w.users {
		w.users[u] = user{w: w, index: u, id: w.names.user(u), random: rand.New(rand.NewPCG(s.Seed, uint64(u))), judge: judge{Findings: loadgen.Findings{Statements: statements}}}
	}
	for i := range s.Plan.Chats {
		w.join(i)
	}
	for u := range w.users {
		w.users[u].order()
	}
	return w, nil
}

// join makes a conversation known to its members.
func (w *Workload) join(chat int) {
	c := &w.plan.Chats[chat]
	l := &w.ledgers[chat]
	n := int64(c.Messages)
	known := w.Certain(chat)
	l.acked.Store(n)
	l.settled, l.pending = visible{seq: n}, visible{seq: n}
	var seeded time.Time
	if w.Settle > 0 { // the seeding may have ended this moment
		seeded = time.Now()
		l.settled, l.pendingAt = visible{sends: -n}, seeded
	}
	l.base.Store(n)
	l.seeded = known
	if !known {
		l.base.Store(notKnown)
	}
	for at, member := range c.Members {
		t := talk{chat: int32(chat), peer: -1, known: known, rule: unreadRule[login], changed: seeded, fromSends: -n, toSends: -n}
		if !known {
			t.maybe, t.hidden = true, notKnown // whoever used it before may have deleted it
		}
		if c.Type == fixtures.Direct {
			t.peer = c.Members[1-at]
		}
		// The members took turns.
		if size := len(c.Members); c.Messages > at {
			t.own = int64((c.Messages - at + size - 1) / size)
			t.lastOwn, t.guessed = int64(at+1)+(t.own-1)*int64(size), true
		}
		w.users[member].talks = append(w.users[member].talks, t)
	}
}

// Operations implements loadgen.Workload.
func (w *Workload) Operations() []loadgen.Operation {
	all := slices.Clone(operations)
	if w.Send == loadgen.SendByHook {
		all[send].URL = strings.TrimSuffix(w.Hook, "/") + "/messages"
	}
	return all
}

// Users implements loadgen.Workload.
func (w *Workload) Users() int { return len(w.users) }

// User implements loadgen.Workload.
func (w *Workload) User(i int) loadgen.User { return &w.users[i] }

// user is one person with one device. It does one thing at a time.
type user struct {
	w      *Workload
	index  int
	id     string
	random *rand.Rand
	talks  []talk  // by chat
	byPeer []int32 // indices of direct talks, by peer
	// spelled are the direct talks by what the target calls them, where that is not the peer's name; nil: none so far.
	spelled map[string]int32

	synced  bool
	version int64 // the greatest that the user was told
	first   int64 // the same, of the first answer
	unknown int   // direct conversations of the answer that is judged of which nothing tells whose they are

	// The request on its way, and its memory.
	doing  kind
	since  int64 // the version that was sent
	on     int   // the talk that it is about
	number int64 // what it sets, or leaves
	upTo   int64 // what a clear reads up to; 0: everything
	body   []byte
	text   []byte
	least  []int64       // of each talk: the highest number that was acknowledged when the request began
	sends  []int64       // the same in sends; what was seeded counts from 0 down
	mark   uint32        // which sync this is
	looks  [kinds]uint32 // how many syncs of each kind there were
	turn   int64         // the direction in which recents of this user's answers run; 0: not known

	judge    judge
	messages []message // of the conversation that is being judged
}

// talk is a conversation as one user knows it.
type talk struct {
	chat, peer int32  // peer is -1 in a group
	spelled    string // what sync calls it, where that is not what we expect
	told       bool   // an answer has shown it: its name is known
	at         int32  // its place among the user's talks
	mark       uint32 // of the last sync that showed it

	seen    int64 // the last sequence number that a sync showed
	version int64
	hidden  int64 // messages up to here may have gone with a deletion

	// Unread was `count` when the last message was one in [low, high]; since then the user has sent `own` messages,
	// the last of them with the number lastOwn.
	known     bool
	doubt     bool   // a send without an answer may come late: its unread numbers are never judged again
	rule      string // which statement a wrong number breaks: it follows from what set the count
	low, high int64
	count     int64
	// The same in sends of this attack: at least fromSends and at most toSends of them came before the count. It serves
	// where numbers have gaps.
	fromSends, toSends int64
	own                int64
	lastOwn            int64
	guessed            bool      // lastOwn is of a seeded message, whose number is known only where an answer shows it
	unnamed            bool      // one of the user\'s own messages since then got a number that the target did not tell
	spoke              time.Time // when the last such message was acknowledged
	changed            time.Time
	// The newest `run` messages of the last answer are by others, so that reading all but some of them is exact: unless
	// setUnread chose the number, for nobody says which messages that makes unread.
	run    int64
	chosen bool

	moved   bool  // the user's own clear or set changed the number, and no answer has shown it since
	before  int64 // the greatest version that the user knew then
	touched bool  // the user has done something to it that no answer has shown so far
	deleted bool  // and not shown since
	maybe   bool  // a deletion without an answer: present and absent are both right
}

func (u *user) order() {
	sort.Slice(u.talks, func(i, j int) bool { return u.talks[i].chat < u.talks[j].chat })
	for i := range u.talks {
		u.talks[i].at = int32(i)
		if u.talks[i].peer >= 0 {
			u.byPeer = append(u.byPeer, int32(i))
		}
	}
	sort.Slice(u.byPeer, func(i, j int) bool { return u.talks[u.byPeer[i]].peer < u.talks[u.byPeer[j]].peer })
	u.least, u.sends = make([]int64, len(u.talks)), make([]int64, len(u.talks))
}

func (u *user) withPeer(peer int) *talk {
	at, found := slices.BinarySearchFunc(u.byPeer, int32(peer), func(i, peer int32) int { return int(u.talks[i].peer - peer) })
	if !found {
		return nil
	}
	return &u.talks[u.byPeer[at]]
}

func (u *user) inChat(chat int) *talk {
	at, found := slices.BinarySearchFunc(u.talks, int32(chat), func(t talk, chat int32) int { return int(t.chat - chat) })
	if !found {
		return nil
	}
	return &u.talks[at]
}

// channel is how the user names a talk in a request.
func (u *user) channel(t *talk) (id string, typ int) {
	typ = u.w.plan.Chats[t.chat].Type
	switch {
	case t.spelled != "":
		return t.spelled, typ
	case t.peer >= 0:
		return u.w.names.user(int(t.peer)), typ
	}
	return u.w.names.chat(int(t.chat)), typ
}
