package wukongim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerSyncMessages(s *specs.Suite) {
	registerPayloads(s)
	registerMessageIDs(s)
	registerMessageCount(s)
	registerNewest(s)
	registerLastMessage(s)
	registerTimes(s)
	registerSameMessage(s)
	registerHeaders(s)
}

func registerPayloads(s *specs.Suite) {
	payloads := func(title string, contents ...[]byte) {
		s.Requirement("WK-SYNC-04", title, func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group("g", "ann", "bob").sends("bob", contents...)
			w.seed()
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 50}) }, payloadsOf(g, "ann"))
		})
	}
	payloads("text in any script", []byte("hello"), []byte("你好，世界"), []byte("👩‍👩‍👧 مرحبا שלום"), []byte(`{"type":1,"content":"<b>&amp;</b> \" \\ / "}`))
	payloads("bytes that are no text: 0x00, 0xff, every byte", []byte{0}, []byte{0xff}, []byte{0, 0xff, 0}, everyByte())
	payloads("lengths that need two, one and no padding, and bytes that need + and /", []byte("a"), []byte("ab"), []byte("abc"),
		[]byte{0xfb, 0xef, 0xbe}, []byte{0xff, 0xff, 0xff}, []byte{0xfb, 0xff})
	payloads("white space at either end, and nothing but white space", []byte(" a"), []byte("a\r\n"), []byte("\t a \n"), []byte(" "))
	payloads("64 KiB", bytes.Repeat(everyByte(), 256))
	s.Requirement("WK-SYNC-04", "the same bytes to both sides of a personal channel", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob").sends("bob", []byte{0xfb, 0xff, 0}, []byte("好"))
		w.seed()
		for _, user := range d.members {
			w.sees(user, payloadsOf(d, user))
		}
	})
}

func everyByte() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

// payloadsOf matches an answer in which every message of the channel decodes to the bytes that were sent.
func payloadsOf(ch *channel, user string) *match.Matcher {
	k := ch.key(user)
	return about(k, "every payload as standard base64 of exactly the bytes that were sent", func(c conversation) match.Result {
		for _, m := range ch.sent {
			v, ok := c.message(m)
			if !ok {
				return match.Failf("no message %s in recents of %s", m.clientMsgNo, k)
			}
			if r := payloadIs(v, m.payload); !r.OK {
				return r
			}
		}
		return match.Pass()
	})
}

// message is a message of the conversation's recents.
func (c conversation) message(m message) (strictjson.Value, bool) {
	for _, v := range c.Get("recents").Elements {
		if v.Get("client_msg_no").Text == m.clientMsgNo {
			return v, true
		}
	}
	return strictjson.Value{}, false
}

func registerMessageIDs(s *specs.Suite) {
	s.Requirement("WK-SYNC-05", "no message_id twice among 150 messages of three channels", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g1", "ann", "bob", "cat").says("bob", 50)
		w.group("g2", "ann", "bob").says("bob", 50)
		w.direct("ann", "bob").says("bob", 50)
		w.seed()
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 50}) }, buildsOn(messagesGiven, messagesInAll(150)), uniqueMessageIDs())
	})
	s.Requirement("WK-SYNC-05", "message_id in sync has every digit that the target gave when it took the message", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 20)
		w.seed()
		if slices.ContainsFunc(g.sent, func(m message) bool { return m.messageID == "" }) {
			t.NotTestable("seeding did not say which message_id the target gave")
		}
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 50}) }, exactIDs(g))
	})
	s.Requirement("WK-SYNC-05", "integers keep their digits: message_id agrees with message_idstr where a target gives both", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 5)
		w.seed()
		w.eventually(func() *exchange.Exchange { return w.full("ann") }, lists(g.key("ann")),
			eachMessage("message_id as message_idstr spells it", func(_ conversation, m strictjson.Value) match.Result {
				if text := m.Get("message_idstr"); text.Kind == strictjson.String && text.Text != m.Get("message_id").Text {
					return match.Failf("message_id %s beside message_idstr %q", m.Get("message_id").Text, text.Text)
				}
				return match.Pass()
			}))
	}, specs.AtMost(catalog.Probe)) // no document has message_idstr
}

func exactIDs(ch *channel) *match.Matcher {
	return about(ch.key("ann"), "the message_id that the target answered when the message was sent", func(c conversation) match.Result {
		for _, m := range ch.sent {
			v, ok := c.message(m)
			if want := m.messageID; ok && v.Get("message_id").Text != want {
				return match.Failf("message_id %s of %s, which was %s when it was sent", v.Get("message_id").Text, m.clientMsgNo, want)
			}
		}
		return match.Pass()
	})
}

