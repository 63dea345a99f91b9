package ozeki

import (
	"math/rand/v2"
	"net/http"
	"sort"
	"time"

	"github.com/parley-im/parley/reference/ozeki/wire"
)

// user is one person with one device. It does one thing at a time.
type user struct {
	w      *Workload
	index  int
	id     string
	random *rand.Rand
	header [2]http.Header // of requests that may be repeated on a fresh connection, and of those that must not
	talks  []talk         // by chat
	listed bool           // a list was answered
	mark   uint32         // which list this is

	// The request on its way, and its memory.
	doing  kind
	on     int      // the talk that it is about
	before []moment // of each talk, when the request began
	sent   instant  // when it was made
	asked  place    // the cursor
	way    int
	change change
	number int // of the message
	body   []byte
	name   []byte // of the message, and its content
	text   []byte
	judge  judge

	// The answer that is being judged.
	ended    instant
	answered time.Time
	took     time.Duration
}

// uncertain is the epoch of an instance that may be stale.
const uncertain = -1

// talk is a conversation as one user knows it.
type talk struct {
	chat, at int32
	mark     uint32 // of the last list that showed it

	instance string
	epoch    int // how many clears were begun when the instance was told, or uncertain: then it may be a stale one
	heard    int // which clears the user has heard of, as ledger.stamp counts; uncertain: the user must look again
	newest   place
	oldest   place

	shown shown
	marks [markCount]mark

	// The user's own last clear that was answered with OK: what was there before is gone for this user.
	cleared, clearEnded instant
	clearSaid           bool  // it had an errormessage
	was                 shown // before it
	wasInstance         string
}

// shown is what an answer last showed of a conversation; texts are hashed, and 0 is the empty one.
type shown struct {
	last, report uint64
	access       int64
	group        bool
	any          bool // there was such an answer
	still        bool // nothing was on its way meanwhile
	added, begun int  // the ledger's counts then
}

// place is a message that a cursor names. The zero place is none.
type place struct {
	id    string
	at    int64 // Created, unix seconds
	epoch int   // of the instance by which it was found
	since instant
}

func (u *user) inChat(chat int32) *talk {
	at := sort.Search(len(u.talks), func(i int) bool { return u.talks[i].chat >= chat })
	if at == len(u.talks) || u.talks[at].chat != chat {
		return nil
	}
	return &u.talks[at]
}

// current tells whether the user's instance must be taken by the target: no clear was begun since it was told. l is
// locked.
func (u *user) current(t *talk, l *ledger) bool {
	return t.epoch == l.begun && (l.cleared == 0 || u.sent >= l.cleared+u.w.settle)
}

// What stands in these headers where nothing else is said: how real ones are made is documented nowhere.
const (
	station   = "801c91e6466a1ab34945d73ae4f762c6"
	signature = "signature"
)

// headers are those of the seeding, and the documented ones where it says nothing of them.
func (u *user) headers(once bool) http.Header {
	if u.header[0] == nil {
		h := u.w.Header.Clone()
		if h == nil {
			h = http.Header{}
		}
		h.Set("Content-Type", "application/json")
		h.Set(wire.UserHeader, u.id)
		h.Set(wire.StationHeader, station)
		if h.Get(wire.SignatureHeader) == "" {
			h.Set(wire.SignatureHeader, signature)
		}
		for name, value := range u.w.Populated.Users[u.index].Headers {
			h.Set(name, value)
		}
		u.header[1] = h
		u.header[0] = h.Clone()
		// An empty key is never on the wire; it tells net/http that the request may be repeated.
		u.header[0]["Idempotency-Key"] = []string{}
	}
	if once {
		return u.header[1]
	}
	return u.header[0]
}
