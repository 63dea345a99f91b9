package specs

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/parley-im/parley/reports"
)

// Transport trouble is no verdict on a statement: a connection that is refused or breaks off, a time-out, a 429 or a 503 say
// something of the run. What is done about it stands here, in one place.
//
//   - A request that was surely not processed (no connection came about; 429, 503) is sent again, after what Retry-After asks
//     for: Link does so for the suite and for the seeding alike.
//   - Whether the trouble is the target's as a whole tells a harmless request, one that the target answered before the suite.
//     Where that is not answered either, parley waits for the target, up to Env.Wait, and then ends the run: what is left is
//     not run, and the record says from when to when the target was gone.
//   - A spec in which something was lost nevertheless (sent, but not answered; or the target was away in between, and may have
//     forgotten what the spec built) runs afresh, under new names, once the target is back.
//   - A target that answers the harmless request and fails on this one must not escape: what goes wrong at the same request in
//     every attempt, the third sync of a user, say, is the spec's to judge: a line that loses an answer now and then loses another
//     one each time. What goes wrong each time elsewhere is not run, and so is what goes wrong only
//     where the target is away as a whole; the reason then says how often that was.
//   - A destructive spec, and one that restarts the target, is about just this: its first verdict stands.
//   - What parley itself lacks (ports, file descriptors, memory for sockets) is its own fault, and ends the run with that word.

// trouble is what kept a whole answer from coming.
type trouble int

const (
	noTrouble trouble = iota
	busy              // 429 or 503: it was not processed
	away              // no connection came about: nothing was sent
	broken            // it was sent, and no whole answer came
	late              // the same, for the time was over
	ownLimit          // parley lacks what a connection needs
)

func troubleOf(response *http.Response, err error) trouble {
	var dialling *net.OpError
	var timeout net.Error
	switch {
	case err == nil && (response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusServiceUnavailable):
		return busy
	case err == nil:
		return noTrouble
	case OwnLimit(err):
		return ownLimit
	case errors.As(err, &dialling) && dialling.Op == "dial":
		return away
	case errors.As(err, &timeout) && timeout.Timeout():
		return late
	}
	return broken
}

// OwnLimit tells whether a request came to nothing because parley, or the machine that it runs on, lacks what a connection
// needs.
func OwnLimit(err error) bool {
	for _, limit := range []syscall.Errno{syscall.EADDRNOTAVAIL, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, limit) {
			return true
		}
	}
	return false
}

// ownFault says what parley lacks, and what to do.
func ownFault(err error) string {
	what := "parley's machine has no memory left for connections"
	switch {
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		what = "parley's machine has no free port left for a connection: wait a minute, or widen net.ipv4.ip_local_port_range"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		what = "parley has no file descriptor left for a connection: raise the limit with ulimit -n"
	}
	return fmt.Sprintf("%s (this says nothing of the target): %v", what, err)
}

// Stopped is why a session ended before it had judged what was planned.
type Stopped struct {
	Cause  reports.Cause
	Reason string
}

func (s *Stopped) Error() string { return s.Reason }

// stopOf is why a context ended, where a session ended it.
func stopOf(cause error) *Stopped {
	var stopped *Stopped
	if errors.As(cause, &stopped) {
		return stopped
	}
	return nil
}

// retryAfter is how long an answer asks to wait; 0: it does not say.
func retryAfter(response *http.Response, now time.Time) time.Duration {
	if response == nil {
		return 0
	}
	text := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// hit is one request that trouble got hold of.
type hit struct {
	kind  trouble
	place string // method, path, body, and the how many-th of these it is: the request, whatever the attempt calls its people; empty: it was sent again
	what  string // for people
}

// placeOf is a request without what differs from attempt to attempt: the names of its people, and what the server makes up.
func placeOf(r *http.Request) string {
	var body []byte
	if r.GetBody != nil {
		if b, err := r.GetBody(); err == nil {
			body, _ = io.ReadAll(io.LimitReader(b, 4<<10))
		}
	}
	text := r.Method + " " + r.URL.RequestURI() + " " + string(body)
	return madeUp.ReplaceAllString(attemptIn.ReplaceAllString(text, "$1-"), "#")
}

var (
	attemptIn = regexp.MustCompile(`(p[0-9a-f]{8}-[0-9a-z]+)-r[0-9]+-`)
	madeUp    = regexp.MustCompile(`[0-9A-Fa-f-]{6,}`)
)

// attempt is what trouble one attempt at a spec met, and whether the target was away as a whole.
type attempt struct {
	hits []hit
	away bool
}

// How often a spec is tried that trouble gets hold of while the target is there, and how often in all. A time-out is long, so
// that two of them must do.
const (
	mostTries     = 3
	mostTriesLate = 2
	mostTriesEver = 5
)

// tried tells whether a spec was tried often enough, and what speaks of it alone: the attempts in which the target was there.
func tried(all []attempt) (there []attempt, enough bool) {
	most := mostTries
	for _, a := range all {
		if a.away {
			continue
		}
		there = append(there, a)
		if slices.ContainsFunc(a.hits, func(h hit) bool { return h.kind == late }) {
			most = mostTriesLate
		}
	}
	return there, len(there) >= most || len(all) >= mostTriesEver
}

// repeats tells whether trouble got hold of the same request in every attempt.
func repeats(attempts []attempt) bool {
	var places map[string]bool
	for _, a := range attempts {
		now := map[string]bool{}
		for _, h := range a.hits {
			if h.place != "" && (places == nil || places[h.place]) {
				now[h.place] = true
			}
		}
		places = now
	}
	return len(places) > 0 && len(attempts) >= mostTriesLate
}
