package fields

import (
	"strings"
	"testing"
)

// TestErrorsNameTheField reads what every kind of member can do wrong.
func TestErrorsNameTheField(t *testing.T) {
	everything := func(f *Reader) {
		f.Name("name")
		f.Text("text")
		f.Int("n", 0, 9)
		f.RequiredInt("must", -1, 1)
		f.Ints("ints")
		f.Names("names")
		f.Objects("list", func(f *Reader) { f.Name("id") })
		f.Object("one", func(f *Reader) { f.Payload("data") })
		f.Embedded("inner", func(f *Reader) { f.Name("id") })
		f.Require("last")
	}
	const sound = `{"name":"a","must":1,"ints":[2],"names":["b"],"list":[{"id":"c"}],"one":{"data":"aGk="},"inner":"{\"id\":\"d\"}","last":0}`
	for _, c := range [][3]string{
		{``, ``, ""}, {sound, `[]`, "the body must be a JSON object, got an array"}, {sound, `{`, "the body must be one JSON object"},
		{`"name":"a"`, `"name":""`, "name must not be empty"}, {`"name":"a"`, `"Name":"a"`, "name is required, got nothing"},
		{`"name":"a"`, `"name":null`, "name is required, got null"}, {`{`, `{"text":5,`, "text must be a string, got the number 5"},
		{`{`, `{"n":1e1,`, "n must be an integer, got"}, {`{`, `{"n":10,`, "n must be an integer from 0 to 9, got the number 10"},
		{`{`, `{"n":` + strings.Repeat("1", 1<<20) + `,`, "n must be an integer from 0 to 9"}, {`"must":1`, `"x":1`, "must is required"},
		{`[2]`, `[2,"3"]`, "ints[1] must be an integer"}, {`["b"]`, `["b",""]`, "names[1] must not be empty"}, {`["b"]`, `{}`, "names must be an array"},
		{`{"id":"c"}`, `{}`, "list[0].id is required"}, {`{"id":"c"}`, `7`, "list[0] must be an object"}, {`aGk=`, `aGk`, "one.data must be standard base64"},
		{`aGk=`, `aG\nk=`, "one.data must be standard base64"}, {`aGk=`, `aGl=`, "one.data must be standard base64"},
		{`\"d\"`, `5`, "inner.id must be a string"}, {`,"last":0`, ``, "last is required"},
	} {
		f := Read([]byte(strings.Replace(sound, c[0], c[1], 1)))
		everything(f)
		if err := f.Err(); c[2] == "" && err != nil || c[2] != "" && (err == nil || !strings.HasPrefix(err.Error(), c[2])) {
			t.Errorf("%.80s for %s: got %.200v, want an error that begins %q", c[1], c[0], err, c[2])
		}
	}
}

func TestQuoteCutsBetweenLetters(t *testing.T) {
	if got := Quote(strings.Repeat("é", 41)[1:]); strings.Contains(got, "�") || !strings.HasSuffix(got, "…") {
		t.Errorf("got %s", got)
	}
	if got := Quote("a\n"); got != `"a\n"` {
		t.Errorf("got %s", got)
	}
}
