package wukongim

import (
	"fmt"
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

func registerSyncScope(s *specs.Suite) {
	registerExcludedTypes(s)
	registerOwnOnly(s)
	registerComplete(s)
	registerAddressable(s)
	registerOnce(s)
	registerObserved(s)
}

func registerExcludedTypes(s *specs.Suite) {
	s.Requirement("WK-SYNC-25", "[1], [2], [1,2], [3] and [] leave out the types they name, and nothing else", func(t *specs.Trial) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("bob", 2), w.direct("ann", "bob").says("bob", 1)
		w.seed()
		both := []key{g.key("ann"), d.key("ann")}
		for _, c := range []struct {
			types []int
			left  []key
		}{{[]int{1}, both[:1]}, {[]int{2}, both[1:]}, {[]int{1, 2}, nil}, {[]int{2, 1}, nil}, {[]int{3, 4}, both}, {[]int{}, both}, {[]int{4, 2}, both[1:]}} {
			w.eventually(func() *exchange.Exchange {
				return w.sync("ann", with{"msg_count": 10, "exclude_channel_types": c.types})
			}, listsExactly(c.left...))
		}
	})
	s.Requirement("WK-SYNC-25", "an excluded type stays out of an incremental sync and of one that asks for unread only", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("g", "ann", "bob").says("bob", 2)
		d := w.direct("ann", "bob").says("bob", 1)
		w.seed()
		for _, body := range []with{{"version": 1}, {"only_unread": 1}} {
			body["msg_count"], body["exclude_channel_types"] = 10, []int{2}
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, listsExactly(d.key("ann")))
		}
	})
	s.Requirement("WK-SYNC-25", "an excluded type stays out although last_msg_seqs names a channel of it", func(t *specs.Trial) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("bob", 3), w.direct("ann", "bob").says("bob", 1)
		w.seed()
		body := with{"msg_count": 10, "exclude_channel_types": []int{2}, "last_msg_seqs": g.entry("ann", 1)}
		w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, listsExactly(d.key("ann")))
	})
}

func registerOwnOnly(s *specs.Suite) {
	s.Requirement("WK-SYNC-31", "each of four users gets the channels that they are in, and no other", func(t *specs.Trial) {
		w := newWorld(t)
		all, two, d := w.group("all", "ann", "bob", "cat").says("bob", 2), w.group("two", "ann", "cat").says("cat", 1), w.direct("bob", "cat").says("bob", 1)
		w.person("dan")
		w.seed()
		own := map[string][]*channel{"ann": {all, two}, "bob": {all, d}, "cat": {all, two, d}}
		for _, user := range []string{"ann", "bob", "cat", "dan"} {
			for _, version := range []int{0, 1} {
				w.eventually(func() *exchange.Exchange { return w.sync(user, with{"msg_count": 10, "version": version}) }, listsNoOther(keysOf(user, own[user])...))
			}
		}
	})
	alike := func(title string, users []string, options ...specs.Option) {
		s.Requirement("WK-SYNC-31", title, func(t *specs.Trial) {
			w := newWorld(t)
			for i, user := range users {
				w.group(fmt.Sprintf("g%d", i), user, "bob").says("bob", 1)
			}
			w.seed()
			for i, user := range users {
				w.sees(user, listsExactly(w.channels[i].key(user)))
			}
		}, options...)
	}
	alike("users whose names begin alike are different users", []string{"ann", "ann2", "an"})
	alike("users whose names differ only in case are different users", []string{"ann", "Ann"}, specs.AtMost(catalog.Probe))
	s.Requirement("WK-SYNC-31", "last_msg_seqs with a stranger's channel does not bring it", func(t *specs.Trial) {
		w := newWorld(t)
		theirs, own := w.group("theirs", "bob", "cat").says("bob", 3), w.group("own", "ann", "bob").says("bob", 1)
		w.seed()
		body := with{"msg_count": 10, "last_msg_seqs": entries(theirs.entry("bob", 1), own.entry("ann", 0))}
		w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, listsExactly(own.key("ann")))
	})
}

func keysOf(user string, channels []*channel) []key {
	var all []key
	for _, ch := range channels {
		all = append(all, ch.key(user))
	}
	return all
}

// veryMany is more conversations than servers like to list at once, in round numbers.
const veryMany = 1010

func registerComplete(s *specs.Suite) {
	s.Requirement("WK-SYNC-35", "a user with 150 conversations gets every one, with msg_count 1 and 10", func(t *specs.Trial) {
		w := newWorld(t)
		for i := range 150 {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 1)
		}
		w.seed()
		all := keysOf("ann", w.channels)
		for _, n := range []int{1, 10} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": n}) }, listsExactly(all...))
		}
	})
	s.Requirement("WK-SYNC-35", fmt.Sprintf("a user in %d groups", veryMany), func(t *specs.Trial) {
		w := newWorld(t)
		w.lost = true // to wait for each of them takes too long
		for i := range veryMany {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 1)
		}
		w.seed()
		x, _ := t.Await(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1}) }, listsExactly(keysOf("ann", w.channels)...))
		conversations, _ := readConversations(x)
		t.Observe(x, "of %d groups, %d are listed", veryMany, len(conversations))
	}, specs.AtMost(catalog.Probe))
	s.Requirement("WK-SYNC-35", "read and unread, groups and personal channels, spoken in by oneself or by others: all are there", func(t *specs.Trial) {
		w := newWorld(t)
		w.group("unread", "ann", "bob").says("bob", 2)
		read := w.group("read", "ann", "bob").says("bob", 2)
		w.group("mine", "ann", "bob").says("ann", 1)
		w.direct("ann", "bob").says("bob", 1)
		w.direct("ann", "cat").says("ann", 1)
		w.seed()
		w.set("ann", read, 0)
		w.sees("ann", listsExactly(keysOf("ann", w.channels)...))
	})
}

