// The seeding hook, version 1: what a harness wants on the server, in three calls under /_parley.

package server

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// validFor is how long a seeded message may be read: as long as those of the example.
const validFor = 7 * 24 * time.Hour

var runID = regexp.MustCompile(`^p[0-9a-f]{8}$`)

// checkRun refuses a run id that no harness makes: cleaning it up later could not be told from another's data.
func checkRun(run string, err error) error {
	if err == nil && !runID.MatchString(run) {
		return fmt.Errorf("run must be p and 8 hexadecimal digits in lower case, got %s", wire.Quote(run))
	}
	return err
}

func (s *Server) hookWorld(body []byte) reply {
	world, err := wire.DecodeHookWorld(body)
	if err := checkRun(world.Run, err); err != nil {
		return hookError(http.StatusBadRequest, err.Error())
	}
	answer := wire.HookSeeded{
		Users: map[string]wire.HookSeededUser{}, Conversations: map[string]wire.HookName{}, Messages: map[string]wire.HookSent{},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock().UTC().Truncate(time.Second)
	names := map[string]string{}
	for _, u := range world.Users {
		names[u.ID] = u.Name
		p := participant(u.ID, u.Name)
		s.model.Create(model.Create{Users: []model.Participant{p}, OnlyUsers: true, Run: world.Run, Now: now})
		answer.Users[u.ID] = wire.HookSeededUser{ID: p.ID, Headers: map[string]string{
			wire.UserHeader: p.ID, wire.StationHeader: DefaultStation, wire.SignatureHeader: s.signature,
		}}
	}
	if s.handles[world.Run] == nil {
		s.handles[world.Run] = map[string]string{}
	}
	for _, c := range world.Conversations {
		op := model.Create{Group: c.Type != 1, Run: world.Run, Handle: c.ID, Now: now}
		for _, member := range c.Members {
			op.Users = append(op.Users, participant(member, names[member]))
		}
		made := s.model.Create(op)
		s.handles[world.Run][c.ID] = made.ID
		answer.Conversations[c.ID] = wire.HookName{ID: made.ID, Instance: made.Instance}
		if err := s.send(made.ID, c.Messages, now, answer.Messages); err != nil {
			return hookError(http.StatusInternalServerError, err.Error())
		}
	}
	return reply{http.StatusOK, answer.Encode()}
}

// participant is the user whose e-mail address begins with the name that the world gave.
func participant(handle, name string) model.Participant {
	if name == "" {
		name = handle
	}
	return model.Participant{ID: model.UserID(handle + "@parley.example"), Name: name}
}

func (s *Server) hookMessages(body []byte) reply {
	m, err := wire.DecodeHookMessages(body)
	if err := checkRun(m.Run, err); err != nil {
		return hookError(http.StatusBadRequest, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.handles[m.Run][m.Conversation]
	if !ok {
		return hookError(http.StatusNotFound, "conversation "+wire.Quote(m.Conversation)+" is none that a world of the run "+m.Run+" made")
	}
	answer := wire.HookSeeded{Messages: map[string]wire.HookSent{}}
	if err := s.send(id, m.Messages, s.clock().UTC().Truncate(time.Second), answer.Messages); err != nil {
		return hookError(http.StatusNotFound, "conversation "+wire.Quote(m.Conversation)+": "+err.Error())
	}
	return reply{http.StatusOK, answer.Encode()}
}

// send puts messages into a conversation, and says what they are called there.
func (s *Server) send(id string, messages []wire.HookMessage, now time.Time, to map[string]wire.HookSent) error {
	op := model.Append{Conversation: id}
	for _, m := range messages {
		uuid := model.UUID(id + "/" + m.ClientMsgNo)
		op.Messages = append(op.Messages, model.Message{
			ID: uuid, Type: "Message", Created: now, ValidUntil: now.Add(validFor), Data: base64.StdEncoding.EncodeToString(m.Payload),
		})
		to[m.ClientMsgNo] = wire.HookSent{ID: uuid}
	}
	_, err := s.model.Append(op)
	return err
}

func (s *Server) hookClean(body []byte) reply {
	run, err := wire.DecodeHookClean(body)
	if err := checkRun(run, err); err != nil {
		return hookError(http.StatusBadRequest, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model.Clean(run)
	delete(s.handles, run)
	return reply{http.StatusOK, []byte("{}")}
}
