package model

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	runA = "p0000000a"
	runB = "p0000000b"
)

func TestCleanRemovesOneRunAndNothingElse(t *testing.T) {
	p := newPlay(t)
	annA, bobA, annB := runA+"-ann", runA+"-bob", runB+"-ann"
	ours, theirs, free := Channel{runA + "-g", 2}, Channel{runB + "-g", 2}, Channel{"free", 2}
	for _, c := range []Channel{ours, theirs, free} {
		p.group(c, annA, bobA, annB, "dan")
		p.send(bobA, c)
	}
	p.send(annA, Channel{bobA, Direct})
	p.send(annA, Channel{annB, Direct})
	p.send(annB, Channel{"dan", Direct})
	// Named by nothing, but made by the run's hook.
	p.Subscribe(Subscribe{Channel: Channel{"plain", 2}, UIDs: []string{"eve"}, Run: runA, Now: p.tick()})
	p.Send(Send{Channel: Channel{"plain", 2}, From: "eve", Run: runA, Now: p.tick()})

	p.Clean(Clean{Run: runA})
	for _, uid := range []string{annA, bobA, "eve"} {
		if got := p.Sync(Sync{UID: uid}); len(got) != 0 {
			t.Errorf("%s of the cleaned run still sees %v", uid, got)
		}
	}
	if got, want := describe(p.Sync(Sync{UID: annB})), "dan/1:0 free/2:0 "+runB+"-g/2:0"; got != want {
		t.Errorf("a user of the other run sees %s, want %s", got, want)
	}
	if got := p.see("dan", free); got == nil || got.LastMsgSeq != 1 {
		t.Errorf("the channel of no run became %+v, want its message to stay", got)
	}
	p.wantGone("dan", ours)
	if n := len(p.channels[keyOf("", free)].members); n != 2 {
		t.Errorf("the channel of no run has %d members, want 2", n)
	}
	p.group(ours, annA)
	p.wantGone(annA, ours)
	p.Clean(Clean{Run: runA})
	p.Clean(Clean{Run: runB})
	p.Clean(Clean{Run: runB})
	if len(p.runs) != 0 || len(p.channels) != 1 || len(p.users) != 1 {
		t.Errorf("%d runs, %d channels and %d users are left, want 0, free and dan", len(p.runs), len(p.channels), len(p.users))
	}
}

// TestCleanTakesManyOutOfALargeGroup has most members of a group leave it, and come back.
func TestCleanTakesManyOutOfALargeGroup(t *testing.T) {
	p := newPlay(t)
	free := Channel{"free", 2}
	name := func(run string, i int) string { return fmt.Sprintf("%s-%d", run, i) }
	for i := range 40 {
		p.group(free, name(runA, i), name(runB, i), fmt.Sprint("u", i))
	}
	p.send(name(runB, 0), free)
	for range 3 {
		p.Clean(Clean{Run: runA})
		p.wantGone(name(runA, 7), free)
		if n := len(p.channels[keyOf("", free)].members); n > 2*80 {
			t.Errorf("the group has room for %d members, where 80 are left", n)
		}
		p.group(free, name(runA, 7))
		p.wantUnread(name(runB, 7), free, 1)
	}
	p.Clean(Clean{Run: runA})
	p.Clean(Clean{Run: runB})
	p.send("u0", free)
	p.wantUnread("u39", free, 2)
	if n := len(p.users); n != 40 {
		t.Errorf("%d users are left, want the 40 of no run", n)
	}
}

