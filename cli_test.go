package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	wkserver "github.com/parley-im/parley/reference/wukongim/server"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parley": main, "hookadapter": hookAdapter})
}

// TestScripts runs what README and help show, and what goes wrong in practice. Each script says at its top what it is about.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("DEAD", deadAddress(t))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serveInBackground, "interrupt": interruptRun, "samerequests": sameRequests, "jsonhas": jsonHas, "ends": endsWith,
		},
	})
}

// hookAdapter is a seeding command: it hands what it reads to the hook at $HOOK, by the call that it names.
func hookAdapter() {
	hook := os.Getenv("HOOK")
	body, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	var call struct{ Call string }
	if err := json.Unmarshal(body, &call); err != nil {
		panic(err)
	}
	response, err := http.Post(hook+"/"+call.Call, "application/json", bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil || response.StatusCode != http.StatusOK {
		os.Exit(1)
	}
}

// deadAddress is an address at which nobody answers.
func deadAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

// endsWith runs a command that must exit with the code that stands before it: ends 2 parley conform --target nonsense.
func endsWith(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ends CODE COMMAND …")
	}
	code := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("it ended with %d, want %s", code, args[0])
	}
}

// serveInBackground starts parley serve with further flags, waits for its ready line, and sets $URL. It is interrupted
// when the script ends, and must then exit with 0.
func serveInBackground(ts *testscript.TestScript, neg bool, args []string) {
	command := exec.Command("parley", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	command.Env = []string{"PATH=" + ts.Getenv("PATH"), "TESTSCRIPT_COMMAND=" + ts.Getenv("TESTSCRIPT_COMMAND")}
	path, err := exec.LookPath("parley")
	ts.Check(err)
	command.Path = path
	output, err := command.StdoutPipe()
	ts.Check(err)
	ts.Check(command.Start())
	line := make([]byte, 300)
	n, err := output.Read(line)
	ts.Check(err)
	url := regexp.MustCompile(`http://\S+`).FindString(string(line[:n]))
	if url == "" {
		ts.Fatalf("no URL in %q", line[:n])
	}
	ts.Setenv("URL", url)
	ts.Defer(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			ts.Logf("parley serve ended with %v", err)
		}
	})
}

// signalNames are what interrupt takes.
var signalNames = map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": os.Kill}

// interruptRun starts a run against a reference that stops answering after its first requests, sends it a signal then, and sets
// $CODE to its exit code: interrupt INT conform --rng 1.
func interruptRun(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || signalNames[args[0]] == nil {
		ts.Fatalf("usage: interrupt INT|TERM|HUP|KILL VERB ARGUMENTS…")
	}
	seen := make(chan struct{}, 1)
	var requests atomic.Int64
	reference := wkserver.New(wkserver.Options{})
	slow := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const answered = 1500
		switch n := requests.Add(1); {
		case n <= answered:
			reference.ServeHTTP(w, r)
		case n == answered+1:
			seen <- struct{}{}
			fallthrough
		default:
			<-r.Context().Done()
		}
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	go func() { _ = slow.Serve(listener) }()
	defer slow.Close()
	path, err := exec.LookPath("parley")
	ts.Check(err)
	command := exec.Command(path, append([]string{args[1], "--target", "http://" + listener.Addr().String()}, args[2:]...)...)
	command.Dir = ts.MkAbs(".")
	// Whoever started the tests may ignore a signal, as nohup does. Caught here, it is not handed down as ignored.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, signalNames[args[0]])
	err = command.Start()
	signal.Stop(caught)
	ts.Check(err)
	select {
	case <-seen:
	case <-time.After(time.Minute):
		ts.Fatalf("the run did not send enough requests within a minute")
	}
	ts.Check(command.Process.Signal(signalNames[args[0]]))
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		_ = command.Process.Kill()
		ts.Fatalf("the run did not end within 15 seconds of the interrupt")
	}
	ts.Setenv("CODE", fmt.Sprint(command.ProcessState.ExitCode()))
}

// sameRequests runs the suite twice with one seed, each time against a fresh reference behind a recorder, and compares
// what came in: method, path and body, without the run's id and what the server had made up itself.
func sameRequests(ts *testscript.TestScript, neg bool, args []string) {
	first, second := recordedRun(ts, args), recordedRun(ts, args)
	if len(first) < 1000 {
		ts.Fatalf("only %d requests were recorded", len(first))
	}
	if len(first) != len(second) {
		ts.Fatalf("%d requests, and then %d", len(first), len(second))
	}
	// Some specs send two requests at once: in which order these arrive is nobody's to say.
	slices.Sort(first)
	slices.Sort(second)
	for i := range first {
		if first[i] != second[i] {
			ts.Fatalf("request %d differs:\n%s\n%s", i+1, first[i], second[i])
		}
	}
}

// serverMade are versions and message numbers: what a server makes up a client can only send back.
var serverMade = regexp.MustCompile(`"(version|message_seq|message_id)":\d+|"last_msg_seqs":"[^"]*"`)

// repeatable is a request without that, and without the id of the run.
func repeatable(request string) string {
	return runIDs.ReplaceAllString(serverMade.ReplaceAllString(request, "$1"), "RUN")
}

var runIDs = regexp.MustCompile(`\bp([0-9a-f]{8}|[0-9a-f]{1,7}$)`) // a spec may cut its body off in the middle of it

func recordedRun(ts *testscript.TestScript, args []string) []string {
	recorder := newRecorder(ts)
	defer recorder.close()
	path, err := exec.LookPath("parley")
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, path, append([]string{"conform", "--target", recorder.url, "--out", filepath.Join(ts.MkAbs("."), "recorded")}, args...)...)
	if output, err := command.CombinedOutput(); err != nil {
		ts.Fatalf("the run against the reference failed: %v\n%s", err, output)
	}
	return recorder.requests
}
