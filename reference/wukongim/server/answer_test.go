package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// TestAnAnswerOfFormsIsTheAnswer holds a server that keeps forms against those that write every message anew: whoever
// gives a server a Model or Codec must get the same bytes as one who does not.
func TestAnAnswerOfFormsIsTheAnswer(t *testing.T) {
	const replaying = "the past of another"
	for _, profile := range []string{"v1", "v2"} {
		ways := map[string]Options{
			"its own":   {},
			"a codec":   {Codec: Codec{AppendConversations: wire.AppendConversations}},
			"a model":   {Model: model.New(0)},
			"a journal": {Journal: &MemoryJournal{}},
			replaying:   {Journal: played(profile)},
		}
		var want string
		for name, o := range ways {
			o.Profile, o.Clock = profile, ticking()
			s := New(o)
			if name != replaying {
				playAll(t, s)
			}
			got := syncs(t, s, "ann") + syncs(t, s, "bob")
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s: with %s the answers are\n%s\nothers gave\n%s", profile, name, got, want)
			}
		}
		if !strings.Contains(want, strings.Repeat("QUJD", 500)) || !strings.Contains(want, `\"ö\\`) {
			t.Errorf("%s: the answers lack the long and the odd message:\n%.2000s", profile, want)
		}
	}
}

// syncs is what a user is answered in several ways of asking.
func syncs(t *testing.T, s *Server, uid string) (all string) {
	for _, rest := range []string{``, `,"msg_count":3`, `,"msg_count":50`, `,"msg_count":50,"last_msg_seqs":"g:2:4"`, `,"msg_count":1,"only_unread":1`} {
		all += post(t, s, syncPath, `{"uid":"`+uid+`"`+rest+`}`, 200) + "\n"
	}
	return all
}

func ticking() func() time.Time {
	now := time.Unix(1_700_000_000, 0)
	return func() time.Time { now = now.Add(time.Millisecond); return now }
}

func played(profile string) Journal {
	j := &MemoryJournal{}
	playAll(nil, New(Options{Profile: profile, Clock: ticking(), Journal: j}))
	return j
}

// playAll sends messages of every kind: short and long ones, with and without a number, with odd texts and flags.
func playAll(t *testing.T, s *Server) {
	send := func(body string) {
		if w := do(s, "POST", sendPath, body); w.Code != 200 && t != nil {
			t.Fatal(w.Body)
		}
	}
	do(s, "POST", "/channel", `{"channel_id":"g","channel_type":2,"subscribers":["ann","bob"]}`)
	for i := range 6 {
		send(fmt.Sprintf(`{"from_uid":"bob","channel_id":"g","channel_type":2,"payload":"aGk=","client_msg_no":"n%d"}`, i))
		send(fmt.Sprintf(`{"from_uid":"bob","channel_id":"ann","channel_type":1,"setting":%d,"payload":""}`, i))
	}
	send(`{"from_uid":"ö\\\"","channel_id":"ann","channel_type":1,"payload":"AA==","client_msg_no":"\"ö\\"}`)
	send(`{"from_uid":"eve","channel_id":"g","channel_type":2,"header":{"red_dot":0},"payload":"` + strings.Repeat("QUJD", 500) + `"}`)
	send(`{"from_uid":"ann","channel_id":"g","channel_type":2,"payload":"aGk="}`)
}

// TestLongMessagesHaveNoForm keeps the memory of a server in bounds.
func TestLongMessagesHaveNoForm(t *testing.T) {
	if got := form(&model.Message{Payload: make([]byte, 1<<10)}); got == "" {
		t.Error("a message of 1 KiB has no form")
	}
	if got := form(&model.Message{Payload: make([]byte, 1<<10), From: "a"}); got != "" {
		t.Errorf("a longer message has a form of %d bytes", len(got))
	}
}
