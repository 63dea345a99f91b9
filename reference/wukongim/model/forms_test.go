package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAFormIsMadeOnceOfAWholeMessage(t *testing.T) {
	calls := 0
	s := NewForming(0, func(m *Message) string {
		calls++
		if len(m.Payload) == 0 {
			return ""
		}
		return "from " + m.From + " no " + m.ClientMsgNo
	})
	for _, state := range []*State{s, s.Clone()} {
		state.Send(Send{Channel: Channel{"ann", Direct}, From: "bob", ClientMsgNo: "c1", Payload: []byte("hi"), Now: start})
		state.Send(Send{Channel: Channel{"ann", Direct}, From: "bob", ClientMsgNo: "c2", Now: start})
		got := state.Sync(Sync{UID: "ann", MsgCount: 9})[0].Recents
		if got[1].Form != "from bob no c1" || got[0].Form != "" || got[1].ClientMsgNo != "c1" || got[0].ClientMsgNo != "c2" {
			t.Errorf("the messages are %+v and %+v", got[1], got[0])
		}
	}
	if calls != 4 {
		t.Errorf("4 messages were formed in %d calls", calls)
	}
}

// TestARoomIsUsedAgain asks in one room what was asked in rooms of their own.
func TestARoomIsUsedAgain(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	for range 5 {
		p.send("bob", g)
		p.send("bob", Channel{"ann", Direct})
	}
	var room Room
	for _, op := range []Sync{{UID: "ann", MsgCount: 5}, {UID: "bob", MsgCount: 2}, {UID: "nobody"}, {UID: "ann"}, {UID: "ann", MsgCount: 3}} {
		if d := cmp.Diff(p.Sync(op), p.SyncIn(&room, op), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%+v (-own room +same room):\n%s", op, d)
		}
	}
	room.Empty()
	for _, m := range room.recents[:cap(room.recents)] {
		if m != nil {
			t.Fatal("an emptied room still holds a message")
		}
	}
}
