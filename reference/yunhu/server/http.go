package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/yunhu/wire"
)

// hookPrefix begins the paths of the seeding hook, which are no part of Yunhu.
const hookPrefix = "/_parley/"

// routes are the calls of the API by their paths: all of them are POST.
var routes = map[string]func(s *Server, uid string, body []byte) reply{
	"/v1/conversation/list":                 (*Server).list,
	"/v1/conversation/dismiss-notification": (*Server).dismiss,
	"/v1/conversation/sort-change":          (*Server).sortChange,
	"/v1/conversation/remove":               (*Server).remove,
}

var hookRoutes = map[string]func(s *Server, body []byte) reply{
	hookPrefix + "world":    (*Server).hookWorld,
	hookPrefix + "messages": (*Server).hookMessages,
	hookPrefix + "clean":    (*Server).hookClean,
}

// The content types of answers.
const (
	jsonType     = "application/json"
	protobufType = "application/x-protobuf"
)

// reply is an answer before it is written.
type reply struct {
	status int
	kind   string
	body   []byte
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	answer := s.answer(r)
	header := w.Header()
	header.Set("Content-Type", answer.kind)
	header.Set("Content-Length", strconv.Itoa(len(answer.body)))
	w.WriteHeader(answer.status)
	w.Write(answer.body) // an error here means that the client has gone, and there is nobody to tell
	if s.log != nil {
		s.log(fmt.Sprintf("%s %s %d %d bytes %s", wire.Quote(r.Method), wire.Quote(r.URL.Path), answer.status,
			len(answer.body), time.Since(started).Round(time.Microsecond)))
	}
}

// answer goes from the cheapest question to the dearest: is there such a path and method, who asks, is the body of a
// bearable size. A wrong method is answered like a wrong path, as the documents have it.
func (s *Server) answer(r *http.Request) reply {
	if strings.HasPrefix(r.URL.Path, hookPrefix) {
		return s.answerHook(r)
	}
	call, known := routes[r.URL.Path]
	if !known || r.Method != http.MethodPost || r.URL.Path == "/v1/conversation/remove" && s.profile == wire.P2025 {
		return s.say(http.StatusNotFound, wire.CodeFailed,
			fmt.Sprintf("there is no %s %s here", wire.Quote(r.Method), wire.Quote(r.URL.Path)))
	}
	uid, ok := s.userOf(r.Header.Get("token"))
	if !ok {
		return s.say(http.StatusOK, wire.CodeNotLoggedIn, wire.MsgNotLoggedIn)
	}
	body, err := readBody(r, BodyLimit)
	if errors.Is(err, errTooLong) {
		return s.say(http.StatusRequestEntityTooLarge, wire.CodeBadParameters, fmt.Sprintf("the body is longer than %d bytes", BodyLimit))
	}
	if err != nil {
		return s.say(http.StatusBadRequest, wire.CodeBadParameters, "the body could not be read to its end: "+err.Error())
	}
	return call(s, uid, body)
}

func (s *Server) answerHook(r *http.Request) reply {
	call, known := hookRoutes[r.URL.Path]
	switch {
	case !s.mayHook(r.Header.Get("token")):
		return hookError(http.StatusForbidden, "the header token is missing or wrong: this server was started with a token")
	case !known:
		return hookError(http.StatusNotFound, "there is no path "+wire.Quote(r.URL.Path)+" here")
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

// say answers with an envelope: every call that is no list, and every refusal, that of a list too.
func (s *Server) say(status int, code int64, msg string) reply {
	return reply{status, jsonType, s.codec.AppendEnvelope(nil, wire.Envelope{Code: code, Msg: msg})}
}

func (s *Server) badRequest(err error) reply {
	return s.say(http.StatusOK, wire.CodeBadParameters, err.Error())
}

var errTooLong = errors.New("the body is too long")

// readBody reads a body of at most limit bytes. Of a longer one it throws the rest away, up to a bound: a client that is
// still sending when the connection closes might never see the answer.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	const drainLimit = 64 << 20
	var b bytes.Buffer
	if r.ContentLength <= limit {
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
