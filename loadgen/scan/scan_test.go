package scan

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// texts are JSON and what is near it. The library says which is which.
var texts = []string{
	`{}`, `[]`, ` [ 1 , 2 ] `, `{"a":1,"b":[true,false,null,"x"]}`, `"a\"b\\"`, `"é\n"`, `-0`, `-1.5e+10`, `0`, `12345678901234567890`, `[[[[]]]]`,
	``, ` `, `{`, `[1,]`, `[,1]`, `{"a":}`, `{"a" 1}`, `{a:1}`, `01`, `1.`, `.5`, `+1`, `--1`, `1e`, `tru`, `nul`, `truefalse`, `"a`, "\"a\nb\"", "\"a\x01b\"", `"\x"`, `"\u12"`,
	`[1 2]`, `{"a":1 "b":2}`, `{} {}`, `[]]`, `'a'`, "\"\t\"", "[1,\n\t2]", `"\ud800"`, `{"a":{"b":"\\"}}`, `"\`, `NaN`, `1E5`,
}

func TestScanTakesWhatIsJSON(t *testing.T) {
	for _, text := range texts {
		s := New([]byte(text))
		s.Skip(0)
		if got, want := s.End(), json.Valid([]byte(text)); got != want {
			t.Errorf("%q: taken is %v, JSON is %v", text, got, want)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := New(data)
		s.Skip(0)
		if s.End() && !json.Valid(data) {
			t.Errorf("%q was taken, and is no JSON", data)
		}
		if !s.End() && json.Valid(data) && bytes.Count(data, []byte("[")) < MostNested && bytes.Count(data, []byte("{")) < MostNested/2 {
			t.Errorf("%q was refused, and is JSON", data)
		}
	})
}

func TestDepthIsBounded(t *testing.T) {
	s := New(bytes.Repeat([]byte("["), 1<<20))
	s.Skip(0)
	if s.End() {
		t.Error("a million brackets were taken")
	}
}

func TestIntegers(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "7": 7, "-7": -7, "9223372036854775807": 1<<63 - 1, " 12 ": 12} {
		s := New([]byte(text))
		if got := s.Integer(); !s.End() || got != want {
			t.Errorf("%q is %d, %v", text, got, s.Bad)
		}
	}
	for _, text := range []string{"", "-", "01", "1.0", "1e3", "9223372036854775808", "99999999999999999999", `"1"`, "null", "-01"} {
		s := New([]byte(text))
		s.Integer()
		if !s.Bad {
			t.Errorf("%q was taken for an integer", text)
		}
	}
}

func TestControlCharacters(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			b := bytes.Repeat([]byte{0xe6}, 20)
			b[at] = byte(c)
			if got := hasControl(b); got != (c < 0x20) {
				t.Fatalf("%#x at %d: %v", c, at, got)
			}
		}
	}
	if utf8.Valid([]byte{0xff}) {
		t.Fatal("the judge relies on the library for UTF-8")
	}
}

func TestOtherValuesArePassedOver(t *testing.T) {
	for _, text := range texts {
		s := New([]byte(text))
		word, isText := s.TryText()
		if got, want := s.End(), json.Valid([]byte(text)); got != want || isText && want && text[0] != '"' {
			t.Errorf("%q tried as text: taken is %v, JSON is %v, text is %q", text, got, want, word)
		}
		s = New([]byte(text))
		n, isInteger := s.TryInteger()
		if got, want := s.End(), json.Valid([]byte(text)); got != want || want && isInteger != (text == "0" || text == "-0") || n != 0 {
			t.Errorf("%q tried as an integer: taken is %v, JSON is %v, the number is %d, %v", text, got, want, n, isInteger)
		}
		s = New([]byte(text))
		if _, isBool := s.TryBool(); s.End() != json.Valid([]byte(text)) || isBool {
			t.Errorf("%q tried as a truth: taken is %v, %v", text, s.End(), isBool)
		}
	}
	s := New([]byte(`[true,false,5,"x"]`))
	s.Take('[')
	yes, ok1 := s.TryBool()
	s.Take(',')
	no, ok2 := s.TryBool()
	s.Take(',')
	five, ok3 := s.TryInteger()
	s.Take(',')
	x, ok4 := s.TryText()
	if s.Take(']'); !s.End() || !yes || no || five != 5 || string(x) != "x" || !ok1 || !ok2 || !ok3 || !ok4 {
		t.Errorf("read as %v %v %d %q", yes, no, five, x)
	}
}
