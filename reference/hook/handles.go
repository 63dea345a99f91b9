package hook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/fields"
)

// Handles knows what each run's worlds called their conversations. Several of one handle differ in type. It has no lock of
// its own.
type Handles map[string]map[string][]Conversation

// Add remembers a conversation without its messages. The last world's meaning of a handle holds.
func (h Handles) Add(run string, c Conversation) {
	if h[run] == nil {
		h[strings.Clone(run)] = map[string][]Conversation{}
	}
	c = detached(c)
	same := func(other Conversation) bool { return other.Type == c.Type }
	h[run][c.ID] = append(slices.DeleteFunc(h[run][c.ID], same), c)
}

// detached is c without its messages, and with texts of its own: those of a request are parts of its whole body, which
// would stay in memory with any of them.
func detached(c Conversation) Conversation {
	members := make([]string, len(c.Members))
	for i, m := range c.Members {
		members[i] = strings.Clone(m)
	}
	return Conversation{ID: strings.Clone(c.ID), Type: c.Type, Members: members}
}

// Find is the conversation that a call means; Type 0 leaves its type open. The error is an *UnknownError.
func (h Handles) Find(m Messages) (Conversation, error) {
	var found []Conversation
	for _, c := range h[m.Run][m.Conversation] {
		if m.Type == 0 || m.Type == c.Type {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return Conversation{}, NoConversation(m)
	case 1:
		return found[0], nil
	}
	return Conversation{}, &UnknownError{fmt.Sprintf("conversation %s is the handle of %d conversations: say its type",
		fields.Quote(m.Conversation), len(found))}
}

// NoConversation says that no world of the run has made the conversation.
func NoConversation(m Messages) *UnknownError {
	return &UnknownError{fmt.Sprintf("conversation %s is none that a world of the run %s made", fields.Quote(m.Conversation), m.Run)}
}
