package variants

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/hook"
)

var names = []Variant{
	{Name: "own-ids", Summary: "users, groups and bots have numbers for ids, whatever a world calls them", Freedom: "the hook answers what the target calls them",
		handler: func(_ *fault.Chance, honest http.Handler) http.Handler {
			return &ownIDs{honest: honest, ids: map[string]string{}}
		}},
}

// ownIDs gives everybody and everything that the hook makes a number.
type ownIDs struct {
	honest http.Handler
	mu     sync.Mutex
	ids    map[string]string
}

// hookWorld is what of the hook's requests names somebody or something.
type hookWorld struct {
	Schema        int            `json:"schema"`
	Run           string         `json:"run"`
	API           string         `json:"api,omitempty"`
	Conversation  string         `json:"conversation,omitempty"`
	Users         []hookPerson   `json:"users,omitempty"`
	Conversations []hookChat     `json:"conversations,omitempty"`
	Messages      *[]hookMessage `json:"messages,omitempty"`
}

type hookPerson struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	DoNotDisturb []string `json:"do_not_disturb"`
}

type hookChat struct {
	ID       string        `json:"id"`
	Type     int           `json:"type"`
	Members  []string      `json:"members"`
	Messages []hookMessage `json:"messages"`
}

type hookMessage struct {
	From        string   `json:"from"`
	ClientMsgNo string   `json:"client_msg_no"`
	Payload     string   `json:"payload"`
	Mentions    []string `json:"mentions"`
}

// ServeHTTP implements http.Handler.
func (o *ownIDs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, hook.Prefix) {
		o.honest.ServeHTTP(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body) // a body that breaks off is no JSON
	var world hookWorld
	if json.Unmarshal(body, &world) != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		o.honest.ServeHTTP(w, r)
		return
	}
	k := fault.Keep(o.honest, fault.With(r, o.translated(world)))
	fault.Send(w, k.Status, k.Header(), o.translatedBack(k.Body))
}

// number is what somebody or something is called here.
func (o *ownIDs) number(name string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name == "" {
		return ""
	}
	if _, known := o.ids[name]; !known {
		o.ids[name] = strconv.Itoa(7_000_000 + 13*len(o.ids))
	}
	return o.ids[name]
}

func (o *ownIDs) numbers(names []string) {
	for i, name := range names {
		names[i] = o.number(name)
	}
}

func (o *ownIDs) translated(w hookWorld) []byte {
	w.Conversation = o.number(w.Conversation)
	for i := range w.Users {
		w.Users[i].ID = o.number(w.Users[i].ID)
		o.numbers(w.Users[i].DoNotDisturb)
	}
	for i := range w.Conversations {
		w.Conversations[i].ID = o.number(w.Conversations[i].ID)
		o.numbers(w.Conversations[i].Members)
		o.messages(w.Conversations[i].Messages)
	}
	if w.Messages != nil {
		o.messages(*w.Messages)
	}
	body, _ := json.Marshal(w) // texts and numbers: this cannot fail
	return body
}

func (o *ownIDs) messages(all []hookMessage) {
	for i := range all {
		all[i].From = o.number(all[i].From)
		o.numbers(all[i].Mentions)
	}
}

// translatedBack answers by the names that were asked with.
func (o *ownIDs) translatedBack(body []byte) []byte {
	var seeded hook.Seeded
	if json.Unmarshal(body, &seeded) != nil || seeded.Users == nil {
		return body
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	back := hook.Seeded{Users: map[string]hook.Person{}, Conversations: map[string]hook.Name{}, Messages: seeded.Messages}
	for name, number := range o.ids {
		if u, ok := seeded.Users[number]; ok {
			back.Users[name] = u
		}
		if c, ok := seeded.Conversations[number]; ok {
			back.Conversations[name] = c
		}
	}
	data, _ := json.Marshal(back)
	return data
}
