package wire

import (
	"encoding/json"
	"fmt"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/strictjson"
)

// Envelope is what every call but list answers, and list too where it refuses.
type Envelope struct {
	Code int64  `json:"code"`
	Msg  string `json:"msg"`
}

// AppendEnvelope writes an envelope as JSON.
func AppendEnvelope(dst []byte, e Envelope) []byte {
	data, _ := json.Marshal(e) // a number and a text: this cannot fail
	return append(dst, data...)
}

// DecodeEnvelope reads an envelope: an object with an integer code and a string msg.
func DecodeEnvelope(body []byte) (Envelope, error) {
	v, err := strictjson.Parse(body)
	if err != nil {
		return Envelope{}, fmt.Errorf("the answer is no JSON: %w", err)
	}
	code, ok := v.Get("code").Int64()
	if v.Kind != strictjson.Object || !ok || v.Get("msg").Kind != strictjson.String {
		return Envelope{}, fmt.Errorf("the answer is %s with %s as code and %s as msg, where an integer and a string belong",
			v.Describe(), v.Get("code").Describe(), v.Get("msg").Describe())
	}
	return Envelope{Code: code, Msg: v.Get("msg").Text}, nil
}

// DismissRequest is the body of POST /v1/conversation/dismiss-notification.
type DismissRequest struct {
	ChatID string `json:"chatId"`
}

// SortChangeRequest is the body of POST /v1/conversation/sort-change. UserID names a user, a group or a bot.
type SortChangeRequest struct {
	UserID string `json:"userId"`
}

// RemoveRequest is the body of POST /v1/conversation/remove, which only profile 2026 has.
type RemoveRequest struct {
	ChatID string `json:"chatId"`
}

// DecodeDismiss reads a body. Errors are *fields.Error.
func DecodeDismiss(body []byte) (DismissRequest, error) {
	f := fields.Read(body)
	return DismissRequest{ChatID: f.Name("chatId")}, f.Err()
}

// DecodeSortChange reads a body. Errors are *fields.Error.
func DecodeSortChange(body []byte) (SortChangeRequest, error) {
	f := fields.Read(body)
	return SortChangeRequest{UserID: f.Name("userId")}, f.Err()
}

// DecodeRemove reads a body. Errors are *fields.Error.
func DecodeRemove(body []byte) (RemoveRequest, error) {
	f := fields.Read(body)
	return RemoveRequest{ChatID: f.Name("chatId")}, f.Err()
}
