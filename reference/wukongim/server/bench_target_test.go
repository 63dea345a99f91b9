//go:build unix

package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// serveVariable in the environment makes the test binary one of the targets of BenchmarkFullSync.
const serveVariable = "PARLEY_BENCH_TARGET"

func TestMain(m *testing.M) {
	if name := os.Getenv(serveVariable); name != "" {
		serveTarget(name)
		return
	}
	os.Exit(m.Run())
}

// serveTarget serves until its standard input ends, which it does with the process that started it. It says the address,
// and then for each line that it reads the nanoseconds of processor time that it took so far.
func serveTarget(name string) {
	var handler http.Handler = seeded()
	if name == "ready-made" {
		handler = readyMade(do(handler, "POST", syncPath, fullSync).Body.Bytes())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, handler)
	fmt.Println(listener.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			panic(err)
		}
		fmt.Println(used.Utime.Nano() + used.Stime.Nano())
	}
}

// readyMade does what any handler must that answers a POST, and nothing else.
func readyMade(body []byte) http.Handler {
	length := strconv.Itoa(len(body))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", length)
		w.Write(body)
	})
}

// target is a process that serves.
type target struct {
	addr        string
	ask         io.Writer
	told        *bufio.Scanner
	body        []byte
	connections []*connection
}

func startTarget(b *testing.B, name string) *target {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveVariable+"="+name)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); child.Wait() })
	t := &target{ask: in, told: bufio.NewScanner(out)}
	t.told.Scan()
	t.addr = t.told.Text()
	response, err := http.Post("http://"+t.addr+syncPath, "application/json", strings.NewReader(fullSync))
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if t.body, err = io.ReadAll(response.Body); err != nil {
		b.Fatal(err)
	}
	for range 4 {
		t.connections = append(t.connections, t.connect(b))
	}
	return t
}

// cpu is the processor time that the target took so far.
func (t *target) cpu(b *testing.B) time.Duration {
	fmt.Fprintln(t.ask)
	t.told.Scan()
	n, err := strconv.ParseInt(t.told.Text(), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(n)
}

// cost is what a turn took.
type cost struct{ elapsed, cpu time.Duration }

// turn sends n requests over all connections.
func (t *target) turn(b *testing.B, n int) cost {
	before, start := t.cpu(b), time.Now()
	var all sync.WaitGroup
	for _, c := range t.connections {
		all.Go(func() {
			for range n / len(t.connections) {
				if err := c.ask(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	elapsed := time.Since(start)
	return cost{elapsed, t.cpu(b) - before}
}

// connection asks for one full sync after the other.
type connection struct {
	net.Conn
	request, answer []byte
	end             []byte // of each answer
}

func (t *target) connect(b *testing.B) *connection {
	conn, err := net.Dial("tcp", t.addr)
	if err != nil {
		b.Fatal(err)
	}
	c := &connection{Conn: conn, end: t.body[len(t.body)-64:], request: fmt.Appendf(nil,
		"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		syncPath, t.addr, len(fullSync), fullSync)}
	// All answers have the same length, their heads too: the first one says it.
	if _, err := conn.Write(c.request); err != nil {
		b.Fatal(err)
	}
	for !bytes.HasSuffix(c.answer, t.body) {
		c.answer = append(c.answer, make([]byte, 1<<12)...)
		n, err := conn.Read(c.answer[len(c.answer)-1<<12:])
		if err != nil {
			b.Fatal(err)
		}
		c.answer = c.answer[:len(c.answer)-1<<12+n]
	}
	return c
}

// ask sends the request and reads the answer.
func (c *connection) ask() error {
	if _, err := c.Write(c.request); err != nil {
		return err
	}
	if _, err := io.ReadFull(c.Conn, c.answer); err != nil {
		return err
	}
	if !bytes.HasSuffix(c.answer, c.end) {
		return fmt.Errorf("an answer ends with %s", c.answer[len(c.answer)-len(c.end):])
	}
	return nil
}
