package loadgen

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/parley-im/parley/reference/exchange"
)

// Attack is one scenario against one target.
type Attack struct {
	URL         string      // the target's root
	Header      http.Header // what every request carries
	Timeout     time.Duration
	MaxTime     time.Duration // from the beginning: then what is under way is given up; 0: no limit
	Workload    Workload
	Schedule    Schedule
	WarmUp      time.Duration   // from the schedule's beginning: sent, but not in the figures
	Workers     int             // the most requests at a time; 0: DefaultWorkers
	Connections int             // kept open; 0: as many as requests were in flight
	Fast        bool            // send with fasthttp: HTTP/1.1 only, and less work a request
	Check       float64         // the share of answers that is looked at; 0: all
	Known       map[string]bool // requirements that are known to be broken: they make no answer a wrong one
	Seed        uint64
	Ceiling     float64        // requests a second against a null target; 0: not measured
	Target      func() Use     // what the target has used so far; nil: nobody can tell
	Watched     []Metric       // what Use.Values are
	Progress    func(Progress) // once a second; may be nil
	Outcome     func(Outcome)  // for every measured request, from several goroutines; may be nil

	sender  func(to *url.URL) sender // of tests; nil: net/http or fasthttp
	flatOut bool                     // no schedule: as fast as the workers go
}

// DefaultWorkers is high: a worker costs a few KiB, and too few would hold arrivals back.
const DefaultWorkers = 10_000

// drain is how long after the schedule's end arrivals that fell behind are still sent.
const drainMost = 10 * time.Second

// engine is an Attack while it runs: the three seams of Vegeta.
type engine struct {
	*Attack
	ctx        context.Context // ends: no more arrivals
	requests   context.Context // ends: those in flight are given up
	account    *account
	watch      *watch
	senders    []sender // of the operations: one for each host
	sessions   []session
	operations []Operation
	urls       []*url.URL
	names      []string // of the urls
	header     http.Header

	// Used by Vegeta's one dispatching goroutine only.
	next     func() (time.Duration, bool)
	random   *rand.Rand
	made     int
	planned  int64 // arrivals taken from the schedule, after the warm-up
	unsent   int64 // of these: not handed to any worker
	heldUp   bool  // all workers were busy, and the arrivals since then are still behind
	busy     atomic.Int64
	inFlight atomic.Int64
	gaveUp   atomic.Int64 // handed to a worker, but the attack ended before it was sent

	// An arrival goes from the pacer to a targeter, and from there by its number to the round tripper.
	handoff  chan *arrival
	free     chan *arrival
	arrivals []atomic.Pointer[arrival]
	memory   *exchange.Budget // of the answers that are held
	fault    atomic.Pointer[any]
}

// session is a user who does one thing at a time.
type session struct {
	sync.Mutex
	user User
}

// arrival is one planned request on its way.
type arrival struct {
	number   int
	mark     http.Header // how the round tripper finds it again
	intended time.Time
	session  *session
	held     bool // the session is locked already
	checked  bool
	request  Request
	body     []byte // memory of the answer
	head     head
}

// arrivalHeader carries an arrival's number from the Targeter to the RoundTripper. It never reaches the wire.
const arrivalHeader = "X-Parley-Arrival"

