package specs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

// Trial is one spec at work: it sends, it waits, it judges, and it remembers what it saw.
//
// A spec ends at the first judgement that does not hold. It must judge at least once: a spec that judged nothing is a
// fault of parley.
type Trial struct {
	Env *Env
	// Rand is the spec's own chance: the same run seed gives it the same numbers, whatever else runs.
	Rand *rand.Rand

	ctx       context.Context
	spec      *Spec
	findings  []finding
	judged    int
	verdict   reports.Verdict // empty: nothing spoke against it
	reason    string
	buildsOn  string // the requirement that the failure hangs on, where the answer was not readable
	took      time.Duration
	recent    []*exchange.Exchange // the last requests but polls, for whoever wants to repeat a failure
	last      struct{ whole, kept *exchange.Exchange }
	attempt   int  // 0, or higher where trouble got hold of the spec before
	learns    bool // it is the preflight: what is answered there is harmless to ask for again
	cut       bool // trouble kept it from a judgement, which may have been a failure
	seedError *fixtures.SeedError
}

// finding is one judgement with what it rests on.
type finding struct {
	expected, got, observed string
	seen                    []string
	exchange                *exchange.Exchange
	before                  []*exchange.Exchange // what was sent before it, where it speaks against the target
	ok                      bool
}

// ended is what a spec panics with to end itself; everything is recorded by then.
type ended struct{}

func newTrial(ctx context.Context, env *Env, spec *Spec, attempt int) *Trial {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%s", spec.Requirement.ID, spec.Title)
	return &Trial{Env: env, ctx: ctx, spec: spec, attempt: attempt, Rand: rand.New(rand.NewPCG(uint64(env.RNG), h.Sum64()))}
}

// Context ends when the spec must.
func (t *Trial) Context() context.Context { return t.ctx }

// Name makes a name of this run that no other spec uses, and no other attempt at this one: p1a2b3c4d-2f-ann.
func (t *Trial) Name(name string) string {
	if t.attempt > 0 {
		name = fmt.Sprintf("r%d-%s", t.attempt, name)
	}
	return t.Env.Run + "-" + strconv.FormatInt(int64(t.spec.number), 36) + "-" + name
}

// Request is one request to the target. The credential of the target is added unless Header has one already.
type Request struct {
	Method string // default POST
	Path   string // of the target's URL, with its query
	Header http.Header
	Body   []byte
	// Anonymous leaves the target's credential out.
	Anonymous bool
	// Once says that the request must not be repeated on a broken connection.
	Once bool
}

// Secret gives back a credential that a spec made out of another: what it shares with that one no record may show.
func (t *Trial) Secret(value string) string {
	t.Env.secrets().Learn(value)
	return value
}

