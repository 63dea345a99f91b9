package strictjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// slow reads data with the token decoder alone.
func slow(data []byte) (Value, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	v, err := parse(decoder, 0)
	if err == nil && len(bytes.TrimSpace(data[decoder.InputOffset():])) > 0 {
		return v, &DuplicateError{} // any error will do: bytes after the value
	}
	return v, err
}

var samples = []string{
	`[{"a":[1,2.5e3,null,true,"x"],"b":{"c":{},"d":[]}},false]`, ` {"é" : "\u4f60\n\ud83d\udc27 \"q\" \ud800" , "n" : -0.5E+3 } `,
	`{"a":1,"a":1}`, `{"a":1,}`, `[1,]`, `[,1]`, `{"a" 1}`, `[1 2]`, `01`, `-`, `1.`, `1e`, `+1`, `"a`, "\"\x01\"", `nul`, `truefalse`, `{} {}`, "",
	`{"a":}`, `{,}`, `[`, `{`, `{"a":1`, `"\x"`, `[1}`, `-0`, `0`, `[[[]]]`, `nullx`, "\x00", `"\ud83d"`, `{"\u0061":1,"a":2}`,
	strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth), strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
}

func TestQuickReadsWhatTheDecoderReads(t *testing.T) {
	read := 0
	for _, sample := range samples {
		read += compare(t, []byte(sample))
	}
	if read < 6 {
		t.Errorf("the quick parser read %d of %d samples: it leaves nearly everything to the decoder", read, len(samples))
	}
}

// compare is 1 where the quick parser read data.
func compare(t *testing.T, data []byte) int {
	t.Helper()
	if !utf8.Valid(data) {
		return 0
	}
	got, ok := quickParse(data)
	if !ok {
		return 0
	}
	want, err := slow(data)
	if err != nil {
		t.Errorf("%q is read, which the decoder refuses: %v", data, err)
	} else if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%q (-decoder +quick):\n%s", data, d)
	}
	return 1
}

func FuzzQuick(f *testing.F) {
	for _, sample := range samples {
		f.Add([]byte(sample))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compare(t, data) })
}
