// A seeding hook for one's own Yunhu server, to copy: go run main.go ADDRESS SERVER. The server's calls under /admin are
// made up; put yours in their place.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
)

type object = map[string]any

func main() {
	_ = http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			Run, Conversation              string
			Users, Conversations, Messages []object
		}
		users, conversations, messages := object{}, object{}, object{}
		err := json.NewDecoder(r.Body).Decode(&call)
		admin := func(path string, body object) (answer object) {
			data, _ := json.Marshal(body)
			response, e := http.Post(os.Args[2]+"/admin/"+path, "application/json", bytes.NewReader(data))
			if e == nil {
				e = json.NewDecoder(response.Body).Decode(&answer)
				response.Body.Close()
			}
			err = errors.Join(err, e)
			return answer
		}
		send := func(m object, chat any) {
			m["chat"] = chat
			messages[m["client_msg_no"].(string)] = object{"seq": admin("message", m)["seq"]}
		}
		for _, u := range call.Users { // id, name, do_not_disturb; the token is what requests of this user must carry
			users[u["id"].(string)] = object{"id": u["id"], "headers": object{"token": admin("user", u)["token"]}}
		}
		for _, c := range call.Conversations { // id, type, members; type 1 is between two users: its id is only a handle
			conversations[c["id"].(string)] = object{"id": admin("chat", c)["id"]}
			for _, m := range c["messages"].([]any) { // from, payload in base64, mentions
				send(m.(object), c["id"])
			}
		}
		for _, m := range call.Messages {
			send(m, call.Conversation)
		}
		if r.URL.Path == "/clean" {
			admin("clean", object{"run": call.Run})
		}
		answer := object{"users": users, "conversations": conversations, "messages": messages}
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			answer = object{"error": err.Error()}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
}
