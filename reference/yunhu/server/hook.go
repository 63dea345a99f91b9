// What a world of the seeding hook is on this server.

package server

import (
	"slices"
	"strconv"
	"time"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/serve"
	"github.com/parley-im/parley/reference/yunhu/model"
)

// hookFor answers the hook's calls. The id of a conversation with a bot is the bot's, which may write too.
func (s *Server) hookFor(secret serve.Secret) hook.Hook {
	return hook.Hook{
		API: "yunhu", MostType: model.Bot, Secret: secret, Add: s.addWorld, Append: s.appendMessages, Clean: s.Clean,
		Outsider: func(c hook.Conversation, uid string) bool { return c.Type == model.Bot && uid == c.ID },
	}
}

func (s *Server) addWorld(world hook.World) (hook.Seeded, error) {
	answer := hook.NewSeeded()
	s.write(func(now time.Time) {
		for _, u := range world.Users {
			s.model.AddUser(model.AddUser{ID: u.ID, Name: u.Name, Run: world.Run})
			answer.Users[u.ID] = hook.Person{ID: u.ID, Headers: map[string]string{"token": s.token(u.ID)}}
		}
		for _, c := range world.Conversations {
			answer.Conversations[c.ID] = s.seed(world.Run, c, answer.Messages, now)
		}
		for _, u := range world.Users {
			s.silence(world.Run, u)
		}
	})
	return answer, nil
}

// seed makes one conversation with its messages. A world that was let in has nothing in it that the model could refuse.
func (s *Server) seed(run string, c hook.Conversation, sent map[string]hook.Sent, now time.Time) hook.Name {
	s.handles.Add(run, c)
	s.model.Join(model.Join{Chat: model.Chat{ID: c.ID, Kind: c.Type}, Members: c.Members, Run: run})
	s.sendAll(c, c.Messages, sent, now)
	if c.Type == model.User {
		return hook.Name{} // each of the two knows it under the other's id
	}
	return hook.Name{ID: c.ID}
}

func (s *Server) silence(run string, u hook.User) {
	for _, handle := range u.DoNotDisturb {
		for _, c := range s.handles[run][handle] {
			if slices.Contains(c.Members, u.ID) {
				s.model.Silence(model.Silence{UID: u.ID, Chat: chatFor(c, u.ID), On: true})
			}
		}
	}
}

func (s *Server) sendAll(c hook.Conversation, messages []hook.Message, sent map[string]hook.Sent, now time.Time) {
	for _, m := range messages {
		answer := s.model.Send(model.Send{Chat: chatFor(c, m.From), From: m.From, Content: preview(m.Payload), Mentions: m.Mentions, Now: now})
		sent[m.ClientMsgNo] = hook.Sent{ID: strconv.FormatInt(s.sent.Add(1), 10), Seq: answer.Seq}
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

// chatFor names the conversation as one of its members does.
func chatFor(c hook.Conversation, uid string) model.Chat {
	return model.Chat{ID: c.SeenBy(uid), Kind: c.Type}
}

func (s *Server) appendMessages(m hook.Messages) (sent map[string]hook.Sent, err error) {
	sent = map[string]hook.Sent{}
	s.write(func(now time.Time) {
		var c hook.Conversation
		if c, err = s.handles.Find(m); err != nil {
			return
		}
		if err = s.hook.Check(c, m.Messages); err == nil {
			s.sendAll(c, m.Messages, sent, now)
		}
	})
	return sent, err
}
