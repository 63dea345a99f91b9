package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

func golden(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.TrimSpace(data)
	if strings.HasSuffix(name, ".hex") {
		if data, err = hex.DecodeString(string(data)); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// TestTheDocumentedListReadsAsItIsWrittenThere holds our own proto against the sample of the page.
func TestTheDocumentedListReadsAsItIsWrittenThere(t *testing.T) {
	want := &pb.ListResponse{
		Status: &pb.Status{Number: 114514, Code: 1, Msg: "success"}, Total: 8, Tag: "abcdef",
		Data: []*pb.Conversation{{
			ChatId: "7356666", ChatType: 1, Name: "测试", ChatContent: "我信(", TimestampMs: 1755566778727, Unread: 1, At: 1,
			AvatarId: 12345, AvatarUrl: "https://chat-img.jwznb.com/...", DoNotDisturb: 1, Timestamp: 1755566778, CertificationLevel: 1,
			AtData: &pb.Mention{Unknown: 123456, MentionedId: "7356666", MentionedName: "测试", MentionedIn: "8826666",
				MentionerId: "8827777", MentionerName: "测试", MsgSeq: 1234},
		}},
	}
	got, err := DecodeList(golden(t, "list_response.hex"))
	if err != nil || !proto.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if again := marshal(got); !bytes.Equal(again, golden(t, "list_response.hex")) {
		t.Errorf("written again it is %x", again)
	}
}

func TestTheDocumentedBodies(t *testing.T) {
	if r, err := DecodeDismiss(golden(t, "dismiss_request.json")); err != nil || r.ChatID != "123" {
		t.Errorf("dismiss: %+v, %v", r, err)
	}
	if r, err := DecodeSortChange(golden(t, "sort_change_request.json")); err != nil || r.UserID != "123" {
		t.Errorf("sort-change: %+v, %v", r, err)
	}
	if got := AppendEnvelope(nil, Envelope{CodeSuccess, MsgSuccess}); !bytes.Equal(got, golden(t, "success.json")) {
		t.Errorf("success is %s", got)
	}
}

func TestVectors(t *testing.T) {
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"a request without md5":   {AppendListRequest(nil, ""), ""},
		"a request with md5 abc":  {AppendListRequest(nil, "abc"), "1203616263"},
		"the least good response": {marshal(&pb.ListResponse{Status: &pb.Status{Code: 1, Msg: "success"}}), "0a0b10011a0773756363657373"},
		"the code -101":           {marshal(&pb.Status{Code: -101}), "109bffffffffffffffff01"},
	} {
		if hex.EncodeToString(c.got) != c.want {
			t.Errorf("%s is %x, want %s", name, c.got, c.want)
		}
	}
}

func TestRefusalsAreReadFromJSONAndFromProtobuf(t *testing.T) {
	for name, body := range map[string][]byte{
		"JSON":     []byte(` {"code":-101,"msg":"未登录"}`),
		"protobuf": marshal(&pb.ListResponse{Status: &pb.Status{Code: -101, Msg: "未登录"}}),
	} {
		_, err := DecodeList(body)
		var refused *StatusError
		if !errors.As(err, &refused) || refused.Code != -101 || refused.Msg != MsgNotLoggedIn || refused.Protobuf != (name == "protobuf") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, malformed := range []string{"\x0a\x7f", "{", "[]", "\xff"} {
		if _, err := DecodeList([]byte(malformed)); err == nil {
			t.Errorf("%q was read", malformed)
		}
	}
}

func TestRequestsAreReadStrictly(t *testing.T) {
	for _, body := range []string{``, `{}`, `[]`, `{"chatId":7}`, `{"chatId":null}`, `{"chatId":""}`, `{"chatid":"a"}`, `{"chatId":"a"}x`,
		`{"chatId":"a","chatId":"b"}`, "{\"chatId\":\"\xff\"}"} {
		var wrong *fields.Error
		if _, err := DecodeDismiss([]byte(body)); !errors.As(err, &wrong) {
			t.Errorf("%s was read: %v", body, err)
		}
	}
	if r, err := DecodeDismiss([]byte(`{"chatId":"群","more":[1]}`)); err != nil || r.ChatID != "群" {
		t.Errorf("an unknown member was not skipped: %+v, %v", r, err)
	}
	if md5, err := DecodeListRequest([]byte("\x0a\x01a\x12\x03abc\x78\x07")); err != nil || md5 != "abc" {
		t.Errorf("unknown fields were not skipped: %q, %v", md5, err)
	}
}

func TestDigestFollowsTheContent(t *testing.T) {
	a, b := []*pb.Conversation{{ChatId: "a"}}, []*pb.Conversation{{ChatId: "a", Unread: 1}}
	if Digest(a) == Digest(b) || Digest(a) != Digest([]*pb.Conversation{{ChatId: "a"}}) || len(Digest(nil)) != 32 {
		t.Errorf("digests %s, %s, %s", Digest(a), Digest(b), Digest(nil))
	}
}

func FuzzDecodeList(f *testing.F) {
	f.Add([]byte("\x0a\x7f"))
	f.Add([]byte(`{"code":1,"msg":""}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := DecodeList(body); err == nil && r == nil {
			t.Error("neither a list nor an error")
		}
	})
}
