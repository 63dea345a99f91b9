// The seeding hook, version 1: what a harness wants on the server, in three calls under /_parley.

package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/wire"
)

// handles knows what each run's worlds called their conversations. Several of one handle differ in type.
type handles map[string]map[string][]wire.HookConversation

func (h handles) add(run string, c wire.HookConversation) {
	if h[run] == nil {
		h[run] = map[string][]wire.HookConversation{}
	}
	c.Messages = nil
	same := func(other wire.HookConversation) bool { return other.Type == c.Type }
	// The last world's meaning of a handle holds.
	h[run][c.ID] = append(slices.DeleteFunc(h[run][c.ID], same), c)
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
	s.write(func(now time.Time) {
		for _, u := range world.Users {
			s.model.AddUser(model.AddUser{ID: u.ID, Name: u.Name, Run: world.Run})
			answer.Users[u.ID] = wire.HookUser{ID: u.ID, Headers: map[string]string{"token": s.token(u.ID)}}
		}
		for _, c := range world.Conversations {
			answer.Conversations[c.ID] = s.seed(world.Run, c, answer.Messages, now)
		}
		for _, u := range world.Users {
			s.silence(world.Run, u)
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

// seed makes one conversation with its messages. A decoded world has nothing in it that the model could refuse.
func (s *Server) seed(run string, c wire.HookConversation, sent map[string]wire.HookSent, now time.Time) wire.HookName {
	s.handles.add(run, c)
	s.model.Join(model.Join{Chat: model.Chat{ID: c.ID, Kind: c.Type}, Members: c.Members, Run: run})
	s.sendAll(c, c.Messages, sent, now)
	if c.Type == model.User {
		return wire.HookName{} // each of the two knows it under the other's id
	}
	return wire.HookName{ID: c.ID}
}

func (s *Server) silence(run string, u wire.HookPerson) {
	for _, handle := range u.DoNotDisturb {
		for _, c := range s.handles[run][handle] {
			if slices.Contains(c.Members, u.ID) {
				s.model.Silence(model.Silence{UID: u.ID, Chat: chatFor(c, u.ID), On: true})
			}
		}
	}
}

func (s *Server) sendAll(c wire.HookConversation, messages []wire.HookMessage, sent map[string]wire.HookSent, now time.Time) {
	for _, m := range messages {
		answer := s.model.Send(model.Send{Chat: chatFor(c, m.From), From: m.From, Content: preview(m.Payload), Mentions: m.Mentions, Now: now})
		sent[m.ClientMsgNo] = wire.HookSent{ID: strconv.FormatInt(s.sent.Add(1), 10), Seq: answer.Seq}
	}
}

// preview is what of a message a list shows; nothing else of it is kept.
func preview(payload []byte) []byte {
	const most = 512
	if len(payload) > most {
		payload = payload[:most]
	}
	return []byte(valid(string(payload)))
}

// chatFor names the conversation as one of its members does: one between two by the other.
func chatFor(c wire.HookConversation, uid string) model.Chat {
	if c.Type != model.User {
		return model.Chat{ID: c.ID, Kind: c.Type}
	}
	peer := c.Members[0]
	if peer == uid {
		peer = c.Members[1]
	}
	return model.Chat{ID: peer, Kind: model.User}
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
		s.sendAll(c, request.Messages, answer.Messages, now)
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
	return hookAnswer(struct{}{})
}

func hookAnswer(v any) reply {
	body, err := json.Marshal(v)
	if err != nil { // maps of texts and numbers: this cannot happen
		return hookError(http.StatusInternalServerError, err.Error())
	}
	return reply{http.StatusOK, jsonType, body}
}

// hookError answers as the hook's contract has it.
func hookError(status int, msg string) reply {
	body, _ := json.Marshal(map[string]string{"error": msg}) // a text: this cannot fail
	return reply{status, jsonType, body}
}
