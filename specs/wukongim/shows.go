package wukongim

import (
	"slices"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs/match"
)

// shows ends the spec where nothing of its world is to be seen, by anybody: a target that knows nothing would else pass
// whatever asks for a refusal, or for nothing to change. One conversation is enough, and it looks until it has seen one:
// more would judge what other specs are for.
func (w *world) shows() {
	var x *exchange.Exchange
	for _, user := range w.users {
		own := w.spokenIn(user)
		if w.shown || len(own) == 0 {
			continue
		}
		x = w.full(user)
		conversations, _ := readConversations(x)
		w.shown = slices.ContainsFunc(conversations, func(c conversation) bool {
			return slices.ContainsFunc(own, func(ch *channel) bool { return ch.isFor(user, c) })
		})
	}
	if x != nil && !w.shown {
		w.t.Need(x, buildsOn(completeList, nothingOf()))
	}
}

// spokenIn are the user's channels that have a message.
func (w *world) spokenIn(user string) []*channel {
	var own []*channel
	for _, ch := range w.channels {
		if len(ch.sent) > 0 && slices.Contains(ch.members, user) {
			own = append(own, ch)
		}
	}
	return own
}

// isFor tells whether a conversation is this channel in the user's eyes. How a personal channel's id is spelled is free, so
// its messages tell it as well.
func (ch *channel) isFor(user string, c conversation) bool {
	if ch.typ != personal {
		return c.key() == ch.key(user)
	}
	return c.channelType == personal && (c.channelID == ch.w.id(ch.peer(user)) || slices.ContainsFunc(ch.sent, c.holds))
}

// nothingOf never matches: it says what the answer holds instead of the world.
func nothingOf() *match.Matcher {
	return answered("at least one of the conversations that were just seeded", func(all []conversation) match.Result {
		return match.Failf("none of them: %s", listed(all))
	})
}

// effect is what a valid call of the mutation does to ann's conversation, and the requirement that says so.
func (m mutation) effect(k key) (works string, seen *match.Matcher) {
	switch m.path {
	case clearPath:
		return clearWorks, unread(k, 0)
	case setPath:
		return setWorks, unread(k, 1)
	}
	return deleteWorks, omits(k)
}

// works is the control of a spec in which the mutation must be refused, or must change nothing: the same call for ann's
// conversation, as it should be, is accepted and has its effect. It judges nothing of its own.
func (m mutation) works(w *world, ch *channel) {
	k := ch.key("ann")
	id, seen := m.effect(k)
	w.t.Need(w.post(m.path, "ann", m.valid("ann", ch)), buildsOn(successOf[m.path], match.Status(200)))
	w.given(id, "ann", seen)
}

// successOf is the requirement that says how an endpoint answers a request that is as it should be.
var successOf = map[string]string{clearPath: "WK-CLEAR-01", setPath: "WK-SET-01", deletePath: "WK-DEL-01"}
