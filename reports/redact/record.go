package redact

import (
	"encoding/base64"
	"reflect"
	"unicode/utf8"

	"github.com/parley-im/parley/reports"
)

// Record takes the credentials out of all texts that a pointer leads to: of a record, or of a part of one. It walks whatever
// is there, so that no text is left out because nobody thought of it; a field with the tag redact:"-" holds parley's own
// words and is left as it is. Texts become valid UTF-8.
func (s *Secrets) Record(pointer any) { s.walk(reflect.ValueOf(pointer)) }

var bodyType = reflect.TypeFor[reports.Body]()

func (s *Secrets) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			s.walk(v.Elem())
		}
	case reflect.Struct:
		s.walkStruct(v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Float64 {
			return
		}
		for i := range v.Len() {
			s.walk(v.Index(i))
		}
	case reflect.Map:
		s.walkMap(v)
	case reflect.String:
		if clean := s.visible(v.String()); v.CanSet() && clean != v.String() {
			v.SetString(clean)
		}
	}
}

func (s *Secrets) walkStruct(v reflect.Value) {
	if v.Type() == bodyType && v.CanAddr() {
		body := v.Addr().Interface().(*reports.Body)
		s.encoded(body)
	}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && field.Tag.Get("redact") != "-" {
			s.walk(v.Field(i))
		}
	}
}

// walkMap looks at the keys, and at values that are texts. Counts under keys that become the same are added up.
func (s *Secrets) walkMap(v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		return
	}
	for _, key := range v.MapKeys() {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(v.MapIndex(key))
		s.walk(value)
		clean := reflect.New(v.Type().Key()).Elem()
		clean.SetString(s.visible(key.String()))
		if clean.String() != key.String() {
			v.SetMapIndex(key, reflect.Value{})
			if there := v.MapIndex(clean); there.IsValid() && value.CanInt() {
				value.SetInt(value.Int() + there.Int())
			}
		}
		v.SetMapIndex(clean, value)
	}
}

func (s *Secrets) visible(text string) string {
	text = s.Text(text)
	if !utf8.ValidString(text) {
		return reports.Visible(text)
	}
	return text
}

// encoded looks into a body that is no text.
func (s *Secrets) encoded(body *reports.Body) {
	if body.Base64 == "" {
		return
	}
	data, err := body.Data()
	if err != nil {
		return // it is looked at as the text that it is
	}
	if clean := s.Bytes(data); len(clean) != len(data) || string(clean) != string(data) {
		body.Base64 = base64.StdEncoding.EncodeToString(clean)
	}
}

// margin is how much more of a body is looked at than is shown, so that a credential at the end of that is whole.
const margin = 16 << 10

// Body is the record of a body of size bytes, of which data is the beginning: it is cut only after its credentials are out. Of a
// long one, no more is looked at than can be shown, and of one that is made of credentials less.
func (s *Secrets) Body(data []byte, size int) reports.Body {
	kept := data[:min(len(data), reports.BodyLimit+margin)]
	looked := len(kept)
	size = max(size, len(data))
	if text := string(kept); s != nil {
		if clean := s.text(text, mostShown); clean != text {
			kept = []byte(clean)
		}
	}
	body := reports.NewBody(kept)
	body.Bytes, body.Cut = size, body.Cut || looked < size
	return body
}
