package specs

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reports"
)

// redactor takes credentials out of whatever goes into a record.
type redactor struct {
	header string            // the name of the header that carries the target's credential
	shell  map[string]string // a credential, and what stands for it in a command line
	all    *strings.Replacer
}

func newRedactor(env *Env) *redactor {
	r := &redactor{header: http.CanonicalHeaderKey(env.AuthHeader), shell: map[string]string{}}
	var pairs []string
	for value, stands := range map[string]string{env.AuthValue: "$PARLEY_AUTH_VALUE", env.AuthDenied: "$PARLEY_AUTH_DENIED"} {
		if value == "" {
			continue
		}
		r.shell[value] = stands
		if len(value) >= 4 { // a shorter one would take honest text apart
			pairs = append(pairs, value, stands)
		}
	}
	for _, value := range env.Secrets {
		if len(value) >= 4 && r.shell[value] == "" {
			pairs = append(pairs, value, "…")
		}
	}
	r.all = strings.NewReplacer(pairs...)
	return r
}

// RedactText takes the target's credentials out of a text for people.
func RedactText(env *Env, text string) string { return newRedactor(env).text(text) }

// text is s as a record holds it: without credentials, and in valid UTF-8.
func (r *redactor) text(s string) string {
	s = r.all.Replace(s)
	if !utf8.ValidString(s) {
		return reports.Visible(s)
	}
	return s
}

func (r *redactor) texts(all []string) []string {
	for i := range all {
		all[i] = r.text(all[i])
	}
	return all
}

func (r *redactor) secret(name, value string) (string, bool) {
	if stands, ok := r.shell[value]; ok {
		return stands, true
	}
	if http.CanonicalHeaderKey(name) == r.header || isCredential(name) {
		return "$PARLEY_AUTH_VALUE", true
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

func (r *redactor) exchange(id string, x *exchange.Exchange) reports.Exchange {
	out := reports.Exchange{
		ID: id, Started: x.Started.UTC(), DurationMS: float64(x.Ended.Sub(x.Started).Microseconds()) / 1000,
		Request: reports.Request{
			Method: x.Request.Method, URL: r.text(x.Request.URL), Headers: r.fields(x.Request.Header), Body: r.body(x.Request.Body),
		},
	}
	shown := x.Request
	shown.Body = []byte(r.all.Replace(string(shown.Body)))
	shown.URL = r.text(shown.URL)
	if len(shown.Body) > 64<<10 {
		out.Curl = "# the body has " + sizeOf(len(shown.Body)) + " and is not repeated here"
	} else {
		out.Curl = shown.Curl(r.secret)
	}
	if x.Err != nil {
		out.Error = r.text(x.Err.Error())
	}
	if x.Response != nil {
		out.Response = &reports.Response{Status: x.Response.Status, Headers: r.fields(x.Response.Header), Body: r.answer(x.Response)}
	}
	return out
}

// answer is a body of which the end may be gone: what is left of a secret there is not recognised, so it goes too.
func (r *redactor) answer(response *exchange.Response) reports.Body {
	if response.Size <= len(response.Body) {
		return r.body(response.Body)
	}
	shown := r.all.Replace(string(response.Body))
	body := reports.NewBody([]byte(shown[:max(0, len(shown)-keptMargin)]))
	body.Bytes, body.Cut = response.Size, true
	return body
}

func (r *redactor) body(data []byte) reports.Body {
	return reports.NewBody([]byte(r.all.Replace(string(data))))
}

func (r *redactor) fields(header http.Header) []reports.Field {
	fields := []reports.Field{}
	for name, values := range header {
		for _, value := range values {
			if stands, hidden := r.secret(name, value); hidden {
				value = stands
			}
			fields = append(fields, reports.Field{Name: name, Value: r.text(value)})
		}
	}
	sort.Slice(fields, func(i, j int) bool {
		return fields[i].Name < fields[j].Name || fields[i].Name == fields[j].Name && fields[i].Value < fields[j].Value
	})
	return fields
}

func sizeOf(n int) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// ReportExchange is x as a record shows it: bodies cut, credentials removed.
func ReportExchange(env *Env, x *exchange.Exchange) reports.Exchange {
	return newRedactor(env).exchange("x0", x)
}
