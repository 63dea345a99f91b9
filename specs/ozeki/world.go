package ozeki

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// path is the documented query, put straight after the target's URL: that may be a script's.
const path = "?srv=chatserver&api=chatconversation"

// The actions.
const (
	list       = "list"
	add        = "add"
	clear      = "clear"
	partial    = "downloadpartial"
	download   = "download"
	favorite   = "favorite"
	unfavorite = "unfavorite"
	color      = "setlistitembackgroundcolor"
	mute       = "mute"
	unmute     = "unmute"
	hide       = "hide"
	unhide     = "unhide"
)

var actions = []string{list, add, clear, partial, download, favorite, unfavorite, color, mute, unmute, hide, unhide}

// marks are the actions that set something for one user, and answer with the conversation.
var marks = []string{favorite, unfavorite, color, mute, unmute, hide, unhide}

// What the examples send.
const (
	blue       = "#bae1ff"
	red        = "#FF0010"
	timeLayout = "2006-01-02 15:04:05"
	noUUID     = "00000000-0000-0000-0000-000000000000"
	station    = "801c91e6466a1ab34945d73ae4f762c6"
	signature  = "signature"
)

// with are members of a request's body.
type with map[string]any

// world is the people and conversations of one spec. Build it with group and direct, queue messages with says, then
// seed. People go by short names (ann).
type world struct {
	t             *specs.Trial
	users         []string
	conversations []*conversation
	seeded        *fixtures.Seeded // nil before seed
}

// conversation is one conversation of a world.
type conversation struct {
	w       *world
	handle  string
	typ     int
	members []string
	queued  []fixtures.Message
	ids     []string  // of the messages that were sent, oldest first
	clock   time.Time // of the last message that was added
	heard   string    // the instance, as an answer last told it
	epochs  map[string]*epoch
}

// epoch is what a user's own clears told of instances.
type epoch struct {
	ended []string // those that a clear replaced
	now   string   // the one that the last clear gave
}

// message is one message as add sends it.
type message struct{ id, created, validUntil, data string }

func newWorld(t *specs.Trial) *world { return &world{t: t} }

func (w *world) person(names ...string) {
	for _, name := range names {
		if !slices.Contains(w.users, name) {
			w.users = append(w.users, name)
		}
	}
}

func (w *world) group(name string, members ...string) *conversation {
	return w.conversation(name, 2, members...)
}

func (w *world) direct(a, b string) *conversation {
	return w.conversation(a+"-"+b, fixtures.Direct, a, b)
}

func (w *world) conversation(name string, typ int, members ...string) *conversation {
	w.person(members...)
	c := &conversation{w: w, handle: w.t.Name(name), typ: typ, members: members, epochs: map[string]*epoch{}}
	w.conversations = append(w.conversations, c)
	return c
}

// says lets from send n messages: with the world while it is not seeded yet, at once afterwards.
func (c *conversation) says(from string, n int) *conversation {
	var messages []fixtures.Message
	for range n {
		number := len(c.ids) + len(c.queued) + len(messages) + 1
		messages = append(messages, fixtures.Message{From: c.w.t.Name(from), ClientMsgNo: fmt.Sprintf("%s-m%d", c.handle, number),
			Payload: fmt.Appendf(nil, "message %d of %s", number, from)})
	}
	if c.w.seeded == nil {
		c.queued = append(c.queued, messages...)
		return c
	}
	c.note(messages, c.w.t.Append(c.wanted(nil), messages))
	return c
}

// note keeps what the target calls the messages; without their ids no later answer could be told from another.
func (c *conversation) note(messages []fixtures.Message, seeded map[string]fixtures.SeededMessage) {
	for _, m := range messages {
		id := seeded[m.ClientMsgNo].ID
		if id == "" {
			c.w.t.NotTestable("the seeding does not say what the target calls the message %s", m.ClientMsgNo)
		}
		c.ids = append(c.ids, id)
	}
	if len(messages) > 0 {
		c.clock = c.w.t.Now()
	}
}

