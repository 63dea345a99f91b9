// Package ozekihook is a seeding hook for a chat server of one's own: what it asks of Store is the server's own business.
package ozekihook

import (
	"encoding/json"
	"net/http"
)

// Store makes what parley wants, in whichever way the server has: SQL, an admin API, files.
type Store interface {
	User(run, handle, name string) (id string)
	Conversation(run string, members []string, group bool) (id, instance string)
	Message(conversation, from string, data []byte) (id string)
	Clean(run string)
}

type object = map[string]any
type body struct {
	Run, ID, Name, Conversation, From string
	Number                            string `json:"client_msg_no"`
	Type                              int
	Members                           []string
	Payload                           []byte // base64 in JSON
	Users, Conversations              []body
	Messages                          []body
}

// New answers POST /world, /messages and /clean. Station and signature are what the server asks of its clients.
func New(s Store, station, signature string) http.Handler {
	users, conversations := map[string]string{}, map[string]string{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in body
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<20)).Decode(&in); err != nil {
			http.Error(w, `{"error": "the body is no JSON"}`, http.StatusBadRequest)
			return
		}
		made, chats, sent := object{}, object{}, object{}
		for _, u := range in.Users {
			users[u.ID] = s.User(in.Run, u.ID, u.Name)
			made[u.ID] = object{"id": users[u.ID], "headers": object{"Ozeki-User": users[u.ID], "Ozeki-Station": station, "Ozeki-Signature": signature}}
		}
		for _, c := range in.Conversations {
			for i, member := range c.Members {
				c.Members[i] = users[member]
			}
			id, instance := s.Conversation(in.Run, c.Members, c.Type != 1)
			conversations[c.ID], chats[c.ID] = id, object{"id": id, "instance": instance}
		}
		for _, c := range append(in.Conversations, body{ID: in.Conversation, Messages: in.Messages}) {
			for _, m := range c.Messages {
				sent[m.Number] = object{"id": s.Message(conversations[c.ID], users[m.From], m.Payload)}
			}
		}
		if r.URL.Path == "/clean" {
			s.Clean(in.Run)
		}
		json.NewEncoder(w).Encode(object{"users": made, "conversations": chats, "messages": sent})
	})
}
