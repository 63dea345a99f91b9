package strictjson

import (
	"errors"
	"strings"
	"testing"
)

func TestParseRefusesWhatEncodingJSONForgives(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"duplicate key":        {`{"uid":"a","uid":"b"}`, `"uid" stands twice`},
		"late duplicate":       {`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"c":2}`, `"c" stands twice`},
		"trailing bytes":       {`{} {}`, "more bytes after"},
		"broken UTF-8":         {"{\"uid\":\"a\xff\"}", "byte 0xff at offset 9"},
		"empty":                {"  ", "empty"},
		"truncated":            {`{"uid":`, "ends in the middle"},
		"nested without bound": {strings.Repeat("[", 20000), "nested deeper"},
		"single quotes":        {`{'uid':'a'}`, "invalid character"},
		"byte order mark":      {"\ufeff{}", "invalid character"},
		"mismatched brackets":  {`[1}`, "invalid character"},
	} {
		if _, err := Parse([]byte(c.in)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, c.says)
		}
	}
	var duplicate *DuplicateError
	if _, err := Parse([]byte(`{"a":1,"a":1}`)); !errors.As(err, &duplicate) || duplicate.Key != "a" {
		t.Errorf("a duplicate key must be a *DuplicateError, got %v", err)
	}
}

func TestIntegersKeepEveryDigit(t *testing.T) {
	v, err := Parse([]byte(`{"id":9007199254740993,"big":9223372036854775808,"half":1.5,"exp":2e0,"ID":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := v.Get("id").Int64(); !ok || n != 9007199254740993 {
		t.Errorf("2^53+1 became %d, %v", n, ok)
	}
	if _, ok := v.Get("big").Int64(); ok || !v.Get("big").IsInteger() {
		t.Error("2^63 is an integer, but none of 64 bits")
	}
	for _, key := range []string{"half", "exp"} {
		if v.Get(key).IsInteger() {
			t.Errorf("%s counts as an integer", key)
		}
	}
	if v.Get("Id").Kind != Missing {
		t.Error("a key in another case was found")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`[{"a":[1,2.5e3,null,true,"x"]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if v, err := Parse(data); err == nil && v.Kind == Missing {
			t.Fatalf("%q parsed to nothing", data)
		}
	})
}

func TestTooManyValuesAreRefusedUnread(t *testing.T) {
	flat := []byte("[" + strings.Repeat("1,", MaxValues) + "1]")
	if _, err := Parse(flat); err == nil || !strings.Contains(err.Error(), "more than parley reads") {
		t.Errorf("%d values: %v", MaxValues+1, err)
	}
	text := []byte(`["` + strings.Repeat(`,[{\"`, MaxValues) + `"]`)
	if v, err := Parse(text); err != nil || len(v.Elements) != 1 {
		t.Errorf("one long text: %v", err)
	}
}
