package yunhu_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/yunhu/server"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/yunhu"
)

const adapterSource = "../../docs/testdata/yunhu-hook"

// ownServer is a server with calls of its own under /admin, as the adapter of the documents expects them. Behind it
// stands the reference, which is asked by its hook.
type ownServer struct {
	reference *server.Server
	run       string
	mu        sync.Mutex
	silent    map[string][]any // who wants silence of which chats, until there are such chats
}

func (o *ownServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	if filepath.Dir(r.URL.Path) != "/admin" {
		o.reference.ServeHTTP(w, r)
		return
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	answer := o.admin(filepath.Base(r.URL.Path), body)
	if answer == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (o *ownServer) admin(call string, body map[string]any) map[string]any {
	switch call {
	case "user":
		seeded := o.hook("world", map[string]any{"api": "yunhu", "users": []any{map[string]any{"id": body["id"], "name": body["name"]}}})
		id, _ := body["id"].(string)
		o.mu.Lock()
		o.silent[id], _ = body["do_not_disturb"].([]any)
		o.mu.Unlock()
		user, _ := seeded["users"].(map[string]any)[id].(map[string]any)
		headers, _ := user["headers"].(map[string]any)
		return headers
	case "chat":
		body["messages"] = nil
		seeded := o.hook("world", map[string]any{"api": "yunhu", "conversations": []any{body}, "users": o.whoIsSilent(body["id"])})
		id, _ := body["id"].(string)
		chat, _ := seeded["conversations"].(map[string]any)[id].(map[string]any)
		return chat
	case "message":
		number, _ := body["client_msg_no"].(string)
		seeded := o.hook("messages", map[string]any{"conversation": body["chat"], "messages": []any{body}})
		sent, _ := seeded["messages"].(map[string]any)[number].(map[string]any)
		return sent
	}
	return o.hook("clean", map[string]any{"run": body["run"]})
}

// whoIsSilent are the users who want silence of a chat that there is from now on.
func (o *ownServer) whoIsSilent(chat any) []any {
	o.mu.Lock()
	defer o.mu.Unlock()
	users := []any{}
	for id, chats := range o.silent {
		for _, silent := range chats {
			if silent == chat {
				users = append(users, map[string]any{"id": id, "do_not_disturb": []any{chat}})
			}
		}
	}
	return users
}

func (o *ownServer) hook(call string, body map[string]any) map[string]any {
	body["schema"] = 1
	if body["run"] == nil {
		body["run"] = o.run
	}
	data, _ := json.Marshal(body)
	w := &answerKeeper{header: http.Header{}}
	r, _ := http.NewRequest("POST", "http://reference.invalid/_parley/"+call, bytes.NewReader(data))
	o.reference.ServeHTTP(w, r)
	var answer map[string]any
	if w.status != http.StatusOK || json.Unmarshal(w.body.Bytes(), &answer) != nil {
		return nil
	}
	return answer
}

type answerKeeper struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *answerKeeper) Header() http.Header         { return k.header }
func (k *answerKeeper) WriteHeader(status int)      { k.status = status }
func (k *answerKeeper) Write(p []byte) (int, error) { return k.body.Write(p) }

// startAdapter builds and starts the adapter of the documents, and waits until it answers.
func startAdapter(t *testing.T, serverURL string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "hook")
	if out, err := exec.Command("go", "build", "-o", binary, adapterSource+"/main.go").CombinedOutput(); err != nil {
		t.Fatalf("the adapter does not build: %v\n%s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	command := exec.Command(binary, address, serverURL)
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
		if connection, err := net.Dial("tcp", address); err == nil {
			connection.Close()
			return "http://" + address
		}
	}
	t.Fatal("the adapter does not answer")
	return ""
}

// TestTheAdapterOfTheDocumentsSeedsAServerOfOnesOwn runs the suite through it.
func TestTheAdapterOfTheDocumentsSeedsAServerOfOnesOwn(t *testing.T) {
	source, err := os.ReadFile(adapterSource + "/main.go")
	if err != nil || bytes.Count(source, []byte("\n")) >= 60 {
		t.Fatalf("%v: the adapter must stay below 60 lines", err)
	}
	const run = "p0a1b2c3d"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	own := &ownServer{reference: server.New(server.Options{}), run: run, silent: map[string][]any{}}
	go func() { _ = http.Serve(listener, own) }()
	defer listener.Close()
	target := fixtures.Default()
	target.API, target.Profile, target.URL = "yunhu", "2025", "http://"+listener.Addr().String()
	target.Seed.Driver, target.Seed.URL = fixtures.DriverHook, startAdapter(t, target.URL)
	all, err := yunhu.Family().Specs(target.Profile)
	if err != nil {
		t.Fatal(err)
	}
	env := &specs.Env{URL: target.URL, Profile: target.Profile, Timeout: 20 * time.Second, Seeder: fixtures.NewHook(target), Run: run, RNG: 1}
	if err := specs.Preflight(context.Background(), yunhu.Family(), env); err != nil {
		t.Fatal(err)
	}
	picked, err := specs.Select(all, "YH-LIST-3 || YH-LIST-4 || YH-LIST-6 || YH-DISMISS-2 || YH-ISO-1 || YH-STATE-1")
	if err != nil {
		t.Fatal(err)
	}
	family, err := catalog.Of("yunhu")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range specs.Run(context.Background(), picked, env, nil).Outcome(family, env, nil, true).Requirements {
		if r.Verdict != reports.Pass {
			t.Errorf("%s is %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	if err := env.Seeder.Clean(context.Background(), run); err != nil {
		t.Error(err)
	}
}
