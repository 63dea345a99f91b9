package variants

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/strictjson"
)

type jsonValue = strictjson.Value

// answer is a response before it goes out, for variants to change.
type answer struct {
	request *http.Request
	status  int
	header  http.Header
	body    []byte

	tree  *jsonValue // the body, once somebody has asked for it
	style style
}

// style is how JSON is spelled.
type style struct {
	shuffle *fault.Chance // nil: keys stay in their order
	spaces  *fault.Chance // nil: none
	escapes bool          // of everything but letters, digits and _
}

// ResponseWriter of an answer that is kept.
type recorder struct{ answer *answer }

func (r recorder) Header() http.Header { return r.answer.header }

func (r recorder) WriteHeader(status int) {
	if r.answer.status == 0 {
		r.answer.status = status
	}
}

func (r recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	// A copy: the server writes from memory that it uses again.
	r.answer.body = append(r.answer.body, p...)
	return len(p), nil
}

// record is what the handler answers.
func record(next http.Handler, r *http.Request) *answer {
	a := &answer{request: r, header: http.Header{}}
	next.ServeHTTP(recorder{a}, r)
	a.status = max(a.status, http.StatusContinue)
	return a
}

func (a *answer) send(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range a.header {
		header[name] = values
	}
	if header.Get("Content-Length") != "" {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if a.request.Method != http.MethodHead {
		w.Write(a.body) // an error here means that the client has gone
	}
}

// edited lays edits over the answers of the API itself. The seeding hook is no part of WuKongIM: its answers stay.
func edited(k kit, next http.Handler, edits []func(kit, *answer)) http.Handler {
	if len(edits) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_parley/") {
			next.ServeHTTP(w, r)
			return
		}
		a := record(next, r)
		for _, edit := range edits {
			edit(k, a)
		}
		a.render()
		a.send(w)
	})
}

// json is the body as a tree, nil where it is no JSON. What is changed in it is changed in the body.
func (a *answer) json() *jsonValue {
	if a.tree == nil {
		v, err := strictjson.Parse(a.body)
		if err != nil {
			return nil
		}
		a.tree = &v
	}
	return a.tree
}

// plain makes the body a text.
func (a *answer) plain(text string) {
	a.header.Set("Content-Type", "text/plain; charset=utf-8")
	a.body, a.tree = []byte(text), nil
}

func (a *answer) render() {
	if a.style != (style{}) {
		a.json()
	}
	if a.tree != nil {
		a.body = a.style.append(nil, *a.tree)
	}
}

func (s style) append(dst []byte, v jsonValue) []byte {
	switch v.Kind {
	case strictjson.String:
		return s.text(dst, v.Text)
	case strictjson.Array:
		dst = append(dst, '[')
		for i, element := range v.Elements {
			if i > 0 {
				dst = append(s.space(dst), ',')
			}
			dst = s.append(s.space(dst), element)
		}
		return append(s.space(dst), ']')
	case strictjson.Object:
		return s.object(dst, v.Members)
	}
	return append(dst, v.Text...)
}

func (s style) object(dst []byte, members []strictjson.Member) []byte {
	if s.shuffle != nil {
		s.shuffle.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(s.space(dst), ',')
		}
		dst = append(s.space(s.text(s.space(dst), m.Key)), ':')
		dst = s.append(s.space(dst), m.Value)
	}
	return append(s.space(dst), '}')
}

// space is a little of what may stand between any two signs of JSON.
func (s style) space(dst []byte) []byte {
	if s.spaces == nil {
		return dst
	}
	kinds := [...]string{"", "", "", " ", "\n", "\t", "\r\n", "   "}
	return append(dst, kinds[s.spaces.IntN(len(kinds))]...)
}

func (s style) text(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_':
			dst = append(dst, byte(r))
		case !s.escapes && r >= 0x20 && r != '"' && r != '\\':
			dst = append(dst, string(r)...)
		case r == '/':
			dst = append(dst, `\/`...)
		case r > 0xffff:
			r -= 0x10000
			dst = escape(escape(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
		default:
			dst = escape(dst, r)
		}
	}
	return append(dst, '"')
}

func escape(dst []byte, unit rune) []byte {
	const digits = "0123456789ABCDEF"
	return append(dst, '\\', 'u', digits[unit>>12&15], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}

// rewritten is a JSON body after a change, or the body as it was where it is no JSON.
func rewritten(body []byte, change func(*jsonValue)) []byte {
	v, err := strictjson.Parse(bytes.TrimSpace(body))
	if err != nil {
		return body
	}
	change(&v)
	return style{}.append(nil, v)
}
