package loadgen

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Ceiling is how many requests a second this machine can send to a target that does nothing: a plan near it measures
// the generator. fast is the transport of the attack that it is for. It takes a little longer than d.
func Ceiling(ctx context.Context, workers int, fast bool, d time.Duration) (float64, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("cannot measure the generator: no port on 127.0.0.1 for the null target: %w", err)
	}
	defer listener.Close()
	go serveNothing(listener)
	attack := &Attack{
		URL: "http://" + listener.Addr().String(), Timeout: 5 * time.Second, Workload: idlers(4 * workers), Workers: workers, Fast: fast,
		Header: http.Header{"Content-Type": {"application/json"}},
	}
	result, err := FlatOut(ctx, attack, d)
	if err != nil {
		return 0, err
	}
	if result.Correct == 0 {
		return 0, fmt.Errorf("cannot measure the generator: the null target on 127.0.0.1 gave no answer (%v)", result.ErrorClass)
	}
	return result.Throughput(), nil
}

// serveNothing answers every request with an empty array, with as little work as a server can do.
func serveNothing(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			answerNothing(conn)
		}()
	}
}

func answerNothing(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		length := 0
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) <= 2 {
				break
			}
			if name, value, found := strings.Cut(string(line), ":"); found && strings.EqualFold(name, "Content-Length") {
				length, _ = atoi(strings.TrimSpace(value)) // our own client writes it
			}
		}
		if _, err := io.CopyN(io.Discard, in, int64(length)); err != nil {
			return
		}
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"); err != nil {
			return
		}
	}
}

// idlers are users who send the same again and again, and believe every answer.
type idlers int

func (n idlers) Operations() []Operation {
	return []Operation{{Name: "nothing", Method: http.MethodPost, Path: "/nothing"}}
}
func (n idlers) Users() int    { return int(n) }
func (n idlers) User(int) User { return idler{} }

type idler struct{}

var idleBody = []byte(`{"uid":"p00000000-u1","msg_count":0}`)

func (idler) Next() Request                { return Request{Body: idleBody} }
func (idler) Judge(Answer, bool) Judgement { return Judgement{} }
