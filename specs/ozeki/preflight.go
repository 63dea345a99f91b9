package ozeki

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// unknownAction is one that no document names.
const unknownAction = "parleyunknown"

// preflight seeds a first world and asks for every action once. An action that is answered as one that nobody knows is
// not offered: its capability is left out, and what needs it is not declared.
func preflight(t *specs.Trial) error {
	w := newWorld(t)
	c := w.direct("ann", "bob")
	w.seed()
	unknown := w.call("ann", unknownAction, with{"conversationid": c.id()})
	if unknown.Response == nil {
		return unknown.Err
	}
	offered := slices.DeleteFunc(slices.Clone(actions), func(action string) bool { return !c.offers(action, unknown) })
	if len(offered) == 0 {
		return fmt.Errorf("the target offers no action of Ozeki Chat's conversation API: each was answered like one that does not exist (%s); "+
			"is --target the address before ?srv=…, with the script's name if it has one?", match.Told(unknown))
	}
	if !slices.Contains(offered, list) && c.w.seeded.Conversations[c.handle].Instance == "" {
		return errors.New("the target has no action list, and the seeding does not say the instance of a conversation, which add, clear and the " +
			"downloads must send: let the seeding answer with it")
	}
	for _, action := range offered {
		if capability := "action:" + action; !t.Env.Has(capability) {
			t.Env.Capabilities = append(t.Env.Capabilities, capability)
		}
	}
	return nil
}

// offers asks for an action without judging the answer.
func (c *conversation) offers(action string, unknown *exchange.Exchange) bool {
	instance := c.w.seeded.Conversations[c.handle].Instance
	members := with{"conversationid": c.id(), "instance": instance}
	switch action {
	case color:
		members["color"] = "#ffffff"
	case hide:
		members["hideid"] = instance + ";"
	case add:
		members["message"] = c.message().text()
	}
	x := c.w.call("ann", action, members)
	return !refused().Judge(x).OK && x.Status() != 404 || !alike(x, action, unknown)
}

// alike tells whether an answer says no more than that to an unknown action.
func alike(x *exchange.Exchange, action string, unknown *exchange.Exchange) bool {
	const placeholder = "ACTION"
	said := strings.ReplaceAll(string(x.Body()), action, placeholder)
	return x.Status() == unknown.Status() && said == strings.ReplaceAll(string(unknown.Body()), unknownAction, placeholder)
}