// TestCleanLeavesTheConversationsOfThoseWhoStay has a run talk with one who is of none.
func TestCleanLeavesTheConversationsOfThoseWhoStay(t *testing.T) {
	p := newPlay(t)
	for i := range 30 {
		p.send([]string{runA, runB}[i%2]+fmt.Sprint("-", i), Channel{"dan", Direct})
	}
	p.group(Channel{runA + "-g", 2}, "dan", runB+"-1")
	p.send("dan", Channel{runA + "-g", 2})
	p.Clean(Clean{Run: runA})
	if n := len(p.Sync(Sync{UID: "dan"})); n != 15 {
		t.Errorf("dan has %d conversations left, want the 15 with the other run", n)
	}
	p.wantUnread("dan", Channel{runB + "-29", Direct}, 1)
	p.wantGone(runB+"-1", Channel{runA + "-g", 2})
}

func TestCloneIsAnotherFuture(t *testing.T) {
	p := newPlay(t)
	p.group(g, "ann", "bob")
	p.group(Channel{runA + "-g", 2}, "ann", "bob")
	p.send("bob", g)
	copied := &play{p.Clone(), t, p.now}
	before := p.Sync(Sync{UID: "ann", MsgCount: 9})
	if d := cmp.Diff(before, copied.Sync(Sync{UID: "ann", MsgCount: 9})); d != "" {
		t.Errorf("the clone differs (-original +clone):\n%s", d)
	}
	first, second := copied.send("ann", g), p.send("bob", g)
	if first.ID != second.ID || first.Seq != second.Seq {
		t.Errorf("the two futures began with %+v and %+v, want the same id and seq", first, second)
	}
	copied.must(copied.delete("ann", g))
	copied.Clean(Clean{Run: runA})
	p.wantUnread("ann", g, 2)
	if m := p.see("ann", g).Recents[0]; m.From != "bob" {
		t.Errorf("the clone's message of %s overwrote the original's", m.From)
	}
	if p.channels[keyOf("", Channel{runA + "-g", 2})] == nil {
		t.Error("cleaning the clone cleaned the original")
	}
}

// TestAgainstCountingByHand plays random operations on one group and compares unread with a count that fans out.
func TestAgainstCountingByHand(t *testing.T) {
	users := []string{"a", "b", "c"}
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := newPlay(t)
		p.group(g, users...)
		var from []string // sender of each message, "" where it is not counted
		unread := map[string]int64{}
		deleted := map[string]int64{}
		for step := range 60 {
			uid, n := users[rng.IntN(3)], int64(len(from))
			exists := n > deleted[uid]
			k := rng.Int64N(n + 2)
			switch rng.IntN(8) {
			case 0, 1, 2, 3:
				counts := rng.IntN(4) > 0
				p.sendAs(uid, g, Header{RedDot: counts})
				from = append(from, map[bool]string{true: uid}[counts])
				for _, other := range users {
					if counts && other != uid {
						unread[other]++
					}
				}
			case 4, 5:
				if err := p.clear(uid, g, k); (err == nil) != exists {
					t.Fatalf("seed %d step %d: clear gave %v", seed, step, err)
				}
				var after int64
				for i := k; k > 0 && i < n; i++ {
					if from[i] != "" && from[i] != uid {
						after++
					}
				}
				if exists {
					unread[uid] = min(unread[uid], after)
				}
			case 6:
				if err := p.set(uid, g, k); (err == nil) != (exists && k <= n) {
					t.Fatalf("seed %d step %d: set %d of %d gave %v", seed, step, k, n, err)
				} else if err == nil {
					unread[uid] = k
				}
			case 7:
				if err := p.delete(uid, g); (err == nil) != exists {
					t.Fatalf("seed %d step %d: delete gave %v", seed, step, err)
				}
				unread[uid], deleted[uid] = 0, n
			}
			for _, uid := range users {
				got, want := "gone", "gone"
				if c := p.see(uid, g); c != nil {
					got = fmt.Sprint(c.Unread, len(c.Recents))
				}
				if n := int64(len(from)); n > deleted[uid] {
					want = fmt.Sprint(unread[uid], n-deleted[uid])
				}
				if got != want {
					t.Fatalf("seed %d step %d: %s has unread and recents %s, want %s", seed, step, uid, got, want)
				}
			}
		}
	}
}
