package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden is a documented example without its white space. The Data of the added message is whole, where the page elides
// its middle.
func golden(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return b.Bytes()
}

func TestDocumentedRequestsDecodeAndEncode(t *testing.T) {
	paths, err := filepath.Glob("testdata/*_request.json")
	if err != nil || len(paths) < 8 {
		t.Fatalf("%d examples, %v", len(paths), err)
	}
	for _, path := range paths {
		body := golden(t, path)
		r, err := DecodeRequest(body)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got := r.Append(nil); !bytes.Equal(got, body) {
			t.Errorf("%s decoded and encoded again:\n got %s\nwant %s", path, got, body)
		}
	}
}

func TestDocumentedAnswersDecodeAndEncode(t *testing.T) {
	body := golden(t, "testdata/clear_response.json")
	a, err := DecodeAnswer(body)
	if err != nil {
		t.Fatal(err)
	}
	if got := EncodeConversation(*a.Conversation); !bytes.Equal(got, body) {
		t.Errorf("the answer to clear:\n got %s\nwant %s", got, body)
	}
	body = golden(t, "testdata/add_response.json")
	if a, err = DecodeAnswer(body); err != nil {
		t.Fatal(err)
	}
	if got := EncodeAdded(*a.Message); !bytes.Equal(got, body) {
		t.Errorf("the answer to add:\n got %s\nwant %s", got, body)
	}
}

func TestDecodeRequestNamesTheFieldThatIsWrong(t *testing.T) {
	valid := map[string]any{}
	if err := json.Unmarshal(golden(t, "testdata/add_request.json"), &valid); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		field string
		value any
		says  string
	}{
		{"action", 5, "action must be a string"}, {"action", nil, "action is required"}, {"action", "Add", `action "Add" is unknown`},
		{"conversationid", "", "conversationid must not be empty"}, {"conversationid", []any{}, "conversationid must be a string"},
		{"instance", 5, "instance must be a string"}, {"clientversioncode", "3", "clientversioncode must be an integer"},
		{"clientversioncode", 1.5, "clientversioncode must be an integer"}, {"clientversioncode", -1, "clientversioncode must be an integer"},
		{"timestamp", "2024-03-08T14:12:48Z", "timestamp must be a date and time"}, {"timestamp", 5, "timestamp must be a string"},
		{"message", "{", "JSON"}, {"message", map[string]any{}, "message must be a string"}, {"message", "{}", "message.ID is required"},
		{"message", `{"ID":"x","Type":"Message","Created":"2024-03-08 14:12:48","ValidUntil":"2024-03-07 14:12:48"}`, "message.ValidUntil must not be before"},
		{"message", `{"ID":"x","Type":"Message","Created":"2024-03-08 14:12:48","ValidUntil":"2024-03-09 14:12:48","Data":"*"}`, "message.Data must be base64"},
	} {
		body := map[string]any{}
		for k, v := range valid {
			body[k] = v
		}
		body[c.field] = c.value
		if _, err := DecodeRequest(encode(body)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %v: got %v, want an error that says %q", c.field, c.value, err, c.says)
		}
	}
	for _, body := range []string{"", "[]", `{"action":"list","action":"list"}`, `{"action":"list"} x`, "{\"action\":\"list\xff\"}"} {
		if _, err := DecodeRequest([]byte(body)); err == nil {
			t.Errorf("%q was decoded", body)
		}
	}
}
