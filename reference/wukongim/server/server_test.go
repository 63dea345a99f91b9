package server

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

func TestAConversationFromSeedToDelete(t *testing.T) {
	c := clock.NewManual(time.Unix(1_700_000_000, 7))
	s := New(Options{Clock: c.Now})
	for path, body := range map[string]string{
		"/user/token": `{"uid":"ann","token":"t","device_flag":0,"device_level":1}`,
		"/channel":    `{"channel_id":"g","channel_type":2,"subscribers":["ann"]}`,
	} {
		if got := post(t, s, path, body, 200); got != `{"status":200}` {
			t.Errorf("%s answered %s", path, got)
		}
	}
	post(t, s, "/channel/subscriber_add", `{"channel_id":"g","channel_type":2,"subscribers":["bob"]}`, 200)
	sent, err := wire.DecodeSent([]byte(post(t, s, sendPath,
		`{"from_uid":"bob","channel_id":"g","channel_type":2,"payload":"AP8=","client_msg_no":"你\u0000"}`, 200)))
	if err != nil || sent.MessageSeq != 1 || sent.ClientMsgNo != "你\x00" {
		t.Fatalf("send answered %+v, %v", sent, err)
	}
	want := fmt.Sprintf(`[{"channel_id":"g","channel_type":2,"unread":1,"timestamp":1700000000,"last_msg_seq":1,`+
		`"last_client_msg_no":"你\u0000","version":1700000000000000009,"recents":[{"message_id":%d,"message_seq":1,`+
		`"client_msg_no":"你\u0000","from_uid":"bob","timestamp":1700000000,"payload":"AP8="}]}]`, sent.MessageID)
	if got := post(t, s, syncPath, `{"uid":"ann","msg_count":1}`, 200); got != want {
		t.Errorf("sync answered\n%s, want\n%s", got, want)
	}
	const ann = `{"uid":"ann","channel_id":"g","channel_type":2`
	for _, step := range []struct {
		path, body string
		unread     int64
	}{{clearPath, ann + `}`, 0}, {setPath, ann + `,"unread":1}`, 1}, {clearPath, ann + `,"message_seq":1}`, 0}} {
		if got := post(t, s, step.path, step.body, 200); got != `{"status":"ok"}` {
			t.Errorf("%s answered %s", step.path, got)
		}
		if all := syncAll(t, s, `{"uid":"ann"}`); len(all) != 1 || all[0].Unread != step.unread {
			t.Errorf("after %s %s ann has %+v, want %d unread", step.path, step.body, all, step.unread)
		}
	}
	post(t, s, delPath, ann+`}`, 200)
	post(t, s, delPath, ann+`}`, 404)
	if got := post(t, s, syncPath, `{"uid":"ann"}`, 200); got != "[]" {
		t.Errorf("after the deletion ann still has %s", got)
	}
}

func TestProfilesDiffer(t *testing.T) {
	v2, v1 := New(Options{}), New(Options{Profile: "v1"})
	for _, s := range []*Server{v2, v1} {
		for range 60 {
			post(t, s, sendPath, `{"header":{"red_dot":1},"setting":128,"from_uid":"bob","channel_id":"ann","channel_type":1,"payload":"aGk="}`, 200)
		}
		post(t, s, clearPath, `{"uid":"ann","channel_id":"bob","channel_type":1}`, 200)
	}
	const everything = `{"uid":"ann","msg_count":60,"only_unread":1,"exclude_channel_types":[1]}`
	if got := post(t, v2, syncPath, everything, 200); got != "[]" {
		t.Errorf("v2 answered %.200s, want nothing unread", got)
	}
	all := syncAll(t, v1, everything)
	if len(all) != 1 || len(all[0].Recents) != 60 {
		t.Fatalf("v1 answered %+v, want the 60 messages: its page has neither a cap nor filters", all)
	}
	m := all[0].Recents[0]
	if m.ChannelID != "bob" || m.ChannelType != 1 || m.Setting != 128 || m.Header != (wire.Header{RedDot: 1}) {
		t.Errorf("v1's message is %+v, want the channel bob as ann sees it, setting 128 and red_dot 1", m)
	}
	if n := len(syncAll(t, v2, `{"uid":"ann","msg_count":60}`)[0].Recents); n != 50 {
		t.Errorf("v2 gave %d messages, want the cap of 50", n)
	}
	if got := post(t, v2, syncPath, `{"uid":"ann","msg_count":1}`, 200); strings.Contains(got, "header") {
		t.Errorf("v2's message has a header: %s", got)
	}
}

