package specs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
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
	opened  int           // connections
	slow    time.Duration // spent on the last answered requests
	answers int           // the requests that it was spent on
	since   time.Time     // when the target went away as a whole; zero: it is there
	Away    []Absence     // what is over
}

// Absence is a time in which the target was away as a whole.
type Absence struct {
	From, To time.Time
	Why      string
}

func (a Absence) String() string {
	return fmt.Sprintf("the target was gone from %s to %s: %s", a.From.UTC().Format(time.TimeOnly), a.To.UTC().Format("15:04:05 MST"), a.Why)
}

// NewLink is a link over doer; nil: a client of parley's own.
func NewLink(doer exchange.Doer) *Link {
	if doer == nil {
		doer = exchange.NewClient()
	}
	return &Link{doer: doer}
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
			return l.watched(r, response, began, release), err // who asked wants it no more
		}
		if kind == noTrouble || kind == broken || kind == late || !ride.on(kind, response, err) {
			l.note(r, kind, response, err, limit, began)
			return l.watched(r, response, began, release), err
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

// ride is one request that is being tried.
type ride struct {
	link    *Link
	r       *http.Request
	began   time.Time // by the run's clock
	pause   time.Duration
	waited  time.Duration
	alone   int // attempts that failed while the target answered others
	retried bool
}

// on waits, and tells whether to send the request again.
func (r *ride) on(kind trouble, response *http.Response, err error) bool {
	l := r.link
	if !l.isReached() && kind != busy || r.r.Body != nil && r.r.GetBody == nil {
		return false
	}
	what := told(r.r, response, err)
	pause := max(r.pause, retryAfter(response, l.env.Clock.Now()))
	r.pause = min(2*r.pause, mostPause)
	if kind == ownLimit {
		return r.sleep(min(pause, mostPause)) && (r.waited < min(l.env.Wait, 5*time.Second) || l.end(reports.CauseParley, ownFault(err)))
	}
	if r.retried || kind == away {
		pause = r.judge(kind, what, pause)
	}
	r.retried = true
	switch {
	case r.alone > mostAlone:
		return false
	case r.waited >= l.env.Wait && l.seeds(r.r):
		return l.end(reports.CauseUnseeded, fmt.Sprintf("the seeding was gone for %s: %s", r.waited.Round(time.Second), what))
	case r.waited >= l.env.Wait:
		return l.end(reports.CauseGone, l.gone())
	}
	return r.sleep(min(pause, l.env.Wait-r.waited))
}

// judge finds out whose trouble it is. Where the target answers others, a long pause is of no use.
func (r *ride) judge(kind trouble, what string, pause time.Duration) time.Duration {
	l := r.link
	if l.seeds(r.r) {
		return pause
	}
	if kind == busy && l.alive(r.r.Context()) == nil {
		r.alone++
		return min(pause, mostPause)
	}
	r.alone = 0
	l.left(r.began, what)
	return pause
}

func (r *ride) sleep(d time.Duration) bool {
	began := r.link.env.Clock.Now()
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.r.Context()))
	defer cancel()
	defer context.AfterFunc(r.r.Context(), func() {
		if !errors.Is(context.Cause(r.r.Context()), context.DeadlineExceeded) {
			cancel()
		}
	})()
	err := r.link.env.Clock.Sleep(ctx, d)
	r.waited += r.link.env.Clock.Now().Sub(began)
	return err == nil
}

// told says what came of an attempt.
func told(r *http.Request, response *http.Response, err error) string {
	if err != nil {
		var named *url.Error
		if errors.As(err, &named) {
			err = named.Err // it names the method and the URL as well
		}
		return fmt.Sprintf("%s %s: %v", r.Method, r.URL, err)
	}
	return fmt.Sprintf("%s %s answered %s", r.Method, r.URL, response.Status)
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

// left notes that the target is away as a whole.
func (l *Link) left(since time.Time, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since.IsZero() {
		l.since = since
		l.Away = append(l.Away, Absence{From: l.since, Why: why})
		if l.env.Told != nil {
			l.env.Told(fmt.Sprintf("the target is gone (%s): waiting for it, up to %s", why, l.env.Wait))
		}
	}
	l.Away[len(l.Away)-1].To = l.env.Clock.Now()
}

// back notes that the target answers.
func (l *Link) back() {
	if l.since.IsZero() {
		return
	}
	l.since = time.Time{}
	l.Away[len(l.Away)-1].To = l.env.Clock.Now()
	if l.env.Told != nil {
		l.env.Told(l.Away[len(l.Away)-1].String())
	}
}

// gone says from when to when the target is away.
func (l *Link) gone() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.Away) == 0 {
		return "the target was gone"
	}
	a := &l.Away[len(l.Away)-1]
	a.To = l.env.Clock.Now()
	return a.String()
}

