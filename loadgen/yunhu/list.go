package yunhu

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// fields goes through one protobuf message as it is on the wire, without building anything.
type fields struct {
	data   []byte
	at     int
	number protowire.Number
	typ    protowire.Type
	varint uint64 // of a varint
	bytes  []byte // of a length-delimited value
	bad    error
}

// next reads a field; false: that was the last one, or what follows is none.
func (f *fields) next() bool {
	if f.at >= len(f.data) {
		return false
	}
	var n, m int
	f.number, f.typ, n = protowire.ConsumeTag(f.data[f.at:])
	if n < 0 {
		return f.fail(n)
	}
	rest := f.data[f.at+n:]
	switch f.typ {
	case protowire.VarintType:
		f.varint, m = protowire.ConsumeVarint(rest)
	case protowire.BytesType:
		f.bytes, m = protowire.ConsumeBytes(rest)
	default:
		m = protowire.ConsumeFieldValue(f.number, f.typ, rest)
	}
	if m < 0 {
		return f.fail(m)
	}
	f.at += n + m
	return true
}

func (f *fields) fail(n int) bool {
	f.bad = protowire.ParseError(n)
	return false
}

// form is what the documents say of a field.
type form uint8

const (
	undocumented form = iota // tolerated
	number
	text
	message
)

// The documented messages, by field number.
var (
	listForm    = []form{1: message, 2: message, 3: number, 4: text}
	statusForm  = []form{1: number, 2: number, 3: text}
	itemForm    = []form{1: text, 2: number, 3: text, 4: text, 5: number, 6: number, 7: number, 8: number, 9: text, 11: number, 12: number, 14: message, 16: number}
	mentionForm = []form{1: number, 2: text, 3: text, 4: text, 6: text, 7: text, 8: number}
)

// item is one conversation of a list. Numbers are the whole varint, so that a 2 in a field of 0 or 1 is seen.
type item struct {
	id                                                 []byte
	kind, entered, unread, at, silent, sent, certified uint64
	mention                                            bool // at_data is there
	mentions                                           bool // with something in it
}

// answered is a list as it was read. It shares the answer's memory.
type answered struct {
	items     []item
	more      int // conversations beyond the most that are looked at
	code      uint64
	msg       []byte
	total     uint64
	tag       []byte
	trouble   string // it is not the documented message; empty: it is
	malformed bool   // it is no protobuf at all
	foul      string // a text that is no UTF-8
}

// mostKept is how many items' places are kept between answers.
const mostKept = 1 << 12

// reset makes ready for the next answer, keeping memory of ordinary size.
func (a *answered) reset() {
	clear(a.items)
	kept := a.items[:0]
	if cap(kept) > mostKept {
		kept = nil
	}
	*a = answered{items: kept}
}

// read reads an answer, and keeps at most so many conversations: a few bytes on the wire can be one. Of a field that stands
// twice the last one counts, and of a message all of them.
func (a *answered) read(body []byte, most int) {
	f := fields{data: body}
	for a.trouble == "" && f.next() {
		if !a.documented(&f, listForm, "the list") {
			continue
		}
		switch f.number {
		case 1:
			a.readStatus(f.bytes)
		case 2:
			var c item
			a.readItem(f.bytes, &c)
			if len(a.items) < most {
				a.items = append(a.items, c)
			} else {
				a.more++
			}
		case 3:
			a.total = f.varint
		case 4:
			a.tag = f.bytes
		}
	}
	a.end(&f, "the list")
}

func (a *answered) readStatus(data []byte) {
	f := fields{data: data}
	for a.trouble == "" && f.next() {
		if !a.documented(&f, statusForm, "status") {
			continue
		}
		switch f.number {
		case 2:
			a.code = f.varint
		case 3:
			a.msg = f.bytes
		}
	}
	a.end(&f, "status")
}

func (a *answered) readItem(data []byte, c *item) {
	f := fields{data: data}
	for a.trouble == "" && f.next() {
		if !a.documented(&f, itemForm, "a conversation") {
			continue
		}
		switch f.number {
		case 1:
			c.id = f.bytes
		case 2:
			c.kind = f.varint
		case 5:
			c.entered = f.varint
		case 6:
			c.unread = f.varint
		case 7:
			c.at = f.varint
		case 11:
			c.silent = f.varint
		case 12:
			c.sent = f.varint
		case 14:
			c.mention = true
			a.readMention(f.bytes, c)
		case 16:
			c.certified = f.varint
		}
	}
	a.end(&f, "a conversation")
}

func (a *answered) readMention(data []byte, c *item) {
	f := fields{data: data}
	for a.trouble == "" && f.next() {
		if !a.documented(&f, mentionForm, "at_data") {
			c.mentions = true
			continue
		}
		c.mentions = c.mentions || f.typ == protowire.VarintType && f.varint != 0 || f.typ == protowire.BytesType && len(f.bytes) > 0
	}
	a.end(&f, "at_data")
}

// documented tells whether a field is one that the documents name, and looks at its wire type and its text.
func (a *answered) documented(f *fields, known []form, in string) bool {
	if int(f.number) >= len(known) || known[f.number] == undocumented {
		return false
	}
	want := protowire.BytesType
	if known[f.number] == number {
		want = protowire.VarintType
	}
	if f.typ != want {
		a.trouble = fmt.Sprintf("field %d of %s has the wire type %d, where %d belongs", f.number, in, f.typ, want)
		return false
	}
	if known[f.number] == text && a.foul == "" && !utf8.Valid(f.bytes) {
		a.foul = fmt.Sprintf("field %d of %s is no UTF-8: %s", f.number, in, shown(f.bytes))
	}
	return true
}

func (a *answered) end(f *fields, in string) {
	if f.bad != nil && a.trouble == "" {
		a.malformed = true
		// protobuf varies the spaces of its texts, so that nobody relies on them.
		why := strings.ReplaceAll(f.bad.Error(), "\u00a0", " ")
		a.trouble = fmt.Sprintf("malformed protobuf at byte %d of %s: %s; the bytes there: % x", f.at, in, why, f.data[f.at:min(f.at+24, len(f.data))])
	}
}

// shown is text of the target for a message.
func shown(text []byte) string {
	const most = 64
	if len(text) > most {
		return fmt.Sprintf("%q…", text[:most])
	}
	return fmt.Sprintf("%q", text)
}