func (c *conversation) wanted(messages []fixtures.Message) fixtures.Conversation {
	wanted := fixtures.Conversation{ID: c.handle, Type: c.typ, Messages: messages}
	for _, member := range c.members {
		wanted.Members = append(wanted.Members, c.w.t.Name(member))
	}
	return wanted
}

// seed puts the world onto the target. On an eventual one it waits until every member sees the conversations with their
// last messages: one list shows all of them.
func (w *world) seed() *world {
	var want fixtures.World
	for _, name := range w.users {
		want.Users = append(want.Users, fixtures.User{ID: w.t.Name(name), Name: name})
	}
	for _, c := range w.conversations {
		want.Conversations = append(want.Conversations, c.wanted(c.queued))
	}
	w.seeded = w.t.Seed(want)
	for _, c := range w.conversations {
		c.note(c.queued, w.seeded.Messages)
		c.queued = nil
	}
	if w.t.Env.Eventual && w.t.Env.Has("action:"+list) {
		for _, user := range w.users {
			w.settle(user)
		}
	}
	return w
}

// settle waits until the user's list shows what was seeded.
func (w *world) settle(user string) {
	var shown []*match.Matcher
	for _, c := range w.conversations {
		switch {
		case !slices.Contains(c.members, user):
		case len(c.ids) > 0:
			shown = append(shown, listed(c, user, text("lastmessageid", c.last())))
		default:
			shown = append(shown, listed(c, user))
		}
	}
	w.t.Await(func() *exchange.Exchange { return w.list(user) }, match.All(shown...))
}

// id is what the target calls the user; the conversation's id is what it calls that.
func (w *world) id(user string) string { return w.seeded.Users[w.t.Name(user)].ID }
func (c *conversation) id() string     { return c.w.seeded.Conversations[c.handle].ID }
func (c *conversation) last() string   { return c.ids[len(c.ids)-1] }
func (w *world) timestamp() string     { return w.t.Now().UTC().Format(timeLayout) }
func (w *world) headers(user string) http.Header {
	header := http.Header{"Ozeki-User": {w.id(user)}, "Ozeki-Station": {station}}
	if w.t.Env.AuthValue != "" && http.CanonicalHeaderKey(w.t.Env.AuthHeader) == "Ozeki-Signature" {
		header.Set("Ozeki-Signature", w.t.Env.AuthValue)
	} else {
		header.Set("Ozeki-Signature", signature)
	}
	for name, value := range w.seeded.Users[w.t.Name(user)].Headers {
		header.Set(name, value)
	}
	return header
}

// body is a documented body: what every call has, and the members of one.
func (w *world) body(action string, members with) with {
	body := with{"action": action, "clientversioncode": 3, "timestamp": w.timestamp()}
	maps.Copy(body, members)
	return body
}

// call sends an action in the name of a user.
func (w *world) call(user, action string, members with) *exchange.Exchange {
	return w.raw(user, specs.JSON(w.body(action, members)), action == add)
}

func (w *world) raw(user string, body []byte, once bool) *exchange.Exchange {
	return w.t.Do(specs.Request{Path: path, Header: w.headers(user), Body: body, Once: once})
}

func (w *world) list(user string) *exchange.Exchange { return w.call(user, list, nil) }

// instance is the conversation's current instance as the user's list tells it. Where the target has no list, or a list
// without the conversation (it may be hidden), it is what was last heard of it. An eventual target may list for a moment
// what the user's own clear has replaced: then it is what that clear was answered with.
func (c *conversation) instance(user string) string {
	w := c.w
	heard := c.heard
	if heard == "" {
		heard = w.seeded.Conversations[c.handle].Instance
	}
	if !w.t.Env.Has("action:" + list) {
		return heard
	}
	m := hiddenOr(heard != "", listed(c, user))
	x, _ := w.t.Await(func() *exchange.Exchange { return w.list(user) }, m)
	w.t.Need(x, m)
	if v, r := find(x, c.id(), w.id(user)); r.OK {
		heard = v.Get("instance").Text
	}
	if e := c.epochs[user]; e != nil && slices.Contains(e.ended, heard) {
		heard = e.now
	}
	c.heard = heard
	return heard
}

