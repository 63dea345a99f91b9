// Package loadgen is how much a target bears: arrivals that were planned beforehand, simulated users that remember what
// they were told, and an account of every answer. The attack itself is Vegeta's, behind three seams: a Pacer, a
// Targeter and a RoundTripper.
//
// It may know fixtures, reference and reports, and of specs the catalogue alone. The package itself knows no family: what the users
// of one API do, and which answers to them are right, stands in a room below, named after it.
package loadgen

import (
	"net/http"
	"time"

	"github.com/parley-im/parley/fixtures"
)

// Operation is one kind of request, as counts and figures name it.
type Operation struct {
	Name   string // of the scenario file: incremental, send
	Method string
	Path   string // after the target's root
	URL    string // the whole address instead, where it is not the target's; empty: it is
}

// Request is what a user wants to send now. The engine copies nothing: all of it must stay as it is until the answer
// is judged.
type Request struct {
	Operation int         // index into Workload.Operations
	Query     string      // without its question mark
	Header    http.Header // beside those that the target always wants
	Body      []byte
}

// Answer is what came back, or why nothing did. Body is only good until Judge returns.
type Answer struct {
	Status         int
	Header         func() http.Header // nil: none came
	Body           []byte
	Err            error
	Started, Ended time.Time // from the actual start to the last byte
}

// Judgement is what an answer was worth.
type Judgement struct {
	Findings  []Finding
	Freshness time.Duration // from a send to this first sync that shows it; 0: it shows nothing new
}

// User is one simulated user. The engine never calls two of its methods at once, and calls Judge once for every Next.
type User interface {
	// Next renders what the user does now. It runs before the clock of the service time starts.
	Next() Request
	// Judge looks at the answer and remembers what the user now knows. checked is false where the answer is not in
	// the sample that is checked: then the user only remembers. It runs after the clock has stopped.
	Judge(answer Answer, checked bool) Judgement
}

// Workload is the users of one API with the things they do.
type Workload interface {
	Operations() []Operation
	Users() int
	User(i int) User
}

// Setup is what a family's users are made from: who and what is on the target, and what the scenario wants of them.
type Setup struct {
	Plan      *fixtures.Plan
	Populated *fixtures.Populated
	Profile   string
	Header    http.Header        // what every request carries
	Weights   map[string]float64 // of operations, by name
	MsgCount  int                // messages a conversation that a sync asks for, where the API has such a number
	Hot       float64            // the share of changes that go into the user's most popular conversation
	Settle    time.Duration      // how long a change may take to show; 0: it is there at once
	Seed      uint64
	// Nonce tells the messages of this attack from those of an earlier one on the same population, which may have had the same
	// seed. It is the one thing of a message, beside the run's id, that does not follow from the seed.
	Nonce uint32
	// Known says that nobody but us used the population since it was seeded: what it holds is then known from the
	// beginning, and not only after a user's first answer. Populated.Uncertain are exceptions.
	Known bool
	// Send says how users send messages, for an API whose documents have no call for it.
	Send Send
	// Hook is where the seeding hook stands, for SendByHook.
	Hook string
}

// Send is a way to send messages under load.
type Send int

// The ways: the native call that servers of the family have, the call /messages of the seeding hook, or none.
const (
	SendNative Send = iota
	SendByHook
	SendNothing
)

// Tag is how the messages of the attack are told from those of others.
func (s *Setup) Tag() uint32 { return uint32(s.Seed^s.Seed>>32) ^ s.Nonce }

// Certain tells whether a conversation of the plan is known to be exactly as it was seeded.
func (s *Setup) Certain(chat int) bool {
	return s.Known && (s.Populated == nil || !s.Populated.Uncertain[chat])
}
