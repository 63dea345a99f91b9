package wukongim

import (
	"fmt"
	"net/http"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// No document binds a target's clock to anybody else's: its times are held against the Date of its own answer.
const (
	// dateSlack covers Date's whole seconds, the running time, and a Date that a neighbour of the target writes.
	dateSlack = time.Minute
	// versionSlack is wider: that a version is a time is documented, and not of which moment of a change.
	versionSlack = time.Hour
	// undatedSlack is for a target that tells no time: any clock that is not wrong by a unit, or by years.
	undatedSlack = 24 * time.Hour
)

// reckoning is a target's clock as one of its answers shows it.
type reckoning struct {
	ahead time.Duration // of parley's clock
	slack time.Duration
	words string
}

// reckon reads the target's clock in an answer that came just now.
func reckon(x *exchange.Exchange, now time.Time, slack time.Duration) reckoning {
	date := x.Response.Header.Get("Date")
	at, err := http.ParseTime(date)
	if err != nil {
		return reckoning{slack: undatedSlack, words: "by parley's clock give or take a day, since the answer has no Date"}
	}
	return reckoning{ahead: at.Sub(now), slack: slack, words: fmt.Sprintf("by the answer's own Date, %s, give or take %s", date, inWords[slack])}
}

var inWords = map[time.Duration]string{dateSlack: "a minute", versionSlack: "an hour"}

// span is from one moment of parley's clock to another by the target's, with the slack at both ends.
func (r reckoning) span(from, to time.Time) (first, last time.Time) {
	return from.Add(r.ahead - r.slack), to.Add(r.ahead + r.slack)
}

func registerTimes(s *specs.Suite) {
	s.Requirement("WK-SYNC-12", "timestamp has 10 digits and is when the last message was sent", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2)
		d := w.direct("ann", "bob").says("ann", 1)
		w.seed()
		for _, ch := range []*channel{g, d} {
			w.sees("ann", sentAround(ch, "ann"))
		}
	})
	s.Requirement("WK-SYNC-12", "timestamp moves on with a message a second later, and not with the conversation's first", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("ann", 1).says("bob", 1)
		w.seed()
		before, _ := w.conversation("ann", g, 1).integer("timestamp")
		t.WholeSecond()
		g.says("bob", 1)
		for _, user := range g.members { // the sender too
			w.sees(user, showsMessage(g.last(1)[0]), movedOn(g, user, before))
		}
	})
	s.Requirement("WK-SYNC-13", "version has 19 digits and is a time in nanoseconds, of now, to who got the messages and to who sent them", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2)
		w.direct("ann", "bob").says("bob", 1)
		w.seed()
		for _, user := range g.members {
			w.sees(user, atLeastOne(), w.versionsOfNow(g.sent[0].before))
		}
	})
}

// sentAround matches a timestamp of the second in which the channel's last message was sent.
func sentAround(ch *channel, user string) *match.Matcher {
	last, k := ch.last(1)[0], ch.key(user)
	return match.New("a timestamp of when the last message was sent", func(x *exchange.Exchange) match.Result {
		clock := reckon(x, ch.w.t.Now(), dateSlack)
		first, latest := clock.span(ch.w.sinceWhen(last.before), last.after)
		from, to := first.Unix(), latest.Unix()
		expected := fmt.Sprintf("a timestamp in seconds from %d to %d, when the last message was sent %s", from, to, clock.words)
		return expecting(expected, about(k, expected, func(c conversation) match.Result {
			got, r := c.integer("timestamp")
			if r.OK && (got < from || got > to) {
				return match.Failf("timestamp %d", got)
			}
			return r
		}).Judge(x))
	})
}

// versionsOfNow matches versions that are a nanosecond timestamp since the given moment.
func (w *world) versionsOfNow(since time.Time) *match.Matcher {
	return match.New("a version of 19 digits that is a time in nanoseconds, of now", func(x *exchange.Exchange) match.Result {
		now := w.t.Now()
		clock := reckon(x, now, versionSlack)
		first, latest := clock.span(w.sinceWhen(since), now)
		from, to := first.UnixNano(), latest.UnixNano()
		expected := fmt.Sprintf("a version that is a time in nanoseconds from %d to %d, now %s", from, to, clock.words)
		return expecting(expected, eachConversation(expected, func(c conversation) match.Result {
			got, r := c.integer("version")
			if r.OK && (got < from || got > to) {
				return match.Failf("version %d of %s, of %d digits", got, c.key(), len(fmt.Sprint(got)))
			}
			return r
		}).Judge(x))
	})
}

// sinceWhen is when something can have been sent at the earliest: what a static world holds has been there before.
func (w *world) sinceWhen(began time.Time) time.Time {
	const firstOf10Digits = 1_000_000_000
	if w.t.Env.Seeder.Name() == fixtures.DriverStatic {
		return time.Unix(firstOf10Digits, 0).Add(undatedSlack)
	}
	return began
}

// expecting is a result with an expectation that only the answer could tell.
func expecting(expected string, r match.Result) match.Result {
	if !r.OK {
		r.Expected = expected
	}
	return r
}

// movedOn matches a timestamp after before that is the last message's own.
func movedOn(ch *channel, user string, before int64) *match.Matcher {
	return about(ch.key(user), fmt.Sprintf("a timestamp after %d, that of the last message", before), func(c conversation) match.Result {
		got, r := c.integer("timestamp")
		v, _ := c.message(ch.last(1)[0])
		if r.OK && (got <= before || v.Get("timestamp").Text != c.Get("timestamp").Text) {
			return match.Failf("timestamp %d; the last message has %s", got, v.Get("timestamp").Describe())
		}
		return r
	})
}
