package ozeki

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// steps is how many operations one random sequence has.
const steps = 40

func registerState(s *specs.Suite) {
	for n := range 6 {
		s.Requirement("OZ-STATE-1", fmt.Sprintf("random sequence %d of operations by three users gives what the model gives", n+1), func(t *specs.Trial) {
			newPlay(t).run()
		}, needs(append(slices.Clone(marks), list, add, clear, download)...))
	}
}

// play is a random sequence on the target and on the model. Only what a document says is compared: what is set for
// each user, and which messages there are. After a clear by somebody else a user may still see older messages, since
// the documents do not say for whom a clear is.
type play struct {
	w     *world
	model *model.State
	gone  map[*conversation]map[string][]string // messages that a user cleared
	story []string
}

func newPlay(t *specs.Trial) *play {
	p := &play{w: newWorld(t), model: model.New(0), gone: map[*conversation]map[string][]string{}}
	p.w.direct("ann", "bob")
	p.w.group("g", "ann", "bob", "cid")
	p.w.direct("ann", "cid")
	p.w.seed()
	for _, c := range p.w.conversations {
		op := model.Create{ID: c.id(), Group: c.typ != 1, Now: t.Now()}
		for _, m := range c.members {
			op.Users = append(op.Users, model.Participant{ID: p.w.id(m), Name: m})
		}
		p.model.Create(op)
		p.gone[c] = map[string][]string{}
	}
	return p
}

func (p *play) run() {
	t := p.w.t
	// What everybody has set, and what is there, a later operation can take away.
	for _, c := range p.w.conversations {
		for _, user := range c.members {
			for _, action := range []string{favorite, mute, color, add} {
				p.step(c, user, action)
			}
		}
		p.compare(c)
	}
	for range steps {
		c := p.w.conversations[t.Rand.IntN(len(p.w.conversations))]
		user := c.members[t.Rand.IntN(len(c.members))]
		action := p.choose(c, user)
		p.step(c, user, action)
		p.compare(c)
		// What is done twice shows other mistakes than what is done once, and chance alone seldom does it.
		if _, mark := kinds[action]; mark && t.Rand.IntN(2) == 0 {
			p.step(c, user, action)
			p.compare(c)
		}
	}
}

// choose is the next action. A hidden conversation is shown first: whether list then tells the instance, which others
// need, is open.
func (p *play) choose(c *conversation, user string) string {
	if p.hidden(c, p.w.id(user)) {
		return unhide
	}
	choices := append(slices.Clone(marks), add, add, add, add, clear, unhide)
	return choices[p.w.t.Rand.IntN(len(choices))]
}

var kinds = map[string]model.Kind{favorite: model.Favorite, unfavorite: model.Unfavorite, mute: model.Mute, unmute: model.Unmute,
	hide: model.Hide, unhide: model.Unhide, color: model.Color}

// step does one operation on both sides.
func (p *play) step(c *conversation, user, action string) {
	t, id := p.w.t, p.w.id(user)
	p.story = append(p.story, user+" "+action+" "+strings.TrimPrefix(c.handle, t.Env.Run+"-"))
	switch action {
	case add:
		m := c.message()
		t.Need(c.add(user, m), succeeds())
		created, _ := time.Parse(timeLayout, m.created)
		p.must(p.model.Add(model.Add{User: id, Conversation: c.id(), Message: model.Message{ID: m.id, Created: created, Data: m.data}}))
	case clear:
		c.cleared(user)
		for _, m := range p.messages(c, id) {
			p.gone[c][user] = append(p.gone[c][user], m.ID)
		}
		p.must(p.model.Clear(model.Clear{User: id, Conversation: c.id()}))
	default:
		value := ""
		if action == color {
			value = []string{blue, red, "#000000"}[t.Rand.IntN(3)]
		} else if action == hide {
			value = c.instance(user) + ";"
		}
		c.marked(user, action, value)
		p.must(p.model.Mark(model.Mark{User: id, Conversation: c.id(), Kind: kinds[action], Value: value}))
	}
}

func (p *play) must(_ any, err error) {
	if err != nil {
		panic("the model refused: " + err.Error())
	}
}

func (p *play) own(c *conversation, id string) model.Properties {
	for _, v := range p.model.List(id) {
		if v.ID == c.id() {
			return v.Properties[0]
		}
	}
	panic("the model has lost a conversation")
}

func (p *play) hidden(c *conversation, id string) bool { return p.own(c, id).HideID != "" }

func (p *play) messages(c *conversation, id string) []model.Message {
	content, err := p.model.Download(model.Download{User: id, Conversation: c.id()})
	p.must(nil, err)
	return content.Messages
}

// compare judges what every participant sees.
func (p *play) compare(c *conversation) {
	for _, user := range c.members {
		own := p.own(c, p.w.id(user))
		told := " after " + p.told()
		p.w.sees(user, described(told, hiddenOr(own.HideID != "", listed(c, user, shown("muted", own.Muted), shown("favorite", own.Favorite),
			shown("hidden", own.HideID != ""), ownIs("listitembackgroundcolor", str(own.Color))))))
		if own.HideID != "" {
			continue
		}
		var ids []string
		for _, m := range p.messages(c, p.w.id(user)) {
			ids = append(ids, m.ID)
		}
		c.reads(user, described(told, match.All(shows(ids...), withholds(p.gone[c][user]...), inOrder(ids))))
	}
}

func described(more string, m *match.Matcher) *match.Matcher {
	return match.New(m.Expected+more, m.Judge)
}

// told is the end of what happened so far.
func (p *play) told() string {
	const most = 8
	return strings.Join(p.story[max(0, len(p.story)-most):], ", ")
}

// inOrder matches messages of which each of ids stands once.
func inOrder(ids []string) *match.Matcher {
	return match.New("each once", func(x *exchange.Exchange) match.Result {
		messages, r := readMessages(x)
		for _, id := range ids {
			n := 0
			for _, v := range messages {
				if v.Kind == strictjson.Object && v.Get("ID").Text == id {
					n++
				}
			}
			if r.OK && n != 1 {
				return match.Failf("the message %s %d times", id, n)
			}
		}
		return r
	})
}
