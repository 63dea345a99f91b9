// Package yunhu is the Yunhu room of loadgen: users who list their conversations, set them to read, change their order and
// remove them, and an oracle that judges each answer by what the documents say, as far as what the user knows allows.
//
// It may know the Yunhu reference, and nothing of the other families. No documented call sends a message, so that nothing
// but the user's own calls changes a user's list: what it must show is known exactly, but for calls whose answer was lost,
// and for a moment on targets that are eventual.
package yunhu

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sort"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// kind is one thing that a user can do.
type kind int

const (
	list    kind = iota // all conversations
	refresh             // with the md5 of the last list
	catchUp             // with the md5 of the user's first list: a device long offline
	dismiss
	sortUp // it changes the order; which way, no document says
	remove
	kinds
)

const listPath = "/v1/conversation/list"

var operations = []loadgen.Operation{
	list:    {Name: "list", Method: http.MethodPost, Path: listPath},
	refresh: {Name: "refresh", Method: http.MethodPost, Path: listPath},
	catchUp: {Name: "catch-up", Method: http.MethodPost, Path: listPath},
	dismiss: {Name: "dismiss", Method: http.MethodPost, Path: "/v1/conversation/dismiss-notification"},
	sortUp:  {Name: "sort", Method: http.MethodPost, Path: "/v1/conversation/sort-change"},
	remove:  {Name: "remove", Method: http.MethodPost, Path: "/v1/conversation/remove"},
}

// Workload is the users of a population.
type Workload struct {
	loadgen.Setup
	plan    *fixtures.Plan
	later   bool // profile 2026: lists have an md5, and conversations can be removed
	names   names
	ledgers []ledger
	users   []user
	shares  loadgen.Shares
	born    time.Time // the moments that users remember count from here
}

// ledger is how often members have changed a conversation: who misses something looks there for who may have taken it.
type ledger struct{ dismissals, removals atomic.Int32 }

// New is the workload of a plan that is on the target.
func New(s loadgen.Setup) (*Workload, error) {
	shares, err := loadgen.NewShares("Yunhu", operations, s.Weights)
	if err != nil {
		return nil, err
	}
	statements, err := loadgen.StatementsOf("yunhu", s.Profile)
	if err != nil {
		return nil, err
	}
	w := &Workload{
		Setup: s, plan: s.Plan, later: wire.Profile(s.Profile) == wire.P2026, names: namesOf(s.Plan, s.Populated), shares: shares,
		ledgers: make([]ledger, len(s.Plan.Chats)), users: make([]user, s.Plan.Users), born: time.Now(),
	}
	for u := range w.users {
		w.users[u] = user{w: w, index: u, random: rand.New(rand.NewPCG(s.Seed, uint64(u))), asked: noTag, judge: judge{Findings: loadgen.Findings{Statements: statements}}}
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
	for at, member := range c.Members {
		t := talk{chat: int32(chat), peer: -1, mentioned: unknownFlag, silent: unknownFlag}
		if c.Type == fixtures.Direct {
			t.peer = c.Members[1-at]
		}
		if w.Certain(chat) {
			t.presence, t.mentioned, t.silent = there, 0, 0
			// The members took turns. Whether one's own message leaves unread what stood before it, no document says.
			if (c.Messages-1)%len(c.Members) != at {
				t.unread = some
			}
		}
		w.users[member].talks = append(w.users[member].talks, t)
	}
}

// Operations implements loadgen.Workload.
func (w *Workload) Operations() []loadgen.Operation { return operations }

// Users implements loadgen.Workload.
func (w *Workload) Users() int { return len(w.users) }

// User implements loadgen.Workload.
func (w *Workload) User(i int) loadgen.User { return &w.users[i] }

// moment is an instant as users remember it.
func (w *Workload) moment(t time.Time) time.Duration { return t.Sub(w.born) }

// user is one person with one device. It does one thing at a time.
type user struct {
	w       *Workload
	index   int
	random  *rand.Rand
	talks   []talk  // by chat
	byPeer  []int32 // indices of direct talks, by peer
	headers *headers

	listed  bool          // a whole list was read
	tags    [2]tag        // of the lists that can be asked with
	lost    bool          // a change got no answer that says success: it may be done yet
	touched time.Duration // when the last change was answered
	since   causes        // what the user did since the last list that must show it
	ailing  bool          // total, or the number of conversations, was wrong in the last list
	follow  follow

	// The request on its way, and its memory.
	doing kind
	on    int // the talk that it is about
	asked int // which tag was sent
	body  []byte
	mark  uint32 // which list this is

	judge judge
}

// The lists whose md5 a user keeps.
const (
	latest = iota
	first
	noTag = -1
)

// tag is the md5 of a list that the user has; empty: none.
type tag struct {
	text    []byte
	started time.Duration // when that list was asked for
}

// causes are what a user did.
type causes uint8

const (
	dismissed causes = 1 << iota
	sorted
	removed
)

// follow is one change that is watched until a list shows it.
type follow struct {
	kind    kind // list: none
	on      int
	began   time.Time
	place   int32
	entered uint64
}

// talk is a conversation as one user knows it.
type talk struct {
	chat, peer        int32 // peer is -1 but in a direct one
	presence          presence
	unread            unread
	mentioned, silent int8    // 0, 1 or unknownFlag
	done              causes  // of the user, here, with success
	views             [2]view // how the lists whose md5 the user keeps show it
	mark              uint32  // of the last list that showed it
	place             int32   // in that list
	entered           uint64  // timestamp_ms there
	changed           time.Duration
	dismissals        tally
	removals          tally
}

// tally is how many changes of a talk were the user's own, and how many by others there were when the last list was asked
// for, and the one on its way.
type tally struct{ own, seen, asked int32 }

// byOthers tells whether others may have done it since the user's last list; all is how often anybody did.
func (t tally) byOthers(all int32) bool { return all-t.own > t.seen }

// presence is whether a list must have a conversation.
type presence uint8

const (
	unknownPresence presence = iota // the next list tells
	there
	gone
	leaving // a removal got no answer: it may go at any time, and does not come back
)

// unread is whether a conversation has unread messages.
type unread uint8

const (
	unknownUnread unread = iota // the next list tells
	some
	zero
	fading // a dismissal got no answer: it may become zero at any time, and stays so
)

const unknownFlag = -1

// view is how a list shows a conversation.
type view uint8

const (
	absent view = iota
	read
	notRead
)

func (u *user) order() {
	sort.Slice(u.talks, func(i, j int) bool { return u.talks[i].chat < u.talks[j].chat })
	for i := range u.talks {
		if u.talks[i].peer >= 0 {
			u.byPeer = append(u.byPeer, int32(i))
		}
	}
	sort.Slice(u.byPeer, func(i, j int) bool { return u.talks[u.byPeer[i]].peer < u.talks[u.byPeer[j]].peer })
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

// settled tells whether a list that was asked for then must show all that happened to a talk.
func (u *user) settled(t *talk, started time.Duration) bool {
	return u.w.Settle == 0 || started >= t.changed+u.w.Settle
}

// stale tells whether the user changed something so shortly before that a list asked for then need not show it.
func (u *user) stale(started time.Duration) bool { return started < u.touched+u.w.Settle }
