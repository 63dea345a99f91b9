package model

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// play is a State with a clock, and the operations in few words.
type play struct {
	*State
	t   *testing.T
	now time.Time
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

func newPlay(t *testing.T) *play { return &play{New(0), t, start} }

func (p *play) tick() time.Time {
	p.now = p.now.Add(time.Second)
	return p.now
}

var counted = Header{RedDot: true}

func (p *play) send(from string, c Channel) Sent { return p.sendAs(from, c, counted) }

func (p *play) sendAs(from string, c Channel, h Header) Sent {
	return p.Send(Send{Channel: c, From: from, Header: h, Payload: []byte("hi"), Now: p.tick()})
}

func (p *play) group(c Channel, uids ...string) {
	p.Subscribe(Subscribe{Channel: c, UIDs: uids, Now: p.tick()})
}

func (p *play) clear(uid string, c Channel, k int64) error {
	return p.Clear(Clear{UID: uid, Channel: c, MessageSeq: k, Now: p.tick()})
}

func (p *play) set(uid string, c Channel, n int64) error {
	return p.Set(Set{UID: uid, Channel: c, Unread: n, Now: p.tick()})
}

func (p *play) delete(uid string, c Channel) error {
	return p.Delete(Delete{UID: uid, Channel: c, Now: p.tick()})
}

func (p *play) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// see is the user's conversation, with all its messages; nil where there is none.
func (p *play) see(uid string, c Channel) *Conversation {
	for _, found := range p.Sync(Sync{UID: uid, MsgCount: 1 << 40}) {
		if found.Channel == c {
			return &found
		}
	}
	return nil
}

func (p *play) wantUnread(uid string, c Channel, want int64) {
	p.t.Helper()
	if got := p.see(uid, c); got == nil {
		p.t.Errorf("%s does not see %v, want it with %d unread", uid, c, want)
	} else if got.Unread != want {
		p.t.Errorf("%s has %d unread in %v, want %d", uid, got.Unread, c, want)
	}
}

func (p *play) wantGone(uid string, c Channel) {
	p.t.Helper()
	if got := p.see(uid, c); got != nil {
		p.t.Errorf("%s sees %v with %d unread, want it gone", uid, c, got.Unread)
	}
	for name, err := range map[string]error{"clear": p.clear(uid, c, 0), "set": p.set(uid, c, 0), "delete": p.delete(uid, c)} {
		if !errors.Is(err, ErrNoConversation) {
			p.t.Errorf("%s of a conversation that is not there gave %v, want ErrNoConversation", name, err)
		}
	}
}

func seqs(c *Conversation) (all []int64) {
	for _, m := range c.Recents {
		all = append(all, m.Seq)
	}
	return all
}

var (
	g       = Channel{"g", 2}
	toAnn   = Channel{"ann", Direct}
	toBob   = Channel{"bob", Direct}
	newest3 = []int64{3, 2, 1}
)

func TestDirectChatBearsThePeersName(t *testing.T) {
	p := newPlay(t)
	p.send("ann", toBob)
	p.send("bob", toAnn)
	p.send("ann", toBob)
	for uid, c := range map[string]Channel{"ann": toBob, "bob": toAnn} {
		got := p.see(uid, c)
		if got == nil || got.LastMsgSeq != 3 || !slices.Equal(seqs(got), newest3) {
			t.Errorf("%s sees %+v, want one chat %v with messages 3, 2, 1", uid, got, c)
		}
	}
	p.wantUnread("ann", toBob, 1)
	p.wantUnread("bob", toAnn, 2)
	p.wantGone("ann", Channel{"bob", 2})
	p.wantGone("eve", toBob)
	p.send("ann", toAnn)
	p.wantUnread("ann", toAnn, 0)
}

func TestUnreadCountsTheMessagesOfOthers(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob", "cid")
	for _, from := range []string{"ann", "bob", "bob", "ann", "bob"} {
		p.send(from, g)
	}
	p.wantUnread("ann", g, 3)
	p.wantUnread("bob", g, 2)
	p.wantUnread("cid", g, 5)
	p.send("stranger", g)
	p.wantUnread("cid", g, 6)
	if got := p.Sync(Sync{UID: "stranger"}); len(got) != 0 {
		t.Errorf("sending made the group readable to a stranger: %+v", got)
	}
}

func TestWhatIsNotStoredLeavesNoTrace(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	for _, h := range []Header{{SyncOnce: true, RedDot: true}, {NoPersist: true, RedDot: true}} {
		if sent := p.sendAs("ann", g, h); sent.ID == 0 || sent.Seq != 0 || sent.ClientMsgNo == "" {
			t.Errorf("%+v was answered with %+v, want an id, no seq and a client_msg_no", h, sent)
		}
		p.sendAs("ann", toBob, h)
	}
	p.wantGone("bob", g)
	p.wantGone("bob", toAnn)
	if sent := p.send("ann", g); sent.Seq != 1 {
		t.Errorf("the first stored message has seq %d, want 1", sent.Seq)
	}
}

func TestRedDotZeroIsStoredButNotUnread(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	p.send("ann", g)
	p.sendAs("ann", g, Header{})
	p.wantUnread("bob", g, 1)
	if got := p.see("bob", g); got.LastMsgSeq != 2 {
		t.Errorf("last_msg_seq is %d, want 2", got.LastMsgSeq)
	}
	p.must(p.clear("bob", g, 1))
	p.wantUnread("bob", g, 0)
}

func TestClearUpToASequenceNumber(t *testing.T) {
	for _, c := range []struct{ before, k, want int64 }{
		{5, 0, 0}, {5, 2, 3}, {5, 5, 0}, {5, 99, 0}, {5, 4, 1},
		{2, 1, 2}, // 4 and 5 are unread: 1 is below what is read, and 2 and 3 do not come back
		{2, 4, 1}, {0, 1, 0}, {0, 0, 0},
	} {
		p := newPlay(t)
		p.group(g, "ann", "bob")
		for range 5 {
			p.send("bob", g)
		}
		p.must(p.set("ann", g, c.before))
		p.must(p.clear("ann", g, c.k))
		p.wantUnread("ann", g, c.want)
		p.must(p.clear("ann", g, c.k))
		p.wantUnread("ann", g, c.want)
		p.send("bob", g)
		p.wantUnread("ann", g, c.want+1)
	}
}

func TestClearDoesNotCountOwnMessages(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	for _, from := range []string{"bob", "bob", "ann", "bob", "ann"} {
		p.send(from, g)
	}
	p.must(p.clear("ann", g, 1))
	p.wantUnread("ann", g, 2)
	p.must(p.clear("ann", g, 3))
	p.wantUnread("ann", g, 1)
}

func TestClearTouchesNothingElse(t *testing.T) {
	p := newPlay(t)
	same := Channel{"g", 3}
	p.group(g, "ann", "bob")
	p.group(same, "ann", "bob")
	for range 3 {
		p.send("cid", g)
		p.send("cid", same)
	}
	p.must(p.clear("ann", g, 0))
	p.wantUnread("ann", g, 0)
	p.wantUnread("ann", same, 3)
	p.wantUnread("bob", g, 3)
	if got := p.see("ann", g); got.LastMsgSeq != 3 || len(got.Recents) != 3 {
		t.Errorf("after a clear the conversation is %+v, want its 3 messages", got)
	}
}

func TestSetUnreadIsExact(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	for range 4 {
		p.send("bob", g)
	}
	for _, n := range []int64{4, 0, 3, 1, 4} {
		p.must(p.set("ann", g, n))
		p.wantUnread("ann", g, n)
	}
	var tooMany *UnreadError
	for _, n := range []int64{5, -1, 1 << 62} {
		if err := p.set("ann", g, n); !errors.As(err, &tooMany) || tooMany.Messages != 4 {
			t.Errorf("set %d gave %v, want an UnreadError that names the 4 messages", n, err)
		}
	}
	p.wantUnread("ann", g, 4)
	p.send("bob", g)
	p.wantUnread("ann", g, 5)
}

func TestDeleteHidesUntilAMessageComes(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	p.send("bob", g)
	p.send("bob", g)
	p.must(p.delete("ann", g))
	p.wantGone("ann", g)
	p.wantUnread("bob", g, 0)
	p.sendAs("bob", g, Header{SyncOnce: true})
	p.wantGone("ann", g)
	p.group(g, "ann")
	p.wantGone("ann", g)
	p.send("bob", g)
	p.wantUnread("ann", g, 1)
	if got := seqs(p.see("ann", g)); !slices.Equal(got, []int64{3}) {
		t.Errorf("recents after a deletion hold %v, want only 3", got)
	}
	p.must(p.clear("ann", g, 1))
	p.wantUnread("ann", g, 1)
	p.must(p.delete("ann", g))
	p.send("ann", g)
	p.wantUnread("ann", g, 0)
}

func TestLateSubscriberSeesHistoryAsRead(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann")
	p.wantGone("ann", g)
	for range 3 {
		p.send("ann", g)
	}
	before := p.lastVersion
	p.group(g, "bob", "ann")
	p.wantUnread("bob", g, 0)
	if got := seqs(p.see("bob", g)); !slices.Equal(got, newest3) {
		t.Errorf("the late subscriber's recents hold %v, want %v", got, newest3)
	}
	if got := p.Sync(Sync{UID: "bob", Version: before}); len(got) != 1 {
		t.Errorf("an incremental sync of the late subscriber gave %v, want the group", got)
	}
	if got := p.Sync(Sync{UID: "ann", Version: before}); len(got) != 0 {
		t.Errorf("subscribing again changed the conversation of who was a member: %v", got)
	}
	p.send("ann", g)
	p.wantUnread("bob", g, 1)
}

func TestVersionsGrowWithEveryChange(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	p.send("bob", g)
	for _, c := range []struct {
		name      string
		do        func()
		bobAswell bool
	}{
		{"a message", func() { p.send("bob", g) }, true},
		{"an own message", func() { p.send("ann", g) }, true},
		{"a message without red dot", func() { p.sendAs("bob", g, Header{}) }, true},
		{"clear", func() { p.must(p.clear("ann", g, 0)) }, false},
		{"set", func() { p.must(p.set("ann", g, 1)) }, false},
	} {
		p.now = start // a clock that stands still or goes back must not matter
		seen := p.see("ann", g).Version
		if got := p.Sync(Sync{UID: "ann", Version: seen}); len(got) != 0 {
			t.Errorf("before %s, an incremental sync gave %v", c.name, got)
		}
		c.do()
		if got := p.Sync(Sync{UID: "ann", Version: seen}); len(got) != 1 || got[0].Version <= seen {
			t.Errorf("after %s, an incremental sync from %d gave %+v, want the conversation with a higher version", c.name, seen, got)
		}
		if got := p.Sync(Sync{UID: "bob", Version: seen}); (len(got) == 1) != c.bobAswell {
			t.Errorf("after %s by ann, bob's incremental sync gave %v", c.name, got)
		}
	}
}

func TestTimestampsAndIDs(t *testing.T) {
	p := newPlay(t)
	first, second := p.send("ann", toBob), p.send("ann", toBob)
	if first.ID <= 1<<53 || first.ID == second.ID || int64(float64(second.ID)) == second.ID {
		t.Errorf("ids are %d and %d, want different ones that a float64 cannot hold", first.ID, second.ID)
	}
	got := p.see("bob", toAnn)
	if got.Timestamp != p.now.Unix() || got.Version != p.now.UnixNano() || got.LastClientMsgNo != second.ClientMsgNo {
		t.Errorf("the conversation is %+v, want the last message's second %d, nanosecond %d and number %s",
			got, p.now.Unix(), p.now.UnixNano(), second.ClientMsgNo)
	}
	if a, b := New(1).Send(Send{Channel: toBob, From: "ann"}), New(2).Send(Send{Channel: toBob, From: "ann"}); a.ID == b.ID {
		t.Error("two seeds gave one id")
	}
}

func TestSyncParameters(t *testing.T) {
	p := newPlay(t)
	h, live := Channel{"h", 2}, Channel{"g", 3}
	for _, c := range []Channel{g, h, live} {
		p.group(c, "ann", "bob")
		for range 60 {
			p.send("bob", c)
		}
	}
	p.must(p.clear("ann", h, 0))
	for _, c := range []struct {
		name string
		op   Sync
		want string
	}{
		{"no messages", Sync{}, "g/3:0 h/2:0 g/2:0"},
		{"negative", Sync{MsgCount: -1}, "g/3:0 h/2:0 g/2:0"},
		{"two", Sync{MsgCount: 2}, "g/3:60..59 h/2:60..59 g/2:60..59"},
		{"capped", Sync{MsgCount: 1 << 62, Cap: 50}, "g/3:60..11 h/2:60..11 g/2:60..11"},
		{"uncapped", Sync{MsgCount: 1 << 62}, "g/3:60..1 h/2:60..1 g/2:60..1"},
		{"after", Sync{MsgCount: 9, After: map[Channel]int64{g: 57, h: 60, live: 1 << 62}}, "g/3:0 h/2:0 g/2:60..58"},
		{"newest after", Sync{MsgCount: 2, After: map[Channel]int64{g: 5}}, "g/3:60..59 h/2:60..59 g/2:60..59"},
		{"only unread", Sync{OnlyUnread: true}, "g/3:0 g/2:0"},
		{"exclude", Sync{Exclude: []int{3, 7}}, "h/2:0 g/2:0"},
		{"exclude what after names", Sync{Exclude: []int{2}, After: map[Channel]int64{g: 5}}, "g/3:0"},
	} {
		c.op.UID = "ann"
		if got := describe(p.Sync(c.op)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	p.send("bob", g)
	if got, want := describe(p.Sync(Sync{UID: "ann"})), "g/2:0 g/3:0 h/2:0"; got != want {
		t.Errorf("after a message in g/2 the order is %s, want %s", got, want)
	}
}

// describe is each conversation with its first and last recent.
func describe(all []Conversation) string {
	s := ""
	for i, c := range all {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%s/%d:", c.Channel.ID, c.Channel.Type)
		if n := len(c.Recents); n == 0 {
			s += "0"
		} else {
			s += fmt.Sprintf("%d..%d", c.Recents[0].Seq, c.Recents[n-1].Seq)
		}
	}
	return s
}

func TestSyncChangesNothing(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	p.send("bob", g)
	p.send("bob", toAnn)
	first := p.Sync(Sync{UID: "ann", MsgCount: 5})
	if d := cmp.Diff(first, p.Sync(Sync{UID: "ann", MsgCount: 5})); d != "" || len(first) != 2 {
		t.Errorf("two syncs differ (-first +second):\n%s", d)
	}
	if p.Sync(Sync{UID: "nobody"}) != nil || p.users["nobody"] != nil {
		t.Error("a sync made a user")
	}
}

func TestApplyIsTheMethods(t *testing.T) {
	s := New(0)
	Apply(s, Subscribe{Channel: g, UIDs: []string{"ann"}, Now: start})
	if r := Apply(s, Send{Channel: g, From: "bob", Header: counted, Now: start}); r.Sent.Seq != 1 {
		t.Errorf("send gave %+v", r)
	}
	if r := Apply(s, Set{UID: "ann", Channel: g, Unread: 2, Now: start}); r.Err == nil {
		t.Error("set above the messages gave no error")
	}
	for _, op := range []Op{Clear{UID: "ann", Channel: g, Now: start}, Delete{UID: "ann", Channel: g, Now: start}} {
		if r := Apply(s, op); r.Err != nil {
			t.Errorf("%T gave %v", op, r.Err)
		}
	}
	if r := Apply(s, Sync{UID: "ann"}); len(r.Conversations) != 0 {
		t.Errorf("sync gave %+v", r)
	}
	Apply(s, Clean{Run: "p00000000"})
}
