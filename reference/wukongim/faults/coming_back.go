package faults

import (
	"net/http"
	"slices"
	"sync"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// hiding keeps conversations that came back after a delete out of the user's syncs where hidden says so: since counts the
// messages after the latest delete, and allOwn tells whether all of these are the user's.
func hiding(hidden func(since int, allOwn bool, deletes int) bool) decorator {
	type life struct {
		since, deletes int
		allOwn         bool
	}
	return func(m model.Model) model.Model {
		lives := map[place]*life{}
		return override{Model: m,
			remove: func(op model.Delete) error {
				at := place{op.UID, op.Channel}
				err := m.Delete(op)
				if err == nil {
					if lives[at] == nil {
						lives[at] = &life{}
					}
					*lives[at] = life{deletes: lives[at].deletes + 1, allOwn: true}
				}
				return err
			},
			send: func(op model.Send) model.Sent {
				for at, l := range lives {
					if own(at.uid, at.channel) == own(op.From, op.Channel) {
						l.since++
						l.allOwn = l.allOwn && at.uid == op.From
					}
				}
				return m.Send(op)
			},
			sync: func(op model.Sync) []model.Conversation {
				return slices.DeleteFunc(m.Sync(op), func(c model.Conversation) bool {
					l := lives[place{op.UID, c.Channel}]
					return l != nil && hidden(l.since, l.allOwn, l.deletes)
				})
			}}
	}
}

// recounting decides the unread number of a conversation that the first message after a delete brings back.
func recounting(unread func(before int64, at place) int64) decorator {
	return func(m model.Model) model.Model {
		before := map[place]int64{}
		return override{Model: m,
			remove: func(op model.Delete) error {
				n := unreadOf(m, op.UID, op.Channel)
				err := m.Delete(op)
				if err == nil {
					before[place{op.UID, op.Channel}] = n
				}
				return err
			},
			send: func(op model.Send) model.Sent {
				sent := m.Send(op)
				for at, n := range before {
					if own(at.uid, at.channel) == own(op.From, op.Channel) {
						delete(before, at)
						if at.uid != op.From {
							_ = m.Set(model.Set{UID: at.uid, Channel: at.channel, Unread: unread(n, at), Now: op.Now}) // within the messages
						}
					}
				}
				return sent
			}}
	}
}

var comingBack = []Fault{
	{Fault: named("deleted-for-good", "no message brings a deleted conversation back", "WK-DEL-04"),
		Model: hiding(func(int, bool, int) bool { return true })},
	{Fault: named("deleted-back-by-second-message", "the second message after a delete brings the conversation back, not the first", "WK-DEL-04"),
		Model: hiding(func(since int, _ bool, _ int) bool { return since < 2 })},
	{Fault: named("deleted-twice-for-good", "a conversation that was deleted twice does not come back", "WK-DEL-04"),
		Model: hiding(func(_ int, _ bool, deletes int) bool { return deletes > 1 })},
	{Fault: named("own-message-does-not-bring-back", "a user's own message does not bring a deleted conversation back", "WK-DEL-04"),
		Model: hiding(func(_ int, allOwn bool, _ int) bool { return allOwn })},
	{Fault: named("deleted-messages-still-count", "what was unread at the delete still counts when the conversation comes back", "WK-DEL-04"),
		Model: recounting(func(before int64, _ place) int64 { return before + 1 })},
	{Fault: named("back-without-unread", "a personal channel comes back after a delete with nothing unread", "WK-DEL-04"),
		Model: recounting(func(_ int64, at place) int64 {
			if at.channel.Type == model.Direct {
				return 0
			}
			return 1
		})},
}

// lastWriters knows who sent the last message of each personal channel, by looking at the requests.
type lastWriters struct{ senders sync.Map }

func (l *lastWriters) watch(honest http.Handler) http.Handler {
	return answering("/message/send", func(c *call) {
		f := c.fields()
		if c.Status == http.StatusOK && number(f, "channel_type") == 1 {
			l.senders.Store(pair(text(f, "from_uid"), text(f, "channel_id")), text(f, "from_uid"))
		}
	})(honest)
}

func (l *lastWriters) last(uid, peer string) bool {
	who, known := l.senders.Load(pair(uid, peer))
	return known && who == uid
}

func pair(a, b string) string { return min(a, b) + "\x00" + max(a, b) }
