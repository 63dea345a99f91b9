package yunhu

import (
	"bytes"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs/match"
)

// What every judgement of a list builds on.
const (
	formOfList   = "YH-LIST-1"
	statusOfList = "YH-LIST-2"
	completeList = "YH-LIST-3"
	kindAndID    = "YH-LIST-4"
)

// What every judgement of what is read builds on.
const (
	unreadShown = "YH-LIST-7"
	readShown   = "YH-DISMISS-3"
)

// success and notLoggedIn are the codes that the documents name.
const (
	success     = 1
	notLoggedIn = -101
)

// key is how a conversation is told apart: by id and kind.
type key struct {
	id   string
	kind uint64
}

func (k key) String() string { return fmt.Sprintf("(%q, type %d)", k.id, k.kind) }

// list is an answer of list as it was on the wire.
type list struct {
	code  uint64 // the whole varint: -1 is 2^64-1
	msg   string
	total uint64
	tag   string // field 4
	data  []conversation
}

// conversation is one of its conversations.
type conversation struct {
	id         string
	numbers    map[protowire.Number]uint64
	written    map[protowire.Number]bool
	texts      map[protowire.Number]string
	mention    []protoField // of at_data
	hasMention bool
}

func (c conversation) key() key { return key{c.id, c.numbers[2]} }

// readList reads a list that may refuse: the protobuf message, whatever its status says. The error tells what is wrong with
// the bytes.
func readList(body []byte) (list, error) {
	var l list
	if looksJSON(body) {
		return l, fmt.Errorf("JSON, where protobuf belongs: %s", clip(body))
	}
	r := &protoReader{}
	fields, broken := r.message(body, 0)
	if broken != nil {
		return l, broken
	}
	if wrong := firstOf(mistyped(fields, listFields), notText(fields, listFields, 1, 2)); wrong != "" {
		return l, fmt.Errorf("%s", wrong)
	}
	for _, f := range fields {
		var err error
		switch f.number {
		case 1:
			err = l.readStatus(r, f)
		case 2:
			err = l.readConversation(r, f)
		case 3:
			l.total = f.varint
		case 4:
			l.tag = string(f.bytes)
		}
		if err != nil {
			return l, err
		}
	}
	return l, nil
}

// looksJSON tells JSON from protobuf by the first byte: { would be field 15 as a group, which these messages never use.
func looksJSON(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}

func clip(body []byte) string {
	const most = 120
	if len(body) > most {
		return strings.ToValidUTF8(string(body[:most]), "\uFFFD") + "…"
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// inside reads a message within the field of another.
func (r *protoReader) inside(f protoField, what string, known map[protowire.Number]documented, messages ...protowire.Number) ([]protoField, error) {
	head := protowire.SizeTag(f.number) + protowire.SizeVarint(uint64(len(f.bytes)))
	fields, broken := r.message(f.bytes, f.offset+head)
	if broken != nil {
		return nil, fmt.Errorf("in %s: %w", what, broken)
	}
	if wrong := firstOf(mistyped(fields, known), notText(fields, known, messages...)); wrong != "" {
		return nil, fmt.Errorf("in %s: %s", what, wrong)
	}
	return fields, nil
}

func (l *list) readStatus(r *protoReader, f protoField) error {
	fields, err := r.inside(f, "status", statusFields)
	for _, f := range fields {
		switch f.number {
		case 2:
			l.code = f.varint
		case 3:
			l.msg = string(f.bytes)
		}
	}
	return err
}

func (l *list) readConversation(r *protoReader, f protoField) error {
	what := fmt.Sprintf("conversation %d", len(l.data)+1)
	fields, err := r.inside(f, what, dataFields, 14)
	if err != nil {
		return err
	}
	c := conversation{numbers: map[protowire.Number]uint64{}, written: map[protowire.Number]bool{}, texts: map[protowire.Number]string{}}
	for _, f := range fields {
		c.texts[f.number] = string(f.bytes)
		if _, known := dataFields[f.number]; !known {
			continue
		}
		c.written[f.number] = true
		switch {
		case f.number == 1:
			c.id = string(f.bytes)
		case f.number == 14:
			mention, err := r.inside(f, what+", at_data", mentionFields)
			if err != nil {
				return err
			}
			c.mention, c.hasMention = append(c.mention, mention...), true // a message that stands twice is merged
		case f.typ == protowire.VarintType:
			c.numbers[f.number] = f.varint
		}
	}
	l.data = append(l.data, c)
	return nil
}

// twoHundreds tells an HTTP status of success. No page names one, so that any will do beside a code of 1.
func twoHundreds(x *exchange.Exchange) bool { return x.Status() >= 200 && x.Status() < 300 }

// accepted reads a list that says success.
func accepted(x *exchange.Exchange) (list, match.Result) {
	if !twoHundreds(x) {
		return list{}, match.Result{Got: "HTTP status " + told(x), BuildsOn: formOfList}
	}
	l, err := readList(x.Body())
	if err != nil {
		return l, match.Result{Got: err.Error(), BuildsOn: formOfList}
	}
	if l.code != success {
		return l, match.Result{Got: fmt.Sprintf("status.code %d, msg %q", int64(l.code), l.msg), BuildsOn: statusOfList}
	}
	return l, match.Pass()
}

// told is an answer in one line: its status, and its body as text where it is JSON, else in hex.
func told(x *exchange.Exchange) string {
	if looksJSON(x.Body()) || len(x.Body()) == 0 {
		return match.Told(x)
	}
	return fmt.Sprintf("%d with %d bytes: %s", x.Status(), len(x.Body()), shown(x.Body()))
}

func (l list) find(k key) (conversation, bool) {
	for _, c := range l.data {
		if c.key() == k {
			return c, true
		}
	}
	return conversation{}, false
}

// keys are the conversations of a list, for a message.
func (l list) keys() string {
	const most = 8
	if len(l.data) == 0 {
		return "none"
	}
	var words []string
	for i, c := range l.data {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(l.data)-most))
			break
		}
		words = append(words, c.key().String())
	}
	return fmt.Sprintf("%d: %s", len(l.data), strings.Join(words, ", "))
}
