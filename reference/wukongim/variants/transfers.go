package variants

import (
	"net/http"
)

// transfers are freedoms in how answers travel.
func transfers() []Variant {
	return []Variant{
		{
			Name: "chunked", Summary: "Answers come in chunks, with no length told before.",
			Freedom: "HTTP leaves the framing of a body to the server",
			handler: func(_ kit, next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					a := record(next, r)
					a.header.Del("Content-Length")
					a.inChunks(w)
				})
			},
		},
		{
			Name: "connection-close", Summary: "The connection closes after every answer.",
			Freedom: "HTTP lets a server close a connection after an answer",
			handler: func(_ kit, next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Connection", "close")
					next.ServeHTTP(w, r)
				})
			},
		},
	}
}

// inChunks sends the body in a few pieces.
func (a *answer) inChunks(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	if a.request.Method == http.MethodHead {
		return
	}
	flusher, _ := w.(http.Flusher)
	size := len(a.body)/4 + 1
	for start := 0; start < len(a.body); start += size {
		w.Write(a.body[start:min(start+size, len(a.body))]) // an error here means that the client has gone
		if flusher != nil {
			flusher.Flush()
		}
	}
}
