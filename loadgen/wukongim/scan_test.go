package wukongim

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
		s := newScan([]byte(text))
		s.skip(0)
		if got, want := s.end(), json.Valid([]byte(text)); got != want {
			t.Errorf("%q: taken is %v, JSON is %v", text, got, want)
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newScan(data)
		s.skip(0)
		if s.end() && !json.Valid(data) {
			t.Errorf("%q was taken, and is no JSON", data)
		}
		if !s.end() && json.Valid(data) && bytes.Count(data, []byte("[")) < mostNested && bytes.Count(data, []byte("{")) < mostNested/2 {
			t.Errorf("%q was refused, and is JSON", data)
		}
	})
}

func TestDepthIsBounded(t *testing.T) {
	s := newScan(bytes.Repeat([]byte("["), 1<<20))
	s.skip(0)
	if s.end() {
		t.Error("a million brackets were taken")
	}
}

func TestIntegers(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "7": 7, "-7": -7, "9223372036854775807": 1<<63 - 1, " 12 ": 12} {
		s := newScan([]byte(text))
		if got := s.integer(); !s.end() || got != want {
			t.Errorf("%q is %d, %v", text, got, s.bad)
		}
	}
	for _, text := range []string{"", "-", "01", "1.0", "1e3", "9223372036854775808", "99999999999999999999", `"1"`, "null", "-01"} {
		s := newScan([]byte(text))
		s.integer()
		if !s.bad {
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