// Run sends what is planned, and gives the account when the last answer is in. A context that ends stops the
// arrivals; the account is whole then too.
func (a *Attack) Run(ctx context.Context) (*Result, error) {
	e, err := a.engine(ctx)
	if err != nil {
		return nil, err
	}
	requests, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	e.requests = requests
	stopGrace := context.AfterFunc(ctx, func() {
		const grace = 2 * time.Second // for those in flight, once somebody is in a hurry
		time.AfterFunc(grace, giveUp)
	})
	defer stopGrace()
	if a.MaxTime > 0 {
		bounded, cancel := context.WithTimeout(ctx, a.MaxTime)
		defer cancel()
		e.ctx = bounded
		defer context.AfterFunc(bounded, func() {
			if ctx.Err() == nil {
				giveUp()
			}
		})()
	}
	defer e.close()

	attacker := vegeta.NewAttacker(vegeta.Workers(uint64(min(e.Workers, 64))), vegeta.MaxWorkers(uint64(e.Workers)), vegeta.MaxBody(0),
		vegeta.Client(&http.Client{Transport: e}))
	e.account.began = time.Now()
	e.watch = newWatch(a.Target, a.Watched)
	stopTicks := e.ticks()
	for range attacker.Attack(e.target, e, 0, "") { // every outcome is in the account already
		if e.fault.Load() != nil {
			attacker.Stop()
		}
	}
	stopTicks()
	if fault := e.fault.Load(); fault != nil {
		panic(*fault)
	}
	return e.result(ctx.Err() != nil, e.cut(ctx)), nil
}

// cut says why the attack ended before its time. outer is the context that somebody else ends.
func (e *engine) cut(outer context.Context) string {
	switch {
	case outer.Err() != nil:
		return "it was interrupted"
	case e.ctx.Err() != nil:
		return "the target let too many requests wait, and was given up"
	}
	return ""
}

// FlatOut sends as fast as the workers go, for a while, and asks for no schedule: a closed model, which measures the
// generator and never a target.
func FlatOut(ctx context.Context, a *Attack, d time.Duration) (*Result, error) {
	bounded, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	a.flatOut = true
	return a.Run(bounded)
}

func (a *Attack) engine(ctx context.Context) (*engine, error) {
	root, err := url.Parse(a.URL)
	if err != nil {
		return nil, fmt.Errorf("cannot attack %q: it is no URL: %w", a.URL, err)
	}
	if a.Workers <= 0 {
		a.Workers = DefaultWorkers
	}
	operations, users := a.Workload.Operations(), a.Workload.Users()
	if users == 0 {
		return nil, errors.New("cannot attack without a user: the population is empty")
	}
	e := &engine{
		Attack: a, ctx: ctx, account: newAccount(&a.Schedule, a.WarmUp, len(operations)), header: a.Header,
		sessions: make([]session, users), operations: operations, random: rand.New(rand.NewPCG(a.Seed, 0x75736572)),
		handoff: make(chan *arrival, a.Workers+2), free: make(chan *arrival, a.Workers+2),
		arrivals: make([]atomic.Pointer[arrival], a.Workers+2), memory: exchange.NewBudget(longAnswers),
	}
	if !a.flatOut {
		e.next = a.Schedule.Arrivals()
	}
	for i := range e.sessions {
		e.sessions[i].user = a.Workload.User(i)
	}
	if e.header == nil {
		e.header = http.Header{} // net/http sends nothing without one
	}
	connections := a.Connections
	if connections <= 0 {
		connections = a.Workers
	}
	return e, e.address(root, connections)
}

// address works out where each operation goes, with a sender for each host.
func (e *engine) address(root *url.URL, connections int) error {
	byHost := map[string]sender{}
	for _, op := range e.operations {
		to := *root
		to.Path = strings.TrimSuffix(root.Path, "/") + op.Path
		if op.URL != "" {
			whole, err := url.Parse(op.URL)
			if err != nil {
				return fmt.Errorf("cannot send %s to %q: it is no URL: %w", op.Name, op.URL, err)
			}
			to = *whole
		}
		host := to.Scheme + "://" + to.Host
		if byHost[host] == nil {
			byHost[host] = e.newSender(&to, connections)
		}
		e.urls, e.names, e.senders = append(e.urls, &to), append(e.names, to.String()), append(e.senders, byHost[host])
	}
	return nil
}

func (e *engine) newSender(to *url.URL, connections int) sender {
	switch {
	case e.sender != nil:
		return e.sender(to)
	case e.Fast:
		return newFastSender(to, connections, e.Timeout, e.memory)
	}
	return newNetSender(connections, e.Timeout, e.memory)
}

