package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/parley-im/parley/reference/strictjson"
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

// DecodeUserTokenRequest reads a body. Errors are *RequestError.
func DecodeUserTokenRequest(body []byte) (UserTokenRequest, error) {
	f := read(body)
	r := UserTokenRequest{
		UID: f.name("uid"), Token: f.name("token"),
		DeviceFlag:  int(f.int("device_flag", 0, math.MaxUint8)),
		DeviceLevel: int(f.int("device_level", 0, math.MaxUint8)),
	}
	return r, f.err
}

// DecodeChannelRequest reads a body. Errors are *RequestError.
func DecodeChannelRequest(body []byte) (ChannelRequest, error) {
	f := read(body)
	r := ChannelRequest{ChannelID: f.name("channel_id"), ChannelType: f.groupType(), Subscribers: f.names("subscribers")}
	return r, f.err
}

// DecodeSubscribersRequest reads a body. Errors are *RequestError.
func DecodeSubscribersRequest(body []byte) (SubscribersRequest, error) {
	f := read(body)
	r := SubscribersRequest{ChannelID: f.name("channel_id"), ChannelType: f.groupType()}
	f.required("subscribers")
	r.Subscribers = f.names("subscribers")
	if f.int("reset", 0, 1) == 1 {
		f.fail("reset", "1 takes all other subscribers out of the channel, which is not offered here: leave it out")
	}
	return r, f.err
}

// groupType is the type of a channel that has subscribers.
func (f *fields) groupType() int {
	t := f.channelType("channel_type")
	if t == 1 {
		f.fail("channel_type", "1 is a personal channel: its first message makes it, and it has no subscribers")
	}
	return t
}

// DecodeSendRequest reads a body. Errors are *RequestError.
func DecodeSendRequest(body []byte) (SendRequest, error) {
	f := read(body)
	r := SendRequest{
		Header:  f.header("header"),
		Setting: int(f.int("setting", 0, math.MaxUint8)),
		FromUID: f.name("from_uid"), ChannelID: f.name("channel_id"), ChannelType: f.channelType("channel_type"),
		Payload: f.payload("payload"), ClientMsgNo: f.text("client_msg_no"),
	}
	return r, f.err
}

func (f *fields) header(name string) *Header {
	v, ok := f.optional(name)
	if !ok {
		return nil
	}
	if v.Kind != strictjson.Object {
		f.fail(name, "must be an object, got %s", v.Describe())
		return nil
	}
	inner := &fields{object: v, prefix: f.prefix + name + "."}
	h := &Header{
		NoPersist: int(inner.int("no_persist", 0, 1)),
		RedDot:    int(inner.int("red_dot", 0, 1)),
		SyncOnce:  int(inner.int("sync_once", 0, 1)),
	}
	f.err = inner.err
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
