package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/wukongim/server"
)

// A reference server in one's own test: put a message there, and sync it.
func Example() {
	clock := func() time.Time { return time.Unix(1_700_000_000, 0) }
	target := httptest.NewServer(server.New(server.Options{Clock: clock}))
	defer target.Close()

	post := func(path, body string) string {
		response, err := http.Post(target.URL+path, "application/json", strings.NewReader(body))
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		answer, _ := io.ReadAll(response.Body)
		return response.Status + " " + string(answer)
	}
	post("/message/send", `{"from_uid":"ann","channel_id":"bob","channel_type":1,"payload":"aGk=","client_msg_no":"c1"}`)
	fmt.Println(post("/conversation/sync", `{"uid":"bob"}`))
	fmt.Println(post("/conversations/clearUnread", `{"uid":"bob","channel_id":"ann","channel_type":1}`))
	fmt.Println(post("/conversations/clearUnread", `{"uid":"bob","channel_id":"eve","channel_type":1}`))
	// Output:
	// 200 OK [{"channel_id":"ann","channel_type":1,"unread":1,"timestamp":1700000000,"last_msg_seq":1,"last_client_msg_no":"c1","version":1700000000000000000,"recents":[]}]
	// 200 OK {"status":"ok"}
	// 404 Not Found {"msg":"uid \"bob\" has no conversation with the channel_id \"eve\" and the channel_type 1","status":404}
}
