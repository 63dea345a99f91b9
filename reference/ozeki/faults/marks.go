package faults

import (
	"slices"
	"strings"

	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// marking are the ways in which each call that sets something can be wrong.
func marking() []Fault {
	var all []Fault
	for _, of := range []struct {
		action, id string
		kind       model.Kind
	}{
		{wire.Favorite, "OZ-FAV", model.Favorite}, {wire.Unfavorite, "OZ-UNFAV", model.Unfavorite}, {wire.Mute, "OZ-MUTE", model.Mute},
		{wire.Unmute, "OZ-UNMUTE", model.Unmute}, {wire.Hide, "OZ-HIDE", model.Hide}, {wire.Unhide, "OZ-UNHIDE", model.Unhide},
		{wire.Color, "OZ-COLOR", model.Color},
	} {
		does, shows := of.id+"-1", of.id+"-2"
		name := of.action
		if of.action == wire.Color {
			name = "color"
		}
		all = append(all,
			meant(name+"-is-forgotten", of.action+" is answered as done, and is not", func(m model.Model) model.Model { return forgetful{m, of.kind} }, does),
			wired(name+"-answers-without-conversation", "the answer to "+of.action+" has no conversation", answering(func(c *call) { delete(c.out, "conversation") }, of.action), does),
			wired(name+"-answers-before", "the answer to "+of.action+" is the conversation as it was", before(of.action, func(v, was object) { copyState(v, was) }), shows),
			wired(name+"-answers-before-in-groups", "the answer to a group's "+of.action+" is the conversation as it was", before(of.action, func(v, was object) {
				if v["isgroup"] == true {
					copyState(v, was)
				}
			}), shows),
		)
	}
	return all
}

func copyState(v, was object) {
	for _, name := range []string{"properties", "mutedby", "favoriteby", "hiddenby"} {
		v[name] = was[name]
	}
}

// forgetful answers a kind of mark as done and takes it back.
type forgetful struct {
	model.Model
	kind model.Kind
}

func (f forgetful) Mark(op model.Mark) (model.Conversation, error) {
	was := ownProperties(f.Model, op.User, op.Conversation)
	v, err := f.Model.Mark(op)
	if err != nil || op.Kind != f.kind || was == nil {
		return v, err
	}
	restore(f.Model, op.User, op.Conversation, *was)
	return v, nil
}

func ownProperties(m model.Model, user, conversation string) *model.Properties {
	for _, v := range m.List(user) {
		if v.ID == conversation {
			return &v.Properties[0]
		}
	}
	return nil
}

// restore gives a user the properties from before.
func restore(m model.Model, user, conversation string, p model.Properties) {
	kinds := map[bool][2]model.Kind{true: {model.Mute, model.Favorite}, false: {model.Unmute, model.Unfavorite}}
	for _, op := range []model.Mark{
		{Kind: kinds[p.Muted][0]}, {Kind: kinds[p.Favorite][1]}, {Kind: model.Hide, Value: p.HideID}, {Kind: model.Color, Value: p.Color},
	} {
		op.User, op.Conversation = user, conversation
		_, _ = m.Mark(op) // a participant is not refused
	}
}

// marker is a Model whose marks do something else.
type marker struct {
	*spy
	wrong func(s *spy, op model.Mark) (model.Conversation, error)
}

func (m marker) Mark(op model.Mark) (model.Conversation, error) { return m.wrong(m.spy, op) }

func markingAs(wrong func(s *spy, op model.Mark) (model.Conversation, error)) func(model.Model) model.Model {
	return func(m model.Model) model.Model { return marker{newSpy(m), wrong} }
}

// also does one kind of mark, and something more.
func also(kind model.Kind, more func(s *spy, op model.Mark)) func(model.Model) model.Model {
	return markingAs(func(s *spy, op model.Mark) (model.Conversation, error) {
		if v, err := s.Model.Mark(op); err != nil || op.Kind != kind {
			return v, err
		}
		more(s, op)
		return s.Model.Mark(op)
	})
}

// everybody does one kind of mark for all participants.
func everybody(kind model.Kind) func(model.Model) model.Model {
	return also(kind, func(s *spy, op model.Mark) {
		for _, u := range s.users[op.Conversation] {
			s.mark(u, op.Conversation, op.Kind, op.Value)
		}
	})
}

// marks are wrong about what the calls that set something have in common.
var marks = []Fault{
	meant("mute-resets-color", "mute resets the color", also(model.Mute, func(s *spy, op model.Mark) {
		s.mark(op.User, op.Conversation, model.Color, defaultColor)
	}), "OZ-COLOR-3"),
	meant("unhide-resets-color", "unhide resets the color", also(model.Unhide, func(s *spy, op model.Mark) {
		s.mark(op.User, op.Conversation, model.Color, defaultColor)
	}), "OZ-COLOR-3"),
	wired("hide-without-semicolon", "hideid comes back without its last character", showing(func(c *call, v object) {
		id, _ := c.own(v)["hideid"].(string)
		c.own(v)["hideid"] = strings.TrimSuffix(id, ";")
	}), "OZ-HIDE-2"),
	wired("color-once", "the answer to a second color has the first", before(wire.Color, func(v, was object) {
		if own := was["properties"].([]any)[0].(object); own["listitembackgroundcolor"] != defaultColor {
			v["properties"] = was["properties"]
		}
	}), "OZ-COLOR-2"),
	wired("mute-answers-new-instance", "the answer to mute has another instance", showing(func(_ *call, v object) {
		instance := []byte(v["instance"].(string))
		slices.Reverse(instance)
		v["instance"] = string(instance)
	}, wire.Mute), "OZ-FLAG-1"),
	wired("hide-moves-lastaccess", "the answer to hide has the time of the request as lastaccess", showing(func(_ *call, v object) { v["lastaccess"] = nowSeconds() }, wire.Hide), "OZ-FLAG-1"),
	wired("color-drops-last-report", "the answer to a color has no lastreportid", showing(func(_ *call, v object) { v["lastreportid"] = "" }, wire.Color), "OZ-FLAG-1"),
	meant("mute-for-everybody", "mute mutes for all participants", everybody(model.Mute), "OZ-FLAG-2"),
	meant("unfavorite-for-everybody", "unfavorite takes back the favorites of all participants", everybody(model.Unfavorite), "OZ-FLAG-2"),
	meant("mute-toggles", "a second mute takes the first back", markingAs(func(s *spy, op model.Mark) (model.Conversation, error) {
		if p := ownProperties(s.Model, op.User, op.Conversation); p != nil && op.Kind == model.Mute && p.Muted {
			op.Kind = model.Unmute
		}
		return s.Model.Mark(op)
	}), "OZ-FLAG-3"),
	meant("unmute-unfavorites", "unmute takes the favorite back as well", also(model.Unmute, func(s *spy, op model.Mark) {
		s.mark(op.User, op.Conversation, model.Unfavorite, "")
	}), "OZ-FLAG-3"),
	meant("unfavorite-mutes", "unfavorite mutes", also(model.Unfavorite, func(s *spy, op model.Mark) { s.mark(op.User, op.Conversation, model.Mute, "") }), "OZ-FLAG-3"),
}
