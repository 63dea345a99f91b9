package variants

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

const (
	listPath   = "/v1/conversation/list"
	hookPrefix = "/_parley/"
)

// answer is what the honest server answered, free to be changed.
type answer struct {
	request *http.Request
	body    []byte // of the request

	status int
	header http.Header
	bytes  []byte
}

// bodyLimit is how much of a body a variant looks at. A longer request passes by untouched.
const bodyLimit = 1 << 20

// kept keeps an answer instead of sending it.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) WriteHeader(status int)      { k.status = status }
func (k *kept) Write(p []byte) (int, error) { return k.body.Write(p) }

// around puts a variant around the requests of the API, not of the hook.
func around(honest http.Handler, edit func(a *answer, ask func(body []byte))) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
		if err != nil || len(body) > bodyLimit || strings.HasPrefix(r.URL.Path, hookPrefix) {
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
			honest.ServeHTTP(w, r)
			return
		}
		a := &answer{request: r, body: body, header: http.Header{}}
		edit(a, func(body []byte) {
			asked := r.Clone(r.Context())
			asked.Body, asked.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			k := &kept{header: http.Header{}}
			honest.ServeHTTP(k, asked)
			a.status, a.header, a.bytes = k.status, k.header, k.body.Bytes()
		})
		a.send(w)
	})
}

func (a *answer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.bytes)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.bytes) // an error means that the client has gone
}

// answers edits every answer of the API.
func answers(edit func(*fault.Chance, *answer)) func(*fault.Chance, http.Handler) http.Handler {
	return func(chance *fault.Chance, honest http.Handler) http.Handler {
		return around(honest, func(a *answer, ask func([]byte)) {
			ask(a.body)
			edit(chance, a)
		})
	}
}

// listing edits the lists that say success, as messages.
func listing(edit func(*fault.Chance, *pb.ListResponse)) func(*fault.Chance, http.Handler) http.Handler {
	return answers(func(chance *fault.Chance, a *answer) {
		if l, ok := a.list(); ok {
			edit(chance, l)
			a.bytes = written(l)
		}
	})
}

// list is the answer as a list that says success.
func (a *answer) list() (*pb.ListResponse, bool) {
	if a.request.URL.Path != listPath || a.status != http.StatusOK {
		return nil, false
	}
	l, err := wire.DecodeList(a.bytes)
	return l, err == nil
}

// showing edits each conversation of a list.
func showing(edit func(*fault.Chance, *pb.Conversation)) func(*fault.Chance, http.Handler) http.Handler {
	return listing(func(chance *fault.Chance, l *pb.ListResponse) {
		for _, p := range l.Data {
			edit(chance, p)
		}
	})
}

// enveloped edits the envelopes.
func enveloped(edit func(*fault.Chance, *answer, wire.Envelope)) func(*fault.Chance, http.Handler) http.Handler {
	return answers(func(chance *fault.Chance, a *answer) {
		if e, err := wire.DecodeEnvelope(a.bytes); err == nil {
			edit(chance, a, e)
		}
	})
}

func (a *answer) says(status int, code int64, msg string) {
	a.status, a.bytes = status, wire.AppendEnvelope(nil, wire.Envelope{Code: code, Msg: msg})
}

func written(m proto.Message) []byte {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil { // a text that is no UTF-8, which no variant writes
		panic(err)
	}
	return data
}
