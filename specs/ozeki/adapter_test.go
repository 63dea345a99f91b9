package ozeki_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/docs/testdata/ozekihook"
	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/server"
)

// store is the inside of "a server of one's own": the reference's model, without the reference's hook.
type store struct {
	*model.State
	n int
}

func (s *store) User(run, handle, name string) string {
	id := model.UserID(handle + "@example.test")
	s.Create(model.Create{Users: []model.Participant{{ID: id, Name: name}}, OnlyUsers: true, Run: run})
	return id
}

func (s *store) Conversation(run string, members []string, group bool) (id, instance string) {
	s.n++
	op := model.Create{Group: group, Run: run, Handle: fmt.Sprint(s.n), Now: time.Now()}
	for _, m := range members {
		op.Users = append(op.Users, model.Participant{ID: m})
	}
	made := s.Create(op)
	return made.ID, made.Instance
}

func (s *store) Message(conversation, _ string, data []byte) string {
	s.n++
	now := time.Now().UTC().Truncate(time.Second)
	id := model.UUID(fmt.Sprint(s.n))
	_, err := s.State.Append(model.Append{Conversation: conversation, Messages: []model.Message{
		{ID: id, Type: "Message", Created: now, ValidUntil: now.Add(time.Hour), Data: base64.StdEncoding.EncodeToString(data)},
	}})
	if err != nil {
		return ""
	}
	return id
}

func TestTheHookOfTheDocsSeedsAServerOfOnesOwn(t *testing.T) {
	s := &store{State: model.New(1)}
	mux := http.NewServeMux()
	mux.Handle("/", server.New(server.Options{Model: s.State, Token: token}))
	mux.Handle("/_parley/", http.StripPrefix("/_parley", ozekihook.New(s, server.DefaultStation, token)))
	run, err := suite(t, 1, mux, nil)
	if err != nil {
		t.Fatal(err)
	}
	conformant(t, "a server behind the hook of the docs", run)
	if run.Counts.NotTestable+run.Counts.NotDeclared > 0 {
		t.Errorf("not everything could be judged: %+v", run.Counts)
	}
}

func TestTheDocsShowTheHookThatRuns(t *testing.T) {
	code, err := os.ReadFile("../../docs/testdata/ozekihook/hook.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/ozeki.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```go\n"+string(code)+"```\n") {
		t.Error("docs/ozeki.md does not show docs/testdata/ozekihook/hook.go as it is")
	}
	if n := strings.Count(string(code), "\n"); n >= 60 {
		t.Errorf("the hook has %d lines, want fewer than 60", n)
	}
}