// named does what must name the instance. On an eventual target it is done again while it is refused, since a list may
// show for a moment an instance that somebody else's clear has replaced.
func (c *conversation) named(user string, do func(instance string) *exchange.Exchange) *exchange.Exchange {
	x, _ := c.w.t.Await(func() *exchange.Exchange { return do(c.instance(user)) }, succeeds())
	return x
}

// clear clears the conversation in a user's name.
func (c *conversation) clear(user string) *exchange.Exchange {
	var before string
	x := c.named(user, func(instance string) *exchange.Exchange {
		before = instance
		return c.w.call(user, clear, with{"conversationid": c.id(), "instance": instance})
	})
	if v, r := readReturned(x, c.w.id(user)); r.OK && v.Get("instance").Text != "" {
		c.begins(user, before, v.Get("instance").Text)
	}
	return x
}

// begins notes that a clear of the user's has given another instance.
func (c *conversation) begins(user, before, now string) {
	c.heard = now
	if before == now {
		return
	}
	if c.epochs[user] == nil {
		c.epochs[user] = &epoch{}
	}
	c.epochs[user].ended, c.epochs[user].now = append(c.epochs[user].ended, before), now
}

// cleared clears the conversation, which must be answered with OK.
func (c *conversation) cleared(user string) *exchange.Exchange {
	x := c.clear(user)
	c.w.t.Need(x, succeeds())
	return x
}

// mark does one of the marks with a value where it takes one.
func (c *conversation) mark(user, action string, value ...string) *exchange.Exchange {
	members := with{"conversationid": c.id()}
	switch {
	case action == color && len(value) > 0:
		members["color"] = value[0]
	case action == color:
		members["color"] = blue
	case action == hide && len(value) > 0:
		members["hideid"] = value[0]
	case action == hide:
		members["hideid"] = c.instance(user) + ";"
	}
	return c.w.call(user, action, members)
}

// marked does a mark that must be answered with OK.
func (c *conversation) marked(user, action string, value ...string) *exchange.Exchange {
	x := c.mark(user, action, value...)
	c.w.t.Need(x, succeeds())
	return x
}

// apart is the time from one added message to the next.
const apart = 7 * time.Second

// message is a new message, later than those before it.
func (c *conversation) message() message {
	if c.clock.IsZero() {
		c.clock = c.w.t.Now().Add(-10 * time.Minute)
	}
	c.clock = c.clock.Add(apart)
	created := c.clock.UTC()
	return message{uuid(c.w.t), created.Format(timeLayout), created.Add(7 * 24 * time.Hour).Format(timeLayout),
		base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "secret text %d", c.w.t.Rand.Uint64()))}
}

// uuid is a new message's ID. It begins with the digits of the run's id, as all names of the run do.
func uuid(t *specs.Trial) string {
	a, b := t.Rand.Uint64(), t.Rand.Uint64()
	return fmt.Sprintf("%s-%04x-4%03x-8%03x-%012x", digits(t), uint16(a), a>>52, b>>52, b&(1<<48-1))
}

// digits are the 8 hexadecimal digits of the run's id.
func digits(t *specs.Trial) string {
	const n = 8
	id := strings.TrimPrefix(t.Env.Run, "p")
	if len(id) != n || strings.Trim(id, "0123456789abcdef") != "" {
		return fmt.Sprintf("%0*x", n, crc32.ChecksumIEEE([]byte(id)))
	}
	return id
}

func (m message) text() string {
	return string(specs.JSON(map[string]string{"ID": m.id, "Type": "Message", "Created": m.created, "ValidUntil": m.validUntil, "Data": m.data}))
}

// add sends a message; the conversation then counts on it.
func (c *conversation) add(user string, m message) *exchange.Exchange {
	x := c.named(user, func(instance string) *exchange.Exchange {
		return c.w.call(user, add, with{"conversationid": c.id(), "instance": instance, "message": m.text()})
	})
	c.ids = append(c.ids, m.id)
	return x
}

