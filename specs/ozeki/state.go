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

// play is a random sequence on the target and on the model of the messages. Only what a document demands is compared: which
// messages there are, and what a user's own call has just set. That what is set outlasts other calls, a clear, calls of
// others or the same call again, no document says as a rule: OZ-FLAG-2, -3 and OZ-COLOR-3 judge it where an example
// shows it. After a clear by somebody else a user may still see older messages, since the documents do not say for whom a
// clear is.
type play struct {
	w     *world
	model *model.State
	gone  map[*conversation]map[string][]string // messages that a user cleared
	set   map[*conversation]setting             // what the last mark set, until something else may have changed it
	done  map[*conversation]map[string]string   // by user and flag: the last call about it
	away  map[*conversation]map[string]bool     // by user: it may be hidden
	story []string
}

// setting is what a user's list must show.
type setting struct {
	user  string
	shows []check
}

func newPlay(t *specs.Trial) *play {
	p := &play{w: newWorld(t), model: model.New(0), gone: map[*conversation]map[string][]string{}, set: map[*conversation]setting{},
		done: map[*conversation]map[string]string{}, away: map[*conversation]map[string]bool{}}
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
		p.gone[c], p.done[c], p.away[c] = map[string][]string{}, map[string]string{}, map[string]bool{}
	}
	return p
}

func (p *play) run() {
	t := p.w.t
	for _, c := range p.w.conversations {
		for _, user := range c.members {
			for _, action := range []string{favorite, mute, color, add} {
				p.step(c, user, action)
				p.compare(c)
			}
		}
	}
	for range steps {
		c := p.w.conversations[t.Rand.IntN(len(p.w.conversations))]
		user := c.members[t.Rand.IntN(len(c.members))]
		p.step(c, user, p.choose(c, user))
		p.compare(c)
	}
}

// choose is the next action. A conversation that may be hidden is shown first: whether list then tells the instance, which
// others need, is open.
func (p *play) choose(c *conversation, user string) string {
	if p.away[c][user] {
		return unhide
	}
	choices := append(slices.Clone(marks), add, add, add, add, clear, clear, clear)
	return choices[p.w.t.Rand.IntN(len(choices))]
}

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
		delete(p.set, c) // a message may bring a hidden conversation back
	case clear:
		c.cleared(user)
		for _, m := range p.messages(c, id) {
			p.gone[c][user] = append(p.gone[c][user], m.ID)
		}
		p.must(p.model.Clear(model.Clear{User: id, Conversation: c.id()}))
		delete(p.set, c)
	default:
		p.mark(c, user, action)
	}
}

// flags are the marks by what they are about, with what list then shows.
var flags = map[string]struct {
	about string
	shows check
}{
	favorite: {"favorite", shown("favorite", true)}, unfavorite: {"favorite", shown("favorite", false)},
	mute: {"muted", shown("muted", true)}, unmute: {"muted", shown("muted", false)},
	hide: {"hidden", shown("hidden", true)}, unhide: {"hidden", shown("hidden", false)},
}

// mark sets something. The same call twice in a row is not judged: that is OZ-FLAG-3.
func (p *play) mark(c *conversation, user, action string) {
	value, about := "", "color"
	var shows check
	if flag, ok := flags[action]; ok {
		about, shows = flag.about, flag.shows
	} else {
		value = []string{blue, red, "#000000"}[p.w.t.Rand.IntN(3)]
		shows = ownIs("listitembackgroundcolor", str(value))
	}
	if value == "" {
		c.marked(user, action)
	} else {
		c.marked(user, action, value)
	}
	p.set[c] = setting{user, []check{shows}}
	if p.done[c][user+" "+about] == action+value {
		delete(p.set, c)
	}
	p.done[c][user+" "+about] = action + value
	for _, other := range c.members { // whether one user's hide hides it for others is OZ-FLAG-2
		p.away[c][other] = p.away[c][other] || action == hide
	}
	if action == unhide {
		p.away[c][user] = false
	}
}

func (p *play) must(_ any, err error) {
	if err != nil {
		panic("the model refused: " + err.Error())
	}
}

func (p *play) messages(c *conversation, id string) []model.Message {
	content, err := p.model.Download(model.Download{User: id, Conversation: c.id()})
	p.must(nil, err)
	return content.Messages
}

// compare judges what every participant sees.
func (p *play) compare(c *conversation) {
	for _, user := range c.members {
		var set []check
		if p.set[c].user == user {
			set = p.set[c].shows
		}
		told := " after " + p.told()
		p.w.sees(user, described(told, hiddenOr(p.away[c][user], listed(c, user, set...))))
		if p.away[c][user] {
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
