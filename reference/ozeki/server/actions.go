package server

import (
	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

func list(m model.Model, user string, _ wire.Request) ([]byte, error) {
	var all []wire.Conversation
	for _, c := range m.List(user) {
		all = append(all, shown(c))
	}
	return wire.EncodeList(all), nil
}

func add(m model.Model, user string, r wire.Request) ([]byte, error) {
	added, err := m.Add(model.Add{User: user, Conversation: r.ConversationID, Instance: r.Instance, Message: stored(r.Message)})
	if err != nil {
		return nil, err
	}
	return wire.EncodeAdded(sent(added)), nil
}

func clearAll(m model.Model, user string, r wire.Request) ([]byte, error) {
	c, err := m.Clear(model.Clear{User: user, Conversation: r.ConversationID, Instance: r.Instance})
	if err != nil {
		return nil, err
	}
	return wire.EncodeConversation(shown(c)), nil
}

func mark(kind model.Kind) operation {
	return operation{func(m model.Model, user string, r wire.Request) ([]byte, error) {
		c, err := m.Mark(model.Mark{User: user, Conversation: r.ConversationID, Kind: kind, Value: r.Color + r.HideID})
		if err != nil {
			return nil, err
		}
		return wire.EncodeConversation(shown(c)), nil
	}, true}
}

func download(m model.Model, user string, r wire.Request) ([]byte, error) {
	message, report := places(r)
	return content(m.Download(model.Download{
		User: user, Conversation: r.ConversationID, Instance: r.Instance, Message: message, Report: report,
	}))
}

func partial(m model.Model, user string, r wire.Request) ([]byte, error) {
	message, report := places(r)
	return content(m.Partial(model.Partial{
		User: user, Conversation: r.ConversationID, Instance: r.Instance, Message: message, Report: report, Limit: r.Limit,
	}))
}

func places(r wire.Request) (message, report model.Cursor) {
	return model.Cursor{ID: r.MessageID, Date: r.MessageDate}, model.Cursor{ID: r.ReportID, Date: r.ReportDate}
}

func content(c model.Content, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	messages := make([]wire.Message, len(c.Messages))
	for i, m := range c.Messages {
		messages[i] = sent(m)
	}
	reports := make([]wire.Report, len(c.Reports))
	for i, r := range c.Reports {
		reports[i] = wire.Report{ID: r.ID, Type: r.Type, Created: r.Created}
	}
	return wire.EncodeContent(messages, reports), nil
}

func stored(m wire.Message) model.Message {
	return model.Message{ID: m.ID, Type: m.Type, Created: m.Created, ValidUntil: m.ValidUntil, Data: m.Data}
}

func sent(m model.Message) wire.Message {
	return wire.Message{ID: m.ID, Type: m.Type, Created: m.Created, ValidUntil: m.ValidUntil, Data: m.Data}
}

// shown is a conversation on the wire. hiddenby stays empty, as it does in the example of hide.
func shown(c model.Conversation) wire.Conversation {
	v := wire.Conversation{
		ID: c.ID, IsGroup: c.IsGroup, ParticipantIDs: []string{}, Participants: []wire.Participant{}, DisplayName: c.DisplayName,
		LastMessageID: c.LastMessageID, LastReportID: c.LastReportID, LastAccess: c.LastAccess, Secret: c.Secret,
		Instance: c.Instance, MutedBy: c.MutedBy, FavoriteBy: c.FavoriteBy, HiddenBy: []string{}, Properties: []wire.Properties{},
	}
	for _, p := range c.Participants {
		v.ParticipantIDs = append(v.ParticipantIDs, p.ID)
		v.Participants = append(v.Participants, wire.Participant{UserID: p.ID, UserName: p.Name})
	}
	for _, p := range c.Properties {
		v.Properties = append(v.Properties, wire.Properties{
			UserID: p.UserID, IsMuted: p.Muted, IsFavorite: p.Favorite, HideID: p.HideID, ListItemBackgroundColor: p.Color,
		})
	}
	return v
}
