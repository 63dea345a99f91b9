package yunhu

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
	"github.com/parley-im/parley/specs/match"
)

// registerTexts judges the texts of a conversation by what whoever seeded it knows. What a group or a bot is called, and how
// a preview is cut or introduced, no document says.
func registerTexts(s *specs.Suite) {
	const id = "YH-LIST-1"
	s.Requirement(id, "name is the name of the other user, for both sides of a chat", func(t *specs.Trial) {
		w, _, d, _ := everyKind(t)
		w.knownByName()
		w.sees("ann", called(d.key("ann"), "bob", s.Profile() == "2026"))
		w.sees("bob", called(d.key("bob"), "ann", s.Profile() == "2026"))
	}, onList, specs.AtMost(catalog.Should))
	for _, kind := range kinds {
		s.Requirement(id, "chat_content of "+kind.title+" has the text of its last message, unread and read", func(t *specs.Trial) {
			w, g, d, b := everyKind(t)
			c := kind.pick(g, d, b)
			c.others(2)
			w.sees("ann", previews(c, "ann"))
			w.givenRead("ann", c)
			w.sees("ann", previews(c, "ann"))
		}, onList, onDismiss, specs.AtMost(catalog.Should))
	}
}

// knownByName ends the spec where the seeding has found users who have names of their own.
func (w *world) knownByName() {
	if driver := w.t.Env.Seeder.Name(); driver != fixtures.DriverHook && driver != fixtures.DriverExec {
		w.t.NotTestable("the seeding (%s) finds users who have names already", driver)
	}
}

// The places of texts: the later page has a remark where the first has the name, and the name beside it.
const (
	nameField     = protowire.Number(3)
	previewField  = protowire.Number(4)
	realNameField = protowire.Number(15)
)

func called(k key, want string, besideRemark bool) *match.Matcher {
	return about(k, fmt.Sprintf("name %q of %s", want, k), func(c conversation) match.Result {
		if c.texts[nameField] != want && !(besideRemark && c.texts[realNameField] == want) {
			return match.Failf("name %q", clip([]byte(c.texts[nameField])))
		}
		return match.Pass()
	})
}

func previews(of *chat, member string) *match.Matcher {
	return about(of.key(member), fmt.Sprintf("chat_content with %q", of.last), func(c conversation) match.Result {
		if !strings.Contains(c.texts[previewField], of.last) {
			return match.Failf("chat_content %q", clip([]byte(c.texts[previewField])))
		}
		return match.Pass()
	})
}

// registerMentionTexts judges what at_data says beside who mentioned, where it says it.
func registerMentionTexts(s *specs.Suite) {
	s.Requirement("YH-LIST-9", "what at_data says of who was mentioned, where, and by whom, is so", func(t *specs.Trial) {
		w, g := mentioned(t)
		w.knownByName()
		w.sees("ann", about(g.key("ann"), "an at_data about ann, mentioned by bob in the group", func(c conversation) match.Result {
			want := map[protowire.Number]string{2: w.id("ann"), 3: "ann", 4: g.id("ann"), 7: "bob"}
			for _, f := range c.mention {
				if text, known := want[f.number]; known && len(f.bytes) > 0 && string(f.bytes) != text {
					return match.Failf("%s is %q, where %q belongs", mentionFields[f.number].name, clip(f.bytes), text)
				}
			}
			return match.Pass()
		}))
	}, onList, specs.AtMost(catalog.Should))
}
