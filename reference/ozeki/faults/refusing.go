package faults

import (
	"net/http"

	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// refusing is wrong about what must be refused.
var refusing = []Fault{
	wired("html-for-no-json", "a body that is no JSON object is answered in HTML", simply(func(c *call) {
		c.next()
		if c.in == nil {
			c.out, c.raw = nil, []byte("<h1>Bad request</h1>")
		}
	}), "OZ-ERR-1"),
	wired("refused-without-reason", "a conversationid that is not known is refused without an errormessage", simply(func(c *call) {
		c.next()
		if id := c.conversation(); c.out["status"] == "ERROR" && len(id) == 32 {
			c.out["errormessage"] = ""
		}
	}), "OZ-ERR-1"),
	wired("500-on-odd-timestamps", "a timestamp that is no string is answered with 500", simply(func(c *call) {
		c.next()
		if _, ok := c.in["timestamp"].(string); c.in != nil && !ok {
			c.status = http.StatusInternalServerError
		}
	}), "OZ-ERR-1"),
	wired("no-station-needed", "Ozeki-Station need not be there", given(wire.StationHeader, "any", ""), "OZ-ERR-2"),
	wired("no-signature-needed-for-list", "list needs no Ozeki-Signature", lastSignature(func(c *call, signature string) bool {
		return signature == "" && c.action == wire.List
	}), "OZ-ERR-2"),
	wired("any-signature", "a signature that is denied is taken", lastSignature(func(_ *call, signature string) bool { return signature != "" }), "OZ-ERR-2"),
	meant("outsiders-read", "everybody can download every conversation", func(m model.Model) model.Model { return open{newSpy(m), "read"} }, "OZ-ERR-3"),
	meant("outsiders-clear", "everybody can clear every conversation", func(m model.Model) model.Model { return open{newSpy(m), "clear"} }, "OZ-ERR-3"),
	meant("outsiders-add", "everybody can add to every conversation", func(m model.Model) model.Model { return open{newSpy(m), "add"} }, "OZ-ERR-3"),
	meant("outsiders-mark", "everybody can color every conversation, for its first participant", func(m model.Model) model.Model { return open{newSpy(m), "mark"} }, "OZ-ERR-3"),
}

// given fills in a header that is missing.
func given(name, value, only string) func(http.Handler) http.Handler {
	return simply(func(c *call) {
		if c.request.Header.Get(name) == "" && (only == "" || c.action == only) {
			c.request.Header.Set(name, value)
		}
		c.next()
	})
}

// lastSignature asks again with the last signature that was taken, where a request that was refused has one like this.
func lastSignature(like func(c *call, signature string) bool) func(http.Handler) http.Handler {
	return around(func() func(*call) {
		taken := ""
		return func(c *call) {
			signature := c.request.Header.Get(wire.SignatureHeader)
			if c.next(); c.out["status"] == wire.OK {
				taken = signature
			} else if taken != "" && like(c, signature) {
				c.request.Header.Set(wire.SignatureHeader, taken)
				c.next()
			}
		}
	})
}

// open takes some calls by outsiders for those of the first participant.
type open struct {
	*spy
	what string
}

// as is a participant in whose name the call is done.
func (o open) as(what, user, conversation string) string {
	users := o.users[conversation]
	if o.what != what || len(users) == 0 {
		return user
	}
	for _, u := range users {
		if u == user {
			return user
		}
	}
	return users[0]
}

func (o open) Download(op model.Download) (model.Content, error) {
	op.User = o.as("read", op.User, op.Conversation)
	return o.spy.Download(op)
}

func (o open) Partial(op model.Partial) (model.Content, error) {
	op.User = o.as("read", op.User, op.Conversation)
	return o.spy.Partial(op)
}

func (o open) Clear(op model.Clear) (model.Conversation, error) {
	op.User = o.as("clear", op.User, op.Conversation)
	return o.spy.Clear(op)
}

func (o open) Add(op model.Add) (model.Message, error) {
	op.User = o.as("add", op.User, op.Conversation)
	return o.spy.Add(op)
}

func (o open) Mark(op model.Mark) (model.Conversation, error) {
	if op.Kind == model.Color {
		op.User = o.as("mark", op.User, op.Conversation)
	}
	return o.spy.Mark(op)
}

// together show only over several operations.
var together = []Fault{
	meant("every-seventh-add-is-lost", "of the messages that are added each seventh is lost", func(m model.Model) model.Model { return &losing{Model: m} }, "OZ-STATE-1"),
	meant("every-third-clear-keeps-all", "every third clear of a user keeps the messages", func(m model.Model) model.Model {
		return &tired{Model: m, clears: map[string]int{}}
	}, "OZ-STATE-1"),
}

type tired struct {
	model.Model
	clears map[string]int
}

func (t *tired) Clear(op model.Clear) (model.Conversation, error) {
	if t.clears[op.User]++; t.clears[op.User]%3 > 0 {
		return t.Model.Clear(op)
	}
	return restorer{t.Model, func(all []model.Message) []model.Message { return all }}.Clear(op)
}

type losing struct {
	model.Model
	n int
}

func (l *losing) Add(op model.Add) (model.Message, error) {
	if l.n++; l.n%7 == 0 {
		return op.Message, nil
	}
	return l.Model.Add(op)
}
