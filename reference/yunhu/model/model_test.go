package model

import (
	"fmt"
	"testing"
	"time"
)

var noon = time.UnixMilli(1_755_566_778_727)

// small is ann with a group, a chat with bob, and a bot.
func small() *State {
	s := New()
	s.AddUser(AddUser{ID: "ann", Name: "Ann", Run: "p00000001"})
	s.AddUser(AddUser{ID: "bob", Name: "Bob", Run: "p00000001"})
	s.Join(Join{Chat: Chat{"g", Group}, Members: []string{"ann", "bob"}, Run: "p00000001"})
	s.Join(Join{Chat: Chat{Kind: User}, Members: []string{"ann", "bob"}, Run: "p00000001"})
	s.Join(Join{Chat: Chat{"weather", Bot}, Members: []string{"ann"}, Run: "p00000001"})
	return s
}

func (s *State) says(from string, c Chat, mentions ...string) {
	s.Send(Send{Chat: c, From: from, Content: []byte("hi"), Mentions: mentions, Now: noon})
}

func list(s *State, uid string) map[Chat]Conversation {
	all := map[Chat]Conversation{}
	for _, c := range s.List(List{uid}) {
		all[c.Chat] = c
	}
	return all
}

func TestAChatIsListedOnceItHasAMessage(t *testing.T) {
	s := small()
	if got := s.List(List{"ann"}); len(got) != 0 {
		t.Fatalf("before any message: %v", got)
	}
	s.says("bob", Chat{"g", Group})
	s.says("bob", Chat{"ann", User})
	s.says("weather", Chat{"weather", Bot})
	got := list(s, "ann")
	for _, c := range []Chat{{"g", Group}, {"bob", User}, {"weather", Bot}} {
		if got[c].Unread != 1 || got[c].Sent != noon.UnixMilli() {
			t.Errorf("%v: %+v, want one unread message sent at noon", c, got[c])
		}
	}
	if got[Chat{"bob", User}].Name != "Bob" {
		t.Errorf("a chat bears the name %q, want the peer's", got[Chat{"bob", User}].Name)
	}
	if bob := list(s, "bob"); len(bob) != 2 || bob[Chat{"g", Group}].Unread != 0 {
		t.Errorf("bob, who sent them: %v", bob)
	}
}

func TestDismissReadsOneConversationOfOneUser(t *testing.T) {
	s := small()
	s.says("bob", Chat{"g", Group}, "ann")
	s.says("bob", Chat{"ann", User})
	s.says("ann", Chat{"g", Group})
	if m := list(s, "ann")[Chat{"g", Group}].Mention; m == nil || m.From != "bob" || m.Seq != 1 || m.FromName != "Bob" || m.In != "g" {
		t.Errorf("the mention is %+v", m)
	}
	if err := s.Dismiss(Dismiss{"ann", "g"}); err != nil {
		t.Fatal(err)
	}
	ann := list(s, "ann")
	if g := ann[Chat{"g", Group}]; g.Unread != 0 || g.Mention != nil {
		t.Errorf("the dismissed one: %+v", g)
	}
	if ann[Chat{"bob", User}].Unread != 1 || list(s, "bob")[Chat{"g", Group}].Unread != 1 {
		t.Error("another conversation, or another user's, was read too")
	}
	s.says("bob", Chat{"g", Group})
	if got := list(s, "ann")[Chat{"g", Group}].Unread; got != 1 {
		t.Errorf("%d unread after a later message, want 1", got)
	}
	for _, op := range []Op{Dismiss{"ann", "nowhere"}, Dismiss{"nobody", "g"}, Remove{"bob", "weather"}, SortChange{UID: "ann", ChatID: ""}} {
		if Apply(s, op).Err != ErrNoConversation {
			t.Errorf("%+v: %v", op, Apply(s, op).Err)
		}
	}
}

func TestRemoveHidesUntilTheNextMessage(t *testing.T) {
	s := small()
	s.says("bob", Chat{"g", Group})
	if err := s.Remove(Remove{"ann", "g"}); err != nil {
		t.Fatal(err)
	}
	if len(list(s, "ann")) != 0 || len(list(s, "bob")) != 1 {
		t.Error("it must be gone for ann, and for ann alone")
	}
	s.says("bob", Chat{"g", Group})
	if got := list(s, "ann")[Chat{"g", Group}].Unread; got != 1 {
		t.Errorf("it came back with %d unread, want 1", got)
	}
}

func TestSortChangeBringsToTheTop(t *testing.T) {
	s := small()
	s.says("bob", Chat{"g", Group})
	s.Send(Send{Chat: Chat{"ann", User}, From: "bob", Now: noon.Add(time.Second)})
	if err := s.SortChange(SortChange{"ann", "g", noon.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if first := s.List(List{"ann"})[0]; first.Chat.ID != "g" || first.Sent != noon.UnixMilli() {
		t.Errorf("first stands %+v", first)
	}
}

func TestSilenceIsOneUsers(t *testing.T) {
	s := small()
	s.says("bob", Chat{"g", Group})
	s.Silence(Silence{"ann", Chat{"g", Group}, true})
	if !list(s, "ann")[Chat{"g", Group}].DoNotDisturb || list(s, "bob")[Chat{"g", Group}].DoNotDisturb {
		t.Error("do-not-disturb must be on for ann alone")
	}
}

func TestCleanLeavesNothingOfTheRunAndAllOfTheOthers(t *testing.T) {
	s := small()
	s.AddUser(AddUser{ID: "eve", Run: "p00000002"})
	s.Join(Join{Chat: Chat{"h", Group}, Members: []string{"eve", "ann"}, Run: "p00000002"})
	s.Join(Join{Chat: Chat{Kind: User}, Members: []string{"eve", "ann"}, Run: "p00000002"})
	s.says("ann", Chat{"h", Group})
	s.Clean(Clean{"p00000001"})
	s.Clean(Clean{"p0000000f"})
	if s.Knows("ann") || !s.Knows("eve") || len(s.chats) != 1 || len(s.runs) != 1 {
		t.Errorf("%d users, %d chats, %d runs are left", len(s.users), len(s.chats), len(s.runs))
	}
	if got := list(s, "eve"); len(got) != 1 {
		t.Errorf("eve has %v", got)
	}
	s.Clean(Clean{"p00000002"})
	if len(s.users)+len(s.chats)+len(s.runs) != 0 {
		t.Errorf("%d users, %d chats, %d runs are left", len(s.users), len(s.chats), len(s.runs))
	}
}

func TestARunIsCleanedWithoutLookingAtTheOthers(t *testing.T) {
	s := New()
	for i := range 200_000 {
		id := fmt.Sprintf("p%08x", i)
		s.Join(Join{Chat: Chat{id + "-g", Group}, Members: []string{id + "-ann"}, Run: id})
	}
	began := time.Now()
	for i := range 1000 {
		s.Clean(Clean{fmt.Sprintf("p%08x", i)})
	}
	if took := time.Since(began); took > time.Second || len(s.users) != 199_000 {
		t.Errorf("1000 of 200000 runs took %s; %d users are left", took, len(s.users))
	}
}
