package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/parley-im/parley/fixtures"
)

// serveVerb serves the reference of one API until it is interrupted.
type serveVerb struct {
	API     string `name:"api" default:"wukongim" env:"PARLEY_API" placeholder:"NAME" help:"Family of the API: wukongim."`
	Profile string `name:"profile" env:"PARLEY_PROFILE" placeholder:"NAME" help:"Edition of the API's documents: v2, v1."`
	Listen  string `name:"listen" default:"127.0.0.1:5001" placeholder:"ADDR" help:"Address to listen on; port 0 takes a free one."`
	Token   string `name:"token" env:"PARLEY_TOKEN" placeholder:"T" help:"Switches authentication on: every request must carry it."`
	Verbose bool   `name:"verbose" short:"v" help:"Log one line a request."`
}

func (v *serveVerb) Run(in *invocation) error {
	target, err := (*fixtures.File)(nil).Overlay(fixtures.Flags{API: v.API, Profile: v.Profile})
	if err != nil {
		return err
	}
	v.Profile = target.Profile
	var log func(string)
	if v.Verbose {
		log = lines(in)
	}
	listener, err := net.Listen("tcp", v.Listen)
	if err != nil {
		return fail(exitUsage, "cannot listen on %s: %w; choose another address with --listen", v.Listen, err)
	}
	server := &http.Server{
		Handler: families[target.API].serve(*v, log), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	fmt.Fprintf(in.stdout, "parley: the %s reference, profile %s, answers at http://%s\n", families[target.API].title, v.Profile, listener.Addr())
	return serveUntil(in.ctx, server, listener)
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