// adds sends n messages, each of which must be answered with OK.
func (c *conversation) adds(user string, n int) []message {
	var all []message
	for range n {
		m := c.message()
		c.w.t.Need(c.add(user, m), succeeds())
		all = append(all, m)
	}
	return all
}

// act does any action in a form that must succeed.
func (c *conversation) act(user, action string) *exchange.Exchange {
	switch action {
	case list:
		return c.w.list(user)
	case add:
		return c.add(user, c.message())
	case clear:
		return c.clear(user)
	case download:
		return c.named(user, func(instance string) *exchange.Exchange { return c.downloads(user, instance)[0]() })
	case partial:
		return c.named(user, func(instance string) *exchange.Exchange { return c.partials(user, instance, 50)[0]() })
	}
	return c.mark(user, action)
}

// The ways to ask for all of a conversation. The documents do not say which cursors stand for none, so a target is asked
// in each of these ways until one works.
func (c *conversation) downloads(user, instance string) []func() *exchange.Exchange {
	names := []string{"firstmessagedate", "firstmessageid", "firstreportdate", "firstreportid"}
	return c.ways(user, download, with{"instance": instance}, names, "2000-01-01 00:00:00")
}

func (c *conversation) partials(user, instance string, limit int) []func() *exchange.Exchange {
	names := []string{"lastmessagedate", "lastmessageid", "lastreportdate", "lastreportid"}
	return c.ways(user, partial, with{"instance": instance, "limit": limit}, names, "2099-12-31 23:59:59")
}

func (c *conversation) ways(user, action string, members with, names []string, beyond string) []func() *exchange.Exchange {
	way := func(cursor ...string) func() *exchange.Exchange {
		body := with{"conversationid": c.id()}
		maps.Copy(body, members)
		for i, value := range cursor {
			body[names[i]] = value
		}
		return func() *exchange.Exchange { return c.w.call(user, action, body) }
	}
	return []func() *exchange.Exchange{way(beyond, noUUID, beyond, noUUID), way("", "", "", ""), way()}
}

// any asks in each way until an answer matches, and gives the last answer otherwise.
func (w *world) any(ways []func() *exchange.Exchange, m *match.Matcher) *exchange.Exchange {
	var x *exchange.Exchange
	for _, way := range ways {
		if x = way(); m.Judge(x).OK {
			return x
		}
	}
	return x
}

// sees judges the user's list.
func (w *world) sees(user string, m *match.Matcher) *exchange.Exchange {
	return w.t.Eventually(func() *exchange.Exchange { return w.list(user) }, m)
}

// awaits ends the spec where the user's list does not come to show what it rests on.
func (w *world) awaits(user string, m *match.Matcher) *exchange.Exchange {
	x, _ := w.t.Await(func() *exchange.Exchange { return w.list(user) }, m)
	w.t.Need(x, m)
	return x
}

// reads judges what the user can download of the conversation, in whichever way works.
func (c *conversation) reads(user string, m *match.Matcher) *exchange.Exchange {
	return c.w.t.Eventually(c.look(user, m), m)
}

// look downloads with the instance of the moment, in the first way that gives what is wanted.
func (c *conversation) look(user string, wanted *match.Matcher) func() *exchange.Exchange {
	return func() *exchange.Exchange { return c.w.any(c.downloads(user, c.instance(user)), wanted) }
}

// lookBack is look of a first page.
func (c *conversation) lookBack(user string, limit int, wanted *match.Matcher) func() *exchange.Exchange {
	return func() *exchange.Exchange { return c.w.any(c.partials(user, c.instance(user), limit), wanted) }
}

// given ends the spec where the user cannot download what it rests on.
func (c *conversation) given(user string, ids ...string) {
	m := buildsOn("OZ-DL-1", shows(ids...))
	x, _ := c.w.t.Await(c.look(user, m), m)
	c.w.t.Need(x, m)
}
