// Package match judges raw exchanges: what was on the wire, before any typed decoding.
//
// A Matcher is also a Gomega matcher, so that Expect(x).To(match.Status(200)) works in anybody's own tests. The
// package knows exchanges and JSON, and no API.
package match

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
)

// Result is what a Matcher found.
type Result struct {
	OK bool
	// Got says what came instead, in the API's words.
	Got string
	// Expected is the part of the matcher's expectation that does not hold; empty: all of it.
	Expected string
	// BuildsOn is the requirement that must hold before this judgement means anything, where the answer was not even
	// readable enough to judge: the id of the statement about the answer's form.
	BuildsOn string
}

// Matcher judges one exchange.
type Matcher struct {
	Expected string
	judge    func(*exchange.Exchange) Result
	last     Result
}

// New makes a matcher. expected completes the sentence "expected …".
func New(expected string, judge func(*exchange.Exchange) Result) *Matcher {
	return &Matcher{Expected: expected, judge: judge}
}

// Pass is the result of an exchange that is as expected.
func Pass() Result { return Result{OK: true} }

// Failf is the result of an exchange that is not.
func Failf(format string, args ...any) Result { return Result{Got: fmt.Sprintf(format, args...)} }

// Judge judges x. No answer never matches.
func (m *Matcher) Judge(x *exchange.Exchange) Result {
	if x == nil {
		return Failf("nothing was sent")
	}
	if x.Response == nil {
		return Failf("no answer: %v", x.Err)
	}
	if x.Response.Truncated {
		return Failf("an answer that broke off: %v", x.Err)
	}
	return m.judge(x)
}

// Match, FailureMessage and NegatedFailureMessage make a Gomega matcher of it.
func (m *Matcher) Match(actual any) (bool, error) {
	x, ok := actual.(*exchange.Exchange)
	if !ok {
		return false, fmt.Errorf("match: want a *exchange.Exchange, got %T", actual)
	}
	m.last = m.Judge(x)
	return m.last.OK, nil
}

// FailureMessage says what was expected and what came.
func (m *Matcher) FailureMessage(any) string {
	return "expected: " + m.Expected + "\n     got: " + m.last.Got
}

// NegatedFailureMessage says that the exchange matched although it must not.
func (m *Matcher) NegatedFailureMessage(any) string { return "expected not: " + m.Expected }

// All matches where every one of matchers does; the first that does not says why.
func All(matchers ...*Matcher) *Matcher {
	expected := make([]string, len(matchers))
	const most = 4
	for i, m := range matchers {
		expected[i] = m.Expected
	}
	if len(expected) > most {
		expected = append(expected[:most], fmt.Sprintf("and %d more of the kind", len(matchers)-most))
	}
	return New(strings.Join(expected, "; "), func(x *exchange.Exchange) Result {
		for _, m := range matchers {
			if r := m.Judge(x); !r.OK {
				if r.Expected == "" {
					r.Expected = m.Expected
				}
				return r
			}
		}
		return Pass()
	})
}

// Status matches an answer with one of the given HTTP statuses.
func Status(statuses ...int) *Matcher {
	words := make([]string, len(statuses))
	for i, s := range statuses {
		words[i] = fmt.Sprint(s)
	}
	return New("HTTP status "+strings.Join(words, " or "), func(x *exchange.Exchange) Result {
		if slices.Contains(statuses, x.Status()) {
			return Pass()
		}
		return Failf("HTTP status %s", Told(x))
	})
}

// NoServerError matches every status below 500.
func NoServerError() *Matcher {
	return New("an HTTP status below 500: no input of a client is the server's own fault", func(x *exchange.Exchange) Result {
		if x.Status() < 500 {
			return Pass()
		}
		return Failf("HTTP status %s", Told(x))
	})
}

// ContentTypeJSON matches an answer that calls itself JSON.
func ContentTypeJSON() *Matcher {
	return New("Content-Type application/json", func(x *exchange.Exchange) Result {
		said := x.Response.Header.Get("Content-Type")
		if exchange.IsJSON(said) {
			return Pass()
		}
		if said == "" {
			return Failf("no Content-Type")
		}
		return Failf("Content-Type %q", said)
	})
}

// JSONBody is the answer's body as strict JSON.
func JSONBody(x *exchange.Exchange) (strictjson.Value, error) {
	if x == nil || x.Response == nil {
		return strictjson.Value{}, errors.New("no answer")
	}
	if x.Response.Truncated {
		return strictjson.Value{}, x.Err // what is left of a long one is long enough
	}
	return strictjson.Parse(x.Response.Body)
}

// Told is the answer's status and the beginning of its body, in one line.
func Told(x *exchange.Exchange) string {
	body := strings.Join(strings.Fields(string(x.Body())), " ")
	const most = 160
	if len(body) > most {
		body = strings.ToValidUTF8(body[:most], "") + "…"
	}
	if body == "" {
		return fmt.Sprintf("%d with an empty body", x.Status())
	}
	return fmt.Sprintf("%d with %s", x.Status(), body)
}
