// Package client is typed calls of Yunhu's conversation API in the name of one user. Each gives its value, the exchange as
// it was on the wire, and an error where the value could not be had.
//
// It knows wire and exchange. It judges nothing: who wants to know whether an answer is right looks at the exchange.
package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// DefaultTimeout bounds a call of a Client that names no Timeout.
const DefaultTimeout = 10 * time.Second

// Client calls one server as one user. BaseURL and Token are needed. It is safe for concurrent use while its fields stay
// as they are.
type Client struct {
	BaseURL   string        // http://127.0.0.1:5001; a path in it stands before the paths of the API
	Token     string        // of the user, for the header token; empty: no such header is sent
	Header    http.Header   // sent with every request beside it
	Timeout   time.Duration // of one call, with its answer's last byte; 0: DefaultTimeout
	Doer      exchange.Doer // nil: a client of exchange.NewClient, shared by all
	BodyLimit int64         // the most bytes of an answer; 0: exchange.DefaultBodyLimit
}

var sharedDoer = exchange.NewClient()

// StatusError says that the server answered with another HTTP status than 200. A code other than 1 is a *wire.StatusError.
type StatusError struct {
	Exchange *exchange.Exchange
	Body     string // the beginning of the answer
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s answered %d, want 200: %s", e.Exchange.Request.Method, e.Exchange.Request.URL, e.Exchange.Status(), e.Body)
}

// List calls POST /v1/conversation/list. md5 is the tag of the last answer; empty: no body is sent, as profile 2025 has it.
func (c *Client) List(ctx context.Context, md5 string) (*pb.ListResponse, *exchange.Exchange, error) {
	x := c.post(ctx, "/v1/conversation/list", "application/x-protobuf", wire.AppendListRequest(nil, md5))
	if err := whole(x); err != nil {
		return nil, x, err
	}
	list, err := wire.DecodeList(x.Body())
	if err != nil {
		return nil, x, fmt.Errorf("POST %s: %w", x.Request.URL, err)
	}
	return list, x, nil
}

// Dismiss calls POST /v1/conversation/dismiss-notification.
func (c *Client) Dismiss(ctx context.Context, chatID string) (*exchange.Exchange, error) {
	return c.change(ctx, "/v1/conversation/dismiss-notification", wire.DismissRequest{ChatID: chatID})
}

// SortChange calls POST /v1/conversation/sort-change; id names a user, a group or a bot.
func (c *Client) SortChange(ctx context.Context, id string) (*exchange.Exchange, error) {
	return c.change(ctx, "/v1/conversation/sort-change", wire.SortChangeRequest{UserID: id})
}

// Remove calls POST /v1/conversation/remove, which only profile 2026 has.
func (c *Client) Remove(ctx context.Context, chatID string) (*exchange.Exchange, error) {
	return c.change(ctx, "/v1/conversation/remove", wire.RemoveRequest{ChatID: chatID})
}

// change makes a call that is answered by an envelope.
func (c *Client) change(ctx context.Context, path string, request any) (*exchange.Exchange, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	x := c.post(ctx, path, "application/json", body)
	if err := whole(x); err != nil {
		return x, err
	}
	e, err := wire.DecodeEnvelope(x.Body())
	if err == nil && e.Code != wire.CodeSuccess {
		err = &wire.StatusError{Envelope: e}
	}
	if err != nil {
		return x, fmt.Errorf("POST %s: %w", x.Request.URL, err)
	}
	return x, nil
}

func whole(x *exchange.Exchange) error {
	if x.Err != nil {
		return x.Err
	}
	if x.Status() != http.StatusOK {
		return &StatusError{Exchange: x, Body: fields.Quote(string(x.Body()))}
	}
	return nil
}

func (c *Client) post(ctx context.Context, path, contentType string, body []byte) *exchange.Exchange {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	doer := c.Doer
	if doer == nil {
		doer = sharedDoer
	}
	header := c.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", contentType)
	if c.Token != "" {
		header.Set("token", c.Token)
	}
	return exchange.Do(ctx, doer, exchange.Request{
		Method: http.MethodPost, URL: strings.TrimSuffix(c.BaseURL, "/") + path, Header: header, Body: body,
	}, c.BodyLimit, false)
}
