package yunhu

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// sequences is how many random histories a run plays, and steps how long each is.
const (
	sequences = 8
	steps     = 40
)

func registerState(s *specs.Suite) {
	for i := range sequences {
		s.Requirement("YH-STATE-1", fmt.Sprintf("%d random sends, lists and dismissals by three users (%d)", steps, i+1), func(t *specs.Trial) {
			newHistory(t).play(steps)
		}, onList, onDismiss)
	}
}

// history plays the same operations on the target and on the model, and compares what a document demands. That a dismissal
// leaves the user's other conversations unread is a SHOULD of its own, YH-DISMISS-5; that one stands once, YH-LIST-14.
type history struct {
	w       *world
	model   *model.State
	chats   []*chat
	told    []string
	unclear map[string]map[key]bool // by user: what may be read as well, since the user wrote there, or dismissed another
}

// newHistory is three users who are in four chats together; each chat begins with a message.
func newHistory(t *specs.Trial) *history {
	w := newWorld(t)
	h := &history{w: w, model: model.New(), unclear: map[string]map[key]bool{}}
	h.chats = []*chat{w.group("g", "ann", "bob", "cid"), w.group("h", "ann", "bob"), w.direct("ann", "bob"), w.direct("bob", "cid")}
	w.seed()
	for _, c := range h.chats {
		op := model.Join{Chat: model.Chat{ID: c.handle, Kind: c.kind}}
		for _, member := range c.members {
			op.Members = append(op.Members, w.id(member))
			if h.unclear[member] == nil {
				h.unclear[member] = map[key]bool{}
			}
		}
		if c.kind == group {
			op.Chat.ID = c.id(c.members[0])
		}
		h.model.Join(op)
		h.send(c, c.members[0])
	}
	w.givenUnread("bob", h.chats[:3]...)
	return h
}

func (h *history) play(steps int) {
	for range steps {
		c := h.chats[h.w.t.Rand.IntN(len(h.chats))]
		member := c.members[h.w.t.Rand.IntN(len(c.members))]
		switch h.w.t.Rand.IntN(5) {
		case 0, 1:
			h.send(c, member)
		case 2, 3:
			h.dismiss(c, member)
			if h.w.t.Rand.IntN(4) > 0 { // what a later message would hide
				h.look(member)
			}
		case 4:
			h.look(member)
		}
	}
	for _, member := range h.w.users {
		h.look(member)
	}
}

func (h *history) tell(format string, args ...any) {
	h.told = append(h.told, fmt.Sprintf(format, args...))
}

func (h *history) send(c *chat, from string) {
	h.tell("%s writes to %s", from, c.handle)
	h.model.Send(model.Send{Chat: model.Chat{ID: c.id(from), Kind: c.kind}, From: h.w.id(from), Now: h.w.t.Now()})
	c.says(from, 1)
	for _, member := range c.members {
		h.unclear[member][c.key(member)] = member == from
	}
}

func (h *history) dismiss(c *chat, member string) {
	h.tell("%s dismisses %s", member, c.handle)
	_ = h.model.Dismiss(model.Dismiss{UID: h.w.id(member), ChatID: c.id(member)}) // every chat has a message
	h.w.dismiss(member, c)                                                        // its answer is YH-DISMISS-1, and -4 where it is read already: here counts what lists show
	for _, other := range h.chats {
		if slices.Contains(other.members, member) {
			h.unclear[member][other.key(member)] = other != c
		}
	}
}

// look judges the user's list by the model's.
func (h *history) look(member string) {
	h.tell("%s lists", member)
	want := h.model.List(model.List{UID: h.w.id(member)})
	h.w.t.Eventually(func() *exchange.Exchange { return h.w.list(member) }, h.agrees(member, want))
}

func (h *history) agrees(member string, want []model.Conversation) *match.Matcher {
	wanted := make([]key, len(want))
	for i, c := range want {
		wanted[i] = key{c.Chat.ID, uint64(c.Chat.Kind)}
	}
	shows := answered("unread as the model has it", func(l list) match.Result {
		for i, c := range want {
			got, _ := l.find(wanted[i])
			if (got.numbers[6] != 0) != (c.Unread != 0) && !h.unclear[member][wanted[i]] {
				return match.Failf("unread %d of %s, where the model has %d", int64(got.numbers[6]), wanted[i], c.Unread)
			}
		}
		return match.Pass()
	})
	all := match.All(h.w.listsExactly(wanted...), totals(), shows)
	return match.New("what the model has after: "+strings.Join(h.told, "; "), all.Judge)
}