func registerAddressable(s *specs.Suite) {
	addressed := func(title string, act func(w *world, user string, ch *channel), then func(k key) *match.Matcher) {
		s.Requirement("WK-SYNC-36", title, func(t *specs.Trial) {
			w := newWorld(t)
			g, d := w.group("g", "ann", "bob").says("bob", 3), w.direct("ann", "bob").says("bob", 2).says("ann", 2)
			w.seed()
			for _, user := range []string{"ann", "bob"} {
				for _, ch := range []*channel{g, d} {
					k := ch.key(user) // as sync spells it, before the call
					act(w, user, ch)
					w.sees(user, then(k))
				}
			}
		})
	}
	if s.Profile() != "v1" {
		addressed("clearUnread finds a conversation by the id and type that sync gave, a personal one from both sides",
			func(w *world, user string, ch *channel) { w.clear(user, ch, nil) }, func(k key) *match.Matcher { return unread(k, 0) })
	}
	addressed("setUnread finds it by them", func(w *world, user string, ch *channel) { w.set(user, ch, 0) },
		func(k key) *match.Matcher { return unread(k, 0) })
	addressed("delete finds it by them", func(w *world, user string, ch *channel) { w.remove(user, ch) }, goneEarly)
}

func registerOnce(s *specs.Suite) {
	s.Requirement("WK-SYNC-44", "no conversation twice in any kind of sync, also after set, delete and a new message", func(t *specs.Trial) {
		w := newWorld(t)
		g, d := w.group("g", "ann", "bob").says("bob", 3), w.direct("ann", "bob").says("bob", 2)
		w.seed()
		w.set("ann", g, 1)
		w.set("ann", d, 0)
		w.remove("ann", g)
		g.says("bob", 1)
		d.says("ann", 1).says("bob", 1)
		for _, body := range []with{{"msg_count": 10}, {"msg_count": 10, "version": 1}, {"msg_count": 10, "last_msg_seqs": entries(d.entry("ann", 1), d.entry("ann", 2))}} {
			w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, lists(d.key("ann")), noneTwice())
		}
	})
	s.Requirement("WK-SYNC-44", "a personal channel between two names with the same CRC-32 is one conversation", func(t *specs.Trial) {
		w, d := sameChecksum(t)
		for _, user := range d.members {
			w.sees(user, atLeastOne(), noneTwice())
		}
	})
	s.Requirement("WK-SYNC-09", "a personal channel between two names with the same CRC-32 shows the messages of both to both", func(t *specs.Trial) {
		w, d := sameChecksum(t)
		for _, user := range d.members {
			w.sees(user, showsMessages(d.sent))
		}
	})
	s.Requirement("WK-SYNC-44", fmt.Sprintf("none of %d conversations stands twice", many), func(t *specs.Trial) {
		w := newWorld(t)
		for i := range many {
			w.group(fmt.Sprintf("g%d", i), "ann", "bob").says("bob", 1)
		}
		w.seed()
		w.eventually(func() *exchange.Exchange { return w.sync("ann", with{"msg_count": 1}) }, lists(w.channels[0].key("ann")), noneTwice())
	})
}

// sameChecksum is a world of two whose names have the same CRC-32: a server may tell a channel's two ends apart by it.
func sameChecksum(t *specs.Trial) (*world, *channel) {
	w := newWorld(t)
	d := w.direct("u0xyf3rpz5c", "uga87t0m5rv").says("u0xyf3rpz5c", 2).says("uga87t0m5rv", 2)
	w.seed()
	return w, d
}

func noneTwice() *match.Matcher {
	return answered("every conversation at most once", func(all []conversation) match.Result {
		seen := map[key]bool{}
		for _, c := range all {
			if seen[c.key()] {
				return match.Failf("%s twice among %s", c.key(), keys(all))
			}
			seen[c.key()] = true
		}
		return match.Pass()
	})
}

func registerObserved(s *specs.Suite) {
	s.Requirement("WK-SYNC-34", "a uid that nobody ever named", func(t *specs.Trial) {
		newWorld(t).seed()
		x := t.Do(specs.Request{Path: syncPath, Body: specs.JSON(with{"uid": t.Name("nobody"), "version": 0, "msg_count": 10})})
		t.Observe(x, "an unknown uid is answered %s", match.Told(x))
	})
	s.Requirement("WK-SYNC-43", "the order of three conversations whose last messages came one after another", func(t *specs.Trial) {
		w := newWorld(t)
		for _, name := range []string{"first", "second", "third"} {
			w.group(name, "ann", "bob").says("bob", 1)
		}
		w.seed()
		for _, i := range []int{1, 0, 2} { // the later message shows in version even where seconds are equal
			w.channels[i].says("bob", 1)
		}
		x := w.full("ann")
		conversations, _ := readConversations(x)
		var order []string
		for _, c := range conversations {
			at := slices.IndexFunc(w.channels, func(ch *channel) bool { return ch.key("ann") == c.key() })
			order = append(order, map[int]string{1: "oldest", 0: "middle", 2: "newest"}[at])
		}
		t.Observe(x, "conversations by their last message: %v", order)
	})
	s.Requirement("WK-SYNC-49", "msg_count left out", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("g", "ann", "bob").says("bob", 3)
		w.seed()
		x := w.sync("ann", nil)
		conversations, _ := readConversations(x)
		c, listed := find(conversations, g.key("ann"))
		t.Observe(x, "without msg_count: status %d, %d conversations; the one of 3 messages is listed: %v, with recents %s",
			x.Status(), len(conversations), listed, c.Get("recents").Describe())
	})
}