// JSON is a body of v; it panics where v cannot be JSON, which is a mistake in a spec.
func JSON(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// Do sends a request and returns what happened. It judges nothing.
func (t *Trial) Do(r Request) *exchange.Exchange {
	header := http.Header{}
	if !r.Anonymous {
		t.Env.authorize(header)
	}
	for name, values := range r.Header {
		header[name] = values
	}
	if header.Get("Content-Type") == "" && len(r.Body) > 0 {
		header.Set("Content-Type", "application/json")
	}
	method := r.Method
	if method == "" {
		method = http.MethodPost
	}
	ctx, cancel := context.WithTimeout(t.ctx, t.Env.Timeout)
	defer cancel()
	x := t.Env.Do(ctx, exchange.Request{Method: method, URL: strings.TrimRight(t.Env.URL, "/") + r.Path, Header: header, Body: r.Body}, r.Once)
	t.endIfOver()
	if t.learns {
		t.Env.link().learn(x)
	}
	if t.recent = append(t.recent, t.excerpt(x)); len(t.recent) > mostRecent {
		t.recent = t.recent[1:]
	}
	return x
}

// excerpt is what a trial keeps of an exchange: always the same for the same.
func (t *Trial) excerpt(x *exchange.Exchange) *exchange.Exchange {
	if t.last.whole != x {
		t.last.whole, t.last.kept = x, x.Excerpt(keptOfBody)
	}
	return t.last.kept
}

// mostRecent is how many requests before a failure are kept.
const mostRecent = 5

// endIfOver ends the spec as not run where its time is over: nothing that a target did not do in time it was not given
// may speak against it.
func (t *Trial) endIfOver() {
	err := context.Cause(t.ctx)
	if err == nil {
		return
	}
	if stopped := stopOf(err); stopped != nil {
		t.end(reports.NotRun, stopped.Reason)
	}
	t.end(reports.NotRun, "interrupted: "+err.Error())
}

// Seed puts a world onto the target, or ends the spec: not-declared where the driver cannot, not-testable where the
// target refuses a name.
func (t *Trial) Seed(world fixtures.World) *fixtures.Seeded {
	seeded, err := t.Env.Seeder.Seed(t.ctx, t.Env.Run, world)
	t.seeding(err)
	return seeded
}

// Append sends further messages into a conversation that Seed made.
func (t *Trial) Append(conversation fixtures.Conversation, messages []fixtures.Message) map[string]fixtures.SeededMessage {
	seeded, err := t.Env.Seeder.Append(t.ctx, t.Env.Run, conversation, messages)
	t.seeding(err)
	return seeded
}

func (t *Trial) seeding(err error) {
	if err == nil {
		return
	}
	t.endIfOver()
	var refused *fixtures.RefusedError
	var failed *fixtures.SeedError
	switch {
	case errors.Is(err, fixtures.ErrNotOffered):
		t.end(reports.NotDeclared, err.Error())
	case errors.As(err, &refused):
		t.observe(refused.Err.Exchange, "while seeding, the target refused "+refused.What)
		t.end(reports.NotTestable, "the target refuses it while seeding: "+refused.Error())
	case errors.As(err, &failed):
		t.seedError = failed
		t.observe(failed.Exchange, failed.Error())
		t.end(reports.NotTestable, "the target cannot be seeded: "+failed.Error())
	}
	t.end(reports.Error, "seeding: "+err.Error())
}

// NotTestable ends the spec because a prerequisite is missing, which the reason names.
func (t *Trial) NotTestable(format string, args ...any) {
	t.end(reports.NotTestable, fmt.Sprintf(format, args...))
}

// NotDeclared ends the spec because the target lacks what it needs.
func (t *Trial) NotDeclared(format string, args ...any) {
	t.end(reports.NotDeclared, fmt.Sprintf(format, args...))
}

// Expect judges one exchange. A spec of a PROBE records what it sees instead.
func (t *Trial) Expect(x *exchange.Exchange, m *match.Matcher) {
	r := m.Judge(x)
	t.conclude(m, r, x, nil)
}

// Eventually judges what look sees: at once on a strong target; on an eventual one again and again until it holds or
// the target's settle time is over.
func (t *Trial) Eventually(look func() *exchange.Exchange, m *match.Matcher) *exchange.Exchange {
	x, r, seen := t.poll(look, m)
	t.conclude(m, r, x, seen)
	return x
}

// Await waits like Eventually, and judges nothing: it tells whether m came to hold.
func (t *Trial) Await(look func() *exchange.Exchange, m *match.Matcher) (*exchange.Exchange, bool) {
	x, r, _ := t.poll(look, m)
	return x, r.OK
}

func (t *Trial) poll(look func() *exchange.Exchange, m *match.Matcher) (*exchange.Exchange, match.Result, []string) {
	began := t.Now()
	wait := 2 * time.Millisecond
	var seen []string
	earlier := slices.Clone(t.recent)
	for {
		x := look()
		t.recent = slices.Clone(earlier) // a look that came too early is forgotten, its answer too
		r := m.Judge(x)
		if r.OK || !t.Env.Eventual || x.Response == nil {
			return x, r, seen
		}
		since := t.Now().Sub(began)
		if len(seen) == 0 || !strings.HasSuffix(seen[len(seen)-1], ": "+r.Got) {
			seen = append(seen, fmt.Sprintf("after %d ms: %s", since.Milliseconds(), r.Got))
			if len(seen) > 12 { // the beginning and the end tell the story
				seen = append(seen[:6], seen[7:]...)
			}
		}
		if since >= t.Env.Settle {
			return x, r, append(seen, fmt.Sprintf("given up after %d ms", since.Milliseconds()))
		}
		t.sleep(min(wait, t.Env.Settle-since))
		wait = min(2*wait, 100*time.Millisecond)
	}
}

// Now is the time of the clock that the run goes by.
func (t *Trial) Now() time.Time { return t.Env.Clock.Now() }

// NextSecond waits until the clock shows another second, for what the API tells in seconds.
func (t *Trial) NextSecond() {
	for second := t.Now().Unix(); t.Now().Unix() == second; {
		t.sleep(time.Second - time.Duration(t.Now().Nanosecond()))
	}
}

// WholeSecond waits until a second has passed, so that a target's clock shows another one wherever its seconds begin.
func (t *Trial) WholeSecond() { t.sleep(time.Second + 10*time.Millisecond) }

func (t *Trial) sleep(d time.Duration) {
	if t.Env.Clock.Sleep(t.ctx, d) != nil {
		t.endIfOver()
	}
}

func (t *Trial) conclude(m *match.Matcher, r match.Result, x *exchange.Exchange, seen []string) {
	t.judged++
	x = t.excerpt(x)
	f := finding{expected: cmp.Or(r.Expected, m.Expected), got: r.Got, seen: seen, exchange: x, ok: r.OK}
	if r.OK {
		f.got = "as expected"
		f.seen = nil
	}
	if !r.OK {
		f.before = slices.DeleteFunc(slices.Clone(t.recent), func(earlier *exchange.Exchange) bool { return earlier == x })
	}
	if n := len(t.findings); n > 0 && r.OK && t.findings[n-1].ok && t.spec.Level != catalog.Probe {
		t.findings[n-1] = f // of what holds, the last one is enough: a spec may look hundreds of times
	} else {
		t.findings = append(t.findings, f)
	}
	if r.OK {
		return
	}
	t.buildsOn = r.BuildsOn
	t.fail("expected " + f.expected + "; got " + r.Got)
}

// Survives judges a destructive request: the target may refuse it in any way, even by hanging up, but not with a 5xx,
// and it must answer the next request.
func (t *Trial) Survives(x *exchange.Exchange, what string) {
	if x.Response != nil {
		t.Expect(x, match.NoServerError())
	}
	err := Alive(t.ctx, t.Env)
	t.endIfOver()
	t.Check(err == nil, x, "a target that still answers after "+what, "a target that is gone: %v", err)
}

// Check judges anything that is not one exchange. x is the exchange to show.
func (t *Trial) Check(ok bool, x *exchange.Exchange, expected, gotFormat string, args ...any) {
	m := &match.Matcher{Expected: expected}
	r := match.Result{OK: ok}
	if !ok {
		r = match.Failf(gotFormat, args...)
	}
	t.conclude(m, r, x, nil)
}

// Need ends the spec where x does not even show what the judgement rests on. It counts as no judgement of its own.
func (t *Trial) Need(x *exchange.Exchange, m *match.Matcher) {
	if r := m.Judge(x); !r.OK {
		t.conclude(m, r, x, nil)
	}
}

// Observe records what a PROBE saw.
func (t *Trial) Observe(x *exchange.Exchange, format string, args ...any) {
	t.judged++
	t.observe(x, fmt.Sprintf(format, args...))
}

func (t *Trial) observe(x *exchange.Exchange, text string) {
	t.findings = append(t.findings, finding{observed: text, exchange: t.excerpt(x), ok: true})
}

func (t *Trial) fail(reason string) {
	switch t.spec.Level {
	case "MUST":
		t.end(reports.Fail, reason)
	case "SHOULD":
		t.end(reports.Warn, reason)
	default:
		t.end(reports.Info, "observed otherwise: "+reason)
	}
}

func (t *Trial) end(v reports.Verdict, reason string) {
	t.verdict, t.reason = v, reason
	panic(ended{})
}

// run carries the spec out. Whatever it panics with beside its own end is a fault of parley.
func (t *Trial) run() {
	began := time.Now()
	defer func() {
		t.took = time.Since(began)
		switch p := recover().(type) {
		case nil:
			t.passed()
		case ended:
		default:
			t.verdict, t.reason = reports.Error, fmt.Sprintf("the spec broke: %v", p)
		}
	}()
	for _, need := range t.spec.Needs {
		if !t.Env.Has(need) {
			t.NotDeclared("the target does not declare the capability %q", need)
		}
	}
	t.endIfOver()
	t.spec.body(t)
}

func (t *Trial) passed() {
	switch {
	case t.judged == 0:
		t.verdict, t.reason = reports.Error, "the spec judged nothing"
	case t.spec.Level == "PROBE":
		t.verdict = reports.Info
		t.reason = t.lastObservation()
	default:
		t.verdict = reports.Pass
	}
}

func (t *Trial) lastObservation() string {
	var said []string
	for _, f := range t.findings {
		switch {
		case f.observed != "":
			said = append(said, f.observed)
		case f.ok:
			said = append(said, "seen: "+f.expected)
		}
	}
	return strings.Join(said, "; ")
}

// keptOfBody is what stays of a body once its spec has ended: what a record shows, and so much more that a secret at the
// end of that is whole when it is looked for.
const keptOfBody = reports.BodyLimit + keptMargin

// keptMargin is longer than any secret, in any spelling.
const keptMargin = 4 << 10

// settle lets go of what no verdict needs any more, and tells how much stays.
func (t *Trial) settle(most int) (kept int64) {
	t.recent, t.last.whole, t.last.kept = nil, nil, nil
	for i := range t.findings {
		f := &t.findings[i]
		if f.ok && i < len(t.findings)-1 && t.spec.Level != catalog.Probe {
			f.exchange = nil // of what holds, the last judgement is shown
		}
		for _, x := range append(slices.Clone(f.before), f.exchange) {
			x.Trim(most)
			kept += int64(len(x.Body()))
		}
	}
	return kept
}

func (t *Trial) durationMS() float64 { return float64(t.took.Microseconds()) / 1000 }
