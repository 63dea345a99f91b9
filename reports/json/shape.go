package jsonreport

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/parley-im/parley/reports"
)

// shaped tells whether data has every key that a record always has. It goes by the record's own type: a key that is
// not marked omitempty is always written, and null only where there may be nothing.
func shaped(data []byte) error {
	return shape("", data, reflect.TypeFor[reports.Run]())
}

var textual = reflect.TypeFor[encoding.TextUnmarshaler]()

func shape(at string, data json.RawMessage, t reflect.Type) error {
	null := string(data) == "null"
	if t.Kind() == reflect.Pointer {
		if null {
			return nil
		}
		t = t.Elem()
	}
	switch {
	case null:
		return fmt.Errorf("the key %q is null", at)
	case t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(textual):
		return shapeObject(at, data, t)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		var elements []json.RawMessage
		if err := json.Unmarshal(data, &elements); err != nil {
			return fmt.Errorf("the key %q is no list", at)
		}
		for i, element := range elements {
			if err := shape(fmt.Sprintf("%s[%d]", at, i), element, t.Elem()); err != nil {
				return err
			}
		}
	}
	return nil
}

func shapeObject(at string, data json.RawMessage, t reflect.Type) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return fmt.Errorf("the key %q is no object", at)
	}
	if at != "" {
		at += "."
	}
	for i := range t.NumField() {
		key, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		member, there := members[key]
		switch {
		case !there && !strings.Contains(options, "omitempty"):
			return errors.New("it lacks the key \"" + at + key + "\"")
		case there:
			if err := shape(at+key, member, t.Field(i).Type); err != nil {
				return err
			}
		}
	}
	return nil
}
