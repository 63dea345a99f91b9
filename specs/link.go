package specs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// Link is the way to the target, shared by the suite and by the seeding: it rides out trouble, keeps count of what it met, and
// ends the run where the target stays away, or is too slow. See trouble.go.
type Link struct {
	doer exchange.Doer
	env  *Env // nil: nobody has bound it so far, and it only passes on

	mu      sync.Mutex
	stop    func(*Stopped) // nil: no run has begun
	probe   *exchange.Request
	reached bool // the target has answered at least once
	over    bool // it has ended the run: nothing is waited for any more
	hits    []hit
	asked   map[string]int // in this attempt: how often each request was sent
	opened  int            // connections
	slow    time.Duration  // spent on the last answered requests
	answers int            // the requests that it was spent on
	since   time.Time      // when the target went away as a whole; zero: it is there
	Away    []Absence      // what is over
}

// NewLink is a link over doer; nil: a client of parley's own.
func NewLink(doer exchange.Doer) *Link {
	if doer == nil {
		doer = exchange.NewClient()
	}
	return &Link{doer: doer, asked: map[string]int{}}
}

// link binds the environment's Doer to it.
func (e *Env) link() *Link {
	link, ok := e.Doer.(*Link)
	if !ok {
		link = NewLink(e.Doer)
		e.Doer = link
	}
	if e.Wait == 0 {
		e.Wait = DefaultWait
	}
	link.env = e
	return link
}

// DefaultWait is how long parley waits for a target that went away, where nobody says otherwise.
const DefaultWait = 30 * time.Second

// The pauses between two attempts at a request, and how many attempts a target gets that answers others.
const (
	firstPause = 100 * time.Millisecond
	mostPause  = 2 * time.Second
	mostAlone  = 2
)

// Do implements exchange.Doer. The time that it waits for the target is no part of the request's own time.
func (l *Link) Do(r *http.Request) (*http.Response, error) {
	if l.env == nil || l.isOver() {
		return l.doer.Do(r)
	}
	limit := l.env.Timeout
	if deadline, ok := r.Context().Deadline(); ok {
		limit = time.Until(deadline)
	}
	ride := ride{link: l, r: r, pause: firstPause, began: l.env.Clock.Now()}
	for again := false; ; again = true {
		attempt, release := r, func() {}
		if again {
			attempt, release = anew(r, limit)
		}
		began := time.Now()
		response, err := exchange.Unswitched(l.doer.Do(attempt.WithContext(l.traced(attempt.Context()))))
		kind := troubleOf(response, err)
		if r.Context().Err() != nil && !errors.Is(context.Cause(r.Context()), context.DeadlineExceeded) {
			return l.watched(r, "", response, began, release), err // who asked wants it no more
		}
		if kind == noTrouble || kind == broken || kind == late || !ride.on(kind, response, err) {
			place := l.note(r, kind, response, err, began)
			return l.watched(r, place, response, began, release), err
		}
		discard(response)
		release()
	}
}

// anew is the same request with a time of its own. It still ends where its sender gives up for another reason than time.
func anew(r *http.Request, limit time.Duration) (*http.Request, func()) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), limit)
	unbind := context.AfterFunc(r.Context(), func() {
		if !errors.Is(context.Cause(r.Context()), context.DeadlineExceeded) {
			cancel()
		}
	})
	again := r.WithContext(ctx)
	if r.GetBody != nil {
		again.Body, _ = r.GetBody() // of bytes in memory: it cannot fail
	}
	return again, func() { unbind(); cancel() }
}

func discard(response *http.Response) {
	if response != nil {
		_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that its connection can be used again
		_ = response.Body.Close()
	}
}

func (l *Link) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{ConnectDone: func(_, _ string, err error) {
		if err == nil {
			l.mu.Lock()
			l.opened++
			l.mu.Unlock()
		}
	}})
}

// seeds tells whether the request goes to the seeding hook.
func (l *Link) seeds(r *http.Request) bool {
	return l.env.SeedURL != "" && strings.HasPrefix(r.URL.String(), l.env.SeedURL)
}

func (l *Link) isOver() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

func (l *Link) isReached() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reached
}

// endsWith says how a run is ended from here on.
func (l *Link) endsWith(stop func(*Stopped)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop = stop
}

// end ends the run; it is false, as there is nothing to try again.
func (l *Link) end(cause reports.Cause, reason string) bool {
	l.mu.Lock()
	stop := l.stop
	l.over = true
	l.mu.Unlock()
	if stop != nil {
		stop(&Stopped{cause, reason})
	}
	return false
}

// note keeps account of a request that was tried for the last time, and says which one of its attempt it is.
func (l *Link) note(r *http.Request, kind trouble, response *http.Response, err error, began time.Time) (place string) {
	place = placeOf(r)
	l.mu.Lock()
	l.asked[place]++
	place = fmt.Sprintf("%s, time %d", place, l.asked[place])
	if response != nil && kind == noTrouble {
		l.reached = true
		if !l.seeds(r) {
			l.back()
		}
	}
	if kind != noTrouble {
		l.hits = append(l.hits, hit{kind: kind, place: place, what: told(r, response, err)})
	}
	l.mu.Unlock()
	if err != nil && !l.seeds(r) {
		l.spend(time.Since(began))
	}
	return place
}

// mark and met tell what trouble an attempt at a spec met: specs run one after the other.
func (l *Link) mark() (hits, absences int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.asked)
	return len(l.hits), len(l.Away)
}

func (l *Link) met(hits, absences int) attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	met := attempt{hits: slices.Clone(l.hits[hits:]), away: len(l.Away) > absences || !l.since.IsZero()}
	for _, a := range l.Away[absences:] {
		met.hits = append(met.hits, hit{kind: away, what: a.Why})
	}
	return met
}

// Opened is how many connections were opened so far.
func (l *Link) Opened() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened
}

// watched sees whether the answer comes whole, and how long it takes.
func (l *Link) watched(r *http.Request, place string, response *http.Response, began time.Time, release func()) *http.Response {
	if response == nil {
		release()
		return nil
	}
	response.Body = &watchedBody{ReadCloser: response.Body, link: l, r: r, place: place, began: began, release: release}
	return response
}

type watchedBody struct {
	io.ReadCloser
	link    *Link
	r       *http.Request
	place   string
	began   time.Time
	release func()
	over    bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && !b.over {
		kind := cmp.Or(troubleOf(nil, err), broken)
		b.link.mu.Lock()
		b.link.hits = append(b.link.hits, hit{kind: kind, place: b.place, what: told(b.r, nil, err)})
		b.link.mu.Unlock()
		b.over = true
	}
	return n, err
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.release()
	if b.began != (time.Time{}) && !b.link.seeds(b.r) {
		b.link.spend(time.Since(b.began))
		b.began = time.Time{}
	}
	return err
}
