package yunhu

import (
	"fmt"
	"net/http"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

func registerCommon(s *specs.Suite) {
	for _, c := range callsIn(s.Profile()) {
		s.Requirement("YH-COM-1", "POST "+c.path+" is there", func(t *specs.Trial) {
			w, g, _, _ := everyKind(t)
			t.Expect(c.do(w, w.headers("ann"), c.body(g, "ann")), served())
		}, c.needs())
		s.Requirement("YH-COM-3", c.name+" says code 1 where it succeeds", func(t *specs.Trial) {
			w, g, _, _ := everyKind(t)
			t.Expect(c.do(w, w.headers("ann"), c.body(g, "ann")), refusedWith(success))
		}, c.needs())
		s.Requirement("YH-COM-3", c.name+" does not say code 1 where it refuses", func(t *specs.Trial) {
			w, g, _, _ := everyKind(t)
			for _, bad := range badTokens {
				t.Expect(c.do(w, bad.header(w, "ann"), c.body(g, "ann")), notCode1())
			}
		}, c.needs())
		registerMethods(s, c)
		if c.field != "" {
			registerEnvelope(s, c)
		}
		registerSigned(s, c)
	}
	registerRefusalForm(s)
}

// served matches the answer of a call that is there: the documented path and method lead to it, and not elsewhere.
func served() *match.Matcher {
	return match.New("an answer of the call: an HTTP status of 2xx", func(x *exchange.Exchange) match.Result {
		if twoHundreds(x) {
			return match.Pass()
		}
		return match.Failf("HTTP status %s", told(x))
	})
}

// notCode1 matches everything but an answer that says 1.
func notCode1() *match.Matcher {
	return match.New("a code other than 1", func(x *exchange.Exchange) match.Result {
		if code, _, r := codeOf(x); r.OK && code == success {
			return match.Failf("code 1: %s", told(x))
		}
		return match.Pass()
	})
}

func registerMethods(s *specs.Suite, c call) {
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		s.Requirement("YH-COM-6", method+" "+c.path+" is refused with 404 or 405", func(t *specs.Trial) {
			w, g, _, _ := everyKind(t)
			t.Expect(t.Do(specs.Request{Method: method, Path: c.path, Header: w.headers("ann"), Body: c.body(g, "ann")}),
				match.Status(http.StatusNotFound, http.StatusMethodNotAllowed))
		}, c.needs())
	}
}

func registerEnvelope(s *specs.Suite, c call) {
	s.Requirement("YH-COM-4", c.name+" answers an object with an integer code and a string msg where it succeeds", func(t *specs.Trial) {
		w, g, d, _ := everyKind(t)
		t.Expect(c.do(w, w.headers("ann"), c.body(g, "ann")), isEnvelope())
		t.Expect(c.do(w, w.headers("bob"), c.body(d, "bob")), isEnvelope())
	}, c.needs())
	s.Requirement("YH-COM-4", c.name+" answers an object with an integer code and a string msg where it refuses", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		x := c.do(w, http.Header{}, c.body(g, "ann"))
		if !looksJSON(x.Body()) {
			t.NotTestable("it refuses with something other than JSON: %s", told(x))
		}
		t.Expect(x, isEnvelope())
	}, c.needs())
}

// registerSigned judges that no refusal carries a negative number as its unsigned twin, of 32 or of 64 bits.
func registerSigned(s *specs.Suite, c call) {
	s.Requirement("YH-COM-8", "the code of a refusal of "+c.name+" is no negative number that is written unsigned", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		for _, bad := range badTokens[:3] {
			t.Expect(c.do(w, bad.header(w, "ann"), c.body(g, "ann")), signed())
		}
	}, c.needs())
}

func signed() *match.Matcher {
	const expected = "a code that is written signed: -101 in JSON, a varint of ten bytes in protobuf"
	return match.New(expected, func(x *exchange.Exchange) match.Result {
		if looksJSON(x.Body()) {
			body, err := match.JSONBody(x)
			if err != nil {
				return match.Failf("a body that is no JSON: %v", err)
			}
			code := body.Get("code")
			if n, ok := code.Int64(); code.IsInteger() && (!ok || n >= 1<<31) {
				return match.Failf("code %s", code.JSON())
			}
			return match.Pass()
		}
		if l, err := readList(x.Body()); err == nil && twoHundreds(x) && l.code >= 1<<31 && int64(l.code) > 0 {
			return match.Failf("status.code %d, which is the unsigned twin of %d", l.code, int32(uint32(l.code)))
		}
		return match.Pass()
	})
}

func registerRefusalForm(s *specs.Suite) {
	s.Requirement("YH-COM-7", "list without a token: JSON or protobuf", func(t *specs.Trial) {
		w, _, _, _ := everyKind(t)
		for _, bad := range badTokens[:3] {
			x := calls[0].do(w, bad.header(w, "ann"), nil)
			t.Observe(x, "%s: %s", bad.title, formOf(x))
		}
	}, onList)
	s.Requirement("YH-COM-7", "list with a body that is no protobuf", func(t *specs.Trial) {
		w, _, _, _ := everyKind(t)
		for _, body := range [][]byte{{0x0a, 0x7f}, {0xff}, []byte(`{"md5":""}`), {0x10, 0x01}} {
			x := w.listWith("ann", body)
			t.Observe(x, "a body % x: %s", body, formOf(x))
		}
	}, onList)
}

// formOf says how list answered: HTTP status, form and code.
func formOf(x *exchange.Exchange) string {
	code, form, r := codeOf(x)
	if !r.OK {
		return fmt.Sprintf("HTTP %d, %s", x.Status(), r.Got)
	}
	return fmt.Sprintf("HTTP %d, %s with code %d, Content-Type %q", x.Status(), form, code, x.Response.Header.Get("Content-Type"))
}
