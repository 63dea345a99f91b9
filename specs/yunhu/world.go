package yunhu

import (
	"fmt"
	"net/http"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// The kinds of chat that the documents name.
const (
	user  = 1
	group = 2
	bot   = 3
)

// The documented paths.
const (
	listPath    = "/v1/conversation/list"
	dismissPath = "/v1/conversation/dismiss-notification"
	sortPath    = "/v1/conversation/sort-change"
	removePath  = "/v1/conversation/remove"
)

// What specs need of the target; the preflight finds out.
var (
	onList    = specs.Needs("endpoint:list")
	onDismiss = specs.Needs("endpoint:dismiss-notification")
	onSort    = specs.Needs("endpoint:sort-change")
	onRemove  = specs.Needs("endpoint:remove")
)

// withBots says that the seeding makes chats with bots.
const withBots = "seed:bots"

func protoNumber(n int) protowire.Number { return protowire.Number(n) }

// with are members of a request's body.
type with map[string]any

// world is the people and chats of one spec. Build it with group, direct and bot, queue messages with says, then seed.
// People go by short names (ann); every chat is the spec's own.
type world struct {
	t      *specs.Trial
	users  []string
	silent map[string][]string // handles of chats, by user
	chats  []*chat
	seeded *fixtures.Seeded // nil before seed
}

// chat is a chat of a world.
type chat struct {
	w       *world
	handle  string // what the world calls it
	kind    int
	members []string
	queued  []fixtures.Message // before seed
	count   int                // messages that were sent or queued
	last    string             // the text of the last of them
	unread  map[string]bool    // members who did not send the last message
}

func newWorld(t *specs.Trial) *world { return &world{t: t, silent: map[string][]string{}} }

// person adds somebody who need not be in any chat.
func (w *world) person(names ...string) {
	for _, name := range names {
		if !slices.Contains(w.users, name) {
			w.users = append(w.users, name)
		}
	}
}

// group adds a group; its id on the target begins with the run's id and ends with name.
func (w *world) group(name string, members ...string) *chat { return w.chat(name, group, members...) }

// direct adds the chat of two people.
func (w *world) direct(a, b string) *chat { return w.chat(a+"-"+b, user, a, b) }

// bot adds a bot that one person talks to.
func (w *world) bot(name, person string) *chat { return w.chat(name, bot, person) }

func (w *world) chat(name string, kind int, members ...string) *chat {
	w.person(members...)
	c := &chat{w: w, handle: w.t.Name(name), kind: kind, members: members, unread: map[string]bool{}}
	w.chats = append(w.chats, c)
	return c
}

// silence switches the user's do-not-disturb on, before the world is seeded.
func (w *world) silence(user string, c *chat) { w.silent[user] = append(w.silent[user], c.handle) }

// says lets from send n messages: with the world while it is not seeded yet, at once afterwards.
func (c *chat) says(from string, n int) *chat {
	messages := make([]fixtures.Message, n)
	for i := range messages {
		messages[i] = c.message(from, fmt.Appendf(nil, "message %d of %s", c.count+i+1, from), i)
	}
	return c.send(messages...)
}

// texts lets from send these texts.
func (c *chat) texts(from string, texts ...string) *chat {
	messages := make([]fixtures.Message, len(texts))
	for i, text := range texts {
		messages[i] = c.message(from, []byte(text), i)
	}
	return c.send(messages...)
}

// names lets from mention somebody.
func (c *chat) names(from, whom string) *chat {
	m := c.message(from, []byte("hello @"+whom), 0)
	m.Mentions = []string{c.w.name(whom)}
	return c.send(m)
}

// message is the chat's next message but i. The bot of a chat goes by the chat's own handle.
func (c *chat) message(from string, payload []byte, i int) fixtures.Message {
	sender := c.w.name(from)
	if from == "" {
		sender = c.handle
	}
	return fixtures.Message{From: sender, Payload: payload, ClientMsgNo: fmt.Sprintf("%s-m%d", c.handle, c.count+i+1)}
}

func (c *chat) send(messages ...fixtures.Message) *chat {
	c.count += len(messages)
	if len(messages) > 0 {
		c.last = string(messages[len(messages)-1].Payload)
	}
	for _, member := range c.members {
		c.unread[member] = len(messages) > 0 && messages[len(messages)-1].From != c.w.name(member)
	}
	if c.w.seeded == nil {
		c.queued = append(c.queued, messages...)
		return c
	}
	c.w.t.Append(c.conversation(nil), messages)
	for _, member := range c.members {
		c.w.settle(member, c)
	}
	return c
}

func (c *chat) conversation(messages []fixtures.Message) fixtures.Conversation {
	wanted := fixtures.Conversation{ID: c.handle, Type: c.kind, Messages: messages}
	for _, member := range c.members {
		wanted.Members = append(wanted.Members, c.w.name(member))
	}
	return wanted
}

// seed puts the world onto the target and, where that is eventual, waits until it shows.
func (w *world) seed() *world {
	w.seeded = w.t.Seed(w.wanted())
	for _, c := range w.chats {
		c.queued = nil
	}
	for _, name := range w.users {
		w.settle(name, w.chats...)
	}
	return w
}

// wanted is the world as the seeding is asked for it.
func (w *world) wanted() fixtures.World {
	var want fixtures.World
	for _, name := range w.users {
		want.Users = append(want.Users, fixtures.User{ID: w.name(name), Name: name, DoNotDisturb: w.silent[name]})
	}
	for _, c := range w.chats {
		want.Conversations = append(want.Conversations, c.conversation(c.queued))
	}
	return want
}

// settle waits, on an eventual target, until the user's list shows the chats, and as unread where others wrote last.
func (w *world) settle(member string, chats ...*chat) {
	if !w.t.Env.Eventual || !w.t.Env.Has("endpoint:list") {
		return
	}
	var shows []*match.Matcher
	for _, c := range chats {
		switch {
		case c.count == 0 || !slices.Contains(c.members, member):
		case c.unread[member]:
			shows = append(shows, unread(c.key(member), true))
		default:
			shows = append(shows, lists(c.key(member)))
		}
	}
	w.t.Await(func() *exchange.Exchange { return w.list(member) }, match.All(shows...))
}

// name is the name that the world asks for; id is what the target made of it.
func (w *world) name(user string) string { return w.t.Name(user) }

func (w *world) id(user string) string {
	if seeded, ok := w.seeded.Users[w.name(user)]; ok && seeded.ID != "" {
		return seeded.ID
	}
	return w.name(user)
}

// id is the chat's id in the user's list: the group's or bot's, or that of the other of two.
func (c *chat) id(member string) string {
	if seeded := c.w.seeded.Conversations[c.handle].ID; seeded != "" {
		return seeded
	}
	if c.kind != user {
		return c.handle
	}
	if c.members[0] == member {
		return c.w.id(c.members[1])
	}
	return c.w.id(c.members[0])
}

func (c *chat) key(member string) key { return key{c.id(member), uint64(c.kind)} }

// headers are what requests of the user must carry beside the target's own credential.
func (w *world) headers(user string) http.Header {
	header := http.Header{}
	for name, value := range w.seeded.Users[w.name(user)].Headers {
		header.Set(name, value)
	}
	return header
}

// protobufType is what most clients call a request of list, even where it is empty.
const protobufType = "application/x-protobuf"

// list asks for the user's conversations.
func (w *world) list(user string) *exchange.Exchange { return w.listWith(user, nil) }

// listWith asks with a request body.
func (w *world) listWith(user string, body []byte) *exchange.Exchange {
	header := w.headers(user)
	header.Set("Content-Type", protobufType)
	return w.t.Do(specs.Request{Path: listPath, Header: header, Body: body})
}

// post sends a JSON body to a path in the name of a user.
func (w *world) post(path, user string, body with) *exchange.Exchange {
	return w.t.Do(specs.Request{Path: path, Header: w.headers(user), Body: specs.JSON(body)})
}

func (w *world) dismiss(member string, c *chat) *exchange.Exchange {
	return w.post(dismissPath, member, with{"chatId": c.id(member)})
}

func (w *world) sortChange(member string, c *chat) *exchange.Exchange {
	return w.post(sortPath, member, with{"userId": c.id(member)})
}

func (w *world) remove(member string, c *chat) *exchange.Exchange {
	return w.post(removePath, member, with{"chatId": c.id(member)})
}

// sees judges the user's list, with patience where the target is eventual.
func (w *world) sees(user string, matchers ...*match.Matcher) *exchange.Exchange {
	return w.t.Eventually(func() *exchange.Exchange { return w.list(user) }, match.All(matchers...))
}

// everyKind is the world of most specs: ann has unread messages in a group, in a chat with bob and from a bot.
func everyKind(t *specs.Trial) (w *world, g, d, b *chat) {
	w = newWorld(t)
	g, d, b = w.addEveryKind()
	w.seed()
	return w, g, d, b
}

// addEveryKind adds a chat of each kind. Where the seeding makes no bots, another group takes the bot's place.
func (w *world) addEveryKind() (g, d, b *chat) {
	g = w.group("g", "ann", "bob", "cid").says("bob", 2)
	d = w.direct("ann", "bob").says("bob", 1)
	if w.t.Env.Has(withBots) {
		return g, d, w.bot("weather", "ann").says("", 1)
	}
	return g, d, w.group("weather", "ann", "zoe").says("zoe", 1)
}

// aBot is the bot of everyKind, or the end of the spec.
func aBot(_, _, b *chat) *chat {
	if b.kind != bot {
		b.w.t.NotTestable("the seeding makes no chat with a bot (chat_type 3); docs/yunhu.md says what parley asks for")
	}
	return b
}

// others lets somebody else than ann write into a chat of everyKind.
func (c *chat) others(n int) *chat {
	if c.kind == bot {
		return c.says("", n)
	}
	return c.says("bob", n)
}

// kinds are the chats of everyKind by what they are called in titles.
var kinds = []struct {
	title string
	pick  func(g, d, b *chat) *chat
}{
	{"a group", func(g, _, _ *chat) *chat { return g }},
	{"a chat with a user", func(_, d, _ *chat) *chat { return d }},
	{"a bot", aBot},
}
