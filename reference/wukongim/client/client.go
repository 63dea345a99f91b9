// Package client is typed calls of WuKongIM's conversation API. Each gives its value, the exchange as it was on the
// wire, and an error where the value could not be had.
//
// It knows wire and exchange. It judges nothing: who wants to know whether an answer is right looks at the exchange.
package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// Client calls one server. Only BaseURL is needed. It is safe for concurrent use while its fields stay as they are.
type Client struct {
	BaseURL   string        // http://127.0.0.1:5001; a path in it stands before the paths of the API
	Header    http.Header   // sent with every request: the token, say
	Timeout   time.Duration // of one call, with its answer's last byte; 0: exchange.DefaultTimeout
	Doer      exchange.Doer // nil: a client of exchange.NewClient, shared by all
	BodyLimit int64         // the most bytes of an answer; 0: exchange.DefaultBodyLimit
}

// Sync calls POST /conversation/sync.
func (c *Client) Sync(ctx context.Context, r wire.SyncRequest) ([]wire.Conversation, *exchange.Exchange, error) {
	return call(ctx, c, "/conversation/sync", r.Append(nil), again, wire.DecodeConversations)
}

// ClearUnread calls POST /conversations/clearUnread.
func (c *Client) ClearUnread(ctx context.Context, r wire.ClearUnreadRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/conversations/clearUnread", r.Append(nil), again, wire.DecodeStatus)
}

// SetUnread calls POST /conversations/setUnread. The documents promise no more than the status 200, so no body is
// asked for.
func (c *Client) SetUnread(ctx context.Context, r wire.SetUnreadRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/conversations/setUnread", r.Append(nil), again, anyStatus)
}

// Delete calls POST /conversations/delete. The documents promise no more than the status 200, so no body is asked for.
func (c *Client) Delete(ctx context.Context, r wire.DeleteRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/conversations/delete", r.Append(nil), again, anyStatus)
}

// UserToken calls POST /user/token.
func (c *Client) UserToken(ctx context.Context, r wire.UserTokenRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/user/token", r.Append(nil), again, anyStatus)
}

// CreateChannel calls POST /channel.
func (c *Client) CreateChannel(ctx context.Context, r wire.ChannelRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/channel", r.Append(nil), again, anyStatus)
}

// AddSubscribers calls POST /channel/subscriber_add.
func (c *Client) AddSubscribers(ctx context.Context, r wire.SubscribersRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/channel/subscriber_add", r.Append(nil), again, anyStatus)
}

// RemoveSubscribers calls POST /channel/subscriber_remove.
func (c *Client) RemoveSubscribers(ctx context.Context, r wire.SubscribersRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/channel/subscriber_remove", r.Append(nil), again, anyStatus)
}

// DeleteChannel calls POST /channel/delete. Its request names a channel, without subscribers.
func (c *Client) DeleteChannel(ctx context.Context, r wire.ChannelRequest) (wire.Status, *exchange.Exchange, error) {
	return call(ctx, c, "/channel/delete", r.Append(nil), again, anyStatus)
}

// Send calls POST /message/send. It is never repeated: a message would be there twice.
func (c *Client) Send(ctx context.Context, r wire.SendRequest) (wire.Sent, *exchange.Exchange, error) {
	return call(ctx, c, "/message/send", r.Append(nil), once, wire.DecodeSent)
}

// once and again say whether a request may be repeated on a fresh connection where a kept-alive one turns out closed.
const (
	again = false
	once  = true
)

// anyStatus is the status where the answer has one.
func anyStatus(body []byte) (wire.Status, error) {
	s, _ := wire.DecodeStatus(body) // what is no JSON has no status
	return s, nil
}

// call is a function, since a method has no type parameters.
func call[V any](ctx context.Context, c *Client, path string, body []byte, once bool, decode func([]byte) (V, error)) (V, *exchange.Exchange, error) {
	var none V
	x := c.post(ctx, path, body, once)
	if err := x.Failure(); err != nil {
		return none, x, err
	}
	v, err := decode(x.Body())
	if err != nil {
		return none, x, fmt.Errorf("POST %s answered 200, but %w; its body begins %s", x.Request.URL, err, fields.Quote(string(x.Body())))
	}
	return v, x, nil
}

func (c *Client) post(ctx context.Context, path string, body []byte, once bool) *exchange.Exchange {
	return exchange.Call{
		URL: strings.TrimSuffix(c.BaseURL, "/") + path, Header: c.Header, Type: "application/json", Body: body, Once: once,
		Timeout: c.Timeout, Doer: c.Doer, BodyLimit: c.BodyLimit,
	}.Do(ctx)
}