// note keeps account of a request that was tried for the last time.
func (l *Link) note(r *http.Request, kind trouble, response *http.Response, err error, limit time.Duration, began time.Time) {
	l.mu.Lock()
	if response != nil && kind == noTrouble {
		l.reached = true
		if !l.seeds(r) {
			l.back()
		}
	}
	if kind != noTrouble {
		l.hits = append(l.hits, hit{kind: kind, place: placeOf(r), what: told(r, response, err)})
	}
	l.mu.Unlock()
	if err != nil && !l.seeds(r) {
		l.spend(time.Since(began))
	}
}

// paceWindow is how much waiting is looked at together; slowest is the mean time of an answer from which a target is given up.
const (
	paceWindow = 60 * time.Second
	slowest    = time.Second
)

// spend ends the run where the target takes too long for its answers: a suite is thousands of them.
func (l *Link) spend(d time.Duration) {
	l.mu.Lock()
	l.slow, l.answers = l.slow+d, l.answers+1
	slow, answers := l.slow, l.answers
	if slow >= paceWindow {
		l.slow, l.answers = 0, 0
	}
	l.mu.Unlock()
	mean := slow / time.Duration(max(answers, 1))
	if limit := max(slowest, l.env.Timeout/10); slow >= paceWindow && mean >= limit {
		l.end(reports.CauseSlow, fmt.Sprintf("the target is too slow: the last %d requests took %s each on average (the most is a tenth of --timeout, "+
			"and at least %s)", answers, mean.Round(10*time.Millisecond), slowest))
	}
}

// alive asks the target for something harmless that it has answered before: nil where it answers.
func (l *Link) alive(ctx context.Context) error {
	request := l.harmless()
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(l.env.Timeout, 5*time.Second))
	defer cancel()
	x := exchange.Do(call, l.doer, request, 1<<20, false)
	if x.Err != nil && !errors.Is(x.Err, exchange.ErrTooLong) {
		return x.Err
	}
	if s := x.Status(); s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable {
		return fmt.Errorf("%s %s answered %d", request.Method, request.URL, s)
	}
	return nil
}

func (l *Link) harmless() exchange.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probe != nil {
		return *l.probe
	}
	header := http.Header{}
	l.env.authorize(header)
	return exchange.Request{Method: http.MethodGet, URL: l.env.URL, Header: header}
}

// learn takes a request of the preflight for a harmless one: the first that was a success.
func (l *Link) learn(x *exchange.Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.probe == nil && x.Err == nil && x.Status() >= 200 && x.Status() <= 299 {
		l.probe = &x.Request
	}
}

// await waits until the target answers, up to Env.Wait; false: it ended the run.
func (l *Link) await(ctx context.Context) bool {
	began := l.env.Clock.Now()
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		err := l.alive(ctx)
		if err == nil {
			l.mu.Lock()
			l.back()
			l.mu.Unlock()
			return true
		}
		if OwnLimit(err) {
			return l.end(reports.CauseParley, ownFault(err))
		}
		l.left(began, err.Error())
		left := l.env.Wait - l.env.Clock.Now().Sub(began)
		if left <= 0 {
			return l.end(reports.CauseGone, l.gone())
		}
		if l.env.Clock.Sleep(ctx, min(pause, left)) != nil {
			return false
		}
	}
}

// mark and met tell what trouble a spec met: specs run one after the other.
func (l *Link) mark() (hits, absences int) {
	l.mu.Lock()
	defer l.mu.Unlock()
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
func (l *Link) watched(r *http.Request, response *http.Response, began time.Time, release func()) *http.Response {
	if response == nil {
		release()
		return nil
	}
	response.Body = &watchedBody{ReadCloser: response.Body, link: l, r: r, began: began, release: release}
	return response
}

type watchedBody struct {
	io.ReadCloser
	link    *Link
	r       *http.Request
	began   time.Time
	release func()
	over    bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && !b.over {
		kind := cmp.Or(troubleOf(nil, err), broken)
		b.link.mu.Lock()
		b.link.hits = append(b.link.hits, hit{kind: kind, place: placeOf(b.r), what: told(b.r, nil, err)})
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
