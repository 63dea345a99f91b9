package model

import (
	"fmt"
	"runtime"
	"testing"
)

// population is n conversations: users with 20 direct chats each, every chat with 3 messages.
func population(n int) *State {
	s := New(0)
	const each = 20
	users := max(n/each, each+1)
	for i := range n / 2 { // each chat is a conversation of two users
		from := i * 2 / each % users
		to := (from + 1 + i%(each/2)) % users
		op := Send{Channel: Channel{uid(to), Direct}, From: uid(from), Header: counted, Payload: []byte("hello"), Now: start}
		for range 3 {
			s.Send(op)
		}
	}
	return s
}

func uid(i int) string { return fmt.Sprintf("p%08x-u%07d", i%16, i) }

// BenchmarkSync must cost the same however many conversations of others there are.
func BenchmarkSync(b *testing.B) {
	for _, n := range []int{1e3, 1e4, 1e5, 1e6} {
		b.Run(fmt.Sprintf("conversations=%d", n), func(b *testing.B) {
			before := heap()
			s := population(n)
			perConversation := float64(heap()-before) / float64(n)
			want := len(s.Sync(Sync{UID: uid(3)}))
			runtime.GC() // the marking of a large heap is not the cost of a sync
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if got := len(s.Sync(Sync{UID: uid(3), MsgCount: 10})); got != want || got == 0 {
					b.Fatalf("%d conversations, want %d", got, want)
				}
			}
			b.ReportMetric(perConversation, "B/conversation")
			b.ReportMetric(float64(want), "listed")
		})
	}
}

// BenchmarkSend must cost the same however many members the group has.
func BenchmarkSend(b *testing.B) {
	for _, n := range []int{10, 1e3, 1e5} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			s := New(0)
			uids := make([]string, n)
			for i := range uids {
				uids[i] = uid(i)
			}
			s.Subscribe(Subscribe{Channel: g, UIDs: uids, Now: start})
			for b.Loop() {
				s.Send(Send{Channel: g, From: uids[0], ClientMsgNo: "c", Header: counted, Now: start})
			}
		})
	}
}

// BenchmarkClean removes a run of 1,000 conversations beside ever more others.
func BenchmarkClean(b *testing.B) {
	for _, n := range []int{1e3, 1e5, 1e6} {
		b.Run(fmt.Sprintf("others=%d", n), func(b *testing.B) {
			s := population(n)
			for b.Loop() {
				b.StopTimer()
				for i := range 500 {
					from, to := fmt.Sprintf("pffffffff-%d", i%50), fmt.Sprintf("pffffffff-%d", 50+i/50)
					s.Send(Send{Channel: Channel{to, Direct}, From: from, Now: start})
				}
				b.StartTimer()
				s.Clean(Clean{Run: "pffffffff"})
			}
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
