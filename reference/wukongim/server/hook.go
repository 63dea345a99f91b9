// The seeding hook, version 1: what a harness wants on the server, in three calls under /_parley.

package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// handles knows what each run's worlds called their conversations. Several of one handle differ in type or members.
type handles map[string]map[string][]wire.HookConversation

func (h handles) add(run string, c wire.HookConversation) {
	if h[run] == nil {
		h[strings.Clone(run)] = map[string][]wire.HookConversation{}
	}
	c = detached(c)
	same := func(other wire.HookConversation) bool { return other.Type == c.Type }
	// The last world's meaning of a handle holds.
	h[run][c.ID] = append(slices.DeleteFunc(h[run][c.ID], same), c)
}

// detached is c without its messages, and with texts of its own: those of a request are parts of its whole body, which
// would stay in memory with any of them.
func detached(c wire.HookConversation) wire.HookConversation {
	members := make([]string, len(c.Members))
	for i, m := range c.Members {
		members[i] = strings.Clone(m)
	}
	return wire.HookConversation{ID: strings.Clone(c.ID), Type: c.Type, Members: members}
}

// find is the conversation that a handle means; typ 0 leaves its type open.
func (h handles) find(run, handle string, typ int) (wire.HookConversation, error) {
	var found []wire.HookConversation
	for _, c := range h[run][handle] {
		if typ == 0 || typ == c.Type {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return wire.HookConversation{}, fmt.Errorf("conversation %s is none that a world of the run %s made", wire.Quote(handle), run)
	case 1:
		return found[0], nil
	}
	return wire.HookConversation{}, fmt.Errorf("conversation %s is the handle of %d conversations: say its type", wire.Quote(handle), len(found))
}

func (s *Server) hookWorld(body []byte) reply {
	world, err := wire.DecodeHookWorld(body)
	if err == nil {
		err = checkRun(world.Run)
	}
	if err != nil {
		return hookError(http.StatusBadRequest, err.Error())
	}
	answer := wire.HookSeeded{
		Users: map[string]wire.HookUser{}, Conversations: map[string]wire.HookName{}, Messages: map[string]wire.HookSent{},
	}
	for _, id := range world.Users {
		answer.Users[id] = wire.HookUser{ID: id, Headers: s.userHeaders()}
	}
	s.write(func(now time.Time) {
		for _, c := range world.Conversations {
			answer.Conversations[c.ID] = s.seed(world.Run, c, answer.Messages, now)
		}
	})
	return hookAnswer(answer)
}

// checkRun refuses a run id that no harness makes: cleaning it up later could not be told from another's data.
func checkRun(run string) error {
	if !model.IsRun(run) {
		return fmt.Errorf("run must be p and 8 hexadecimal digits in lower case, got %s", wire.Quote(run))
	}
	return nil
}

// userHeaders is what a user's requests must carry: all users share the server's one token.
func (s *Server) userHeaders() map[string]string {
	if !s.authenticates {
		return map[string]string{}
	}
	return map[string]string{"token": s.tokenText}
}

// seed makes one conversation with its messages. A decoded world has nothing in it that the model could refuse.
func (s *Server) seed(run string, c wire.HookConversation, sent map[string]wire.HookSent, now time.Time) wire.HookName {
	s.name(run, c)
	name := wire.HookName{}
	if c.Type != model.Direct {
		name.ID = c.ID
		channel := model.Channel{ID: c.ID, Type: c.Type}
		s.model.Subscribe(model.Subscribe{Channel: channel, UIDs: c.Members, Run: run, Now: now})
	}
	s.sendAll(run, c, c.Messages, sent, now)
	return name
}

// name remembers what a run calls the conversation.
func (s *Server) name(run string, c wire.HookConversation) {
	if s.journal != nil {
		c.Messages = nil
		journaled{journal: s.journal}.keep(Entry{Handle: &Handle{run, c}})
	}
	s.handles.add(run, c)
}

func (s *Server) sendAll(run string, c wire.HookConversation, messages []wire.HookMessage, sent map[string]wire.HookSent, now time.Time) {
	for _, m := range messages {
		answer := s.model.Send(model.Send{
			Channel: channelFor(c, m.From), From: m.From, ClientMsgNo: m.ClientMsgNo, Payload: m.Payload,
			Header: model.Header{RedDot: true}, Run: run, Now: now,
		})
		sent[answer.ClientMsgNo] = wire.HookSent{ID: strconv.FormatInt(answer.ID, 10), Seq: answer.Seq}
	}
}

// channelFor names the conversation as its sender does: a direct one by the other member.
func channelFor(c wire.HookConversation, from string) model.Channel {
	if c.Type != model.Direct {
		return model.Channel{ID: c.ID, Type: c.Type}
	}
	peer := c.Members[0]
	if peer == from {
		peer = c.Members[1]
	}
	return model.Channel{ID: peer, Type: model.Direct}
}

func (s *Server) hookMessages(body []byte) reply {
	request, err := wire.DecodeHookMessages(body)
	if err == nil {
		err = checkRun(request.Run)
	}
	if err != nil {
		return hookError(http.StatusBadRequest, err.Error())
	}
	answer := wire.HookAppended{Messages: map[string]wire.HookSent{}}
	status := http.StatusNotFound
	s.write(func(now time.Time) {
		var c wire.HookConversation
		if c, err = s.handles.find(request.Run, request.Conversation, request.Type); err != nil {
			return
		}
		if bad := wire.CheckSenders(c, request.Messages); bad != nil {
			err, status = bad, http.StatusBadRequest
			return
		}
		s.sendAll(request.Run, c, request.Messages, answer.Messages, now)
	})
	if err != nil {
		return hookError(status, err.Error())
	}
	return hookAnswer(answer)
}

func (s *Server) hookClean(body []byte) reply {
	request, err := wire.DecodeHookClean(body)
	if err == nil {
		err = checkRun(request.Run)
	}
	if err != nil {
		return hookError(http.StatusBadRequest, err.Error())
	}
	s.Clean(request.Run)
	return ok([]byte(`{}`))
}

func hookAnswer(v any) reply {
	body, err := json.Marshal(v)
	if err != nil { // maps of texts and numbers: this cannot happen
		return hookError(http.StatusInternalServerError, err.Error())
	}
	return ok(body)
}