func TestLastMsgSeqs(t *testing.T) {
	s := New(Options{})
	post(t, s, worldPath, `{"schema":1,"run":"p1a2b3c4d","api":"wukongim","conversations":[
		{"id":"a:b","type":2,"members":["ann"],"messages":[{"from":"x","client_msg_no":"1","payload":""},{"from":"x","client_msg_no":"2","payload":""}]},
		{"id":"a:b","type":3,"members":["ann"],"messages":[{"from":"x","client_msg_no":"3","payload":""}]}]}`, 200)
	got := map[int]int{}
	for _, c := range syncAll(t, s, `{"uid":"ann","msg_count":9,"last_msg_seqs":"a:b:2:1|nonsense|a:b:3:1"}`) {
		got[c.ChannelType] = len(c.Recents)
	}
	if len(got) != 2 || got[2] != 1 || got[3] != 0 {
		t.Errorf("recents by channel type are %v, want 1 in type 2 and 0 in type 3", got)
	}
}

func TestHookSeedsAndCleans(t *testing.T) {
	s := New(Options{})
	var seeded hook.Seeded
	decode := func(body string, to any) {
		t.Helper()
		if err := json.Unmarshal([]byte(body), to); err != nil {
			t.Fatal(err)
		}
	}
	decode(post(t, s, worldPath, groupOfThree, 200), &seeded)
	if seeded.Users["ann"].ID != "ann" || seeded.Users["ann"].Headers == nil || len(seeded.Users["ann"].Headers) != 0 {
		t.Errorf("the users are %+v, want ann with no headers", seeded.Users)
	}
	if seeded.Conversations["g"].ID != "g" || seeded.Conversations["d"].ID != "" || len(seeded.Conversations) != 2 {
		t.Errorf("the conversations are %+v, want g by its name and d without", seeded.Conversations)
	}
	if seeded.Messages["c2"].Seq != 2 || seeded.Messages["c3"].Seq != 1 || seeded.Messages["c1"].ID == "" {
		t.Errorf("the messages are %+v, want c2 as second of its channel and c3 as first of its own", seeded.Messages)
	}
	var appended hook.Appended
	decode(post(t, s, hook.Prefix+"messages", `{"schema":1,"run":"p1a2b3c4d","conversation":"d",
		"messages":[{"from":"ann","client_msg_no":"c4","payload":"aGk="}]}`, 200), &appended)
	if appended.Messages["c4"].Seq != 2 {
		t.Errorf("the appended message is %+v, want seq 2", appended.Messages)
	}
	all := syncAll(t, s, `{"uid":"bob"}`)
	if len(all) != 2 || all[0].ChannelID != "ann" || all[0].Unread != 1 || all[1].Unread != 0 {
		t.Errorf("bob sees %+v, want ann's message on top", all)
	}
	post(t, s, hook.Prefix+"clean", `{"schema":1,"run":"p1a2b3c4d"}`, 200)
	post(t, s, hook.Prefix+"clean", `{"schema":1,"run":"p00000000"}`, 200)
	if got := post(t, s, syncPath, `{"uid":"ann"}`, 200); got != "[]" {
		t.Errorf("after clean, ann sees %s", got)
	}
	post(t, s, hook.Prefix+"messages", `{"schema":1,"run":"p1a2b3c4d","conversation":"g","messages":[]}`, 404)
}

