package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-im/parley/reference/fields"
)

func TestLastMsgSeqsAreReadFromTheRight(t *testing.T) {
	for in, want := range map[string][]ChannelSeq{
		"":                       nil,
		"g:2:5":                  {{"g", 2, 5}},
		"a:b:c:2:5|:::1:7":       {{"a:b:c", 2, 5}, {"::", 1, 7}},
		"g:2:5||x|h:2:6":         {{"g", 2, 5}, {"h", 2, 6}},
		"g:2:-5|g:2:|g::5|:2:5":  nil,
		"g:256:5|g:-1:5|g:2:1.5": nil,
		"g:2:9223372036854775807|g:2:9223372036854775808": {{"g", 2, 9223372036854775807}},
	} {
		if d := cmp.Diff(want, ParseLastMsgSeqs(in)); d != "" {
			t.Errorf("%q (-want +got):\n%s", in, d)
		}
	}
	all := []ChannelSeq{{"a:b", 2, 5}, {"c", 1, 6}}
	if d := cmp.Diff(all, ParseLastMsgSeqs(FormatLastMsgSeqs(all))); d != "" {
		t.Errorf("formatted and parsed again (-want +got):\n%s", d)
	}
}

func TestDecodingNamesTheField(t *testing.T) {
	sync := func(b []byte) error { _, err := DecodeSyncRequest(V2, b); return err }
	send := func(b []byte) error { _, err := DecodeSendRequest(b); return err }
	const to = `"from_uid":"a","channel_id":"b","channel_type":1`
	for _, c := range []struct {
		decode   func([]byte) error
		in, says string
	}{
		{sync, `[]`, "must be a JSON object, got an array"},
		{sync, `null`, "must be a JSON object"},
		{sync, `{}`, "uid is required, got nothing"},
		{sync, `{"uid":null}`, "uid is required, got null"},
		{sync, `{"UID":"a"}`, "uid is required"},
		{sync, `{"uid":""}`, "uid must not be empty"},
		{sync, `{"uid":"a","uid":"a"}`, `"uid" stands twice`},
		{sync, `{"uid":"a"}{}`, "more bytes"},
		{sync, `{"uid":"a","msg_count":1.5}`, "msg_count must be an integer, got the number 1.5"},
		{sync, `{"uid":"a","msg_count":1e3}`, "msg_count must be an integer"},
		{sync, `{"uid":"a","msg_count":-1}`, "msg_count must be an integer from 0"},
		{sync, `{"uid":"a","version":9223372036854775808}`, "version must be an integer from 0 to 9223372036854775807"},
		{sync, `{"uid":"a","version":` + strings.Repeat("9", 1_000_000) + `}`, "version must be an integer from 0"},
		{sync, `{"uid":"a","only_unread":2}`, "only_unread must be an integer from 0 to 1"},
		{sync, `{"uid":"a","exclude_channel_types":[1,"2"]}`, `exclude_channel_types[1] must be an integer, got the string "2"`},
		{send, `{` + to + `}`, "payload is required"},
		{send, `{` + to + `,"payload":"a"}`, "payload must be standard base64"},
		{send, `{` + to + `,"payload":"aGk"}`, "payload must be standard base64"},
		{send, `{` + to + `,"payload":"aG\nk="}`, "payload must be standard base64"},
		{send, `{` + to + `,"payload":"aGl="}`, "payload must be standard base64"},
		{send, `{` + to + `,"payload":"_-8="}`, "payload must be standard base64"},
		{send, `{` + to + `,"payload":"aGk=","header":[]}`, "header must be an object"},
		{send, `{` + to + `,"payload":"aGk=","header":{"red_dot":2}}`, "header.red_dot must be an integer from 0 to 1"},
	} {
		err := c.decode([]byte(c.in))
		var bad *fields.Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.90s: got error %v, want one that says %q", c.in, err, c.says)
		}
	}
}

func TestProfileV1PassesOverWhatItsPageDoesNotName(t *testing.T) {
	body := []byte(`{"uid":"a","only_unread":"x","exclude_channel_types":7}`)
	if _, err := DecodeSyncRequest(V1, body); err != nil {
		t.Errorf("v1: %v", err)
	}
	if _, err := DecodeSyncRequest(V2, body); err == nil {
		t.Error("v2 took only_unread \"x\"")
	}
}

