package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// endings are the signals that ask parley to end: ^C, a service manager, a terminal that was closed.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// untilAsked is a context that ends with the first signal that asks parley to end, so that what it has found is still written down.
// The second one ends parley at once.
func untilAsked(exit func(code int)) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan os.Signal, 4)
	for _, s := range endings {
		if s != syscall.SIGHUP || !signal.Ignored(s) { // nohup wants the run to go on
			signal.Notify(asked, s)
		}
	}
	go heed(asked, cancel, exit)
	// Whoever reads the output may go away, as head does: writing to it then fails, and the run goes on. The signal is taken and
	// dropped; ignored, it would be so in every process that parley starts.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return ctx
}

// heed waits for the first signal, and for the one that ends parley at once. A terminal that is closed sends SIGHUP more than once.
func heed(asked <-chan os.Signal, cancel func(), exit func(code int)) {
	<-asked
	cancel()
	for s := range asked {
		if s != syscall.SIGHUP {
			exit(exitIncomplete)
		}
	}
}

// outlet is a stream that its reader may close before parley ends.
type outlet struct{ to io.Writer }

func (o outlet) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil // nobody wants to know any more
	}
	return n, err
}
