package yunhu

import (
	"bytes"
	"encoding/hex"
	"runtime"
	"strings"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhatIsNoListIsNamed(t *testing.T) {
	for _, c := range []struct{ name, hex, says string }{
		{"a length past the end", "0a 7f", "malformed protobuf at byte 0: field 1, a length-delimited value, does not end within the 1 bytes left"},
		{"the bytes in hex", "18 05 0a 7f", "the bytes there: 0a 7f; read before it: 3: 5"},
		{"no tag", "18 05 00", "no field begins here"},
		{"an overlong varint", "18 ff ff ff ff ff ff ff ff ff ff 01", "at byte 0"},
		{"a status of the wrong wire type", "08 01", "field 1 (status) at byte 0 is a varint, where a length-delimited value belongs"},
		{"a total of the wrong wire type", "1d 01 00 00 00", "field 3 (total) at byte 0 is a 32-bit value"},
		{"inside a conversation", "12 03 28 80 80", "in conversation 1: malformed protobuf at byte 2"},
		{"a text that is no UTF-8", "12 03 0a 01 ff", "in conversation 1: field 1 (chat_id) at byte 2 is no UTF-8: ff"},
		{"a text inside at_data", "12 04 72 02 12 07", "in conversation 1, at_data: malformed protobuf at byte 4"},
		{"a group that does not end", "7b 0a", "JSON, where protobuf belongs"},
		{"a group that does not end, of field 2000", "83 7d 08 01", "malformed protobuf"},
		{"an unknown wire type", "0e 01", "a value of the unknown wire type 6"},
	} {
		_, err := readList(unhex(t, c.hex))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q in it", c.name, err, c.says)
		}
	}
}

func TestWhatTheWireSaysIsKept(t *testing.T) {
	// -101, a conversation with at 2, an explicit zero and unknown fields, at_data in two pieces.
	l, err := readList(unhex(t, "0a0b 109bffffffffffffffff01 12 16 0a0161 1002 3802 5800 6807 72021201 62 720232 00 520101 1801 1802"))
	if err == nil {
		t.Fatalf("a length that lies was read: %+v", l)
	}
	l, err = readList(unhex(t, "0a0b109bffffffffffffffff01 1214 0a0161 1002 3802 5800 6807 7203120162 72020801 1801 1802"))
	if err != nil {
		t.Fatal(err)
	}
	c := l.data[0]
	if int64(l.code) != -101 || l.total != 2 || c.id != "a" || c.numbers[2] != 2 || c.numbers[7] != 2 || !c.written[11] || c.written[6] || len(c.mention) != 2 {
		t.Errorf("%+v", l)
	}
}

func TestAHostileListIsBounded(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readList(bytes.Repeat([]byte{0x12, 0x00}, 8<<20))
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "more than parley reads") {
		t.Errorf("got %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
		t.Errorf("%d MiB were used", used>>20)
	}
	if _, err := readList(bytes.Repeat([]byte{0x7b}, 8<<20)); err == nil {
		t.Error("eight million groups were read")
	}
	if _, err := readList(bytes.Repeat([]byte{0x83, 0x7d}, 4<<20)); err == nil {
		t.Error("four million nested groups were read")
	}
}

func FuzzReadList(f *testing.F) {
	f.Add([]byte{0x0a, 0x7f})
	f.Add([]byte(`{"code":-101,"msg":""}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if l, err := readList(body); err != nil && err.Error() == "" {
			t.Errorf("an error without a word: %+v", l)
		}
	})
}