func (e *engine) close() {
	for _, s := range e.senders {
		s.close()
	}
}

// Pace implements vegeta.Pacer: it waits for the next arrival's instant itself, since Vegeta's own wait cannot be
// interrupted, and hands the arrival on.
func (e *engine) Pace(_ time.Duration, _ uint64) (time.Duration, bool) {
	now := time.Now()
	if e.flatOut {
		if e.ctx.Err() != nil {
			return 0, true
		}
		e.hand(now)
		return 0, false
	}
	offset, more := e.next()
	if !more {
		return 0, true
	}
	intended := e.account.began.Add(offset)
	measured := offset >= e.WarmUp
	if measured {
		e.planned++
	}
	if !e.await(now, intended, measured) {
		if measured {
			e.unsent++
		}
		return 0, true
	}
	e.hand(intended)
	return 0, false
}

// Rate implements vegeta.Pacer.
func (e *engine) Rate(elapsed time.Duration) float64 { return e.Schedule.Curve.Rate(elapsed) }

// await waits for an instant. It answers false where the attack ends before it, or is too far behind.
func (e *engine) await(now, intended time.Time, measured bool) bool {
	if e.ctx.Err() != nil || now.After(e.account.began.Add(e.Schedule.Duration()+min(e.Timeout, drainMost))) {
		return false
	}
	if now.Before(intended) {
		e.heldUp = false
		if !sleep(e.ctx, intended) {
			return false
		}
		e.late(time.Since(intended), measured)
		return true
	}
	// Behind already: where all workers were busy, the target holds us up and not the generator.
	if !e.heldUp {
		e.late(now.Sub(intended), measured)
	}
	return true
}

// late notes how late the generator itself was with an arrival that is measured.
func (e *engine) late(by time.Duration, measured bool) {
	if measured {
		e.account.lagged(e.watch.woke(by))
	}
}

// sleep waits until a moment; false: ctx ended first.
func sleep(ctx context.Context, until time.Time) bool {
	d := time.Until(until)
	const fine = 3 * time.Millisecond // the runtime's own timers are up to a millisecond late, and more under load
	if d > 2*fine {
		timer := time.NewTimer(d - fine)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
		d = time.Until(until)
	}
	for ; d > 0; d = time.Until(until) {
		nap(d)
	}
	return true
}

// hand draws who acts, and passes the arrival on. It never blocks: there are more places than workers.
func (e *engine) hand(intended time.Time) {
	a := e.arrival()
	a.intended = intended
	a.checked = e.Check <= 0 || e.Check >= 1 || e.random.Float64() < e.Check
	a.session, a.held = e.draw()
	if e.busy.Add(1) > int64(e.Workers) {
		e.heldUp = true
	}
	e.handoff <- a
}

// draw takes a user who is free. Where everybody drawn is busy, the last one's new request waits for the one before:
// nobody does two things at a time. The time that it waits is in the response time, as all waiting is.
func (e *engine) draw() (*session, bool) {
	const tries = 32
	var s *session
	for range min(tries, len(e.sessions)*2) {
		s = &e.sessions[e.random.IntN(len(e.sessions))]
		if s.TryLock() {
			return s, true
		}
	}
	return s, false
}

func (e *engine) arrival() *arrival {
	select {
	case a := <-e.free:
		return a
	default:
	}
	if e.made == len(e.arrivals) {
		return <-e.free // every place is taken: one of them is about to come back
	}
	a := &arrival{number: e.made, mark: http.Header{arrivalHeader: {fmt.Sprint(e.made)}}}
	e.arrivals[e.made].Store(a)
	e.made++
	return a
}

// rescue keeps a panic in a worker for Run to pass on. Go prints one that nobody recovers past every writer of parley's.
func (e *engine) rescue(err *error) {
	if p := recover(); p != nil {
		e.fault.CompareAndSwap(nil, &p)
		*err = errors.New("a fault of parley itself")
	}
}

