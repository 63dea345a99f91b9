package variants

import (
	"slices"

	"github.com/parley-im/parley/reference/ozeki/model"
)

// lenient does not look at instances.
type lenient struct{ model.Model }

func (l lenient) Add(op model.Add) (model.Message, error) {
	op.Instance = ""
	return l.Model.Add(op)
}

func (l lenient) Clear(op model.Clear) (model.Conversation, error) {
	op.Instance = ""
	return l.Model.Clear(op)
}

func (l lenient) Download(op model.Download) (model.Content, error) {
	op.Instance = ""
	return l.Model.Download(op)
}

func (l lenient) Partial(op model.Partial) (model.Content, error) {
	op.Instance = ""
	return l.Model.Partial(op)
}

// inclusive adds the message of its cursor to a page that has room for it.
type inclusive struct{ model.Model }

func (i inclusive) Partial(op model.Partial) (model.Content, error) {
	content, err := i.Model.Partial(op)
	full := op.Limit > 0 && int64(len(content.Messages)) >= op.Limit
	if err != nil || op.Message.ID == "" || len(content.Messages) == 0 || full {
		return content, err
	}
	from, err := i.Download(model.Download{User: op.User, Conversation: op.Conversation, Instance: op.Instance, Message: op.Message})
	if err == nil && len(from.Messages) > 0 && from.Messages[0].ID == op.Message.ID {
		content.Messages = append(slices.Clone(content.Messages), from.Messages[0])
	}
	return content, err
}

// ownHideIDs makes the hideid of what it knows, whatever the request has.
type ownHideIDs struct{ model.Model }

func (o ownHideIDs) Mark(op model.Mark) (model.Conversation, error) {
	if op.Kind == model.Hide {
		for _, v := range o.List(op.User) {
			if v.ID == op.Conversation {
				op.Value = v.Instance + ";"
			}
		}
	}
	return o.Model.Mark(op)
}

// idle gives a conversation without messages no new instance.
type idle struct{ model.Model }

func (i idle) Clear(op model.Clear) (model.Conversation, error) {
	for _, v := range i.List(op.User) {
		if v.ID == op.Conversation && v.LastMessageID == "" && (op.Instance == "" || op.Instance == v.Instance) {
			return v, nil
		}
	}
	return i.Model.Clear(op)
}

// forgetful takes back what anybody set for a conversation that is cleared.
type forgetful struct{ model.Model }

func (f forgetful) Clear(op model.Clear) (model.Conversation, error) {
	v, err := f.Model.Clear(op)
	if err != nil {
		return v, err
	}
	for _, p := range v.Participants {
		for _, kind := range []model.Kind{model.Unfavorite, model.Unmute, model.Unhide} {
			v, err = f.Mark(model.Mark{User: p.ID, Conversation: op.Conversation, Kind: kind})
		}
		v, err = f.Mark(model.Mark{User: p.ID, Conversation: op.Conversation, Kind: model.Color, Value: model.DefaultColor})
	}
	for _, v := range f.List(op.User) {
		if v.ID == op.Conversation {
			return v, nil
		}
	}
	return v, err
}

// ownView clears a conversation for the caller alone: what a user cleared is hidden from that user from then on. A user's
// instance is a conversation of that user's own in a second model.
type ownView struct {
	model.Model
	gone    map[[2]string]map[string]bool // by user and conversation: the messages that are cleared
	epochs  *model.State                  // gives instances
	current map[[2]string]string          // the user's own instance
}

func newOwnView(m model.Model) *ownView {
	return &ownView{Model: m, gone: map[[2]string]map[string]bool{}, epochs: model.New(77), current: map[[2]string]string{}}
}

func (o *ownView) seen(user string, v model.Conversation) model.Conversation {
	key := [2]string{user, v.ID}
	if instance := o.current[key]; instance != "" {
		v.Instance = instance
	}
	if o.gone[key][v.LastMessageID] {
		v.LastMessageID, v.LastReportID = "", ""
	}
	return v
}

func (o *ownView) List(user string) []model.Conversation {
	all := o.Model.List(user)
	for i := range all {
		all[i] = o.seen(user, all[i])
	}
	return all
}

// stale tells whether the user names another instance than the own.
func (o *ownView) stale(user, conversation, instance string) bool {
	for _, v := range o.List(user) {
		if v.ID == conversation {
			return instance != "" && instance != v.Instance
		}
	}
	return false
}

func (o *ownView) Clear(op model.Clear) (model.Conversation, error) {
	content, err := o.Model.Download(model.Download{User: op.User, Conversation: op.Conversation})
	switch {
	case err != nil:
		return model.Conversation{}, err
	case o.stale(op.User, op.Conversation, op.Instance):
		return model.Conversation{}, model.ErrStale
	}
	key := [2]string{op.User, op.Conversation}
	if o.gone[key] == nil {
		o.gone[key] = map[string]bool{}
	}
	for _, m := range content.Messages {
		o.gone[key][m.ID] = true
	}
	o.epochs.Create(model.Create{ID: "epoch", Users: []model.Participant{{ID: "nobody"}}})
	v, err := o.epochs.Clear(model.Clear{User: "nobody", Conversation: "epoch"})
	o.current[key] = v.Instance
	for _, v := range o.List(op.User) {
		if v.ID == op.Conversation {
			return v, err
		}
	}
	return model.Conversation{}, model.ErrNoConversation
}

func (o *ownView) Mark(op model.Mark) (model.Conversation, error) {
	v, err := o.Model.Mark(op)
	return o.seen(op.User, v), err
}

func (o *ownView) Add(op model.Add) (model.Message, error) {
	if o.stale(op.User, op.Conversation, op.Instance) {
		return model.Message{}, model.ErrStale
	}
	op.Instance = ""
	return o.Model.Add(op)
}

func (o *ownView) Download(op model.Download) (model.Content, error) {
	if o.stale(op.User, op.Conversation, op.Instance) {
		return model.Content{}, model.ErrStale
	}
	op.Instance = ""
	content, err := o.Model.Download(op)
	return o.left(op.User, op.Conversation, content), err
}

func (o *ownView) Partial(op model.Partial) (model.Content, error) {
	if o.stale(op.User, op.Conversation, op.Instance) {
		return model.Content{}, model.ErrStale
	}
	op.Instance = ""
	content, err := o.Model.Partial(op)
	return o.left(op.User, op.Conversation, content), err
}

// left is what the user did not clear.
func (o *ownView) left(user, conversation string, content model.Content) model.Content {
	gone := o.gone[[2]string{user, conversation}]
	return model.Content{
		Messages: slices.DeleteFunc(slices.Clone(content.Messages), func(m model.Message) bool { return gone[m.ID] }),
		Reports:  nil,
	}
}
