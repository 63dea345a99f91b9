package model

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

var t0 = time.Date(2024, 3, 8, 14, 12, 48, 0, time.UTC)

// pair is a State with a conversation of ann and bob, and n messages a second apart.
func pair(n int) (*State, Created) {
	s := New(1)
	c := s.Create(Create{Users: []Participant{{"ann", "Ann"}, {"bob", "Bob"}}, Run: "r", Now: t0})
	for i := range n {
		s.Append(Append{c.ID, []Message{{ID: fmt.Sprint("m", i+1), Created: t0.Add(time.Duration(i) * time.Second)}}})
	}
	return s, c
}

func ids(c Content) []string {
	var all []string
	for _, m := range c.Messages {
		all = append(all, m.ID)
	}
	return all
}

func TestTheExamplesIdsFollowTheRules(t *testing.T) {
	if got := UserID("admin@ozeki.hu"); got != "d574638619cbff603bf857164c47e850" {
		t.Errorf("the Administrator is %s", got)
	}
	if got := ConversationID("d574638619cbff603bf857164c47e850", "aa68d2204cb2bb85f2de3b9aad0d86d7"); got != "8ca16186c36a4e0a1ef2096e6c60b613" {
		t.Errorf("the conversation is %s", got)
	}
}

func TestClearEmptiesAndKeepsTheRest(t *testing.T) {
	s, c := pair(3)
	for _, op := range []Mark{{Kind: Mute}, {Kind: Favorite}, {Kind: Hide, Value: "x;"}, {Kind: Color, Value: "#bae1ff"}} {
		op.User, op.Conversation = "ann", c.ID
		if _, err := s.Mark(op); err != nil {
			t.Fatal(err)
		}
	}
	before := s.List("ann")[0]
	after, err := s.Clear(Clear{"ann", c.ID, c.Instance})
	if err != nil {
		t.Fatal(err)
	}
	if after.LastMessageID != "" || after.LastReportID != "" || after.Instance == before.Instance {
		t.Errorf("cleared: %+v", after)
	}
	if after.LastAccess != before.LastAccess || !slices.Equal(after.Properties, before.Properties) || !slices.Equal(after.Participants, before.Participants) ||
		after.Secret != before.Secret || !slices.Equal(after.MutedBy, before.MutedBy) {
		t.Errorf("cleared %+v, was %+v", after, before)
	}
	if content, err := s.Download(Download{User: "bob", Conversation: c.ID}); err != nil || len(content.Messages)+len(content.Reports) > 0 {
		t.Errorf("a download gives %+v, %v", content, err)
	}
	if _, err := s.Clear(Clear{"ann", c.ID, c.Instance}); !errors.Is(err, ErrStale) {
		t.Errorf("a stale instance gave %v", err)
	}
}

func TestCursors(t *testing.T) {
	s, c := pair(6)
	for _, d := range []struct {
		from Cursor
		want string
	}{
		{Cursor{}, "[m1 m2 m3 m4 m5 m6]"}, {Cursor{ID: "m3"}, "[m3 m4 m5 m6]"}, {Cursor{ID: "m3", Date: t0.Add(2 * time.Second)}, "[m3 m4 m5 m6]"},
		{Cursor{ID: "gone", Date: t0.Add(4 * time.Second)}, "[m5 m6]"}, {Cursor{Date: t0.Add(time.Hour)}, "[]"},
	} {
		got, err := s.Download(Download{User: "ann", Conversation: c.ID, Message: d.from})
		if fmt.Sprint(ids(got)) != d.want || err != nil {
			t.Errorf("download from %+v: %v, %v, want %s", d.from, ids(got), err, d.want)
		}
	}
	for _, p := range []struct {
		before Cursor
		limit  int64
		want   string
	}{
		{Cursor{}, 2, "[m5 m6]"}, {Cursor{ID: "m5"}, 3, "[m2 m3 m4]"}, {Cursor{ID: "m1"}, 3, "[]"}, {Cursor{Date: t0.Add(time.Hour)}, 0, "[m1 m2 m3 m4 m5 m6]"},
	} {
		got, err := s.Partial(Partial{User: "ann", Conversation: c.ID, Message: p.before, Limit: p.limit})
		if fmt.Sprint(ids(got)) != p.want || err != nil {
			t.Errorf("page before %+v: %v, %v, want %s", p.before, ids(got), err, p.want)
		}
	}
}

func TestMessagesAreOrderedByCreationAndStandOnce(t *testing.T) {
	s, c := pair(2)
	early := Message{ID: "early", Created: t0.Add(-time.Minute)}
	for range 2 {
		if _, err := s.Add(Add{"ann", c.ID, "", early}); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := s.Download(Download{User: "bob", Conversation: c.ID})
	if fmt.Sprint(ids(got)) != "[early m1 m2]" || s.List("bob")[0].LastMessageID != "m2" {
		t.Errorf("messages %v, last %s", ids(got), s.List("bob")[0].LastMessageID)
	}
}

func TestOutsidersAreRefused(t *testing.T) {
	s, c := pair(1)
	s.Create(Create{Users: []Participant{{"eve", "Eve"}}, OnlyUsers: true})
	_, add := s.Add(Add{User: "eve", Conversation: c.ID})
	_, clear := s.Clear(Clear{User: "eve", Conversation: c.ID})
	_, mark := s.Mark(Mark{User: "eve", Conversation: c.ID})
	_, read := s.Download(Download{User: "eve", Conversation: c.ID})
	_, page := s.Partial(Partial{User: "eve", Conversation: c.ID})
	for i, err := range []error{add, clear, mark, read, page} {
		if !errors.Is(err, ErrNoConversation) {
			t.Errorf("call %d gave %v", i, err)
		}
	}
	if len(s.List("eve")) != 0 || len(s.List("nobody")) != 0 {
		t.Error("eve or nobody has a conversation")
	}
}

func TestInstancesDoNotRepeat(t *testing.T) {
	s, seen := New(5), map[string]bool{}
	for range 100_000 {
		i := s.nextInstance()
		if seen[i] || len(i) != 10 {
			t.Fatalf("instance %q after %d", i, len(seen))
		}
		seen[i] = true
	}
}

func TestCleanRemovesARunAndNothingElse(t *testing.T) {
	s, c := pair(1)
	other := s.Create(Create{Users: []Participant{{"ann", ""}, {"cid", ""}}, Run: "other", Now: t0})
	s.Clean("other")
	s.Clean("unknown")
	if all := s.List("ann"); len(all) != 1 || all[0].ID != c.ID || s.conversations[other.ID] != nil {
		t.Errorf("ann has %+v", all)
	}
	s.Clean("r")
	if len(s.List("ann")) != 0 || len(s.users) != 0 || len(s.conversations) != 0 || len(s.runs) != 0 {
		t.Errorf("left: %d users, %d conversations, %d runs", len(s.users), len(s.conversations), len(s.runs))
	}
}

func BenchmarkClear(b *testing.B) {
	s, c := pair(1)
	for i := range 50_000 {
		s.Create(Create{ID: fmt.Sprint(i), Group: true, Users: []Participant{{"ann", ""}, {"bob", ""}}, Run: "r", Now: t0})
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Append(Append{c.ID, []Message{{ID: "m", Created: t0}}})
		if _, err := s.Clear(Clear{User: "ann", Conversation: c.ID}); err != nil {
			b.Fatal(err)
		}
	}
}