// target implements vegeta.Targeter: the user says what comes now.
func (e *engine) target(t *vegeta.Target) (err error) {
	a := <-e.handoff
	if !a.held {
		a.session.Lock()
	}
	defer func() {
		if err != nil {
			e.release(a)
		}
	}()
	defer e.rescue(&err)
	a.request = a.session.user.Next()
	op := e.operations[a.request.Operation]
	t.Method, t.URL, t.Header = op.Method, e.URL, a.mark
	return nil
}

// RoundTrip implements http.RoundTripper: it sends, reads, stops the clock, and only then looks at the answer.
// Vegeta gets an empty answer, as it has nothing left to do with it.
func (e *engine) RoundTrip(r *http.Request) (_ *http.Response, err error) {
	defer e.rescue(&err)
	number, ok := atoi(r.Header.Get(arrivalHeader))
	if !ok || number >= len(e.arrivals) {
		return nil, errors.New("an arrival has lost its number")
	}
	a := e.arrivals[number].Load()
	defer e.release(a)
	if e.ctx.Err() != nil && e.requests.Err() != nil {
		e.gaveUp.Add(1)
		a.session.user.Judge(Answer{Err: context.Canceled, Started: a.intended, Ended: a.intended}, false)
		return done, nil
	}
	e.inFlight.Add(1)
	answer := e.send(a)
	e.inFlight.Add(-1)
	e.judge(a, answer)
	return done, nil
}

var done = &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody}

func (e *engine) release(a *arrival) {
	e.busy.Add(-1)
	a.session.Unlock()
	if cap(a.body) > smallAnswer || e.memory.Scarce() {
		e.memory.Give(taken(cap(a.body)))
		a.body = nil
	}
	if a.head.free != nil {
		a.head.free()
	}
	a.request, a.session, a.head = Request{}, nil, head{}
	e.free <- a
}

func (e *engine) send(a *arrival) Answer {
	op, to := e.operations[a.request.Operation], e.urls[a.request.Operation]
	if a.request.Query != "" {
		asked := *to
		asked.RawQuery = a.request.Query
		to = &asked
	}
	header := a.request.Header
	if header == nil {
		header = e.header
	}
	answer := Answer{Started: time.Now()}
	a.head, a.body, answer.Err = e.senders[a.request.Operation].send(e.requests, to, op.Method, header, a.request.Body, a.body[:0])
	answer.Ended = time.Now()
	answer.Status, answer.Header, answer.Body = a.head.status, a.head.header, a.body
	return answer
}

func (e *engine) judge(a *arrival, answer Answer) {
	judged := a.session.user.Judge(answer, a.checked)
	class := classOf(answer.Err, answer.Status)
	if ownLimit(answer.Err) {
		e.watch.starve()
		return // nothing reached the target: it was never sent
	}
	if errors.Is(answer.Err, exchange.ErrFull) {
		e.watch.leftUnread()
	}
	if class != "" {
		judged.Findings = nil // an error is an error, whatever else could be said of it
	}
	for i := range judged.Findings {
		f := &judged.Findings[i]
		f.Known = e.Known[f.ID]
		f.Must = f.Must && !f.Known
	}
	operation := a.request.Operation
	o := Outcome{
		Operation: e.operations[operation], URL: e.names[operation], Intended: a.intended, Started: answer.Started, Ended: answer.Ended,
		Status: answer.Status, Bytes: int64(len(answer.Body)), Sent: int64(len(a.request.Body)), Err: class, Judgement: judged,
	}
	if answer.Err != nil {
		o.Bytes = 0 // how much of an answer came before it broke off is chance
	}
	e.account.add(operation, &o, a.checked, func() *recorded { return e.record(a, answer) })
	if e.Outcome != nil && a.intended.Sub(e.account.began) >= e.WarmUp {
		e.Outcome(o)
	}
}

func atoi(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > 1<<30 {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}
