package server

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/wukongim/wire"
)

// hookPrefix begins the paths of the seeding hook, which are no part of WuKongIM.
const hookPrefix = "/_parley/"

// route is one path: the method it takes, and what answers it.
type route struct {
	method string
	answer func(s *Server, body []byte) reply
}

var routes = map[string]route{
	"/conversation/sync":         {http.MethodPost, (*Server).sync},
	"/conversations/clearUnread": {http.MethodPost, (*Server).clearUnread},
	"/conversations/setUnread":   {http.MethodPost, (*Server).setUnread},
	"/conversations/delete":      {http.MethodPost, (*Server).delete},
	"/user/token":                {http.MethodPost, (*Server).userToken},
	"/channel":                   {http.MethodPost, (*Server).createChannel},
	"/channel/subscriber_add":    {http.MethodPost, (*Server).addSubscribers},
	"/message/send":              {http.MethodPost, (*Server).send},
	"/health":                    {http.MethodGet, (*Server).health},
	hookPrefix + "world":         {http.MethodPost, (*Server).hookWorld},
	hookPrefix + "messages":      {http.MethodPost, (*Server).hookMessages},
	hookPrefix + "clean":         {http.MethodPost, (*Server).hookClean},
}

// reply is an answer before it is written.
type reply struct {
	status int
	body   []byte
	allow  string // the Allow header of a 405
	done   func() // called when the body is written; may be nil
}

func ok(body []byte) reply { return reply{status: http.StatusOK, body: body} }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var started time.Time
	if s.log != nil {
		started = time.Now()
	}
	answer := s.answer(r)
	header := w.Header()
	header["Content-Type"] = contentType
	header["Content-Length"] = []string{strconv.Itoa(len(answer.body))}
	if answer.allow != "" {
		header.Set("Allow", answer.allow)
	}
	w.WriteHeader(answer.status)
	w.Write(answer.body) // an error here means that the client has gone, and there is nobody to tell
	if s.log != nil {
		s.log(fmt.Sprintf("%s %s %d %d bytes %s", wire.Quote(r.Method), wire.Quote(r.URL.Path), answer.status,
			len(answer.body), time.Since(started).Round(time.Microsecond)))
	}
	if answer.done != nil {
		answer.done()
	}
}

var contentType = []string{"application/json"}

// answer goes from the cheapest question to the dearest: may the caller ask, is there such a path and method, is the
// body of a bearable size.
func (s *Server) answer(r *http.Request) reply {
	isHook := strings.HasPrefix(r.URL.Path, hookPrefix)
	if !s.authorised(r) {
		return s.refuse(isHook, http.StatusForbidden, "the header token is missing or wrong: this server was started with a token")
	}
	to, known := routes[r.URL.Path]
	if !known {
		return s.refuse(isHook, http.StatusNotFound, "there is no path "+wire.Quote(r.URL.Path)+" here")
	}
	if r.Method != to.method {
		answer := s.refuse(isHook, http.StatusMethodNotAllowed,
			"the method "+wire.Quote(r.Method)+" is not allowed on "+r.URL.Path+": use "+to.method)
		answer.allow = to.method
		return answer
	}
	limit := int64(BodyLimit)
	if isHook {
		limit = HookBodyLimit
	}
	body, err := readBody(r, limit)
	if errors.Is(err, errTooLong) {
		return s.refuse(isHook, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes", limit))
	}
	if err != nil {
		return s.refuse(isHook, http.StatusBadRequest, "the body could not be read to its end: "+err.Error())
	}
	return s.kept(isHook, func() reply { return to.answer(s, body) })
}

// kept answers with 500 where the journal does not take the change.
func (s *Server) kept(isHook bool, answer func() reply) (r reply) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case journalError:
			r = s.refuse(isHook, http.StatusInternalServerError, p.err.Error())
		default:
			panic(p)
		}
	}()
	return answer()
}

// authorised compares digests, so that neither the length nor the content of the token shows in the time it takes.
func (s *Server) authorised(r *http.Request) bool {
	if !s.authenticates {
		return true
	}
	given := sha256.Sum256([]byte(r.Header.Get("token")))
	return subtle.ConstantTimeCompare(given[:], s.token[:]) == 1
}

var errTooLong = errors.New("the body is too long")

// readBody reads a body of at most limit bytes. Of a longer one it throws the rest away, up to a bound: a client
// that is still sending when the connection closes might never see the answer.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	const (
		drainLimit = 64 << 20
		firstGuess = 64 << 10 // what a client declares is no reason to allocate more
	)
	if r.ContentLength >= 0 && r.ContentLength <= firstGuess {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body) // the body ends there: net/http sees to it
		return body, err
	}
	if r.ContentLength > limit {
		io.CopyN(io.Discard, r.Body, drainLimit)
		return nil, errTooLong
	}
	var b bytes.Buffer
	b.Grow(int(min(max(r.ContentLength, 0), firstGuess)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r.Body, limit+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > limit {
		io.CopyN(io.Discard, r.Body, drainLimit)
		return nil, errTooLong
	}
	return b.Bytes(), nil
}
