package specs

import (
	"net/http"
	"slices"
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
	Doer         exchange.Doer   // nil: a client of parley's own
	Clock        clock.Clock     // nil: the machine's; a target in process may share one that is turned by hand
	Life         fixtures.Life   // of a target that parley can stop and start: it declares the capability restart; else nil
	Secrets      *redact.Secrets // what no record may show, beside AuthValue and AuthDenied; nil: nothing
	Destructive  bool            // destructive specs run too
	Run          string          // the run's id: p and 8 hex digits
	RNG          int64
}

// Has tells whether the target declares a capability.
func (e *Env) Has(capability string) bool { return slices.Contains(e.Capabilities, capability) }

// authorize sets the credential that the target asks for.
func (e *Env) authorize(header http.Header) {
	if e.AuthHeader != "" && e.AuthValue != "" {
		header.Set(e.AuthHeader, e.AuthValue)
	}
}
