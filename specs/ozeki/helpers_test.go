package ozeki_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// peek reads a request's action and puts the body back; with the function the body can be replaced.
func peek(r *http.Request) (replace func(string) io.ReadCloser, action string) {
	data, err := io.ReadAll(io.LimitReader(r.Body, 32<<20))
	r.Body = io.NopCloser(bytes.NewReader(data))
	var body struct{ Action string }
	if err != nil || json.Unmarshal(data, &body) != nil {
		return nil, ""
	}
	return func(s string) io.ReadCloser {
		r.ContentLength = int64(len(s))
		return io.NopCloser(strings.NewReader(s))
	}, body.Action
}
