package wire

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"github.com/parley-im/parley/reference/strictjson"
)

// fields reads the members of one JSON object and keeps the first error, so that a decoder reads like a list of its
// fields.
type fields struct {
	object strictjson.Value
	prefix string // stands before the field names in errors: conversations[2].
	err    error
}

// read starts on a body.
func read(body []byte) *fields {
	v, err := strictjson.Parse(body)
	if err != nil {
		return &fields{err: &RequestError{Reason: "the body must be one JSON object: " + err.Error()}}
	}
	if v.Kind != strictjson.Object {
		return &fields{err: &RequestError{Reason: "the body must be a JSON object, got " + v.Describe()}}
	}
	return &fields{object: v}
}

func (f *fields) fail(name, reason string, args ...any) {
	if f.err == nil {
		f.err = &RequestError{Field: f.prefix + name, Reason: fmt.Sprintf(reason, args...)}
	}
}

// optional is the member, and whether there is a value: null counts as absent.
func (f *fields) optional(name string) (strictjson.Value, bool) {
	if f.err != nil {
		return strictjson.Value{}, false
	}
	v := f.object.Get(name)
	return v, v.Kind != strictjson.Missing && v.Kind != strictjson.Null
}

func (f *fields) required(name string) (strictjson.Value, bool) {
	v, ok := f.optional(name)
	if !ok {
		f.fail(name, "is required, got %s", v.Describe())
	}
	return v, ok
}

func (f *fields) asText(name string, v strictjson.Value) string {
	if v.Kind != strictjson.String {
		f.fail(name, "must be a string, got %s", v.Describe())
	}
	return v.Text
}

// asInt takes an integer from least to most.
func (f *fields) asInt(name string, v strictjson.Value, least, most int64) int64 {
	// The digits are counted before they are read: a number of a million digits costs nothing.
	const int64Digits = len("-9223372036854775808")
	if !v.IsInteger() {
		f.fail(name, "must be an integer, got %s", v.Describe())
		return 0
	}
	var n int64
	ok := len(v.Text) <= int64Digits
	if ok {
		n, ok = v.Int64()
	}
	if !ok || n < least || n > most {
		f.fail(name, "must be an integer from %d to %d, got %s", least, most, v.Describe())
		return 0
	}
	return n
}

func (f *fields) text(name string) string {
	if v, ok := f.optional(name); ok {
		return f.asText(name, v)
	}
	return ""
}

// name is a required text that must not be empty.
func (f *fields) name(name string) string {
	v, ok := f.required(name)
	if !ok {
		return ""
	}
	s := f.asText(name, v)
	if s == "" {
		f.fail(name, "must not be empty")
	}
	return s
}

func (f *fields) int(name string, least, most int64) int64 {
	if v, ok := f.optional(name); ok {
		return f.asInt(name, v, least, most)
	}
	return 0
}

func (f *fields) requiredInt(name string, least, most int64) int64 {
	if v, ok := f.required(name); ok {
		return f.asInt(name, v, least, most)
	}
	return 0
}

// channelType is a required channel type; it is one byte in WuKongIM, and 0 is none.
func (f *fields) channelType(name string) int { return int(f.requiredInt(name, 1, math.MaxUint8)) }

// array gives each element its own fail name.
func (f *fields) array(name string, v strictjson.Value, each func(name string, v strictjson.Value)) {
	if v.Kind != strictjson.Array {
		f.fail(name, "must be an array, got %s", v.Describe())
		return
	}
	for i, element := range v.Elements {
		if f.err != nil {
			return
		}
		each(fmt.Sprintf("%s[%d]", name, i), element)
	}
}

func (f *fields) ints(name string) (all []int) {
	if v, ok := f.optional(name); ok {
		f.array(name, v, func(name string, v strictjson.Value) {
			all = append(all, int(f.asInt(name, v, math.MinInt32, math.MaxInt32)))
		})
	}
	return all
}

// names is an array of texts that must not be empty.
func (f *fields) names(name string) (all []string) {
	if v, ok := f.optional(name); ok {
		f.array(name, v, func(name string, v strictjson.Value) {
			s := f.asText(name, v)
			if s == "" {
				f.fail(name, "must not be empty")
			}
			all = append(all, s)
		})
	}
	return all
}

// objects reads an array of objects, each with fields of its own.
func (f *fields) objects(name string, each func(*fields)) {
	v, ok := f.optional(name)
	if !ok {
		return
	}
	f.array(name, v, func(name string, v strictjson.Value) {
		if v.Kind != strictjson.Object {
			f.fail(name, "must be an object, got %s", v.Describe())
			return
		}
		inner := &fields{object: v, prefix: f.prefix + name + "."}
		each(inner)
		if f.err == nil {
			f.err = inner.err
		}
	})
}

// payload is a required text in standard base64 with padding, and nothing else in it: no line breaks, no bits that
// say nothing.
func (f *fields) payload(name string) []byte {
	v, ok := f.required(name)
	if !ok {
		return nil
	}
	s := f.asText(name, v)
	if f.err != nil {
		return nil
	}
	data, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		f.fail(name, "must be standard base64 with padding, got the string %s", Quote(s))
		return nil
	}
	return data
}
