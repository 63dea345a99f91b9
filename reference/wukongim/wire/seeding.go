package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/parley-im/parley/reference/fields"
)

// UserTokenRequest is the body of POST /user/token.
type UserTokenRequest struct {
	UID         string
	Token       string
	DeviceFlag  int
	DeviceLevel int
}

// ChannelRequest is the body of POST /channel.
type ChannelRequest struct {
	ChannelID   string
	ChannelType int
	Subscribers []string
}

// SubscribersRequest is the body of POST /channel/subscriber_add. Nobody is taken out of the channel.
type SubscribersRequest struct {
	ChannelID   string
	ChannelType int
	Subscribers []string
}

// SendRequest is the body of POST /message/send. A nil Header is an ordinary message: stored, and counted as unread.
type SendRequest struct {
	Header      *Header
	Setting     int
	FromUID     string
	ChannelID   string
	ChannelType int
	Payload     []byte
	ClientMsgNo string
}

// Sent is the data of the answer of POST /message/send. MessageSeq is 0 where the server did not say, or stored nothing.
type Sent struct {
	MessageID   int64  `json:"message_id"`
	MessageSeq  int64  `json:"message_seq"`
	ClientMsgNo string `json:"client_msg_no"`
}

// DecodeUserTokenRequest reads a body. Errors are *fields.Error.
func DecodeUserTokenRequest(body []byte) (UserTokenRequest, error) {
	f := fields.Read(body)
	r := UserTokenRequest{
		UID: f.Name("uid"), Token: f.Name("token"),
		DeviceFlag:  int(f.Int("device_flag", 0, math.MaxUint8)),
		DeviceLevel: int(f.Int("device_level", 0, math.MaxUint8)),
	}
	return r, f.Err()
}

// DecodeChannelRequest reads a body. Errors are *fields.Error.
func DecodeChannelRequest(body []byte) (ChannelRequest, error) {
	f := fields.Read(body)
	r := ChannelRequest{ChannelID: f.Name("channel_id"), ChannelType: groupType(f), Subscribers: f.Names("subscribers")}
	return r, f.Err()
}

// DecodeSubscribersRequest reads a body. Errors are *fields.Error.
func DecodeSubscribersRequest(body []byte) (SubscribersRequest, error) {
	f := fields.Read(body)
	r := SubscribersRequest{ChannelID: f.Name("channel_id"), ChannelType: groupType(f)}
	f.Require("subscribers")
	r.Subscribers = f.Names("subscribers")
	if f.Int("reset", 0, 1) == 1 {
		f.Fail("reset", "1 takes all other subscribers out of the channel, which is not offered here: leave it out")
	}
	return r, f.Err()
}

// groupType is the type of a channel that has subscribers.
func groupType(f *fields.Reader) int {
	t := channelType(f)
	if t == 1 {
		f.Fail("channel_type", "1 is a personal channel: its first message makes it, and it has no subscribers")
	}
	return t
}

// DecodeSendRequest reads a body. Errors are *fields.Error.
func DecodeSendRequest(body []byte) (SendRequest, error) {
	f := fields.Read(body)
	r := SendRequest{
		Header:  header(f),
		Setting: int(f.Int("setting", 0, math.MaxUint8)),
		FromUID: f.Name("from_uid"), ChannelID: f.Name("channel_id"), ChannelType: channelType(f),
		Payload: f.Payload("payload"), ClientMsgNo: f.Text("client_msg_no"),
	}
	return r, f.Err()
}

func header(f *fields.Reader) (h *Header) {
	f.Object("header", func(f *fields.Reader) {
		h = &Header{
			NoPersist: int(f.Int("no_persist", 0, 1)),
			RedDot:    int(f.Int("red_dot", 0, 1)),
			SyncOnce:  int(f.Int("sync_once", 0, 1)),
		}
	})
	return h
}

// Append writes the request as JSON.
func (r UserTokenRequest) Append(dst []byte) []byte {
	dst = appendText(append(dst, `{"uid":`...), r.UID)
	dst = appendText(append(dst, `,"token":`...), r.Token)
	dst = strconv.AppendInt(append(dst, `,"device_flag":`...), int64(r.DeviceFlag), 10)
	return append(strconv.AppendInt(append(dst, `,"device_level":`...), int64(r.DeviceLevel), 10), '}')
}

// Append writes the request as JSON.
func (r ChannelRequest) Append(dst []byte) []byte {
	return appendSubscribers(dst, r.ChannelID, r.ChannelType, r.Subscribers)
}

// Append writes the request as JSON.
func (r SubscribersRequest) Append(dst []byte) []byte {
	return appendSubscribers(dst, r.ChannelID, r.ChannelType, r.Subscribers)
}

func appendSubscribers(dst []byte, id string, typ int, subscribers []string) []byte {
	dst = appendText(append(dst, `{"channel_id":`...), id)
	dst = strconv.AppendInt(append(dst, `,"channel_type":`...), int64(typ), 10)
	dst = append(dst, `,"subscribers":[`...)
	for i, s := range subscribers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, s)
	}
	return append(dst, `]}`...)
}

// Append writes the request as JSON. Without a Header it says red_dot 1: servers differ where no header is given.
func (r SendRequest) Append(dst []byte) []byte {
	h := Header{RedDot: 1}
	if r.Header != nil {
		h = *r.Header
	}
	dst = appendHeader(append(dst, `{"header":`...), h)
	if r.Setting != 0 {
		dst = strconv.AppendInt(append(dst, `,"setting":`...), int64(r.Setting), 10)
	}
	dst = appendText(append(dst, `,"from_uid":`...), r.FromUID)
	dst = appendText(append(dst, `,"channel_id":`...), r.ChannelID)
	dst = strconv.AppendInt(append(dst, `,"channel_type":`...), int64(r.ChannelType), 10)
	dst = base64.StdEncoding.AppendEncode(append(dst, `,"payload":"`...), r.Payload)
	if r.ClientMsgNo != "" {
		return append(appendText(append(dst, `","client_msg_no":`...), r.ClientMsgNo), '}')
	}
	return append(dst, `"}`...)
}

// AppendStatus200 writes the answer of /user/token, /channel and /channel/subscriber_add.
func AppendStatus200(dst []byte) []byte { return append(dst, `{"status":200}`...) }

// AppendSent writes the answer of /message/send.
func AppendSent(dst []byte, s Sent) []byte {
	dst = strconv.AppendInt(append(dst, `{"status":200,"data":{"message_id":`...), s.MessageID, 10)
	dst = strconv.AppendInt(append(dst, `,"message_seq":`...), s.MessageSeq, 10)
	dst = appendText(append(dst, `,"client_msg_no":`...), s.ClientMsgNo)
	return append(dst, `}}`...)
}

// DecodeSent reads the answer of /message/send.
func DecodeSent(body []byte) (Sent, error) {
	var r struct {
		Data *Sent `json:"data"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return Sent{}, fmt.Errorf("the answer is no object with the message's data: %w", err)
	}
	if r.Data == nil {
		return Sent{}, fmt.Errorf("the answer has no data, which says what the message is called")
	}
	return *r.Data, nil
}
