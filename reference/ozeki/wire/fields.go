package wire

import (
	"math"
	"time"

	"fmt"

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

func (f *fields) text(name string) string {
	v, ok := f.optional(name)
	if ok && v.Kind != strictjson.String {
		f.fail(name, "must be a string, got %s", v.Describe())
	}
	return v.Text
}

// name is a required text that must not be empty.
func (f *fields) name(name string) string {
	if v, ok := f.optional(name); !ok || v.Kind == strictjson.String && v.Text == "" {
		f.fail(name, "is required, and must not be empty; got %s", v.Describe())
		return ""
	}
	return f.text(name)
}

// int is an integer from 0 to most; 0 where it is absent.
func (f *fields) int(name string, most int64) int64 {
	v, ok := f.optional(name)
	if !ok {
		return 0
	}
	// The digits are counted before they are read: a number of a million digits costs nothing.
	const int64Digits = len("-9223372036854775808")
	if n, fits := int64(0), false; v.IsInteger() && len(v.Text) <= int64Digits {
		if n, fits = v.Int64(); fits && n >= 0 && n <= most {
			return n
		}
	}
	f.fail(name, "must be an integer from 0 to %d, got %s", most, v.Describe())
	return 0
}

// time is a documented date and time; the zero time where it is absent or empty.
func (f *fields) time(name string) time.Time {
	s := f.text(name)
	if s == "" || f.err != nil {
		return time.Time{}
	}
	t, err := ParseTime(s)
	if err != nil {
		f.fail(name, "must be a date and time such as 2024-03-08 15:27:02, got the string %s", Quote(s))
	}
	return t
}

// requiredTime is a time that must be there.
func (f *fields) requiredTime(name string) time.Time {
	f.name(name)
	return f.time(name)
}

func (f *fields) names(name string) (all []string) {
	f.array(name, func(name string, v strictjson.Value) {
		if v.Kind != strictjson.String || v.Text == "" {
			f.fail(name, "must be a string that is not empty, got %s", v.Describe())
		}
		all = append(all, v.Text)
	})
	return all
}

// array gives each element its own fail name.
func (f *fields) array(name string, each func(name string, v strictjson.Value)) {
	v, ok := f.optional(name)
	if !ok {
		return
	}
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

// objects reads an array of objects, each with fields of its own.
func (f *fields) objects(name string, each func(*fields)) {
	f.array(name, func(name string, v strictjson.Value) {
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

const mostInt = math.MaxInt32