func TestTextIsAlwaysJSON(t *testing.T) {
	var every []byte
	for r := range rune(0x300) {
		every = append(every, string(r)...)
	}
	for _, s := range []string{"", "plain", `"\` + "\n\x00\x1f", string(every), "你好 🙂 \u2028", "\u202e",
		"12345678\"", "1234567\"", "\x1f2345678", "1234\\678", "1234567\x7f", "1234567é", "!#[] ~12"} {
		var got string
		if err := json.Unmarshal(appendText(nil, s), &got); err != nil || got != s {
			t.Errorf("%q came back as %q, %v", s, got, err)
		}
	}
	var got string
	if err := json.Unmarshal(appendText(nil, "a\xffb\xe4"), &got); err != nil || got != "a\uFFFDb\uFFFD" {
		t.Errorf("broken UTF-8 came back as %q, %v", got, err)
	}
}

func TestSeedingRoundTrip(t *testing.T) {
	send := SendRequest{
		Header: &Header{RedDot: 1, SyncOnce: 1}, Setting: 255, FromUID: "a", ChannelID: "g\"", ChannelType: 2,
		Payload: []byte{0, 255}, ClientMsgNo: "c",
	}
	got, err := DecodeSendRequest(send.Append(nil))
	if d := cmp.Diff(send, got); err != nil || d != "" {
		t.Errorf("send: %v (-want +got):\n%s", err, d)
	}
	sent := Sent{MessageID: 1<<60 + 1, MessageSeq: 3, ClientMsgNo: "c"}
	if got, err := DecodeSent(AppendSent(nil, sent)); err != nil || got != sent {
		t.Errorf("sent came back as %+v, %v", got, err)
	}
	channel := ChannelRequest{ChannelID: "g", ChannelType: 2, Subscribers: []string{"a", "b"}}
	if got, err := DecodeChannelRequest(channel.Append(nil)); err != nil || !cmp.Equal(got, channel) {
		t.Errorf("channel came back as %+v, %v", got, err)
	}
	token := UserTokenRequest{UID: "a", Token: "t", DeviceFlag: 1}
	if got, err := DecodeUserTokenRequest(token.Append(nil)); err != nil || got != token {
		t.Errorf("user token came back as %+v, %v", got, err)
	}
}

func TestAnswersOfHostileServersAreErrors(t *testing.T) {
	for _, body := range []string{"", "null", "{}", `[{"unread":1.5}]`, `[{"recents":{}}]`, `[{"recents":[{"payload":"*"}]}]`, strings.Repeat("[", 100000)} {
		if all, err := DecodeConversations([]byte(body)); err == nil {
			t.Errorf("%.40q was taken as %v", body, all)
		}
	}
	for body, want := range map[string]string{`{"status":"ok"}`: "ok", `{"status":200}`: "200", `{}`: ""} {
		if s, err := DecodeStatus([]byte(body)); err != nil || s.Status != want {
			t.Errorf("%s: got %+v, %v, want %q", body, s, err, want)
		}
	}
	for _, body := range []string{"", `{"status":200}`, `{"data":{"message_id":"1"}}`} {
		if s, err := DecodeSent([]byte(body)); err == nil {
			t.Errorf("%q was taken as %+v", body, s)
		}
	}
}

// naive is what the append-style encoder must equal, for any content.
func naive(t *testing.T, all []Conversation) any {
	t.Helper()
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return decodeAny(t, data)
}

func decodeAny(t *testing.T, data []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

func FuzzAppendConversations(f *testing.F) {
	f.Add("id", "no", []byte("hi"), int64(1)<<60+1)
	f.Add("\x00\"\\\xff", "你", []byte{0, 255}, int64(-1))
	f.Fuzz(func(t *testing.T, id, no string, payload []byte, n int64) {
		id, no = strings.ToValidUTF8(id, "?"), strings.ToValidUTF8(no, "?")
		if payload == nil {
			payload = []byte{}
		}
		other := Message{FromUID: no, Payload: []byte{}}
		m := Message{MessageID: n, MessageSeq: 2, ClientMsgNo: no, FromUID: id, Payload: payload, ChannelID: id, ChannelType: 2}
		all := []Conversation{{ChannelID: id, ChannelType: 2, Version: n, LastClientMsgNo: no, Recents: []Message{m, m, other, m}}, {Recents: []Message{}}}
		if d := cmp.Diff(naive(t, all), decodeAny(t, AppendConversations(nil, V1, all))); d != "" {
			t.Errorf("(-encoding/json +append):\n%s", d)
		}
	})
}

func ExampleFormatLastMsgSeqs() {
	fmt.Println(FormatLastMsgSeqs([]ChannelSeq{{"user1", 1, 100}, {"group1", 2, 200}}))
	// Output: user1:1:100|group1:2:200
}
