// Package strictjson reads JSON as RFC 8259 has it, and nothing more lenient: duplicate keys, keys in another case,
// broken UTF-8 and bytes after the value are seen, numbers keep every digit. encoding/json forgives all of these,
// which is three ways to pass a wrong server.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 512

// MaxValues is how many commas, arrays and objects there may be: each stands for a value that is built, which takes far
// more memory than the two bytes it may have.
const MaxValues = 2 << 20

// Kind is the JSON type of a Value.
type Kind int

// The kinds. Missing is the kind of a member that is not there.
const (
	Missing Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// Value is one JSON value, as it stood.
type Value struct {
	Kind Kind
	// Text is the string, the number's digits as written, or true or false.
	Text     string
	Elements []Value  // of an Array
	Members  []Member // of an Object, in order
}

// Member is one key with its value.
type Member struct {
	Key   string
	Value Value
}

// Parse reads exactly one value from data.
func Parse(data []byte) (Value, error) {
	if !utf8.Valid(data) {
		return Value{}, fmt.Errorf("not UTF-8: byte 0x%02x at offset %d", data[invalidAt(data)], invalidAt(data))
	}
	if tooMany(data) {
		return Value{}, fmt.Errorf("more than %d values, which is more than parley reads", MaxValues)
	}
	if v, sure := quickParse(data); sure {
		return v, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	v, err := parse(decoder, 0)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if len(bytes.TrimSpace(data)) == 0 {
				return Value{}, errors.New("empty, where a JSON value belongs")
			}
			return Value{}, fmt.Errorf("ends in the middle of a JSON value, after %d bytes", len(data))
		}
		return Value{}, err
	}
	end := decoder.InputOffset()
	if rest := bytes.TrimLeft(data[end:], " \t\r\n"); len(rest) > 0 {
		return Value{}, fmt.Errorf("more bytes after the JSON value, from offset %d", len(data)-len(rest))
	}
	return v, nil
}

// tooMany tells without reading it whether a text would be more values than MaxValues.
func tooMany(data []byte) bool {
	if len(data) <= MaxValues {
		return false
	}
	values, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == ',' || c == '[' || c == '{'):
			values++
		}
	}
	return values > MaxValues
}

func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

func parse(d *json.Decoder, depth int) (Value, error) {
	token, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch t := token.(type) {
	case nil:
		return Value{Kind: Null, Text: "null"}, nil
	case bool:
		return Value{Kind: Bool, Text: fmt.Sprint(t)}, nil
	case json.Number:
		return Value{Kind: Number, Text: t.String()}, nil
	case string:
		return Value{Kind: String, Text: t}, nil
	case json.Delim:
		if depth >= MaxDepth {
			return Value{}, fmt.Errorf("nested deeper than %d levels", MaxDepth)
		}
		if t == '[' {
			return parseArray(d, depth+1)
		}
		return parseObject(d, depth+1)
	}
	return Value{}, fmt.Errorf("unexpected token %v", token)
}

func parseArray(d *json.Decoder, depth int) (Value, error) {
	v := Value{Kind: Array}
	for d.More() {
		element, err := parse(d, depth)
		if err != nil {
			return v, err
		}
		v.Elements = append(v.Elements, element)
	}
	_, err := d.Token()
	return v, err
}

func parseObject(d *json.Decoder, depth int) (Value, error) {
	v := Value{Kind: Object}
	var seen map[string]bool
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return v, err
		}
		key, ok := token.(string)
		if !ok {
			return v, fmt.Errorf("offset %d: a key must be a string", d.InputOffset())
		}
		if len(v.Members) < 8 {
			if v.Get(key).Kind != Missing {
				return v, &DuplicateError{Key: key}
			}
		} else {
			if seen == nil {
				seen = map[string]bool{}
				for _, m := range v.Members {
					seen[m.Key] = true
				}
			}
			if seen[key] {
				return v, &DuplicateError{Key: key}
			}
			seen[key] = true
		}
		value, err := parse(d, depth)
		if err != nil {
			return v, err
		}
		v.Members = append(v.Members, Member{key, value})
	}
	_, err := d.Token()
	return v, err
}

// DuplicateError says that an object has a key twice.
type DuplicateError struct{ Key string }

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("the key %q stands twice in one object", e.Key)
}

// Get is the member with exactly this key; its Kind is Missing where there is none.
func (v Value) Get(key string) Value {
	for _, m := range v.Members {
		if m.Key == key {
			return m.Value
		}
	}
	return Value{}
}

// Int64 is the value as an integer: a JSON number without fraction and exponent that fits 64 bits.
func (v Value) Int64() (int64, bool) {
	if v.Kind != Number || strings.ContainsAny(v.Text, ".eE") {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	return n, err == nil
}

// IsInteger tells whether the value is a number written without fraction and exponent, of any size.
func (v Value) IsInteger() bool {
	return v.Kind == Number && !strings.ContainsAny(v.Text, ".eE")
}

// Equal tells whether two values say the same: members in any order, numbers digit by digit.
func (v Value) Equal(other Value) bool {
	if v.Kind != other.Kind || v.Text != other.Text || len(v.Elements) != len(other.Elements) || len(v.Members) != len(other.Members) {
		return false
	}
	for i, element := range v.Elements {
		if !element.Equal(other.Elements[i]) {
			return false
		}
	}
	for _, member := range v.Members {
		if !member.Value.Equal(other.Get(member.Key)) {
			return false
		}
	}
	return true
}

// JSON is the value in compact form, with its members in their order, cut where it is long.
func (v Value) JSON() string {
	const most = 200
	var b strings.Builder
	v.write(&b)
	if b.Len() > most {
		return strings.ToValidUTF8(b.String()[:most], "") + "…"
	}
	return b.String()
}

func (v Value) write(b *strings.Builder) {
	switch v.Kind {
	case Missing:
		b.WriteString("missing")
	case String:
		text, _ := json.Marshal(v.Text) // a string is never refused
		b.Write(text)
	case Array:
		b.WriteByte('[')
		for i, element := range v.Elements {
			if i > 0 {
				b.WriteByte(',')
			}
			element.write(b)
		}
		b.WriteByte(']')
	case Object:
		b.WriteByte('{')
		for i, member := range v.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			Value{Kind: String, Text: member.Key}.write(b)
			b.WriteByte(':')
			member.Value.write(b)
		}
		b.WriteByte('}')
	default:
		b.WriteString(v.Text)
	}
}

// Describe is the value in a few words, for a message: the string "5", the number 1.5, an array of 3.
func (v Value) Describe() string {
	switch v.Kind {
	case Missing, Null:
		return v.Kind.String()
	case Bool:
		return "the boolean " + v.Text
	case Number:
		return "the number " + clip(v.Text)
	case String:
		return "the string " + fmt.Sprintf("%q", clip(v.Text))
	case Array:
		return fmt.Sprintf("an array of %d", len(v.Elements))
	}
	return fmt.Sprintf("an object of %d members", len(v.Members))
}

func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
