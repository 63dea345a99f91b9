package specs

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/reports/redact"
)

// What stands for the target's credentials, also in commands that are to be repeated.
const (
	standValue  = "$PARLEY_AUTH_VALUE"
	standDenied = "$PARLEY_AUTH_DENIED"
)

// secrets are what no record of the run may show.
func (e *Env) secrets() *redact.Secrets {
	if e.Secrets == nil {
		e.Secrets = &redact.Secrets{}
	}
	e.Secrets.Add(standValue, e.AuthValue)
	e.Secrets.Add(standDenied, e.AuthDenied)
	return e.Secrets
}

// recorder makes records of exchanges. What it knows beside the secrets is which headers hold credentials, however short.
type recorder struct {
	header  string            // the name of the header that carries the target's credential
	shell   map[string]string // a credential, and what stands for it in a command line
	secrets *redact.Secrets
}

func newRecorder(env *Env) *recorder {
	r := &recorder{header: http.CanonicalHeaderKey(env.AuthHeader), shell: map[string]string{}, secrets: env.secrets()}
	r.shell[env.AuthDenied] = standDenied
	r.shell[env.AuthValue] = standValue
	delete(r.shell, "")
	return r
}

// ReportExchange is x as a record shows it: bodies cut, credentials removed.
func ReportExchange(env *Env, x *exchange.Exchange) reports.Exchange {
	return newRecorder(env).exchange("x0", x)
}

// exchange cuts bodies, and that after their credentials are out: all else the walk through the record finds.
func (r *recorder) exchange(id string, x *exchange.Exchange) reports.Exchange {
	out := reports.Exchange{
		ID: id, Started: x.Started.UTC(), DurationMS: float64(x.Ended.Sub(x.Started).Microseconds()) / 1000,
		Request: reports.Request{
			Method: x.Request.Method, URL: x.Request.URL, Headers: r.fields(x.Request.Header), Body: r.secrets.Body(x.Request.Body, 0),
		},
		Curl: r.curl(x.Request),
	}
	if x.Err != nil {
		out.Error = x.Err.Error()
	}
	if x.Response != nil {
		out.Response = &reports.Response{Status: x.Response.Status, Headers: r.fields(x.Response.Header), Body: r.secrets.Body(x.Response.Body, x.Response.Size)}
	}
	r.secrets.Record(&out)
	return out
}

// curl repeats a request. What a shell quotes is clean before it is quoted.
func (r *recorder) curl(request exchange.Request) string {
	if len(request.Body) > reports.BodyLimit {
		return "# the body has " + sizeOf(len(request.Body)) + " and is not repeated here"
	}
	request.Body = r.secrets.Bytes(request.Body)
	request.URL = r.secrets.Text(request.URL)
	return request.Curl(r.secret)
}

func (r *recorder) secret(name, value string) (stand string, hidden bool) {
	if stand, ok := r.shell[value]; ok {
		return stand, true
	}
	if http.CanonicalHeaderKey(name) == r.header || isCredential(name) {
		return standValue, true
	}
	return "", false
}

// isCredential tells headers that carry one whatever the target file says.
func isCredential(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization", "Token", "Ozeki-Signature":
		return true
	}
	return false
}

func (r *recorder) fields(header http.Header) []reports.Field {
	fields := []reports.Field{}
	for name, values := range header {
		for _, value := range values {
			if stand, hidden := r.secret(name, value); hidden {
				value = stand
			}
			fields = append(fields, reports.Field{Name: name, Value: value})
		}
	}
	slices.SortFunc(fields, func(a, b reports.Field) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	return fields
}

func sizeOf(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
