// Package ozeki is the Ozeki Chat room of loadgen: users who open the app, read, write, clear and mark conversations, and
// an oracle that judges each answer by what the documents say, as far as what the user knows allows.
//
// It may know the Ozeki Chat reference, and nothing of the other families. Conversations are shared and requests overtake
// one another: an answer that some order of the concurrent requests explains is right, and so is whatever the documents
// leave open, such as for whom a clear is.
package ozeki

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// kind is one thing that a user can do.
type kind int

const (
	list     kind = iota // the app is opened: all conversations
	open                 // a conversation is opened: its newest page
	scroll               // the page before the oldest message that the user has
	catchUp              // everything from the newest message that the user has
	download             // everything
	add
	clearAll
	favorite // or takes it back, as with the next two
	mute
	hide
	color
	kinds
)

var operations = []loadgen.Operation{
	list: {Name: "list"}, open: {Name: "open"}, scroll: {Name: "scroll"}, catchUp: {Name: "catch-up"}, download: {Name: "download"},
	add: {Name: "add"}, clearAll: {Name: "clear"}, favorite: {Name: "favorite"}, mute: {Name: "mute"}, hide: {Name: "hide"}, color: {Name: "color"},
}

// query addresses every call; the URL's own path is the target's.
const query = "srv=" + wire.Service + "&api=" + wire.API

func init() {
	for i := range operations {
		operations[i].Method = http.MethodPost
	}
}

// instant is a time since the workload was made. 0 is never.
type instant int64

// Workload is the users of a population.
type Workload struct {
	loadgen.Setup
	plan    *fixtures.Plan
	ledgers []ledger
	users   []user
	byID    map[string]int32 // conversations by what the target calls them
	members []tally          // by conversation
	shares  loadgen.Shares
	limit   int64
	settle  instant
	began   time.Time
	now     func() time.Time // what stands in messages
	tag     uint32           // of the messages of this attack
	tagged  string           // the same in their numbers
	hash    maphash.Seed
	spare   sync.Pool   // of *scratch
	cleared atomic.Bool // somebody cleared something
	opaque  atomic.Int32
	ways    [2]ways // of the first page, and of everything
}

// New is the workload of a plan that is on the target. Before it is there, the workload can be made, and not used.
func New(s loadgen.Setup) (*Workload, error) {
	shares, err := loadgen.NewShares("Ozeki Chat", operations, s.Weights)
	if err != nil {
		return nil, err
	}
	statements, err := loadgen.StatementsOf("ozeki", s.Profile)
	if err != nil {
		return nil, err
	}
	w := &Workload{
		Setup: s, plan: s.Plan, shares: shares, ledgers: make([]ledger, len(s.Plan.Chats)), users: make([]user, s.Plan.Users),
		limit: int64(s.MsgCount), settle: instant(s.Settle), began: time.Now(), now: time.Now, hash: maphash.MakeSeed(),
		tag: s.Tag(),
	}
	if w.limit < 1 {
		w.limit = pageOfExample
	}
	w.tagged = fmt.Sprintf("a%08x", w.tag)
	w.spare.New = func() any { return &scratch{seen: map[uint64]struct{}{}} }
	for i := range w.users {
		w.users[i] = user{w: w, index: i, random: rand.New(rand.NewPCG(s.Seed, uint64(i))), judge: judge{Findings: loadgen.Findings{Statements: statements}}}
	}
	if s.Populated == nil {
		return w, nil
	}
	return w, w.settleIn()
}

// pageOfExample is the limit of the documented example.
const pageOfExample = 50

// settleIn learns what the target calls everything, and makes each conversation known to its members.
func (w *Workload) settleIn() error {
	for i := range w.users {
		if w.users[i].id = w.Populated.Users[i].ID; w.users[i].id == "" {
			return fmt.Errorf("the seeding does not say what the target calls the user %s", w.plan.UserID(i))
		}
	}
	w.byID, w.members = make(map[string]int32, len(w.ledgers)), make([]tally, len(w.ledgers))
	for i := range w.ledgers {
		id := w.Populated.Chats[i].ID
		if _, twice := w.byID[id]; id == "" || twice {
			return fmt.Errorf("the seeding does not say what the target calls the conversation %s, or calls another the same: %q", w.plan.ChatID(i), id)
		}
		w.byID[id] = int32(i)
		w.join(i)
	}
	for i := range w.users {
		u := &w.users[i]
		slices.SortFunc(u.talks, func(a, b talk) int { return int(a.chat - b.chat) })
		for at := range u.talks {
			u.talks[at].at = int32(at)
		}
		u.before = make([]moment, len(u.talks))
	}
	return nil
}

func (w *Workload) join(chat int) {
	c := &w.plan.Chats[chat]
	w.ledgers[chat].base = notKnown
	t := talk{chat: int32(chat), epoch: uncertain, heard: uncertain}
	if w.Certain(chat) {
		w.ledgers[chat].base = c.Messages
		if t.instance = w.Populated.Chats[chat].Instance; t.instance != "" {
			t.epoch, t.heard = 0, 0
		}
	}
	for _, member := range c.Members {
		u := &w.users[member]
		w.members[chat].add(maphash.String(w.hash, u.id))
		u.talks = append(u.talks, t)
	}
}

// at is an instant for a time.
func (w *Workload) at(t time.Time) instant { return max(1, instant(t.Sub(w.began))) }

// Operations implements loadgen.Workload.
func (w *Workload) Operations() []loadgen.Operation { return operations }

// Users implements loadgen.Workload.
func (w *Workload) Users() int { return len(w.users) }

// User implements loadgen.Workload.
func (w *Workload) User(i int) loadgen.User { return &w.users[i] }
