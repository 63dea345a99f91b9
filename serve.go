package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/fault"
)

// serveVerb serves the reference of one API until it is interrupted.
type serveVerb struct {
	API     string `name:"api" default:"wukongim" env:"PARLEY_API" placeholder:"NAME" help:"Family of the API: wukongim, ozeki, yunhu."`
	Profile string `name:"profile" env:"PARLEY_PROFILE" placeholder:"NAME" help:"Edition of the API's documents: v2, v1; 2024; 2025, 2026."`
	Listen  string `name:"listen" default:"127.0.0.1:5001" env:"PARLEY_LISTEN" placeholder:"ADDR" help:"Address to listen on; port 0 takes a free one."`
	Token   string `name:"token" env:"PARLEY_TOKEN" placeholder:"T" help:"Switches authentication on: every request must carry it."`
	Data    string `name:"data" env:"PARLEY_DATA" placeholder:"FILE" help:"Keep everything in this file: a server that starts again has lost nothing. Without it all is in memory."`
	Verbose bool   `name:"verbose" short:"v" help:"Log one line a request."`

	Fault    []string `name:"fault" placeholder:"NAME" help:"Be wrong on purpose in this way; may be given several times."`
	Faults   bool     `name:"faults" help:"List the faults, with the ids that they break."`
	Variant  []string `name:"variant" placeholder:"NAME" help:"Be right in another way than the reference; may be given several times."`
	Variants bool     `name:"variants" help:"List the variants, with what leaves them open."`
	Seed     int64    `name:"seed" default:"1" placeholder:"N" help:"Of faults and variants that show only sometimes."`
}

func (v *serveVerb) Run(in *invocation) error {
	target, err := (*fixtures.File)(nil).Overlay(fixtures.Flags{API: v.API, Profile: v.Profile})
	if err != nil {
		return err
	}
	v.Profile = target.Profile
	family := families[target.API]
	switch {
	case v.Faults:
		return listFaults(in, family)
	case v.Variants:
		return listVariants(in, family)
	case len(v.Fault) > 0 && len(v.Variant) > 0:
		return fail(exitUsage, "--fault and --variant do not go together: a server is wrong, or right in another way")
	}
	var log func(string)
	if v.Verbose {
		log = lines(in)
	}
	handler, done, err := family.serve(*v, log)
	var unknown *fault.Unknown
	if errors.As(err, &unknown) {
		return fail(exitUsage, "--%s: %w%s", unknown.Kind, err, nearestOf(unknown))
	} else if err != nil {
		return &exitError{exitUsage, err}
	}
	defer done()
	listener, err := net.Listen("tcp", v.Listen)
	if err != nil {
		return fail(exitUsage, "cannot listen on %s: %w; choose another address with --listen", v.Listen, err)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
	}
	fmt.Fprintf(in.stdout, "parley: the %s reference, profile %s%s, answers at %s\n", family.title, v.Profile, otherwise(v), reachable(v.Listen, listener.Addr()))
	if v.Token == "" && !loopback(listener.Addr()) {
		fmt.Fprintf(in.stderr, "parley: it listens beyond this machine, on %s, without a token: whoever reaches it can fill and clean it; give it one with --token, or --listen 127.0.0.1:PORT\n", listener.Addr())
	}
	return serveUntil(in.ctx, server, listener)
}

// reachable is a URL that opens what listens at an address: who listens everywhere is reached on this machine.
func reachable(asked string, address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return "http://" + address.String()
	}
	host := "127.0.0.1"
	if asked, _, err := net.SplitHostPort(asked); err == nil && net.ParseIP(asked) != nil && tcp.IP.To4() == nil {
		host = "::1" // :: was asked for, and on some machines takes nothing else
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// loopback tells an address that only this machine reaches.
func loopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// otherwise says in what the server differs from the honest reference.
func otherwise(v *serveVerb) string {
	if names := append(slices.Clone(v.Fault), v.Variant...); len(names) > 0 {
		return ", " + strings.Join(names, ", ")
	}
	return ""
}

// nearestOf ends a sentence about an unknown fault or variant.
func nearestOf(unknown *fault.Unknown) string {
	if near, ok := fixtures.Nearest(unknown.Name, unknown.Known); ok {
		return "; did you mean " + near + "?"
	}
	return fmt.Sprintf("; parley serve --%ss lists them", unknown.Kind)
}

func listFaults(in *invocation, family family) error {
	for _, f := range family.faults() {
		odds := ""
		if f.Odds < 1 {
			odds = fmt.Sprintf(" (%g of 100 times)", 100*f.Odds)
		}
		if _, err := fmt.Fprintf(in.stdout, "%-44s %-24s %s%s\n", f.Name, strings.Join(f.Breaks, " "), f.Summary, odds); err != nil {
			return err
		}
	}
	return nil
}

func listVariants(in *invocation, family family) error {
	for _, v := range family.variants() {
		if _, err := fmt.Fprintf(in.stdout, "%-32s %s\n%33s%s\n", v.name, v.summary, "", v.freedom); err != nil {
			return err
		}
	}
	return nil
}

// lines writes whole lines to stderr, one at a time.
func lines(in *invocation) func(string) {
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(in.stderr, line)
	}
}

// serveUntil serves until ctx ends, and then lets the requests under way finish.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("the server stopped: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		_ = server.Close() // a request hangs: its connection is cut
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
