package variants

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

const listPath = "/v1/conversation/list"

// answer is a request with what the honest server answered, free to be changed.
type answer struct{ *fault.Call }

// around puts a variant around the requests of the API, not of the hook.
func around(honest http.Handler, edit func(a *answer, ask func())) http.Handler {
	ofTheAPI := func(path string) bool { return !strings.HasPrefix(path, hook.Prefix) }
	return fault.Around(ofTheAPI, func(c *fault.Call, next func()) { edit(&answer{c}, next) })(honest)
}

// answers edits every answer of the API.
func answers(edit func(*fault.Chance, *answer)) func(*fault.Chance, http.Handler) http.Handler {
	return func(chance *fault.Chance, honest http.Handler) http.Handler {
		return around(honest, func(a *answer, ask func()) {
			ask()
			edit(chance, a)
		})
	}
}

// listing edits the lists that say success, as messages.
func listing(edit func(*fault.Chance, *pb.ListResponse)) func(*fault.Chance, http.Handler) http.Handler {
	return answers(func(chance *fault.Chance, a *answer) {
		if l, ok := a.list(); ok {
			edit(chance, l)
			a.Answer = written(l)
		}
	})
}

// list is the answer as a list that says success.
func (a *answer) list() (*pb.ListResponse, bool) {
	if a.Path != listPath || a.Status != http.StatusOK {
		return nil, false
	}
	l, err := wire.DecodeList(a.Answer)
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
		if e, err := wire.DecodeEnvelope(a.Answer); err == nil {
			edit(chance, a, e)
		}
	})
}

func (a *answer) says(status int, code int64, msg string) {
	a.Status, a.Answer = status, wire.AppendEnvelope(nil, wire.Envelope{Code: code, Msg: msg})
}

func written(m proto.Message) []byte {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil { // a text that is no UTF-8, which no variant writes
		panic(err)
	}
	return data
}