func messagesInAll(n int) *match.Matcher {
	return answered(fmt.Sprintf("%d messages in all", n), func(all []conversation) match.Result {
		total := 0
		for _, c := range all {
			total += len(c.Get("recents").Elements)
		}
		if total != n {
			return match.Failf("%d messages: %s", total, listed(all))
		}
		return match.Pass()
	})
}

func uniqueMessageIDs() *match.Matcher {
	return answered("no message_id twice", func(all []conversation) match.Result {
		seen := map[string]string{}
		for _, c := range all {
			for _, m := range c.Get("recents").Elements {
				id, number := m.Get("message_id").Text, m.Get("client_msg_no").Text
				if other, double := seen[id]; double && other != number {
					return match.Failf("message_id %s for both %s and %s", id, other, number)
				}
				seen[id] = number
			}
		}
		return match.Pass()
	})
}

func registerNewest(s *specs.Suite) {
	s.Requirement("WK-SYNC-09", "recents are the newest of 120 messages, whatever msg_count", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 120)
		w.seed()
		for _, n := range []int{1, 10, 50} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": n}) }, recents(g.key("ann"), g.last(n)))
		}
	})
	s.Requirement("WK-SYNC-09", "a message sent after a sync is among the newest of the next, full or incremental", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "bob").says("bob", 4)
		w.seed()
		version := greatestVersion(w.full("ann"))
		d.saysLater("ann", version).says("ann", 1)
		for _, body := range []with{{"msg_count": 2}, {"msg_count": 2, "version": version}} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, changed(d.key("ann")), recents(d.key("ann"), d.last(2)))
		}
	})
	s.Requirement("WK-SYNC-10", "recents run in one direction by message_seq, the same in every conversation and for every user", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob", "cat").says("bob", 30).says("ann", 5)
		w.direct("ann", "bob").says("bob", 5).says("ann", 5)
		w.seed()
		direction := 0
		for _, body := range []with{{"msg_count": 50}, {"msg_count": 7}, {"msg_count": 50, "version": 1}} {
			for _, user := range []string{"ann", "bob"} {
				w.eventually(func() *exchange.Exchange { return w.sync(user, body) }, oneDirection(&direction))
			}
		}
	})
	s.Requirement("WK-SYNC-41", "message_seq grows in the order of sending, for two people who take turns", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 1)
		w.seed()
		for range 20 { // nobody waits for the other's to show
			g.hurries("ann", 1)
			g.hurries("bob", 1)
		}
		g.settle(g.members...)
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 50}) }, growingSeqs(g, "ann"))
	})
	s.Requirement("WK-SYNC-41", "message_seq goes on growing after a clear and after a delete", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		w.set("ann", g, 0)
		g.says("bob", 2)
		w.remove("ann", g)
		g.says("bob", 2)
		w.eventually(func() *exchange.Exchange { return w.sync("bob", with{"msg_count": 50}) }, growingSeqs(g, "bob"))
	})
}

// oneDirection matches an answer whose recents all run the way that direction says; the first two messages decide it.
func oneDirection(direction *int) *match.Matcher {
	return eachConversation("recents that run in one direction by message_seq, without duplicates, the same everywhere", func(c conversation) match.Result {
		messages, r := c.messages()
		if !r.OK {
			return r
		}
		for i := 1; i < len(messages); i++ {
			before, _ := messages[i-1].Get("message_seq").Int64()
			after, _ := messages[i].Get("message_seq").Int64()
			switch {
			case before == after:
				return match.Failf("message_seq %d twice in %s", before, c.key())
			case *direction == 0 && after > before:
				*direction = 1
			case *direction == 0:
				*direction = -1
			case (after > before) != (*direction > 0):
				return match.Failf("message_seq %d before %d in %s, against the direction so far", before, after, c.key())
			}
		}
		return match.Pass()
	})
}

func growingSeqs(ch *channel, user string) *match.Matcher {
	return about(ch.key(user), "a message_seq for every message, each above that of the one sent before", func(c conversation) match.Result {
		var last int64
		for _, m := range ch.inOrder() {
			v, ok := c.message(m)
			if !ok {
				return match.Result{Got: fmt.Sprintf("no message %s among %s", m.clientMsgNo, some(numbers(c.Get("recents").Elements))), BuildsOn: messagesGiven}
			}
			seq, ok := v.Get("message_seq").Int64()
			if !ok || seq <= last {
				return match.Failf("message_seq %s of %s, after %d", v.Get("message_seq").Describe(), m.clientMsgNo, last)
			}
			last = seq
		}
		return match.Pass()
	})
}

