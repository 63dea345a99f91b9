// Package client is typed calls of Yunhu's conversation API in the name of one user. Each gives its value, the exchange as
// it was on the wire, and an error where the value could not be had.
//
// It knows wire and exchange. It judges nothing: who wants to know whether an answer is right looks at the exchange.
package client

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// Client calls one server as one user. An HTTP status other than 200 is an *exchange.StatusError, a code other than 1 a
// *wire.StatusError. BaseURL and Token are needed. It is safe for concurrent use while its fields stay
// as they are.
type Client struct {
	BaseURL   string        // http://127.0.0.1:5001; a path in it stands before the paths of the API
	Token     string        // of the user, for the header token; empty: no such header is sent
	Header    http.Header   // sent with every request beside it
	Timeout   time.Duration // of one call, with its answer's last byte; 0: exchange.DefaultTimeout
	Doer      exchange.Doer // nil: a client of exchange.NewClient, shared by all
	BodyLimit int64         // the most bytes of an answer; 0: exchange.DefaultBodyLimit
}

// List calls POST /v1/conversation/list. md5 is the tag of the last answer; empty: no body is sent, as profile 2025 has it.
func (c *Client) List(ctx context.Context, md5 string) (*pb.ListResponse, *exchange.Exchange, error) {
	x := c.post(ctx, "/v1/conversation/list", "application/x-protobuf", wire.AppendListRequest(nil, md5))
	if err := x.Failure(); err != nil {
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
	if err := x.Failure(); err != nil {
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

func (c *Client) post(ctx context.Context, path, contentType string, body []byte) *exchange.Exchange {
	header := c.Header
	if c.Token != "" {
		header = http.Header{}
		maps.Copy(header, c.Header)
		header.Set("token", c.Token)
	}
	return exchange.Call{
		URL: strings.TrimSuffix(c.BaseURL, "/") + path, Header: header, Type: contentType, Body: body,
		Timeout: c.Timeout, Doer: c.Doer, BodyLimit: c.BodyLimit,
	}.Do(ctx)
}
