package yunhu

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// The reader of protobuf keeps what was on the wire: the number, the wire type and the whole varint of each field. It
// knows no message; what a number means stands in tables beside its callers.

// mostFields is how many fields parley reads of one answer: an answer of 32 MiB could hold sixteen million of them.
const mostFields = 1 << 18

// protoField is one field as it stood.
type protoField struct {
	number protowire.Number
	typ    protowire.Type
	varint uint64 // of a varint, and of a fixed32 or fixed64
	bytes  []byte // of a length-delimited field
	offset int    // in the whole answer
}

// String is the field as a reader of the wire would write it down: 2: 11 bytes 0a 03 61 62 63.
func (f protoField) String() string {
	switch f.typ {
	case protowire.VarintType:
		return fmt.Sprintf("%d: %d", f.number, f.varint)
	case protowire.BytesType:
		return fmt.Sprintf("%d: %s", f.number, shown(f.bytes))
	}
	return fmt.Sprintf("%d: a %s", f.number, wireTypeName(f.typ))
}

// shown is a length-delimited value for a message: as text where it is one, else as bytes.
func shown(data []byte) string {
	const most = 24
	if utf8.Valid(data) && !strings.ContainsFunc(string(data), func(r rune) bool { return r < 0x20 }) {
		text := string(data)
		if len(text) > most {
			return fmt.Sprintf("%q…", strings.ToValidUTF8(text[:most], ""))
		}
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%d bytes %s", len(data), hexBytes(data, most))
}

// hexBytes is up to most bytes in hex: 0a 7f.
func hexBytes(data []byte, most int) string {
	if len(data) > most {
		return fmt.Sprintf("% x…", data[:most])
	}
	return fmt.Sprintf("% x", data)
}

// wireTypeName is a wire type in words.
func wireTypeName(t protowire.Type) string {
	names := map[protowire.Type]string{
		protowire.VarintType: "varint", protowire.Fixed64Type: "64-bit value", protowire.BytesType: "length-delimited value",
		protowire.StartGroupType: "group", protowire.EndGroupType: "group's end", protowire.Fixed32Type: "32-bit value",
	}
	if name, ok := names[t]; ok {
		return name
	}
	return fmt.Sprintf("value of the unknown wire type %d", t)
}

// malformed says where an answer stops being protobuf, with the bytes and what could be read before it.
type malformed struct {
	offset int
	why    string
	data   []byte // from offset on
	before []protoField
}

func (m *malformed) Error() string {
	const most = 6
	read := "nothing"
	if n := len(m.before); n > 0 {
		var words []string
		for _, f := range m.before[max(0, n-most):] {
			words = append(words, f.String())
		}
		read = strings.Join(words, ", ")
		if n > most {
			read = fmt.Sprintf("%d fields, at last %s", n, read)
		}
	}
	return fmt.Sprintf("malformed protobuf at byte %d: %s; the bytes there: %s; read before it: %s", m.offset, m.why, hexBytes(m.data, 32), read)
}

// protoReader reads one answer, whose messages share its budget of fields.
type protoReader struct{ fields int }

// message are the fields of one message, in order. base is where it begins in the whole answer.
func (r *protoReader) message(data []byte, base int) ([]protoField, *malformed) {
	var fields []protoField
	for at := 0; at < len(data); {
		broken := func(why string) *malformed {
			return &malformed{offset: base + at, why: why, data: data[at:], before: fields}
		}
		if r.fields++; r.fields > mostFields {
			return fields, broken(fmt.Sprintf("more than %d fields, which is more than parley reads", mostFields))
		}
		number, typ, n := protowire.ConsumeTag(data[at:])
		if n < 0 {
			return fields, broken("no field begins here: " + plain(n))
		}
		f := protoField{number: number, typ: typ, offset: base + at}
		rest := data[at+n:]
		m := f.read(rest)
		if m < 0 {
			return fields, broken(fmt.Sprintf("field %d, a %s, does not end within the %d bytes left: %s", number, wireTypeName(typ), len(rest), plain(m)))
		}
		fields = append(fields, f)
		at += n + m
	}
	return fields, nil
}

// read takes the field's value from the beginning of data, and gives its length; below 0: a protowire error.
func (f *protoField) read(data []byte) (n int) {
	switch f.typ {
	case protowire.VarintType:
		f.varint, n = protowire.ConsumeVarint(data)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(data)
	default:
		n = protowire.ConsumeFieldValue(f.number, f.typ, data)
	}
	return n
}

// plain is a protowire error without the invisible differences that keep programs from relying on its text.
func plain(n int) string { return strings.ReplaceAll(protowire.ParseError(n).Error(), "\u00a0", " ") }

// documented is a field that the documents name.
type documented struct {
	name string
	typ  protowire.Type
}

func scalar(name string) documented { return documented{name, protowire.VarintType} }
func text(name string) documented   { return documented{name, protowire.BytesType} }

// The documented messages. What is not in them is tolerated.
var (
	listFields   = map[protowire.Number]documented{1: text("status"), 2: text("data"), 3: scalar("total"), 4: text("field 4")}
	statusFields = map[protowire.Number]documented{1: scalar("number"), 2: scalar("code"), 3: text("msg")}
	dataFields   = map[protowire.Number]documented{
		1: text("chat_id"), 2: scalar("chat_type"), 3: text("name"), 4: text("chat_content"), 5: scalar("timestamp_ms"), 6: scalar("unread"),
		7: scalar("at"), 8: scalar("avatar_id"), 9: text("avatar_url"), 11: scalar("do_not_disturb"), 12: scalar("timestamp"),
		14: text("at_data"), 16: scalar("certification_level"),
	}
	mentionFields = map[protowire.Number]documented{
		1: scalar("unknown"), 2: text("mentioned_id"), 3: text("mentioned_name"), 4: text("mentioned_in"), 6: text("mentioner_id"),
		7: text("mentioner_name"), 8: scalar("msg_seq"),
	}
)

// mistyped is the first field that has another wire type than the documents say; empty: there is none.
func mistyped(fields []protoField, known map[protowire.Number]documented) string {
	for _, f := range fields {
		if want, ok := known[f.number]; ok && f.typ != want.typ {
			return fmt.Sprintf("field %d (%s) at byte %d is a %s, where a %s belongs", f.number, want.name, f.offset, wireTypeName(f.typ), wireTypeName(want.typ))
		}
	}
	return ""
}

// notText is the first text that is no UTF-8, which proto3's readers refuse; messages are no texts.
func notText(fields []protoField, known map[protowire.Number]documented, messages ...protowire.Number) string {
	for _, f := range fields {
		want, ok := known[f.number]
		if !ok || want.typ != protowire.BytesType || f.typ != protowire.BytesType || utf8.Valid(f.bytes) || contains(messages, f.number) {
			continue
		}
		return fmt.Sprintf("field %d (%s) at byte %d is no UTF-8: %s", f.number, want.name, f.offset, hexBytes(f.bytes, 32))
	}
	return ""
}

func contains(all []protowire.Number, n protowire.Number) bool {
	for _, other := range all {
		if other == n {
			return true
		}
	}
	return false
}