func registerLastMessage(s *specs.Suite) {
	s.Requirement("WK-SYNC-11", "last_msg_seq is the newest message's message_seq, for msg_count 1, 3 and 50", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 7)
		d := w.direct("ann", "bob").says("bob", 2).says("ann", 1)
		w.seed()
		for _, ch := range []*channel{g, d} {
			for _, n := range []int{1, 3, 50} {
				w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": n}) }, lastSeqIsNewest(ch, "ann"))
			}
		}
	})
	s.Requirement("WK-SYNC-11", "last_msg_seq is the same with msg_count 0", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 7)
		w.seed()
		x := w.full("ann")
		t.Need(x, showsMessage(g.sent[6]))
		seq := seqOf(x, g.key("ann"), g.sent[6])
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 0}) }, listedAtZero(g.key("ann")), field(g.key("ann"), "last_msg_seq", seq))
	})
	s.Requirement("WK-SYNC-11", "last_msg_seq follows a new message, on the full and on the incremental path", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 2)
		w.seed()
		for range 2 {
			version := greatestVersion(w.full("ann"))
			g.saysLater("ann", version)
			for _, body := range []with{{"msg_count": 5}, {"msg_count": 5, "version": version}} {
				w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, changed(g.key("ann")), showsMessage(g.last(1)[0]), lastSeqIsNewest(g, "ann"))
			}
		}
	})
	s.Requirement("WK-SYNC-38", "last_client_msg_no is that of the newest message, also after one's own", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 5)
		d := w.direct("ann", "bob").says("bob", 2)
		w.seed()
		for range 2 {
			for _, ch := range []*channel{g, d} {
				w.sees("ann", lastNumber(ch, "ann", t))
			}
			g.says("ann", 1)
			d.says("bob", 1)
		}
	})
	s.Requirement("WK-SYNC-38", "last_client_msg_no is the same when the conversation is read", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		w.set("ann", g, 0)
		w.given(setWorks, "ann", unread(g.key("ann"), 0))
		w.sees("ann", lastNumber(g, "ann", t))
	})
}

// listedAtZero is lists, where an answer without the conversation only says that msg_count 0 lists nothing.
func listedAtZero(k key) *match.Matcher {
	m := lists(k)
	return match.New(m.Expected, func(x *exchange.Exchange) match.Result {
		r := m.Judge(x)
		if !r.OK && r.BuildsOn == "" {
			r.BuildsOn = "WK-SYNC-06"
		}
		return r
	})
}

func lastSeqIsNewest(ch *channel, user string) *match.Matcher {
	newest := ch.last(1)[0]
	return about(ch.key(user), "last_msg_seq as the message_seq of the last message", func(c conversation) match.Result {
		v, ok := c.message(newest)
		if !ok {
			return match.Failf("no message %s in recents", newest.clientMsgNo)
		}
		if got, want := c.Get("last_msg_seq").Text, v.Get("message_seq").Text; got != want {
			return match.Failf("last_msg_seq %s, where the last message has %s", got, want)
		}
		return match.Pass()
	})
}

// lastNumber: the older page shows last_client_msg_no; under the newer one a target may leave it out.
func lastNumber(ch *channel, user string, t *specs.Trial) *match.Matcher {
	want := ch.last(1)[0].clientMsgNo
	return about(ch.key(user), fmt.Sprintf("last_client_msg_no %q", want), func(c conversation) match.Result {
		got := c.Get("last_client_msg_no")
		if got.Kind == strictjson.Missing && t.Env.Profile != "v1" {
			return match.Pass()
		}
		if got.Text != want {
			return match.Failf("%s", got.Describe())
		}
		return match.Pass()
	})
}

// documented are the fields of a message that a document names.
var documented = []string{"message_id", "message_seq", "client_msg_no", "from_uid", "timestamp", "payload", "header", "setting", "channel_id", "channel_type"}

