package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
)

// Conversation is one element of the answer of POST /conversation/sync.
type Conversation struct {
	ChannelID       string    `json:"channel_id"`
	ChannelType     int       `json:"channel_type"`
	Unread          int64     `json:"unread"`
	Timestamp       int64     `json:"timestamp"` // unix seconds
	LastMsgSeq      int64     `json:"last_msg_seq"`
	LastClientMsgNo string    `json:"last_client_msg_no"`
	Version         int64     `json:"version"` // nanoseconds
	Recents         []Message `json:"recents"`
}

// Message is one element of recents. Payload is base64 in JSON.
type Message struct {
	MessageID   int64  `json:"message_id"`
	MessageSeq  int64  `json:"message_seq"`
	ClientMsgNo string `json:"client_msg_no"`
	FromUID     string `json:"from_uid"`
	Timestamp   int64  `json:"timestamp"` // unix seconds
	Payload     []byte `json:"payload"`
	// V1 only:
	Header      Header `json:"header"`
	Setting     int    `json:"setting"`
	ChannelID   string `json:"channel_id"`
	ChannelType int    `json:"channel_type"`
}

// Header is the three flags of a message, 0 or 1 each.
type Header struct {
	NoPersist int `json:"no_persist"`
	RedDot    int `json:"red_dot"`
	SyncOnce  int `json:"sync_once"`
}

// AppendConversations writes the answer of a sync: an array, [] where there is nothing.
func AppendConversations(dst []byte, profile Profile, all []Conversation) []byte {
	dst = append(dst, '[')
	for i := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendConversation(dst, profile, &all[i])
	}
	return append(dst, ']')
}

func appendConversation(dst []byte, profile Profile, c *Conversation) []byte {
	dst = appendSummary(dst, c)
	for i := range c.Recents {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPlace(append(dst, '{'), profile, &c.Recents[i])
		dst = append(appendForm(dst, &c.Recents[i]), '}')
	}
	return append(dst, `]}`...)
}

// appendSummary writes a conversation up to its first message.
func appendSummary(dst []byte, c *Conversation) []byte {
	dst = appendText(append(dst, `{"channel_id":`...), c.ChannelID)
	dst = strconv.AppendInt(append(dst, `,"channel_type":`...), int64(c.ChannelType), 10)
	dst = strconv.AppendInt(append(dst, `,"unread":`...), c.Unread, 10)
	dst = strconv.AppendInt(append(dst, `,"timestamp":`...), c.Timestamp, 10)
	dst = strconv.AppendInt(append(dst, `,"last_msg_seq":`...), c.LastMsgSeq, 10)
	dst = appendText(append(dst, `,"last_client_msg_no":`...), c.LastClientMsgNo)
	dst = strconv.AppendInt(append(dst, `,"version":`...), c.Version, 10)
	return append(dst, `,"recents":[`...)
}

// appendPlace writes what V1 says of a message before its form: the channel's id depends on who looks.
func appendPlace(dst []byte, profile Profile, m *Message) []byte {
	if profile != V1 {
		return dst
	}
	dst = appendHeader(append(dst, `"header":`...), m.Header)
	dst = strconv.AppendInt(append(dst, `,"setting":`...), int64(m.Setting), 10)
	dst = appendText(append(dst, `,"channel_id":`...), m.ChannelID)
	dst = strconv.AppendInt(append(dst, `,"channel_type":`...), int64(m.ChannelType), 10)
	return append(dst, ',')
}

func appendForm(dst []byte, m *Message) []byte {
	dst = strconv.AppendInt(append(dst, `"message_id":`...), m.MessageID, 10)
	dst = strconv.AppendInt(append(dst, `,"message_seq":`...), m.MessageSeq, 10)
	dst = appendText(append(dst, `,"client_msg_no":`...), m.ClientMsgNo)
	dst = appendText(append(dst, `,"from_uid":`...), m.FromUID)
	dst = strconv.AppendInt(append(dst, `,"timestamp":`...), m.Timestamp, 10)
	dst = append(dst, `,"payload":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, m.Payload), '"')
}

func appendHeader(dst []byte, h Header) []byte {
	dst = strconv.AppendInt(append(dst, `{"no_persist":`...), int64(h.NoPersist), 10)
	dst = strconv.AppendInt(append(dst, `,"red_dot":`...), int64(h.RedDot), 10)
	return append(strconv.AppendInt(append(dst, `,"sync_once":`...), int64(h.SyncOnce), 10), '}')
}

// DecodeConversations reads the answer of a sync, of either profile. It is lenient where the documents are silent:
// unknown fields are passed over.
func DecodeConversations(body []byte) ([]Conversation, error) {
	var all []Conversation
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fmt.Errorf("the answer is no array of conversations: %w", err)
	}
	if all == nil {
		return nil, fmt.Errorf("the answer is null, want an array of conversations")
	}
	return all, nil
}

// Status is the answer of the calls that change something: the text or number that stood in its status, as text.
// The documents say "ok"; servers say 200.
type Status struct{ Status string }

// AppendStatusOK writes the answer of clearUnread, setUnread, delete and of /health.
func AppendStatusOK(dst []byte) []byte { return append(dst, `{"status":"ok"}`...) }

// DecodeStatus reads the answer of a call that changes something.
func DecodeStatus(body []byte) (Status, error) {
	var r struct {
		Status json.RawMessage `json:"status"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return Status{}, fmt.Errorf("the answer is no object with a status: %w", err)
	}
	var s string
	if json.Unmarshal(r.Status, &s) != nil {
		s = string(r.Status)
	}
	return Status{s}, nil
}

// Error is the answer where a call failed.
type Error struct {
	Msg    string `json:"msg"`
	Status int    `json:"status"`
}

// AppendError writes an error answer.
func AppendError(dst []byte, e Error) []byte {
	dst = appendText(append(dst, `{"msg":`...), e.Msg)
	return append(strconv.AppendInt(append(dst, `,"status":`...), int64(e.Status), 10), '}')
}
