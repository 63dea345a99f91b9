package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/reports/redact"
)

// What stands for credentials, also in commands that are to be repeated.
const (
	standsForValue  = "$PARLEY_AUTH_VALUE"
	standsForDenied = "$PARLEY_AUTH_DENIED"
	standsForToken  = "$PARLEY_TOKEN"
)

// secretFlags are those whose values are credentials, with what stands for these. Each has an environment variable of that name.
var secretFlags = map[string]string{"--auth-value": standsForValue, "--auth-denied": standsForDenied, "--token": standsForToken}

// hush puts everything that leaves through a stream through one place that takes the credentials out: what parley says, what
// the libraries log, and what is said of a panic. What the command line and the environment hold is known before anything is
// said. The function that it returns writes what is held back, and must be called last.
func (in *invocation) hush() (flush func()) {
	in.secrets = &redact.Secrets{}
	for flag, stand := range secretFlags {
		if value, ok := in.environ(strings.TrimPrefix(stand, "$")); ok {
			in.secrets.Add(stand, value)
		}
		for i, arg := range in.args {
			if value, ok := strings.CutPrefix(arg, flag+"="); ok {
				in.secrets.Add(stand, value)
			} else if arg == flag && i+1 < len(in.args) {
				in.secrets.Add(stand, in.args[i+1])
			}
		}
	}
	for _, arg := range append(slices.Clone(in.args), in.addresses()...) {
		in.secrets.Add(redact.Hidden, inURL(arg)...)
	}
	stdout, stderr := in.secrets.Writer(in.stdout), in.secrets.Writer(in.stderr)
	in.stdout, in.stderr = stdout, stderr
	logged := log.Writer()
	log.SetOutput(&fewLines{out: stderr})
	return func() {
		log.SetOutput(logged)
		_, _ = stdout.Flush(), stderr.Flush() // there is nobody left to tell
	}
}

// fewLines passes on what libraries log, and only the beginning of it: a target can make net/http log a line for each answer.
type fewLines struct {
	out   io.Writer
	lines atomic.Int32
}

func (f *fewLines) Write(line []byte) (int, error) {
	const most = 5
	switch n := f.lines.Add(1); {
	case n > most:
		return len(line), nil
	case n == most:
		line = append(bytes.Clone(line), "parley: what libraries log after this is left out\n"...)
	}
	_, err := f.out.Write(line)
	return len(line), err
}

// silence keeps what the libraries log from a run that is to be quiet: net/http says there what a target sends that nobody
// asked for.
func (in *invocation) silence(quiet bool) {
	if quiet {
		log.SetOutput(io.Discard)
	}
}

// addresses are the URLs in parley's own environment.
func (in *invocation) addresses() []string {
	var all []string
	for _, name := range []string{"PARLEY_TARGET", "PARLEY_SEED_URL"} {
		if value, ok := in.environ(name); ok {
			all = append(all, value)
		}
	}
	return all
}

// inURL are the credentials in an argument that is a URL, or ends with one: its password, and the values of its query.
func inURL(arg string) []string {
	if flag, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(flag, "--") {
		arg = value
	}
	_, rest, ok := strings.Cut(arg, "://")
	if !ok {
		return nil
	}
	var all []string
	authority := rest
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		all = append(all, authority[:at], password)
		if password == "" {
			all = append(all, user) // a token stands there alone
		}
	}
	if _, query, ok := strings.Cut(rest, "?"); ok {
		values, _ := url.ParseQuery(query) // what can be read of it
		for _, value := range values {
			all = append(all, value...)
		}
	}
	return all
}

// keep takes in the credentials of a target.
func (in *invocation) keep(t fixtures.Target) {
	in.secrets.Add(standsForValue, t.Auth.Value)
	in.secrets.Add(standsForDenied, t.Auth.Denied)
	in.secrets.Add(redact.Hidden, t.Secrets()...)
}

// seeder is the seeder of a target. Users' own credentials that it hands out are secrets from then on. What it makes is noted in
// out, where only a list can remove it again; empty: the target goes with the run.
func (in *invocation) seeder(t fixtures.Target, out string) (*attentive, error) {
	seeder, err := fixtures.NewSeeder(t, families[t.API].native)
	if err != nil {
		return nil, err
	}
	if out != "" {
		seeder = fixtures.NoteMade(seeder, out)
	}
	return &attentive{seeder, in.secrets}, nil
}

// attentive is a seeder that remembers what users' requests must carry.
type attentive struct {
	fixtures.Seeder
	secrets *redact.Secrets
}

func (a *attentive) Seed(ctx context.Context, run string, world fixtures.World) (*fixtures.Seeded, error) {
	seeded, err := a.Seeder.Seed(ctx, run, world)
	var failed *fixtures.SeedError
	switch {
	case errors.As(err, &failed):
		a.learnFrom(failed.Exchange.Body())
	case seeded != nil:
		for _, user := range seeded.Users {
			for name, value := range user.Headers {
				a.learn(user.ID, name, value)
			}
		}
	}
	return seeded, err
}

// learnFrom looks into an answer that is not as it should be: its headers may be, and it is about to be shown.
func (a *attentive) learnFrom(answer []byte) {
	value, err := strictjson.Parse(answer)
	if err != nil {
		return
	}
	for _, user := range value.Get("users").Members {
		for _, header := range user.Value.Get("headers").Members {
			a.learn(user.Value.Get("id").Text, header.Key, header.Value.Text)
		}
	}
}

// learn takes in a header's value, unless it says nothing but who the user is or where.
func (a *attentive) learn(user, name, value string) {
	plain := []string{"ozeki-user", "ozeki-station", "content-type", "accept", "accept-language", "user-agent"}
	if value != user && !slices.Contains(plain, strings.ToLower(name)) {
		a.secrets.Learn(value)
	}
}

// withoutSecrets is a command line as a report may show it: of a credential that is too short to be looked for, nothing stays
// either.
func withoutSecrets(args []string, secrets *redact.Secrets) []string {
	shown := make([]string, len(args))
	for i, arg := range args {
		shown[i] = secrets.Text(arg)
		flag, _, _ := strings.Cut(arg, "=")
		switch {
		case i > 0 && secretFlags[args[i-1]] != "":
			shown[i] = redact.Hidden
		case secretFlags[flag] != "" && flag != arg:
			shown[i] = flag + "=" + redact.Hidden
		}
	}
	return shown
}

// cleanAnswers answers without credentials.
func (in *invocation) cleanAnswers(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clean := in.secrets.Writer(w)
		handler.ServeHTTP(cleanAnswer{w, clean}, r)
		_ = clean.Flush() // whoever asked is gone
	})
}

type cleanAnswer struct {
	http.ResponseWriter
	clean io.Writer
}

func (a cleanAnswer) Write(p []byte) (int, error) { return a.clean.Write(p) }
