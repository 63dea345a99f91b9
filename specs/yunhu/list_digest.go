package yunhu

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// md5Field is the request that names the list that the client has.
func md5Field(tag string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), tag)
}

// strangers are fields that no document names, of every wire type.
func strangers() []byte {
	b := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "parley")
	b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), 7)
	b = protowire.AppendFixed32(protowire.AppendTag(b, 15, protowire.Fixed32Type), 7)
	return protowire.AppendFixed64(protowire.AppendTag(b, 2000, protowire.Fixed64Type), 7)
}

func registerListDigest(s *specs.Suite) {
	registerUnchanged(s)
	registerStrangers(s)
	whole := func(t *specs.Trial, body func(tag string) []byte) {
		w, g, d, b := everyKind(t)
		t.Need(w.list("ann"), isList())
		t.Expect(w.listWith("ann", body("")), w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")))
	}
	s.Requirement("YH-LIST-11", "an empty md5 that is written: the whole list", func(t *specs.Trial) {
		whole(t, md5Field)
	}, onList)
	s.Requirement("YH-LIST-11", "no body at all: the whole list, also after a list was got", func(t *specs.Trial) {
		whole(t, func(string) []byte { return nil })
	}, onList)
	s.Requirement("YH-LIST-11", "an empty md5 of a user without a conversation: success, and nothing in it", func(t *specs.Trial) {
		w := newWorld(t)
		w.person("eve")
		w.seed()
		t.Expect(w.listWith("eve", md5Field("")), match.All(totals(), w.listsExactly()))
	}, onList)
}

// tag is the digest of the user's list, or the end of the spec.
func (w *world) tag(user string) string {
	x := w.list(user)
	w.t.Need(x, answered("the digest of the list in field 4", func(l list) match.Result {
		if l.tag == "" {
			return match.Failf("field 4 empty")
		}
		return match.Pass()
	}))
	l, _ := accepted(x)
	return l.tag
}

// unchanged matches a success without a conversation.
func unchanged() *match.Matcher {
	return answered("an empty list: the client has this one", func(l list) match.Result {
		if len(l.data) > 0 {
			return match.Failf("%s", l.keys())
		}
		return match.Pass()
	})
}

func registerUnchanged(s *specs.Suite) {
	const id = "YH-LIST-10"
	s.Requirement(id, "the md5 of the list that was just got: an empty list", func(t *specs.Trial) {
		w, _, _, _ := everyKind(t)
		w.unchangedFor("ann")
	}, onList)
	s.Requirement(id, "the md5 of a list of 60 conversations: an empty list", func(t *specs.Trial) {
		w, _ := manyGroups(t, 60)
		w.unchangedFor("ann")
	}, onList)
	s.Requirement(id, "an md5 that is not the list's: the whole list", func(t *specs.Trial) {
		w, g, d, b := everyKind(t)
		tag := []byte(w.tag("ann"))
		tag[len(tag)/2] ^= 1
		t.Expect(w.listWith("ann", md5Field("parley")), w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")))
		t.Expect(w.listWith("ann", md5Field(string(tag))), w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")))
	}, onList)
	s.Requirement(id, "the md5 of the list before a new conversation: the whole list", func(t *specs.Trial) {
		w, g, _, _ := everyKind(t)
		old := w.tag("ann")
		later := newWorld(t)
		h := later.group("later", "ann", "bob").says("bob", 1)
		later.seed()
		w.t.Eventually(func() *exchange.Exchange { return w.listWith("ann", md5Field(old)) }, lists(g.key("ann"), h.key("ann")))
	}, onList)
	s.Requirement(id, "the md5 of the list before a conversation was set to read: the whole list", func(t *specs.Trial) {
		w, g, d, _ := everyKind(t)
		old := w.tag("ann")
		w.givenRead("ann", g)
		w.t.Eventually(func() *exchange.Exchange { return w.listWith("ann", md5Field(old)) }, match.All(unread(g.key("ann"), false), lists(d.key("ann"))))
	}, onList, onDismiss)
	s.Requirement(id, "the md5 of another user's list: the whole list", func(t *specs.Trial) {
		w, g, d, _ := everyKind(t)
		t.Expect(w.listWith("bob", md5Field(w.tag("ann"))), lists(g.key("bob"), d.key("bob")))
	}, onList)
}

// unchangedFor judges that the user's list, asked for with its own digest, is empty. The digest is asked for each time,
// since an eventual target may still be changing.
func (w *world) unchangedFor(user string) {
	x := w.t.Eventually(func() *exchange.Exchange { return w.listWith(user, md5Field(w.tag(user))) }, unchanged())
	if l, r := accepted(x); r.OK {
		w.t.Observe(x, "the unchanged answer has %d in total and %q in field 4", l.total, l.tag)
	}
}

func registerStrangers(s *specs.Suite) {
	const id = "YH-LIST-13"
	s.Requirement(id, "a request with fields that no document names: the whole list", func(t *specs.Trial) {
		w, g, d, b := everyKind(t)
		t.Expect(w.listWith("ann", strangers()), w.listsExactly(g.key("ann"), d.key("ann"), b.key("ann")))
	}, onList)
	if s.Profile() != "2026" {
		return
	}
	for at, title := range []string{"before", "after"} {
		s.Requirement(id, fmt.Sprintf("the md5 of the list with unknown fields %s it: answered as without them", title), func(t *specs.Trial) {
			w, _, _, _ := everyKind(t)
			body := append(strangers(), md5Field(w.tag("ann"))...)
			if at == 1 {
				body = append(md5Field(w.tag("ann")), strangers()...)
			}
			plain := w.listWith("ann", md5Field(w.tag("ann")))
			t.Need(plain, isList())
			t.Expect(w.listWith("ann", body), w.sameConversations(plain))
		}, onList)
	}
}

// sameConversations matches a list with the conversations of an earlier one.
func (w *world) sameConversations(first *exchange.Exchange) *match.Matcher {
	before, _ := accepted(first)
	wanted := make([]key, len(before.data))
	for i, c := range before.data {
		wanted[i] = c.key()
	}
	return w.listsExactly(wanted...)
}