func TestHookTakesAllOrNothing(t *testing.T) {
	s := New(Options{})
	const good = `{"id":"g","type":2,"members":["ann"],"messages":[{"from":"ann","client_msg_no":"c","payload":"aGk="}]}`
	world := func(head, conversations string) string {
		return fmt.Sprintf(`{%s,"users":[],"conversations":[%s]}`, head, conversations)
	}
	const head = `"schema":1,"run":"p1a2b3c4d","api":"wukongim"`
	for name, c := range map[string]struct{ body, says string }{
		"no schema":      {world(`"run":"p1a2b3c4d","api":"wukongim"`, good), "schema is required"},
		"other schema":   {world(`"schema":2,"run":"p1a2b3c4d","api":"wukongim"`, good), "schema must be 1"},
		"no run":         {world(`"schema":1,"api":"wukongim"`, good), "run is required"},
		"odd run":        {world(`"schema":1,"run":"x","api":"wukongim"`, good), "run must be p and 8"},
		"other api":      {world(`"schema":1,"run":"p1a2b3c4d","api":"yunhu"`, good), "api must be wukongim"},
		"bad payload":    {world(head, good+`,{"id":"h","type":2,"members":[],"messages":[{"from":"a","client_msg_no":"c","payload":"*"}]}`), "conversations[1].messages[0].payload"},
		"no members":     {world(head, good+`,{"id":"h","type":2}`), "conversations[1].members is required"},
		"type 0":         {world(head, good+`,{"id":"h","type":0,"members":[]}`), "conversations[1].type"},
		"three in two":   {world(head, good+`,{"id":"h","type":1,"members":["a","b","c"]}`), "two different users"},
		"a third sender": {world(head, good+`,{"id":"h","type":1,"members":["a","b"],"messages":[{"from":"c","client_msg_no":"c","payload":""}]}`), "conversations[1].messages[0].from must be one of the members"},
		"twice":          {world(head, good+`,`+good), "stands twice in one world"},
		"empty user":     {`{` + head + `,"users":[{"id":""}]}`, "users[0].id must not be empty"},
	} {
		if got := post(t, s, worldPath, c.body, 400); !strings.Contains(got, c.says) || !strings.Contains(got, `"error":`) {
			t.Errorf("%s: got %s, want an error that says %q", name, got, c.says)
		}
	}
	if got := post(t, s, syncPath, `{"uid":"ann"}`, 200); got != "[]" {
		t.Errorf("a refused world left %s", got)
	}
	post(t, s, worldPath, world(head, good+`,{"id":"g","type":3,"members":["ann"]}`), 200)
	const messages = hook.Prefix + "messages"
	if got := post(t, s, messages, `{"schema":1,"run":"p1a2b3c4d","conversation":"g","messages":[]}`, 404); !strings.Contains(got, "say its type") {
		t.Errorf("a handle of two conversations gave %s", got)
	}
	post(t, s, messages, `{"schema":1,"run":"p1a2b3c4d","conversation":"g","type":3,"messages":[]}`, 200)
}

// TestConcurrentUse is for the race detector, and for what must hold whatever the order: nothing is lost or doubled.
func TestConcurrentUse(t *testing.T) {
	target := httptest.NewServer(New(Options{}))
	defer target.Close()
	s := target.Config.Handler
	const senders, each = 4, 50
	var members []string
	for i := range senders {
		members = append(members, fmt.Sprintf(`"p1a2b3c4d-%d"`, i))
	}
	post(t, s, "/channel", `{"channel_id":"p1a2b3c4d-g","channel_type":2,"subscribers":[`+strings.Join(members, ",")+`,"p1a2b3c4d-r"]}`, 200)
	var mu sync.Mutex
	var seqs []int64
	var all sync.WaitGroup
	for _, uid := range members {
		all.Go(func() {
			for range each {
				sent, err := wire.DecodeSent(do(s, "POST", sendPath, `{"from_uid":`+uid+`,"channel_id":"p1a2b3c4d-g","channel_type":2,"payload":"aGk="}`).Body.Bytes())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				seqs = append(seqs, sent.MessageSeq)
				mu.Unlock()
				do(s, "POST", clearPath, `{"uid":`+uid+`,"channel_id":"p1a2b3c4d-g","channel_type":2}`)
				do(s, "POST", worldPath, groupOfThree)
				do(s, "POST", hook.Prefix+"clean", `{"schema":1,"run":"p00000000"}`)
			}
		})
		all.Go(func() {
			var version, last int64
			for range each {
				found, err := wire.DecodeConversations(do(s, "POST", syncPath, `{"uid":"p1a2b3c4d-r","msg_count":10}`).Body.Bytes())
				if err != nil || len(found) > 1 {
					t.Errorf("a reader got %v, %v", found, err)
					return
				}
				for _, c := range found {
					if c.Version < version || c.LastMsgSeq < last || c.Unread != c.LastMsgSeq || c.Recents[0].MessageSeq != c.LastMsgSeq {
						t.Errorf("after version %d and seq %d came %+v", version, last, c)
						return
					}
					version, last = c.Version, c.LastMsgSeq
				}
			}
		})
	}
	all.Wait()
	slices.Sort(seqs)
	for i, seq := range seqs {
		if seq != int64(i+1) {
			t.Fatalf("the sequence numbers are %v, want 1 to %d, each once", seqs, senders*each)
		}
	}
	if len(seqs) != senders*each {
		t.Errorf("%d messages were answered, want %d", len(seqs), senders*each)
	}
}
