package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/ozeki/wire"
)

// hookPrefix begins the paths of the seeding hook, which are no part of Ozeki Chat.
const hookPrefix = "/_parley/"

// reply is an answer before it is written.
type reply struct {
	status int
	body   []byte
}

// refuse is how the API says no: the documents name no HTTP status, so it is 200.
func refuse(message string) reply { return reply{http.StatusOK, wire.EncodeError(message)} }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	answer := s.answer(r)
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(answer.body)))
	w.WriteHeader(answer.status)
	w.Write(answer.body) // an error here means that the client has gone, and there is nobody to tell
	if s.log != nil {
		s.log(fmt.Sprintf("%s %s %d %d bytes %s", wire.Quote(r.Method), wire.Quote(r.URL.RequestURI()), answer.status,
			len(answer.body), time.Since(started).Round(time.Microsecond)))
	}
}

// answer goes from the cheapest question to the dearest.
func (s *Server) answer(r *http.Request) reply {
	if strings.HasPrefix(r.URL.Path, hookPrefix) {
		return s.answerHook(r)
	}
	if !strings.HasSuffix(r.URL.Path, "/") && !strings.HasSuffix(r.URL.Path, ".php") {
		return reply{http.StatusNotFound, wire.EncodeError("there is no path " + wire.Quote(r.URL.Path) + " here: use /" + wire.Query)}
	}
	if r.Method != http.MethodPost {
		return reply{http.StatusMethodNotAllowed, wire.EncodeError("the method " + wire.Quote(r.Method) + " is not allowed: use POST")}
	}
	if query := r.URL.Query(); query.Get("srv") != wire.Service || query.Get("api") != wire.API {
		return refuse("srv " + wire.Quote(query.Get("srv")) + " with api " + wire.Quote(query.Get("api")) + " is unknown: use " + wire.Query)
	}
	if name := missing(r); name != "" {
		return refuse("the header " + name + " is missing")
	}
	if !s.authorised(r) {
		return refuse("the header " + wire.SignatureHeader + " is wrong: this server was started with a token")
	}
	body, err := readBody(r, BodyLimit)
	if errors.Is(err, errTooLong) {
		return reply{http.StatusRequestEntityTooLarge, wire.EncodeError(fmt.Sprintf("the body is longer than %d bytes", BodyLimit))}
	}
	if err != nil {
		return refuse("the body could not be read to its end: " + err.Error())
	}
	return s.call(r.Header.Get(wire.UserHeader), body)
}

func (s *Server) answerHook(r *http.Request) reply {
	calls := map[string]func(*Server, []byte) reply{
		"world": (*Server).hookWorld, "messages": (*Server).hookMessages, "clean": (*Server).hookClean,
	}
	call := calls[strings.TrimPrefix(r.URL.Path, hookPrefix)]
	switch {
	case !s.authorised(r):
		return hookError(http.StatusForbidden, "the header "+wire.SignatureHeader+" is missing or wrong: this server was started with a token")
	case call == nil:
		return hookError(http.StatusNotFound, "there is no path "+wire.Quote(r.URL.Path)+" here: use world, messages or clean")
	case r.Method != http.MethodPost:
		return hookError(http.StatusMethodNotAllowed, "the method "+wire.Quote(r.Method)+" is not allowed: use POST")
	}
	body, err := readBody(r, HookBodyLimit)
	if errors.Is(err, errTooLong) {
		return hookError(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes", HookBodyLimit))
	}
	if err != nil {
		return hookError(http.StatusBadRequest, "the body could not be read to its end: "+err.Error())
	}
	return call(s, body)
}

// hookError answers as the hook's contract has it.
func hookError(status int, message string) reply {
	body, _ := json.Marshal(map[string]string{"error": message}) // a text: this cannot fail
	return reply{status, body}
}

var errTooLong = errors.New("the body is too long")

// readBody reads a body of at most limit bytes. Of a longer one it throws the rest away, up to a bound: a client
// that is still sending when the connection closes might never see the answer.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	const (
		drainLimit = 64 << 20
		firstGuess = 64 << 10 // what a client declares is no reason to allocate more
	)
	var b bytes.Buffer
	if r.ContentLength <= limit {
		b.Grow(int(min(max(r.ContentLength, 0), firstGuess)) + bytes.MinRead)
		if _, err := b.ReadFrom(io.LimitReader(r.Body, limit+1)); err != nil {
			return nil, err
		}
	}
	if r.ContentLength > limit || int64(b.Len()) > limit {
		io.CopyN(io.Discard, r.Body, drainLimit)
		return nil, errTooLong
	}
	return b.Bytes(), nil
}
