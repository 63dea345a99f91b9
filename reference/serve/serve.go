// Package serve is the HTTP that all reference servers have in common: bodies are read within a limit, answers are
// written whole, a line of log is told of each, and a secret is compared without telling anything of it.
//
// It knows no API: paths, statuses and texts of answers are the servers' own.
package serve

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/parley-im/parley/reference/fields"
)

// BodyLimit is the most bytes of a request's body. What is longer is answered with 413.
const BodyLimit = 1 << 20

// JSON is the Type of most replies; nobody may change it.
var JSON = []string{"application/json"}

// Reply is an answer before it is written.
type Reply struct {
	Status int
	Type   []string // the header Content-Type
	Body   []byte
	Allow  string // the header Allow of a 405
	Done   func() // called when the body is written; may be nil
}

// OK is a success in JSON.
func OK(body []byte) Reply { return Reply{Status: http.StatusOK, Type: JSON, Body: body} }

// What clients that do not read what they asked for can make a server hold is bounded.
const (
	longReply   = 1 << 20
	heldReplies = 128 << 20 // bytes of long replies that are being written
	piece       = 256 << 10 // of a long reply
)

// patience is how long a client may take for a piece of a long reply.
var patience = 10 * time.Second

// held is how many bytes of long replies are being written.
var held atomic.Int64

// tooBusy is the answer where too many long ones are being written.
func tooBusy(w http.ResponseWriter) Reply {
	w.Header().Set("Retry-After", "1")
	return Reply{Status: http.StatusServiceUnavailable, Type: []string{"text/plain"},
		Body: []byte("too many clients are reading long answers: ask again in a moment\n")}
}

// write writes a reply, a long one piece by piece: a client that stalls is left.
func (a Reply) write(w http.ResponseWriter) {
	if len(a.Body) <= longReply {
		w.Write(a.Body) // an error here means that the client has gone, and there is nobody to tell
		return
	}
	connection := http.NewResponseController(w)
	defer connection.SetWriteDeadline(time.Time{}) // where there are no deadlines, this does nothing
	for part := range slices.Chunk(a.Body, piece) {
		_ = connection.SetWriteDeadline(time.Now().Add(patience))
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

// Send writes the reply, and gives log (nil: nobody) one line on the request, with nothing of the client's in it unquoted.
func (a Reply) Send(w http.ResponseWriter, r *http.Request, started time.Time, log func(line string)) {
	if size := int64(len(a.Body)); size > longReply {
		defer held.Add(-size)
		if held.Add(size) > heldReplies {
			if a.Done != nil {
				a.Done()
			}
			a = tooBusy(w)
		}
	}
	header := w.Header()
	header["Content-Type"] = a.Type
	header["Content-Length"] = []string{strconv.Itoa(len(a.Body))}
	if a.Allow != "" {
		header.Set("Allow", a.Allow)
	}
	w.WriteHeader(a.Status)
	a.write(w)
	if log != nil {
		log(fmt.Sprintf("%s %s %d %d bytes %s", fields.Quote(r.Method), fields.Quote(r.URL.RequestURI()), a.Status,
			len(a.Body), time.Since(started).Round(time.Microsecond)))
	}
	if a.Done != nil {
		a.Done()
	}
}

// making lets so many replies be made at a time: that takes a processor each, and memory from before their length is known.
var making = make(chan struct{}, max(4, runtime.GOMAXPROCS(0)))

// Make makes a reply when its turn has come.
func Make(reply func() Reply) Reply {
	making <- struct{}{}
	defer func() { <-making }()
	return reply()
}

// Refusal is why a request is not looked into further: in words, and as the HTTP status that says so.
type Refusal struct {
	Status int
	Reason string
}

// ReadBody reads a body of at most limit bytes. Of a longer one it throws the rest away, up to a bound: a client that is
// still sending when the connection closes might never see the answer.
func ReadBody(r *http.Request, limit int64) ([]byte, *Refusal) {
	const firstGuess = 64 << 10 // what a client declares is no reason to allocate more
	if r.ContentLength > limit {
		return nil, tooLong(r, limit)
	}
	body := make([]byte, 0, min(max(r.ContentLength, 0), firstGuess)+1) // the end shows where there is room for a byte more
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, tooLong(r, limit)
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, &Refusal{http.StatusBadRequest, "the body could not be read to its end: " + err.Error()}
		case len(body) == cap(body):
			body = slices.Grow(body, bytes.MinRead)
		}
	}
}

func tooLong(r *http.Request, limit int64) *Refusal {
	const drainLimit = 64 << 20
	io.CopyN(io.Discard, r.Body, drainLimit)
	return &Refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes", limit)}
}

// Secret is what a header must hold to be let in.
type Secret struct {
	header string
	digest [sha256.Size]byte
	open   bool
}

// NewSecret is a Secret that the header must hold; an empty text lets everybody in.
func NewSecret(header, text string) Secret {
	return Secret{header: header, digest: sha256.Sum256([]byte(text)), open: text == ""}
}

// Held tells whether the request has it. Digests are compared, so that neither the length nor the content of the secret
// shows in the time it takes.
func (s *Secret) Held(r *http.Request) bool {
	if s.open {
		return true
	}
	given := sha256.Sum256([]byte(r.Header.Get(s.header)))
	return subtle.ConstantTimeCompare(given[:], s.digest[:]) == 1
}

// Wanted says that the request does not have it.
func (s *Secret) Wanted() *Refusal {
	return &Refusal{http.StatusForbidden, "the header " + s.header + " is missing or wrong: this server was started with a token"}
}
