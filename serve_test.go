package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestServePrintsAURLThatWorks opens what the ready line says, wherever the server listens, and looks for a warning.
func TestServePrintsAURLThatWorks(t *testing.T) {
	for _, c := range []struct {
		listen, token string
		warns         bool
	}{
		{"127.0.0.1:0", "", false}, {"localhost:0", "", false}, {"0.0.0.0:0", "", true}, {":0", "", true}, {"0.0.0.0:0", "T", false}, {"[::]:0", "", true}, {"[::1]:0", "", false},
	} {
		if probe, err := net.Listen("tcp", c.listen); err != nil {
			continue // a machine without IPv6
		} else {
			probe.Close()
		}
		ctx, stop := context.WithCancel(t.Context())
		read, write := io.Pipe()
		var stderr bytes.Buffer
		var server sync.WaitGroup
		server.Go(func() {
			defer write.Close()
			args := []string{"serve", "--listen", c.listen}
			if c.token != "" {
				args = append(args, "--token", c.token)
			}
			if code := parley(&invocation{ctx: ctx, args: args, stdin: strings.NewReader(""), stdout: write, stderr: &stderr, environ: os.LookupEnv}); code != exitOK {
				t.Errorf("%s: exit %d", c.listen, code)
			}
		})
		line, err := bufio.NewReader(read).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		url := line[strings.Index(line, "http://") : len(line)-1]
		response, err := http.Get(url)
		if err != nil {
			t.Errorf("%s: %v", c.listen, err)
		} else {
			response.Body.Close()
		}
		if strings.Contains(url, "0.0.0.0") || strings.Contains(url, "[::]") {
			t.Errorf("%s: %s", c.listen, url)
		}
		stop()
		server.Wait()
		if warned := strings.Contains(stderr.String(), "without a token"); warned != c.warns {
			t.Errorf("%s, token %q: stderr says %q", c.listen, c.token, &stderr)
		}
	}
}
