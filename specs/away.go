package specs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// What a link does while the target is away, busy or slow.

// Absence is a time in which the target was away as a whole.
type Absence struct {
	From, To time.Time
	Why      string
}

func (a Absence) String() string {
	return fmt.Sprintf("the target was gone from %s to %s: %s", a.From.UTC().Format(time.TimeOnly), a.To.UTC().Format("15:04:05 MST"), a.Why)
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
