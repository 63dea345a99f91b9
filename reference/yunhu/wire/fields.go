package wire

import (
	"encoding/base64"
	"fmt"
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

func (f *fields) text(name string) string {
	v, ok := f.optional(name)
	if ok && v.Kind != strictjson.String {
		f.fail(name, "must be a string, got %s", v.Describe())
	}
	return v.Text
}

// name is a required text that must not be empty.
func (f *fields) name(name string) string {
	v, ok := f.optional(name)
	switch {
	case !ok:
		f.fail(name, "is required, got %s", v.Describe())
	case v.Kind != strictjson.String:
		f.fail(name, "must be a string, got %s", v.Describe())
	case v.Text == "":
		f.fail(name, "must not be empty")
	}
	return v.Text
}

// integer is an optional integer from least to most; absent counts as 0.
func (f *fields) integer(name string, least, most int64) int64 {
	v, ok := f.optional(name)
	if !ok {
		return 0
	}
	n, ok := int64(0), v.IsInteger() && len(v.Text) < 20 // a number of a million digits costs nothing
	if ok {
		n, ok = v.Int64()
	}
	if !ok || n < least || n > most {
		f.fail(name, "must be an integer from %d to %d, got %s", least, most, v.Describe())
	}
	return n
}

// each gives every element of an array its own fail name.
func (f *fields) each(name string, visit func(name string, v strictjson.Value)) {
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
		visit(fmt.Sprintf("%s[%d]", name, i), element)
	}
}

// names is an array of texts that must not be empty.
func (f *fields) names(name string) (all []string) {
	f.each(name, func(name string, v strictjson.Value) {
		if v.Kind != strictjson.String || v.Text == "" {
			f.fail(name, "must be a string that is not empty, got %s", v.Describe())
		}
		all = append(all, v.Text)
	})
	return all
}

// objects reads an array of objects, each with fields of its own.
func (f *fields) objects(name string, each func(*fields)) {
	f.each(name, func(name string, v strictjson.Value) {
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

// payload is a required text in standard base64 with padding, and nothing else in it.
func (f *fields) payload(name string) []byte {
	v, ok := f.optional(name)
	if f.err != nil {
		return nil
	}
	data, err := base64.StdEncoding.Strict().DecodeString(v.Text)
	if !ok || v.Kind != strictjson.String || err != nil || strings.ContainsAny(v.Text, "\r\n") {
		f.fail(name, "must be a string in standard base64 with padding, got %s", v.Describe())
	}
	return data
}
