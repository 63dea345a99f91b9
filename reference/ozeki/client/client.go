// Package client is typed calls of Ozeki Chat's conversation API. Each gives its value, the exchange as it was on the
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
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// Signer makes the header Ozeki-Signature. Which bytes a real signature covers, with which key and algorithm, is
// documented nowhere: whoever knows plugs it in here.
type Signer interface {
	// Sign is the header's value for a request with these headers and this body.
	Sign(header http.Header, body []byte) (string, error)
}

// Fixed is the Signer that always says the same.
type Fixed string

// Sign implements Signer.
func (f Fixed) Sign(http.Header, []byte) (string, error) { return string(f), nil }

// Client calls one server in the name of one user. It is safe for concurrent use while its fields stay as they are.
type Client struct {
	BaseURL string // http://127.0.0.1:5001, or the address of a script; the query is put after it
	User    string // 32 hexadecimal digits
	Station string // 32 hexadecimal digits
	Signer  Signer // nil: Fixed("signature")
	Now     func() time.Time
	Timeout time.Duration // of one call, with its answer's last byte; 0: exchange.DefaultTimeout
	Doer    exchange.Doer // nil: a client of exchange.NewClient, shared by all
	// BodyLimit is the most bytes of an answer; 0: exchange.DefaultBodyLimit.
	BodyLimit int64
}

// RefusedError says that the server answered with another status than OK.
type RefusedError struct {
	Exchange *exchange.Exchange
	Action   string
	Answer   wire.Answer
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s answered HTTP %d with the status %s: %s", e.Action, e.Exchange.Status(), fields.Quote(e.Answer.Status), fields.Quote(e.Answer.ErrorMessage))
}

// Call sends any request. Its ClientVersionCode and Timestamp are filled in where they are empty. Success is decided by
// status alone; an answer of download need not have one.
func (c *Client) Call(ctx context.Context, r wire.Request) (wire.Answer, *exchange.Exchange, error) {
	if r.ClientVersionCode == 0 {
		r.ClientVersionCode = wire.ClientVersionCode
	}
	if r.Timestamp.IsZero() {
		now := time.Now
		if c.Now != nil {
			now = c.Now
		}
		r.Timestamp = now()
	}
	x, err := c.post(ctx, r.Append(nil), r.Action == wire.Add)
	if err != nil {
		return wire.Answer{}, x, err
	}
	answer, err := wire.DecodeAnswer(x.Body())
	if err != nil {
		return answer, x, fmt.Errorf("%s of %s answered HTTP %d, but %w", r.Action, x.Request.URL, x.Status(), err)
	}
	bare := r.Action == wire.Download && answer.Status == "" && answer.Messages != nil
	if answer.Status != wire.OK && !bare {
		return answer, x, &RefusedError{x, r.Action, answer}
	}
	return answer, x, nil
}

// List gives the user's conversations.
func (c *Client) List(ctx context.Context) ([]wire.Conversation, *exchange.Exchange, error) {
	answer, x, err := c.Call(ctx, wire.Request{Action: wire.List})
	return answer.Conversations, x, err
}

// Clear removes a conversation's messages, and gives the cleared conversation.
func (c *Client) Clear(ctx context.Context, conversation, instance string) (*wire.Conversation, *exchange.Exchange, error) {
	answer, x, err := c.Call(ctx, wire.Request{Action: wire.Clear, ConversationID: conversation, Instance: instance})
	if err == nil && answer.Conversation == nil {
		err = fmt.Errorf("clear of %s answered OK without the cleared conversation", fields.Quote(conversation))
	}
	return answer.Conversation, x, err
}

// Add sends a message. It is never repeated on a broken connection.
func (c *Client) Add(ctx context.Context, conversation, instance string, m wire.Message) (*wire.Message, *exchange.Exchange, error) {
	answer, x, err := c.Call(ctx, wire.Request{Action: wire.Add, ConversationID: conversation, Instance: instance, Message: m})
	return answer.Message, x, err
}

func (c *Client) post(ctx context.Context, body []byte, once bool) (*exchange.Exchange, error) {
	signer := c.Signer
	if signer == nil {
		signer = Fixed("signature")
	}
	const contentType = "application/json"
	header := http.Header{"Content-Type": {contentType}} // a signature may cover it
	header.Set(wire.UserHeader, c.User)
	header.Set(wire.StationHeader, c.Station)
	signature, err := signer.Sign(header.Clone(), body)
	if err != nil {
		return nil, fmt.Errorf("the request cannot be signed: %w", err)
	}
	header.Set(wire.SignatureHeader, signature)
	x := exchange.Call{
		URL: strings.TrimRight(c.BaseURL, "/") + wire.Query, Header: header, Type: contentType, Body: body, Once: once,
		Timeout: c.Timeout, Doer: c.Doer, BodyLimit: c.BodyLimit,
	}.Do(ctx)
	return x, x.Err
}
