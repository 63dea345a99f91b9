package faults

import (
	"net/http"
	"slices"

	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// clearing is wrong about clear.
var clearing = []Fault{
	meant("clear-keeps-all", "clear keeps all messages", restoring(func(all []model.Message) []model.Message { return all }), "OZ-CLEAR-1", "OZ-CLEAR-8", "OZ-CLEAR-9"),
	meant("clear-keeps-the-newest", "clear keeps the newest message", restoring(func(all []model.Message) []model.Message { return all[max(0, len(all)-1):] }), "OZ-CLEAR-1", "OZ-CLEAR-8"),
	meant("clear-100-at-most", "clear removes 100 messages at most", restoring(func(all []model.Message) []model.Message { return all[min(100, len(all)):] }), "OZ-CLEAR-1"),
	meant("cleared-comes-back", "cleared messages come back with the next one", func(m model.Model) model.Model {
		return &returning{spy: newSpy(m), cleared: map[string][]model.Message{}}
	}, "OZ-CLEAR-1", "OZ-CLEAR-8"),
	wired("clear-answers-without-conversation", "the answer to clear has no conversation", answering(func(c *call) { delete(c.out, "conversation") }, wire.Clear), "OZ-CLEAR-2"),
	wired("clear-answers-before", "the answer to clear is the conversation as it was", before(wire.Clear, func(v, was object) {
		for name := range v {
			v[name] = was[name]
		}
	}), "OZ-CLEAR-2", "OZ-CLEAR-4", "OZ-CLEAR-5"),
	wired("clear-answers-without-id", "the conversation in the answer to clear has an empty id", showing(func(_ *call, v object) { v["id"] = "" }, wire.Clear), "OZ-CLEAR-3"),
	wired("clear-answers-another", "the answer to a group's clear has the id of another conversation", showing(func(c *call, v object) {
		if v["isgroup"] != true {
			return
		}
		listed := call{out: c.aside(c.user, object{"action": wire.List})}
		for _, other := range listed.views() {
			if other["id"] != v["id"] {
				v["id"] = other["id"]
				return
			}
		}
	}, wire.Clear), "OZ-CLEAR-3"),
	wired("clear-answers-last-report", "the answer to clear has the lastreportid from before", before(wire.Clear, func(v, was object) { v["lastreportid"] = was["lastreportid"] }), "OZ-CLEAR-4"),
	wired("clear-answers-last-message-in-groups", "the answer to a group's clear has the lastmessageid from before", before(wire.Clear, func(v, was object) {
		if v["isgroup"] == true {
			v["lastmessageid"] = was["lastmessageid"]
		}
	}), "OZ-CLEAR-2", "OZ-CLEAR-4"),
	wired("one-instance-for-ever", "clear gives no new instance", firstInstance(func(object) bool { return true }), "OZ-CLEAR-5"),
	wired("one-instance-for-groups", "clear gives a group no new instance", firstInstance(func(v object) bool { return v["isgroup"] == true }), "OZ-CLEAR-5"),
	wired("clear-answers-without-the-others", "the answer to clear has the caller alone in participants and participantids", showing(func(c *call, v object) {
		v["participantids"] = []any{c.user}
		v["participants"] = slices.DeleteFunc(v["participants"].([]any), func(p any) bool { return p.(object)["userid"] != c.user })
	}, wire.Clear), "OZ-CLEAR-2"),
	wired("cleared-groups-are-chats", "a group that was cleared is no group any more", showing(func(_ *call, v object) {
		v["isgroup"] = v["isgroup"] == true && v["lastmessageid"] != ""
	}), "OZ-CLEAR-2"),
	wired("clear-moves-lastaccess", "clear moves lastaccess in its answer", showing(func(_ *call, v object) { v["lastaccess"] = nowSeconds() }, wire.Clear), "OZ-CLEAR-7"),
	wired("lastaccess-zero-when-empty", "lastaccess of a conversation without messages is 0", showing(func(_ *call, v object) {
		if v["lastmessageid"] == "" {
			v["lastaccess"] = 0
		}
	}), "OZ-CLEAR-7"),
	wired("partial-from-a-cache", "a first page is read once and never again", around(cachedPages), "OZ-CLEAR-8", "OZ-CLEAR-1"),
	wired("list-keeps-last-ids", "list shows the last ids from before a clear", stuck("lastmessageid", "lastreportid"), "OZ-CLEAR-9"),
	wired("list-keeps-instance", "list shows the instance from before a clear", stuck("instance"), "OZ-CLEAR-9"),
	meant("clear-clears-everything", "clear clears all of the user's conversations", afterClear(func(s *spy, op model.Clear) {
		for _, c := range s.List(op.User) {
			_, _ = s.Model.Clear(model.Clear{User: op.User, Conversation: c.ID})
		}
	}), "OZ-CLEAR-10"),
	meant("clear-clears-same-people", "clear clears other conversations of the same people too", afterClear(func(s *spy, op model.Clear) {
		for _, c := range s.List(op.User) {
			if c.ID != op.Conversation && slices.Equal(s.users[c.ID], s.users[op.Conversation]) {
				_, _ = s.Model.Clear(model.Clear{User: op.User, Conversation: c.ID})
			}
		}
	}), "OZ-CLEAR-10"),
}

const defaultColor = model.DefaultColor

// spy is a Model that knows who is in which conversation.
type spy struct {
	model.Model
	users   map[string][]string // by conversation, in order
	onClear func(*spy, model.Clear)
}

func newSpy(m model.Model) *spy { return &spy{Model: m, users: map[string][]string{}} }

func (s *spy) Create(op model.Create) model.Created {
	made := s.Model.Create(op)
	if !op.OnlyUsers {
		var users []string
		for _, u := range op.Users {
			users = append(users, u.ID)
		}
		slices.Sort(users)
		s.users[made.ID] = users
	}
	return made
}

func (s *spy) mark(user, conversation string, kind model.Kind, value string) {
	_, _ = s.Model.Mark(model.Mark{User: user, Conversation: conversation, Kind: kind, Value: value}) // a participant is not refused
}

func (s *spy) Clear(op model.Clear) (model.Conversation, error) {
	v, err := s.Model.Clear(op)
	if err != nil || s.onClear == nil {
		return v, err
	}
	s.onClear(s, op)
	for _, now := range s.List(op.User) {
		if now.ID == op.Conversation {
			v.Properties, v.MutedBy, v.FavoriteBy, v.Instance = now.Properties, now.MutedBy, now.FavoriteBy, now.Instance
		}
	}
	return v, nil
}

// afterClear does something more after every clear.
func afterClear(more func(*spy, model.Clear)) func(model.Model) model.Model {
	return func(m model.Model) model.Model {
		s := newSpy(m)
		s.onClear = more
		return s
	}
}

// restorer puts messages back after a clear.
type restorer struct {
	model.Model
	keep func([]model.Message) []model.Message
}

func restoring(keep func([]model.Message) []model.Message) func(model.Model) model.Model {
	return func(m model.Model) model.Model { return restorer{m, keep} }
}

func (r restorer) Clear(op model.Clear) (model.Conversation, error) {
	content, _ := r.Download(model.Download{User: op.User, Conversation: op.Conversation})
	v, err := r.Model.Clear(op)
	if err == nil {
		_, err = r.Append(model.Append{Conversation: op.Conversation, Messages: r.keep(slices.Clone(content.Messages))})
	}
	return v, err
}

// returning puts messages back when a later one comes.
type returning struct {
	*spy
	cleared map[string][]model.Message
}

func (r *returning) Clear(op model.Clear) (model.Conversation, error) {
	content, _ := r.Download(model.Download{User: op.User, Conversation: op.Conversation})
	kept := slices.Clone(content.Messages)
	v, err := r.spy.Clear(op)
	if err == nil {
		r.cleared[op.Conversation] = kept
	}
	return v, err
}

func (r *returning) Append(op model.Append) ([]model.Message, error) {
	_, _ = r.spy.Append(model.Append{Conversation: op.Conversation, Messages: r.cleared[op.Conversation]})
	return r.spy.Append(op)
}

// before edits the conversation in an answer by what it was before the call.
func before(action string, edit func(v, was object)) func(http.Handler) http.Handler {
	return simply(func(c *call) {
		var was object
		if c.action == action {
			was = c.view()
		}
		c.next()
		if v, ok := c.out["conversation"].(object); ok && was != nil {
			edit(v, was)
		}
	})
}

// firstInstance shows the first instance of a conversation for ever.
func firstInstance(of func(object) bool) func(http.Handler) http.Handler {
	return around(func() func(*call) {
		first := map[any]any{}
		return func(c *call) {
			c.anyInstance()
			for _, v := range c.views() {
				if first[v["id"]] == nil {
					first[v["id"]] = v["instance"]
				}
				if of(v) {
					v["instance"] = first[v["id"]]
				}
			}
		}
	})
}

// stuck lists members as they were before a clear.
func stuck(names ...string) func(http.Handler) http.Handler {
	return around(func() func(*call) {
		old := map[string]object{}
		return func(c *call) {
			var was object
			if c.action == wire.Clear {
				was = c.view()
			}
			c.anyInstance()
			if was != nil && c.out["status"] == wire.OK {
				old[c.conversation()] = was
			}
			if c.action != wire.List {
				return
			}
			for _, v := range c.views() {
				if was := old[v["id"].(string)]; was != nil {
					for _, name := range names {
						v[name] = was[name]
					}
				}
			}
		}
	})
}

// cachedPages remembers the first page of each conversation.
func cachedPages() func(*call) {
	pages := map[string]object{}
	return func(c *call) {
		c.next()
		date, _ := c.in["lastmessagedate"].(string)
		if c.action != wire.DownloadPartial || c.out["status"] != wire.OK || date != "" && date < "2090" {
			return
		}
		key := c.user + c.conversation()
		if messages, _ := c.out["messages"].([]any); pages[key] == nil && len(messages) > 0 {
			pages[key] = c.out
		} else if pages[key] != nil {
			c.out = pages[key]
		}
	}
}
