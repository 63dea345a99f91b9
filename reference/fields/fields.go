// Package fields reads the members of a JSON object one by one, as a server reads a request: strictly, and with errors
// that name the field.
//
// It knows strictjson, and no API: what a member is called and what it may hold is said by whoever reads it.
package fields

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"github.com/parley-im/parley/reference/strictjson"
)

// Error says what is wrong with a request. Field is empty where the whole body is.
type Error struct{ Field, Reason string }

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Reason
	}
	return e.Field + " " + e.Reason
}

// Reader reads one object and keeps the first error, so that a decoder reads like a list of its fields. After an error
// every member is empty.
type Reader struct {
	object strictjson.Value
	prefix string // stands before the field names in errors: conversations[2].
	err    error
}

// Read starts on a body.
func Read(body []byte) *Reader {
	v, err := strictjson.Parse(body)
	if err != nil {
		return Refuse("the body must be one JSON object: %v", err)
	}
	if v.Kind != strictjson.Object {
		return Refuse("the body must be a JSON object, got %s", v.Describe())
	}
	return &Reader{object: v}
}

// Refuse is the Reader of a body that is wrong as a whole.
func Refuse(reason string, args ...any) *Reader {
	return &Reader{err: &Error{Reason: fmt.Sprintf(reason, args...)}}
}

// Err is the first thing that was wrong, an *Error; nil: nothing.
func (r *Reader) Err() error { return r.err }

// Fail says what is wrong with a member, unless something was wrong before.
func (r *Reader) Fail(name, reason string, args ...any) {
	if r.err == nil {
		r.err = &Error{Field: r.prefix + name, Reason: fmt.Sprintf(reason, args...)}
	}
}

// optional is the member, and whether there is a value: null counts as absent.
func (r *Reader) optional(name string) (strictjson.Value, bool) {
	if r.err != nil {
		return strictjson.Value{}, false
	}
	v := r.object.Get(name)
	return v, v.Kind != strictjson.Missing && v.Kind != strictjson.Null
}

// Require fails where the member is absent.
func (r *Reader) Require(name string) { r.required(name) }

func (r *Reader) required(name string) (strictjson.Value, bool) {
	v, ok := r.optional(name)
	if !ok {
		r.Fail(name, "is required, got %s", v.Describe())
	}
	return v, ok
}

// Text is an optional string.
func (r *Reader) Text(name string) string {
	if v, ok := r.optional(name); ok {
		return r.asText(name, v)
	}
	return ""
}

func (r *Reader) asText(name string, v strictjson.Value) string {
	if v.Kind != strictjson.String {
		r.Fail(name, "must be a string, got %s", v.Describe())
	}
	return v.Text
}

// Name is a required string that must not be empty.
func (r *Reader) Name(name string) string {
	if v, ok := r.required(name); ok {
		return r.asName(name, v)
	}
	return ""
}

func (r *Reader) asName(name string, v strictjson.Value) string {
	s := r.asText(name, v)
	if s == "" {
		r.Fail(name, "must not be empty")
	}
	return s
}

// Int is an optional integer from least to most; 0 where it is absent.
func (r *Reader) Int(name string, least, most int64) int64 {
	if v, ok := r.optional(name); ok {
		return r.asInt(name, v, least, most)
	}
	return 0
}

// RequiredInt is an Int that must be there.
func (r *Reader) RequiredInt(name string, least, most int64) int64 {
	if v, ok := r.required(name); ok {
		return r.asInt(name, v, least, most)
	}
	return 0
}

func (r *Reader) asInt(name string, v strictjson.Value, least, most int64) int64 {
	// The digits are counted before they are read: a number of a million digits costs nothing.
	const int64Digits = len("-9223372036854775808")
	if !v.IsInteger() {
		r.Fail(name, "must be an integer, got %s", v.Describe())
		return 0
	}
	var n int64
	ok := len(v.Text) <= int64Digits
	if ok {
		n, ok = v.Int64()
	}
	if !ok || n < least || n > most {
		r.Fail(name, "must be an integer from %d to %d, got %s", least, most, v.Describe())
		return 0
	}
	return n
}

// each gives every element of an optional array its own fail name.
func (r *Reader) each(name string, visit func(name string, v strictjson.Value)) {
	v, ok := r.optional(name)
	if !ok {
		return
	}
	if v.Kind != strictjson.Array {
		r.Fail(name, "must be an array, got %s", v.Describe())
		return
	}
	for i, element := range v.Elements {
		if r.err != nil {
			return
		}
		visit(fmt.Sprintf("%s[%d]", name, i), element)
	}
}

// Ints is an optional array of integers of 32 bits.
func (r *Reader) Ints(name string) (all []int) {
	r.each(name, func(name string, v strictjson.Value) {
		all = append(all, int(r.asInt(name, v, math.MinInt32, math.MaxInt32)))
	})
	return all
}

// Names is an optional array of strings that must not be empty.
func (r *Reader) Names(name string) (all []string) {
	r.each(name, func(name string, v strictjson.Value) { all = append(all, r.asName(name, v)) })
	return all
}

// Objects reads an optional array of objects, each with members of its own.
func (r *Reader) Objects(name string, read func(*Reader)) {
	r.each(name, func(name string, v strictjson.Value) { r.within(name, v, read) })
}

// Object reads an optional object.
func (r *Reader) Object(name string, read func(*Reader)) {
	if v, ok := r.optional(name); ok {
		r.within(name, v, read)
	}
}

func (r *Reader) within(name string, v strictjson.Value, read func(*Reader)) {
	if v.Kind != strictjson.Object {
		r.Fail(name, "must be an object, got %s", v.Describe())
		return
	}
	r.hand(name, &Reader{object: v}, read)
}

// hand lets read look into the member, and takes over what it finds wrong.
func (r *Reader) hand(name string, inner *Reader, read func(*Reader)) {
	inner.prefix = r.prefix + name + "."
	read(inner)
	if r.err == nil {
		r.err = inner.err
	}
}

// Embedded reads a required object that stands in a string: JSON in JSON.
func (r *Reader) Embedded(name string, read func(*Reader)) {
	text := r.Name(name)
	if r.err == nil {
		r.hand(name, Read([]byte(text)), read)
	}
}

// Payload is a required text in standard base64 with padding, and nothing else in it: no line breaks, no bits that say
// nothing.
func (r *Reader) Payload(name string) []byte {
	v, ok := r.required(name)
	if !ok {
		return nil
	}
	s := r.asText(name, v)
	if r.err != nil {
		return nil
	}
	data, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		r.Fail(name, "must be standard base64 with padding, got the string %s", Quote(s))
		return nil
	}
	return data
}

// Quote is s in quotes, cut where it is long, for messages.
func Quote(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:most], ""))
	}
	return fmt.Sprintf("%q", s)
}
