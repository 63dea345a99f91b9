package wukongim

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// Channel types that the documents name.
const (
	personal = 1
	group    = 2
)

// The documented paths.
const (
	syncPath   = "/conversation/sync"
	clearPath  = "/conversations/clearUnread"
	setPath    = "/conversations/setUnread"
	deletePath = "/conversations/delete"
)

// with are members of a request's body.
type with map[string]any

// world is the people and channels of one spec. Build it with group and direct, queue messages with says, then seed.
// People go by short names (ann); every channel and message is the spec's own.
type world struct {
	t        *specs.Trial
	users    []string
	channels []*channel
	seeded   *fixtures.Seeded // nil before seed
	own      *names           // what tells the run's conversations from the target's own
	shown    bool             // something of it has been seen on the target
	lost     bool             // an eventual target never showed a message: it is not waited for again
}

// channel is a chat of a world.
type channel struct {
	w       *world
	handle  string // what the world calls it
	typ     int
	members []string
	queued  []fixtures.Message // before seed
	sent    []message          // by message_seq, as far as it is known
	settled int                // how many of these the target has shown
	known   map[string]string  // how the target spells its id, by who looks
}

// message is one message that was sent.
type message struct {
	from        string
	clientMsgNo string
	messageID   string // as the target answered when it took the message; empty where it did not say
	payload     []byte
	seq         int64     // message_seq, 0 while nobody has told it
	nth         int       // in the order of sending
	before      time.Time // sending began
	after       time.Time // the target had accepted it
}

func newWorld(t *specs.Trial) *world {
	return &world{t: t, own: newNames(t.Env.Run)}
}

// person adds somebody who need not be in any channel.
func (w *world) person(names ...string) {
	for _, name := range names {
		if !slices.Contains(w.users, name) {
			w.users = append(w.users, name)
		}
	}
}

// group adds a group channel (type 2); its id on the target begins with the run's id and ends with name.
func (w *world) group(name string, members ...string) *channel {
	return w.channel(name, group, members...)
}

// direct adds the personal channel of two people.
func (w *world) direct(a, b string) *channel {
	return w.channel(a+"-"+b, personal, a, b)
}

func (w *world) channel(name string, typ int, members ...string) *channel {
	w.person(members...)
	ch := &channel{w: w, handle: w.t.Name(name), typ: typ, members: members, known: map[string]string{}}
	w.channels = append(w.channels, ch)
	return ch
}

// says lets from send n messages: with the world while it is not seeded yet, at once afterwards. On an eventual target
// it waits until every member can see the last of them.
func (ch *channel) says(from string, n int) *channel {
	messages := make([]fixtures.Message, n)
	for i := range messages {
		messages[i] = ch.message(from, len(ch.sent)+len(ch.queued)+i+1)
	}
	return ch.send(messages...)
}

// message is the channel's message of that number.
func (ch *channel) message(from string, number int) fixtures.Message {
	return fixtures.Message{From: ch.w.name(from), ClientMsgNo: fmt.Sprintf("%s-m%d", ch.handle, number),
		Payload: fmt.Appendf(nil, "message %d of %s", number, from)}
}

// sends lets from send these payloads.
func (ch *channel) sends(from string, payloads ...[]byte) *channel {
	messages := make([]fixtures.Message, len(payloads))
	for i, payload := range payloads {
		messages[i] = fixtures.Message{From: ch.w.name(from), Payload: payload,
			ClientMsgNo: fmt.Sprintf("%s-m%d", ch.handle, len(ch.sent)+len(ch.queued)+i+1)}
	}
	return ch.send(messages...)
}

// send sends messages as they are.
func (ch *channel) send(messages ...fixtures.Message) *channel {
	if ch.w.seeded == nil {
		ch.queued = append(ch.queued, messages...)
		return ch
	}
	for i, batch := range ch.batches(messages) {
		if i > 0 {
			ch.settle(ch.members[:1]...)
		}
		ch.deliver(batch)
	}
	ch.settle(ch.members...)
	ch.w.shows()
	return ch
}

// deliver sends messages into a channel that is there.
func (ch *channel) deliver(messages []fixtures.Message) {
	before := ch.w.t.Now()
	ch.note(messages, ch.w.t.Append(ch.conversation(nil), messages), before)
}

// mostShown is how many messages of a conversation a sync may be asked for.
const mostShown = 50

