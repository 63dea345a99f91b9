package hook

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/serve"
)

// members lets nobody else write.
var members = &Hook{API: "yunhu", MostType: 3}

const (
	head  = `{"schema":1,"run":"p1a2b3c4d","api":"yunhu","users":[{"id":"ann","name":"Ann","do_not_disturb":["g"]}],"conversations":[`
	group = `{"id":"g","type":2,"members":["ann","bob"],"messages":[{"from":"bob","client_msg_no":"1","payload":"aGk=","mentions":["ann"]}]}`
)

func TestAWorldIsReadWhole(t *testing.T) {
	got, err := members.world([]byte(head + group + `,{"id":"g","type":1,"members":["ann","bob"]}]}`))
	want := World{Run: "p1a2b3c4d", Users: []User{{ID: "ann", Name: "Ann", DoNotDisturb: []string{"g"}}}, Conversations: []Conversation{
		{ID: "g", Type: 2, Members: []string{"ann", "bob"}, Messages: []Message{
			{From: "bob", ClientMsgNo: "1", Payload: []byte("hi"), Mentions: []string{"ann"}}}},
		{ID: "g", Type: 1, Members: []string{"ann", "bob"}},
	}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

func TestAWorldIsRefusedWhole(t *testing.T) {
	for body, says := range map[string]string{
		`{"run":"p1a2b3c4d","api":"yunhu"}`:                                     "schema is required",
		`{"schema":2}`:                                                          "schema must be 1, got 2",
		`{"schema":1,"api":"yunhu"}`:                                            "run is required",
		`{"schema":1,"run":"x","api":"yunhu"}`:                                  "run must be p and 8",
		`{"schema":1,"run":"p1a2b3c4d","api":"ozeki"}`:                          "api must be yunhu on this server",
		strings.Replace(head, `["g"]`, `[7]`, 1) + `]}`:                         "users[0].do_not_disturb[0] must be a string",
		head + group + `,` + group + `]}`:                                       "conversations[1].id \"g\" with type 2 stands twice",
		head + `{"id":"c","members":[]}]}`:                                      "conversations[0].type is required",
		head + `{"id":"c","type":0,"members":[]}]}`:                             "conversations[0].type must be an integer from 1 to 3",
		head + `{"id":"c","type":4,"members":[]}]}`:                             "conversations[0].type must be an integer from 1 to 3",
		head + `{"id":"c","type":2}]}`:                                          "conversations[0].members is required",
		head + `{"id":"c","type":1,"members":["a"]}]}`:                          "conversations[0].members of a direct conversation",
		head + `{"id":"c","type":1,"members":["a","a"]}]}`:                      "two different users",
		head + strings.Replace(group, `"from":"bob"`, `"from":1`, 1) + `]}`:     "conversations[0].messages[0].from must be a string",
		head + strings.Replace(group, `"from":"bob"`, `"from":"eve"`, 1) + `]}`: "conversations[0].messages[0].from must be one of the members",
		head + strings.Replace(group, `"client_msg_no":"1",`, ``, 1) + `]}`:     "conversations[0].messages[0].client_msg_no is required",
		head + strings.Replace(group, `aGk=`, `aGk`, 1) + `]}`:                  "conversations[0].messages[0].payload must be standard base64",
		`{"schema":1,"x":[` + strings.Repeat("0,", ValueLimit+1) + `0]}`:        "seed the world in parts",
	} {
		_, err := members.world([]byte(body))
		var wrong *fields.Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.200s: got %v, want an error that says %q", body, err, says)
		}
	}
}

func TestOutsidersWriteWhereTheFamilyLetsThem(t *testing.T) {
	open := &Hook{API: "yunhu", MostType: 3, Outsider: func(c Conversation, _ string) bool { return c.Type != Direct }}
	said := []Message{{From: "eve"}}
	if err := open.Check(Conversation{Type: 2, Members: []string{"ann"}}, said); err != nil {
		t.Error(err)
	}
	if err := open.Check(Conversation{Type: Direct, Members: []string{"ann", "bob"}}, said); err == nil {
		t.Error("a stranger wrote into a direct conversation")
	}
}

func TestAnswers(t *testing.T) {
	h := &Hook{API: "yunhu", MostType: 3, Secret: serve.NewSecret("token", "sesame"), Clean: func(string) {},
		Add:    func(World) (Seeded, error) { return NewSeeded(), nil },
		Append: func(m Messages) (map[string]Sent, error) { return nil, NoConversation(m) }}
	const messages = `{"schema":1,"run":"p1a2b3c4d","conversation":"g","messages":[]}`
	for name, c := range map[string]struct {
		method, path, token, body string
		status                    int
		says                      string
	}{
		"a world":             {"POST", "world", "sesame", head + `]}`, 200, `{"users":{},"conversations":{},"messages":{}}`},
		"clean":               {"POST", "clean", "sesame", `{"schema":1,"run":"p1a2b3c4d"}`, 200, `{}`},
		"clean of no run":     {"POST", "clean", "sesame", `{"schema":1}`, 400, "run is required"},
		"without the secret":  {"POST", "world", "", head + `]}`, 403, "the header token is missing or wrong"},
		"another path":        {"POST", "worlds", "sesame", "", 404, "use world, messages or clean"},
		"another method":      {"GET", "world", "sesame", "", 405, "use POST"},
		"no such handle":      {"POST", "messages", "sesame", messages, 404, "none that a world of the run p1a2b3c4d made"},
		"messages left out":   {"POST", "messages", "sesame", `{"schema":1,"run":"p1a2b3c4d","conversation":"g"}`, 400, "messages is required"},
		"more than one reads": {"POST", "clean", "sesame", strings.Repeat(" ", BodyLimit+1), 413, "longer than"},
	} {
		r := httptest.NewRequest(c.method, Prefix+c.path, strings.NewReader(c.body))
		r.Header.Set("token", c.token)
		got := h.Answer(r)
		if got.Status != c.status || !strings.Contains(string(got.Body), c.says) || (got.Allow == http.MethodPost) != (c.status == 405) {
			t.Errorf("%s: got %d %s, want %d with %s", name, got.Status, got.Body, c.status, c.says)
		}
		var told struct{ Error string }
		if err := json.Unmarshal(got.Body, &told); err != nil || (told.Error == "") != (c.status == 200) {
			t.Errorf("%s: %s does not say what went wrong as the protocol has it", name, got.Body)
		}
	}
}

func TestTheLastMeaningOfAHandleHolds(t *testing.T) {
	h := Handles{}
	h.Add("p1a2b3c4d", Conversation{ID: "g", Type: 2, Members: []string{"ann"}, Messages: make([]Message, 1)})
	h.Add("p1a2b3c4d", Conversation{ID: "g", Type: 2, Members: []string{"bob"}})
	asked := Messages{Run: "p1a2b3c4d", Conversation: "g"}
	if c, err := h.Find(asked); err != nil || c.Members[0] != "bob" || c.Messages != nil {
		t.Errorf("found %+v, %v", c, err)
	}
	h.Add("p1a2b3c4d", Conversation{ID: "g", Type: 3})
	if _, err := h.Find(asked); err == nil || !strings.Contains(err.Error(), "say its type") {
		t.Errorf("one of two was taken: %v", err)
	}
	asked.Type = 3
	if c, err := h.Find(asked); err != nil || c.Type != 3 {
		t.Errorf("found %+v, %v", c, err)
	}
}

// TestLongCallsComeOneAfterTheOther has one long call hang in the middle: another one waits, a short one does not.
func TestLongCallsComeOneAfterTheOther(t *testing.T) {
	defer func(before time.Duration) { waiting = before }(waiting)
	waiting = 10 * time.Millisecond
	h := &Hook{API: "yunhu", MostType: 3, Secret: serve.NewSecret("token", ""), Clean: func(string) {}}
	sending, body := io.Pipe()
	first := make(chan int)
	go func() { first <- h.Answer(httptest.NewRequest(http.MethodPost, Prefix+"clean", sending)).Status }()
	if _, err := body.Write([]byte(`{"schema":1,`)); err != nil { // taken: the call has begun
		t.Fatal(err)
	}
	call := func(text string) int {
		return h.Answer(httptest.NewRequest(http.MethodPost, Prefix+"clean", strings.NewReader(text))).Status
	}
	short := `{"schema":1,"run":"p1a2b3c4d"}`
	long := short + strings.Repeat(" ", longCall)
	if got := call(long); got != http.StatusServiceUnavailable {
		t.Errorf("a long call beside another: %d", got)
	}
	if got := call(short); got != http.StatusOK {
		t.Errorf("a short call beside a long one: %d", got)
	}
	if _, err := body.Write([]byte(`"run":"p1a2b3c4d"}`)); err != nil {
		t.Fatal(err)
	}
	body.Close()
	if got := <-first; got != http.StatusOK {
		t.Errorf("the first call: %d", got)
	}
	if got := call(long); got != http.StatusOK {
		t.Errorf("a long call afterwards: %d", got)
	}
}
