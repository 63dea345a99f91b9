// What a world of the seeding hook is on this server.

package server

import (
	"math"
	"strconv"
	"time"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/wukongim/model"
)

// hookFor answers the hook's calls. A group takes messages from everybody, as WuKongIM does.
func (s *Server) hookFor(secret serve.Secret) hook.Hook {
	return hook.Hook{
		API: "wukongim", MostType: math.MaxUint8, Secret: secret, Add: s.addWorld, Append: s.appendMessages, Clean: s.Clean,
		Outsider: func(c hook.Conversation, _ string) bool { return c.Type != model.Direct },
	}
}

func (s *Server) addWorld(world hook.World) (hook.Seeded, error) {
	answer := hook.NewSeeded()
	for _, u := range world.Users {
		answer.Users[u.ID] = hook.Person{ID: u.ID, Headers: s.userHeaders}
	}
	s.write(func(now time.Time) {
		for _, c := range world.Conversations {
			answer.Conversations[c.ID] = s.seed(world.Run, c, answer.Messages, now)
		}
	})
	return answer, nil
}

// seed makes one conversation with its messages. A world that was let in has nothing in it that the model could refuse.
func (s *Server) seed(run string, c hook.Conversation, sent map[string]hook.Sent, now time.Time) hook.Name {
	s.name(run, c)
	name := hook.Name{}
	if c.Type != model.Direct {
		name.ID = c.ID
		channel := model.Channel{ID: c.ID, Type: c.Type}
		s.model.Subscribe(model.Subscribe{Channel: channel, UIDs: c.Members, Run: run, Now: now})
	}
	s.sendAll(run, c, c.Messages, sent, now)
	return name
}

// name remembers what a run calls the conversation.
func (s *Server) name(run string, c hook.Conversation) {
	if s.journal != nil {
		c.Messages = nil
		journaled{journal: s.journal}.keep(Entry{Handle: &Handle{run, c}})
	}
	s.handles.Add(run, c)
}

func (s *Server) sendAll(run string, c hook.Conversation, messages []hook.Message, sent map[string]hook.Sent, now time.Time) {
	for _, m := range messages {
		answer := s.model.Send(model.Send{
			Channel: model.Channel{ID: c.SeenBy(m.From), Type: c.Type}, From: m.From, ClientMsgNo: m.ClientMsgNo, Payload: m.Payload,
			Header: model.Header{RedDot: true}, Run: run, Now: now,
		})
		sent[answer.ClientMsgNo] = hook.Sent{ID: strconv.FormatInt(answer.ID, 10), Seq: answer.Seq}
	}
}

func (s *Server) appendMessages(m hook.Messages) (sent map[string]hook.Sent, err error) {
	sent = map[string]hook.Sent{}
	s.write(func(now time.Time) {
		var c hook.Conversation
		if c, err = s.handles.Find(m); err != nil {
			return
		}
		if err = s.hook.Check(c, m.Messages); err == nil {
			s.sendAll(m.Run, c, m.Messages, sent, now)
		}
	})
	return sent, err
}