// batches divides messages into those that may be sent at once and those that wait until the ones before them show. Only
// where the target is eventual and gets each message in a call of its own: it may store what comes within milliseconds in
// another order. So nobody's message follows upon another's that does not show, no batch is longer than a sync can show,
// and the first message of a channel stands alone, since some servers make the channel by it.
func (ch *channel) batches(messages []fixtures.Message) [][]fixtures.Message {
	oneByOne := ch.w.t.Env.Eventual && ch.w.t.Env.Seeder.Name() == fixtures.DriverNative
	if !oneByOne || len(messages) == 0 {
		return [][]fixtures.Message{messages}
	}
	batches := [][]fixtures.Message{messages[:1]}
	for i, m := range messages[1:] {
		at := len(batches) - 1
		first := len(ch.sent) == 0 && i == 0
		if first || len(batches[at]) == mostShown || batches[at][0].From != m.From {
			batches = append(batches, nil)
			at++
		}
		batches[at] = append(batches[at], m)
	}
	return batches
}

// note remembers what was sent as the target holds it: a driver that seeds nothing says what was there before.
func (ch *channel) note(messages []fixtures.Message, seeded map[string]fixtures.SeededMessage, before time.Time) {
	for _, m := range messages {
		if m.Header["sync_once"] == 1 || m.Header["no_persist"] == 1 {
			continue // of no conversation
		}
		held := seeded[m.ClientMsgNo]
		if held.ClientMsgNo == "" {
			held.ClientMsgNo, held.Payload = m.ClientMsgNo, m.Payload
		}
		ch.sent = append(ch.sent, message{from: m.From, clientMsgNo: held.ClientMsgNo, messageID: held.ID, payload: held.Payload,
			nth: len(ch.sent), before: before, after: ch.w.t.Now()})
	}
}

func (ch *channel) conversation(messages []fixtures.Message) fixtures.Conversation {
	c := fixtures.Conversation{ID: ch.handle, Type: ch.typ, Messages: messages}
	for _, member := range ch.members {
		c.Members = append(c.Members, ch.w.name(member))
	}
	return c
}

// seed puts the world onto the target and ends the spec where nothing of it shows there.
func (w *world) seed() *world {
	w.put()
	w.shows()
	return w
}

// put puts the world onto the target and, where that is eventual, waits until it shows. For specs of mere form, which hold
// of an empty answer as well, it is seed enough.
func (w *world) put() {
	var want fixtures.World
	for _, name := range w.users {
		want.Users = append(want.Users, fixtures.User{ID: w.name(name), Name: name})
	}
	later := make([][][]fixtures.Message, len(w.channels))
	for i, ch := range w.channels {
		batches := ch.batches(ch.queued)
		ch.queued, later[i] = batches[0], batches[1:]
		want.Conversations = append(want.Conversations, ch.conversation(ch.queued))
	}
	before := w.t.Now()
	w.seeded = w.t.Seed(want)
	w.own.add(w.seeded)
	for _, ch := range w.channels {
		ch.note(ch.queued, w.seeded.Messages, before)
		ch.queued = nil
	}
	for i, ch := range w.channels {
		for _, batch := range later[i] {
			ch.settle(ch.members[:1]...)
			ch.deliver(batch)
		}
	}
	for _, ch := range w.channels {
		ch.settle(ch.members...)
	}
}

// settle waits, on an eventual target, until these members see the channel's messages.
func (ch *channel) settle(members ...string) {
	if !ch.w.t.Env.Eventual || len(ch.sent) == 0 {
		return
	}
	ch.arrive(members[0])
	newest := ch.last(1)[0]
	for _, member := range members[1:] {
		ch.await(member, 1, newest)
	}
}

// arrive waits until a member sees the messages since it was last asked, and puts these in the order of the numbers that
// they have there: which of them is the newest is the target's word.
func (ch *channel) arrive(member string) {
	fresh := ch.sent[ch.settled:]
	ch.settled = len(ch.sent)
	if len(fresh) == 0 {
		return
	}
	x, seen := ch.await(member, mostShown, fresh[max(0, len(fresh)-mostShown):]...)
	if !seen || len(fresh) > mostShown {
		return
	}
	for i := range fresh {
		fresh[i].seq = seqAnywhere(x, fresh[i])
	}
	slices.SortStableFunc(fresh, func(a, b message) int { return cmp.Compare(a.seq, b.seq) })
}

// await waits until the member sees these messages. Where one never shows, the judgement will say so, in time: the world
// waits for no other.
func (ch *channel) await(member string, msgCount int, messages ...message) (x *exchange.Exchange, seen bool) {
	if ch.w.lost {
		return nil, false
	}
	x, seen = ch.w.t.Await(func() *exchange.Exchange { return ch.w.sync(member, with{"msg_count": msgCount}) }, showsMessages(messages))
	ch.w.lost = !seen
	return x, seen
}