func registerSameMessage(s *specs.Suite) {
	s.Requirement("WK-SYNC-45", "a message reads the same whatever msg_count, version or last_msg_seqs brought it", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 8)
		w.seed()
		whole := w.sync("ann", with{"msg_count": 50})
		t.Need(whole, recents(g.key("ann"), g.sent))
		conversations, _ := readConversations(whole)
		c, _ := find(conversations, g.key("ann"))
		for _, body := range []with{
			{"msg_count": 1}, {"msg_count": 2}, {"msg_count": 7}, {"msg_count": 3, "version": 1},
			{"msg_count": 50, "last_msg_seqs": g.entry("ann", seqOf(whole, g.key("ann"), g.sent[4]))},
		} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, sameMessages(c))
		}
	})
	s.Requirement("WK-SYNC-45", "a message reads the same to every member of a group", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob", "cat", "dan").says("bob", 5)
		w.seed()
		whole := w.full("ann")
		t.Need(whole, recents(g.key("ann"), g.sent))
		conversations, _ := readConversations(whole)
		c, _ := find(conversations, g.key("ann"))
		for _, user := range []string{"bob", "cat", "dan"} {
			w.sees(user, lists(g.key(user)), sameMessages(c))
		}
	})
}

// sameMessages matches an answer whose messages of a conversation agree with those of an earlier answer.
func sameMessages(earlier conversation) *match.Matcher {
	return eachConversation("the documented fields of each message as another request gave them", func(c conversation) match.Result {
		if c.key() != earlier.key() {
			return match.Pass()
		}
		for _, m := range c.Get("recents").Elements {
			before, ok := earlier.message(message{clientMsgNo: m.Get("client_msg_no").Text})
			if !ok {
				continue
			}
			for _, name := range documented {
				if now, then := m.Get(name), before.Get(name); !now.Equal(then) {
					return match.Failf("%s of %s is %s, and was %s", name, m.Get("client_msg_no").Text, now.JSON(), then.JSON())
				}
			}
		}
		return match.Pass()
	})
}

func registerHeaders(s *specs.Suite) {
	s.Requirement("WK-SYNC-39", "messages carry header, setting, channel_id and channel_type as the older page has them", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3)
		d := w.direct("ann", "bob").says("bob", 1)
		w.seed()
		x := w.sees("ann", lists(g.key("ann")), lists(d.key("ann")), eachMessage("header with no_persist, red_dot and sync_once of 0 or 1, "+
			"setting 0..255, channel_id, channel_type in every message", headerFields))
		t.Observe(x, "all of these fields are given")
	})
	s.Requirement("WK-SYNC-40", "client_msg_no and from_uid come back as they were sent, whoever sent them", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob", "cat").says("bob", 2).says("cat", 1).says("ann", 1).says("bob", 1)
		w.seed()
		w.sees("ann", sentBy(w, g))
	})
	s.Requirement("WK-SYNC-40", "a client_msg_no of any characters comes back unchanged", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob")
		w.seed()
		for _, odd := range []string{"0f1e2d3c4b5a69788796a5b4c3d2e1f0", "A-B_c.d", "with space", "编号-1", "🐧", `"quoted\back"`, "<i>&amp;</i>", "a:b|c"} {
			g.send(fixtures.Message{From: w.name("bob"), ClientMsgNo: t.Name(odd), Payload: []byte("hi")})
		}
		w.sees("ann", recents(g.key("ann"), g.sent))
	})
}

func headerFields(c conversation, m strictjson.Value) match.Result {
	for _, flag := range []string{"no_persist", "red_dot", "sync_once"} {
		if n, ok := m.Get("header").Get(flag).Int64(); !ok || n < 0 || n > 1 {
			return match.Failf("header.%s is %s", flag, m.Get("header").Get(flag).Describe())
		}
	}
	if n, ok := m.Get("setting").Int64(); !ok || n < 0 || n > 255 {
		return match.Failf("setting is %s", m.Get("setting").Describe())
	}
	if m.Get("channel_id").Kind != strictjson.String {
		return match.Failf("channel_id is %s", m.Get("channel_id").Describe())
	}
	if n, ok := m.Get("channel_type").Int64(); !ok || n != c.channelType {
		return match.Failf("channel_type is %s in a conversation of type %d", m.Get("channel_type").Describe(), c.channelType)
	}
	return match.Pass()
}

func sentBy(w *world, ch *channel) *match.Matcher {
	return about(ch.key("ann"), "from_uid and client_msg_no of every message as they were sent", func(c conversation) match.Result {
		for _, m := range ch.sent {
			v, ok := c.message(m)
			if !ok {
				return match.Failf("no client_msg_no %q among %s", m.clientMsgNo, some(numbers(c.Get("recents").Elements)))
			}
			want := m.from
			if seeded, ok := w.seeded.Users[m.from]; ok && seeded.ID != "" {
				want = seeded.ID
			}
			if got := v.Get("from_uid").Text; got != want {
				return match.Failf("from_uid %q of %s, which %q sent", got, strings.TrimPrefix(m.clientMsgNo, ch.handle), want)
			}
		}
		return match.Pass()
	})
}
