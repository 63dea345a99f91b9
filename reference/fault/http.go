package fault

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strconv"
)

// bodyLimit is how much of a body a decorator looks at. A longer request passes by untouched.
const bodyLimit = 1 << 20

// Call is one request and its answer, both free to be changed by whoever decorates a server.
type Call struct {
	Method, Path string
	Header       http.Header
	Body         []byte

	Status       int
	AnswerHeader http.Header
	Answer       []byte
}

// Around decorates a server's answers to the paths that are touched. edit calls next where the server is to answer; what
// then stands in the Call is sent.
func Around(touched func(path string) bool, edit func(c *Call, next func())) func(http.Handler) http.Handler {
	return func(honest http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !touched(r.URL.Path) {
				honest.ServeHTTP(w, r)
				return
			}
			body, whole := Look(r)
			if !whole {
				honest.ServeHTTP(w, r)
				return
			}
			c := &Call{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), Body: body, AnswerHeader: http.Header{}}
			edit(c, func() { c.ask(honest, r) })
			Send(w, c.Status, c.AnswerHeader, c.Answer)
		})
	}
}

// Look is the body of a request, which stays as it was for whoever reads it next; whole is false where it is too long to
// be looked at, or breaks off.
func Look(r *http.Request) (body []byte, whole bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
	return body, err == nil && len(body) <= bodyLimit
}

func (c *Call) ask(honest http.Handler, r *http.Request) {
	asked := With(r, c.Body)
	asked.Method, asked.Header = c.Method, c.Header
	kept := Keep(honest, asked)
	c.Status, c.AnswerHeader, c.Answer = kept.Status, kept.Header(), kept.Body
}

// With is the request with another body.
func With(r *http.Request, body []byte) *http.Request {
	asked := r.Clone(r.Context())
	asked.Body, asked.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return asked
}

// Kept is an answer that is not sent yet.
type Kept struct {
	header http.Header
	Status int
	Body   []byte
}

// Keep is what a server answers a request.
func Keep(h http.Handler, r *http.Request) *Kept {
	k := &Kept{header: http.Header{}}
	h.ServeHTTP(k, r)
	return k
}

// Header implements http.ResponseWriter.
func (k *Kept) Header() http.Header { return k.header }

// WriteHeader implements http.ResponseWriter.
func (k *Kept) WriteHeader(status int) { k.Status = status }

// Write implements http.ResponseWriter. It copies: servers write from memory that they use again.
func (k *Kept) Write(p []byte) (int, error) {
	k.Body = append(k.Body, p...)
	return len(p), nil
}

// Send sends an answer with this header, which becomes Send's own; its Content-Length is made to fit. A status of 0 is
// that of a handler that wrote none, and means what net/http takes it for.
func Send(w http.ResponseWriter, status int, header http.Header, body []byte) {
	status = cmp.Or(status, http.StatusOK)
	header.Del("Content-Length")
	if status != http.StatusNoContent {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	if _, named := header["Content-Type"]; !named {
		w.Header()["Content-Type"] = nil // otherwise it would be guessed
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client has gone
}

// Sometimes is wrong as often as odds say, and honest otherwise.
func (c *Chance) Sometimes(odds float64, honest, wrong http.Handler) http.Handler {
	if odds >= 1 {
		return wrong
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.Hit(odds) {
			wrong.ServeHTTP(w, r)
			return
		}
		honest.ServeHTTP(w, r)
	})
}