// name is the name that the world asks for; id is what the target made of it.
func (w *world) name(user string) string { return w.t.Name(user) }

func (w *world) id(user string) string {
	if seeded, ok := w.seeded.Users[w.name(user)]; ok && seeded.ID != "" {
		return seeded.ID
	}
	return w.name(user)
}

// headers are what requests of the user must carry beside the target's own credential.
func (w *world) headers(user string) http.Header {
	header := http.Header{}
	for name, value := range w.seeded.Users[w.name(user)].Headers {
		header.Set(name, value)
	}
	return header
}

// post sends a body to a path in the name of a user, whose uid is added unless the body has one.
func (w *world) post(path, user string, body with) *exchange.Exchange {
	full := with{"uid": w.id(user)}
	maps.Copy(full, body)
	x := w.t.Do(specs.Request{Path: path, Header: w.headers(user), Body: specs.JSON(full)})
	if path == syncPath {
		w.hears(x, user)
	}
	return w.claimed(x, user)
}

// sync asks for the user's conversations. The older page has a version in every request: 0 stands for a client that has none.
func (w *world) sync(user string, body with) *exchange.Exchange {
	return w.post(syncPath, user, w.versioned(body))
}

func (w *world) versioned(body with) with {
	if w.t.Env.Profile != "v1" {
		return body
	}
	return merge(with{"version": 0}, body)
}

// full is a full sync with up to 10 messages a conversation.
func (w *world) full(user string) *exchange.Exchange { return w.sync(user, with{"msg_count": 10}) }

// clear, set and remove call the endpoint for the channel as the user's sync spells it.
func (w *world) clear(user string, ch *channel, more with) *exchange.Exchange {
	return w.post(clearPath, user, ch.addressed(user, more))
}

func (w *world) set(user string, ch *channel, unread int64) *exchange.Exchange {
	return w.post(setPath, user, ch.addressed(user, with{"unread": unread}))
}

func (w *world) remove(user string, ch *channel) *exchange.Exchange {
	return w.post(deletePath, user, ch.addressed(user, nil))
}

// addressed is a body that names the channel as the user knows it.
func (ch *channel) addressed(user string, more with) with {
	body := with{"channel_id": ch.id(user), "channel_type": ch.typ}
	maps.Copy(body, more)
	return body
}

// id is how the target spells the channel for this user: what seeding said, or what sync calls the conversation that
// holds the channel's messages. A personal channel that sync does not show goes by the peer's id.
func (ch *channel) id(user string) string {
	if ch.typ != personal {
		if seeded := ch.w.seeded.Conversations[ch.handle].ID; seeded != "" {
			return seeded
		}
		return ch.handle
	}
	if id, ok := ch.known[user]; ok {
		return id
	}
	if conversations, r := readConversations(ch.w.sync(user, with{"msg_count": 50})); r.OK {
		for _, c := range conversations {
			if c.channelType == personal && slices.ContainsFunc(ch.sent, c.holds) {
				ch.known[user] = c.channelID
				return c.channelID
			}
		}
	}
	return ch.w.id(ch.peer(user))
}

func (ch *channel) peer(user string) string {
	if ch.members[0] == user {
		return ch.members[1]
	}
	return ch.members[0]
}

// key is the channel in a user's eyes.
func (ch *channel) key(user string) key { return key{ch.id(user), int64(ch.typ)} }

// last are the newest n messages, oldest first.
func (ch *channel) last(n int) []message {
	return ch.sent[max(0, len(ch.sent)-n):]
}

// inOrder are the messages in the order of sending.
func (ch *channel) inOrder() []message {
	return slices.SortedFunc(slices.Values(ch.sent), func(a, b message) int { return cmp.Compare(a.nth, b.nth) })
}

// eventually judges what a request of the user sees, with patience where the target is eventual.
func (w *world) eventually(look func() *exchange.Exchange, matchers ...*match.Matcher) *exchange.Exchange {
	return w.t.Eventually(look, match.All(matchers...))
}

// sees judges the user's full sync.
func (w *world) sees(user string, matchers ...*match.Matcher) *exchange.Exchange {
	return w.eventually(func() *exchange.Exchange { return w.full(user) }, matchers...)
}

// conversation reads one conversation of the user out of a full sync, or ends the spec where there is none to read.
func (w *world) conversation(user string, ch *channel, msgCount int) conversation {
	x := w.sync(user, with{"msg_count": msgCount})
	k := ch.key(user)
	w.t.Need(x, lists(k))
	conversations, _ := readConversations(x)
	c, _ := find(conversations, k)
	return c
}
