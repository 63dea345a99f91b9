package wukongim

import (
	"fmt"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
)

// tryingNames are parts of names that try a server. A target that refuses one while seeding is not judged by it.
var tryingNames = []struct{ title, part string }{
	{"a space", "two words"},
	{"a dot", "v1.2"},
	{"an emoji", "🐧"},
	{"Chinese", "群聊"},
	{"#", "a#1"},
	{"&", "a&b"},
	{"@", "a@b"},
	{"a colon", "a:b"},
	{"a bar", "a|b"},
	{"a slash", "a/b"},
	{"a percent sign", "100%41"},
	{"quotes and a backslash", `a"b'c\d`},
}

// registerNames: the statement that sync's channel_id addresses the conversation holds for every name that a target lets in.
func registerNames(s *specs.Suite) {
	for _, name := range tryingNames {
		s.Requirement("WK-SYNC-36", "a group with "+name.title+" in its id is listed, set to 0 and deleted by that id", func(t *specs.Trial) {
			w := newWorld(t)
			g, other := w.group(name.part, "ann", "bob").says("bob", 2), w.group("other", "ann", "bob").says("bob", 1)
			w.seed()
			w.sees("ann", unread(g.key("ann"), 2), unread(other.key("ann"), 1))
			w.set("ann", g, 0)
			w.sees("ann", unread(g.key("ann"), 0), unread(other.key("ann"), 1))
			w.remove("ann", g)
			w.sees("ann", listsExactly(other.key("ann")))
		})
		s.Requirement("WK-SYNC-36", "a user with "+name.title+" in the uid has the conversations of both sides addressable", func(t *specs.Trial) {
			w := newWorld(t)
			d := w.direct("ann", name.part).says("ann", 1).says(name.part, 2)
			w.seed()
			w.given(completeList, "ann", showsMessage(d.last(1)[0]))
			w.given(completeList, name.part, showsMessage(d.last(1)[0]))
			for _, user := range d.members {
				k := d.key(user)
				w.set(user, d, 0)
				w.sees(user, unread(k, 0))
				w.remove(user, d)
				w.sees(user, goneEarly(k))
			}
		})
		s.Requirement("WK-SYNC-35", "a user with "+name.title+" in the uid has the personal channel with somebody else, and so has the other side", func(t *specs.Trial) {
			w := newWorld(t)
			d := w.direct("ann", name.part).says("ann", 1).says(name.part, 1)
			w.group("g", "ann", name.part).says("ann", 1) // shows that there is anything at all
			w.seed()
			for _, user := range d.members {
				w.sees(user, showsMessages(d.sent))
			}
		})
	}
	for _, name := range tryingNames {
		if name.part == "a:b" || name.part == "a|b" {
			continue
		}
		s.Requirement("WK-SYNC-20", "last_msg_seqs names a group with "+name.title+" in its id", func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group(name.part, "ann", "bob").says("bob", 3)
			w.seed()
			w.continues(g)
		})
	}
	registerColons(s)
}

// registerColons: a colon in an id can be told from last_msg_seqs' own when an entry is read from the right, a bar cannot.
func registerColons(s *specs.Suite) {
	for _, id := range []string{"a:b", "a:b:c", "a:2", ":"} {
		s.Requirement("WK-SYNC-23", fmt.Sprintf("last_msg_seqs names a group with %q in its id: recents hold the messages after it", id), func(t *specs.Trial) {
			w := newWorld(t)
			g := w.group(id, "ann", "bob").says("bob", 3)
			w.seed()
			w.continues(g)
		})
	}
	s.Requirement("WK-SYNC-23", "last_msg_seqs names a personal channel with a colon in the uid: recents hold the messages after it", func(t *specs.Trial) {
		w := newWorld(t)
		d := w.direct("ann", "a:b").says("a:b", 3)
		w.seed()
		w.continues(d)
	})
	s.Requirement("WK-SYNC-23", "a group with | in its id, which cannot be told from the sign between two entries", func(t *specs.Trial) {
		w := newWorld(t)
		g := w.group("a|b", "ann", "bob").says("bob", 3)
		w.seed()
		x := w.sync("ann", with{"msg_count": 10, "last_msg_seqs": g.entry("ann", seqOf(w.full("ann"), g.key("ann"), g.sent[1]))})
		conversations, _ := readConversations(x)
		c, listed := find(conversations, g.key("ann"))
		t.Observe(x, "id with |: %d, listed: %v, %d of 3 messages", x.Status(), listed, len(c.Get("recents").Elements))
	}, specs.AtMost(catalog.Probe))
}

// continues judges that last_msg_seqs with the number of ann's first message in a channel leaves that one out.
func (w *world) continues(ch *channel) {
	full := w.full("ann")
	w.t.Need(full, showsMessage(ch.last(1)[0]))
	body := with{"msg_count": 10, "last_msg_seqs": ch.entry("ann", seqOf(full, ch.key("ann"), ch.sent[0]))}
	w.eventually(func() *exchange.Exchange { return w.sync("ann", body) }, recents(ch.key("ann"), ch.sent[1:]))
}
