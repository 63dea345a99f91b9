package specs

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports/redact"
)

// Env is what a suite runs against: the target, how to reach it, and how worlds get onto it.
type Env struct {
	URL          string
	Profile      string
	AuthHeader   string
	AuthValue    string
	AuthDenied   string
	Eventual     bool          // a change may take up to Settle to show
	Settle       time.Duration // of an eventual target
	Timeout      time.Duration // of one request
	Capabilities []string
	Seeder       fixtures.Seeder
	Doer         exchange.Doer   // nil: a client of parley's own; a *Link is shared with the seeding
	SeedURL      string          // of the seeding hook; empty: there is none
	Wait         time.Duration   // how long parley waits for a target that went away; 0: DefaultWait
	MaxTime      time.Duration   // how long the suite may take as a whole; 0: as long as it likes
	Told         func(string)    // told of what a user who waits must know; nil: nobody is
	Clock        clock.Clock     // nil: the machine's; a target in process may share one that is turned by hand
	Life         fixtures.Life   // of a target that parley can stop and start: it declares the capability restart; else nil
	Secrets      *redact.Secrets // what no record may show, beside AuthValue and AuthDenied; nil: nothing
	Destructive  bool            // destructive specs run too
	Run          string          // the run's id: p and 8 hex digits
	RNG          int64

	long atomic.Int64 // bytes of long answers that were read so far
}

// longLimit is how many bytes of long answers a run reads. No honest target comes near it. One that does has shown what it is: of the
// answers that follow only the beginning is read, so that the run comes to its end.
const longLimit = 256 << 20

// Do sends a request to the target, and reads as much of the answer as a run may.
func (e *Env) Do(ctx context.Context, request exchange.Request, once bool) *exchange.Exchange {
	limit := int64(exchange.DefaultBodyLimit)
	if e.long.Load() > longLimit {
		limit = exchange.SmallAnswer
	}
	x := exchange.Do(ctx, e.Doer, request, limit, once)
	if size := len(x.Body()); size >= exchange.SmallAnswer {
		e.long.Add(int64(size))
	}
	return x
}

// Has tells whether the target declares a capability.
func (e *Env) Has(capability string) bool { return slices.Contains(e.Capabilities, capability) }

// authorize sets the credential that the target asks for.
func (e *Env) authorize(header http.Header) {
	if e.AuthHeader != "" && e.AuthValue != "" {
		header.Set(e.AuthHeader, e.AuthValue)
	}
}
