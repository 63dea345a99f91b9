//go:build unix

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/hostile"
	ozeki "github.com/parley-im/parley/reference/ozeki/server"
	wukongim "github.com/parley-im/parley/reference/wukongim/server"
	yunhu "github.com/parley-im/parley/reference/yunhu/server"
)

// canary is the target's credential, which no output may hold.
const canary = "canary-4c1d-of-the-target-9e27"

// reference is the honest server of a family, and the header of its credential.
type reference struct {
	header string
	serve  func() http.Handler
}

var references = map[string]reference{
	"wukongim": {"token", func() http.Handler { return wukongim.New(wukongim.Options{Token: canary}) }},
	"ozeki":    {"Ozeki-Signature", func() http.Handler { return ozeki.New(ozeki.Options{Token: canary}) }},
	"yunhu":    {"token", func() http.Handler { return yunhu.New(yunhu.Options{Token: canary}) }},
}

// stage is the servers of one row: the honest one, which seeds, and the hostile one before it.
type stage struct {
	honest *httptest.Server
	target *hostile.Target

	mu     sync.Mutex
	tokens []string // of the users, which the hook gave away
}

func begin(r *row) (*stage, error) {
	s := &stage{}
	honest := references[r.api].serve()
	s.honest = httptest.NewServer(s.listening(honest))
	var err error
	if s.target, err = hostile.Start(r.mode, s.listening(honest)); err != nil {
		s.honest.Close()
		return nil, err
	}
	return s, nil
}

func (s *stage) close() {
	s.target.Close()
	s.honest.CloseClientConnections()
	s.honest.Close()
}

// args are the arguments of parley for a row.
func (s *stage) args(r *row, out string) []string {
	way, target, hook := r.way, s.target.URL, s.honest.URL
	if way == "hook" {
		way, target, hook = "conform", hook, target
	}
	args := []string{way, "--api", r.api, "--target", target, "--auth-header", references[r.api].header, "--auth-value", canary,
		"--seed-driver", "hook", "--seed-url", hook + "/_parley", "--rng", "1", "--out", out}
	if way == "load" {
		args = append(args, "--scenario", "smoke")
	}
	return args
}

// listening hears the tokens that the hook gives to users.
func (s *stage) listening(honest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/_parley/world") {
			honest.ServeHTTP(w, r)
			return
		}
		k := fault.Keep(honest, r)
		var seeded struct {
			Users map[string]struct {
				Headers map[string]string `json:"headers"`
			} `json:"users"`
		}
		_ = json.Unmarshal(k.Body, &seeded) // a refusal names nobody
		s.mu.Lock()
		for _, user := range seeded.Users {
			if token := user.Headers["token"]; token != "" && !slices.Contains(s.tokens, token) {
				s.tokens = append(s.tokens, token)
			}
		}
		s.mu.Unlock()
		fault.Send(w, k.Status, k.Header(), k.Body)
	})
}

func (s *stage) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{canary}, s.tokens...)
}

// spellings are a secret as it stands, and inside of a longer text in base64, wherever in it it begins.
func spellings(secret string) []string {
	all := []string{secret, strings.Trim(fmt.Sprintf("%x", secret), " ")}
	for shift := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		all = append(all, strings.TrimRight(encoded, "=")[4:len(encoded)-4])
	}
	return all
}
