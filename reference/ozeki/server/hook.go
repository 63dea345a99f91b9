// What a world of the seeding hook is on this server.

package server

import (
	"encoding/base64"
	"fmt"
	"math"
	"time"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
	"github.com/parley-im/parley/reference/serve"
)

// validFor is how long a seeded message may be read: as long as those of the example.
const validFor = 7 * 24 * time.Hour

// hookFor answers the hook's calls.
func (s *Server) hookFor(secret serve.Secret) hook.Hook {
	return hook.Hook{API: "ozeki", MostType: math.MaxUint8, Secret: secret, Add: s.addWorld, Append: s.appendMessages, Clean: s.clean}
}

// check refuses conversations that this server could not make, or not call by their handles.
func check(world hook.World) error {
	seen := map[string]bool{}
	for i, c := range world.Conversations {
		at := fmt.Sprintf("conversations[%d].", i)
		if len(c.Members) == 0 {
			return &fields.Error{Field: at + "members", Reason: "must name somebody"}
		}
		if seen[c.ID] {
			return &fields.Error{Field: at + "id", Reason: fields.Quote(c.ID) + " stands twice in one world"}
		}
		seen[c.ID] = true
	}
	return nil
}

func (s *Server) addWorld(world hook.World) (hook.Seeded, error) {
	if err := check(world); err != nil {
		return hook.Seeded{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, now, names := hook.NewSeeded(), s.now(), map[string]string{}
	for _, u := range world.Users {
		names[u.ID] = u.Name
		p := participant(u.ID, u.Name)
		s.model.Create(model.Create{Users: []model.Participant{p}, OnlyUsers: true, Run: world.Run, Now: now})
		answer.Users[u.ID] = hook.Person{ID: p.ID, Headers: map[string]string{
			wire.UserHeader: p.ID, wire.StationHeader: DefaultStation, wire.SignatureHeader: s.signature,
		}}
	}
	if s.handles[world.Run] == nil {
		s.handles[world.Run] = map[string]string{}
	}
	for _, c := range world.Conversations {
		op := model.Create{Group: c.Type != hook.Direct, Run: world.Run, Handle: c.ID, Now: now}
		for _, member := range c.Members {
			op.Users = append(op.Users, participant(member, names[member]))
		}
		made := s.model.Create(op)
		s.handles[world.Run][c.ID] = made.ID
		answer.Conversations[c.ID] = hook.Name{ID: made.ID, Instance: made.Instance}
		if err := s.send(made.ID, c.Messages, now, answer.Messages); err != nil {
			return hook.Seeded{}, err
		}
	}
	return answer, nil
}

// now is the time to the second, as the API has it.
func (s *Server) now() time.Time { return s.clock().UTC().Truncate(time.Second) }

// participant is the user whose e-mail address begins with the name that the world gave.
func participant(handle, name string) model.Participant {
	if name == "" {
		name = handle
	}
	return model.Participant{ID: model.UserID(handle + "@parley.example"), Name: name}
}

func (s *Server) appendMessages(m hook.Messages) (map[string]hook.Sent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.handles[m.Run][m.Conversation]
	if !ok {
		return nil, hook.NoConversation(m)
	}
	sent := map[string]hook.Sent{}
	if err := s.send(id, m.Messages, s.now(), sent); err != nil {
		return nil, &hook.UnknownError{Reason: "conversation " + fields.Quote(m.Conversation) + ": " + err.Error()}
	}
	return sent, nil
}

// send puts messages into a conversation, and says what they are called there.
func (s *Server) send(id string, messages []hook.Message, now time.Time, to map[string]hook.Sent) error {
	op := model.Append{Conversation: id}
	for _, m := range messages {
		uuid := model.UUID(id + "/" + m.ClientMsgNo)
		op.Messages = append(op.Messages, model.Message{
			ID: uuid, Type: "Message", Created: now, ValidUntil: now.Add(validFor), Data: base64.StdEncoding.EncodeToString(m.Payload),
		})
		to[m.ClientMsgNo] = hook.Sent{ID: uuid}
	}
	_, err := s.model.Append(op)
	return err
}

func (s *Server) clean(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.model.Clean(run)
	delete(s.handles, run)
}
