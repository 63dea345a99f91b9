package faults

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
	"sync"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// meetings knows which requests are under way, by what they are about.
type meetings struct {
	mu       sync.Mutex
	underWay map[string][]*call
}

// enter says which requests about key are under way when c comes; leave must be called when c is answered. In between, the
// others get a chance to come: without it, requests of a few microseconds would hardly ever meet.
func (m *meetings) enter(key string, c *call) (met []*call, leave func()) {
	m.mu.Lock()
	met = append(met, m.underWay[key]...)
	m.underWay[key] = append(m.underWay[key], c)
	m.mu.Unlock()
	runtime.Gosched()
	return met, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		for i, other := range m.underWay[key] {
			if other == c {
				m.underWay[key] = append(m.underWay[key][:i:i], m.underWay[key][i+1:]...)
			}
		}
		if len(m.underWay[key]) == 0 {
			delete(m.underWay, key)
		}
	}
}

func newMeetings() *meetings { return &meetings{underWay: map[string][]*call{}} }

// about is a channel in a request's words.
func about(f map[string]json.RawMessage) string {
	return strconv.FormatInt(number(f, "channel_type"), 10) + ":" + text(f, "channel_id")
}

var together = []Fault{
	{Fault: named("sends-that-meet-share-a-seq", "of two messages sent into a group at once, the later gets the message_seq of the one before", "WK-SYNC-41"),
		Make: func() Fault {
			meeting, late := newMeetings(), &seen{}
			return Fault{
				Handler: around("/message/send", func(c *call, next func()) {
					f := c.fields()
					met, leave := meeting.enter(about(f), c)
					defer leave()
					if len(met) > 0 {
						late.again(text(f, "client_msg_no"))
					}
					next()
				}),
				Model: telling(func(_ model.Sync, _ model.Conversation, _ int, m *model.Message) {
					if late.has(m.ClientMsgNo) && m.Seq > 1 {
						m.Seq--
					}
				}),
			}
		}},
	{Fault: named("clears-that-meet-are-one", "a clearUnread that comes while another member clears the same channel is carried out for that one too", "WK-CLEAR-06"),
		Handler: func(honest http.Handler) http.Handler {
			meeting := newMeetings()
			return around(clearPath, func(c *call, next func()) {
				f := c.fields()
				met, leave := meeting.enter(about(f), c)
				defer leave()
				body := c.Body
				for _, other := range met {
					f["uid"] = other.fields()["uid"]
					if mixed, err := json.Marshal(f); err == nil {
						c.Body = mixed
						next()
					}
				}
				c.Body = body
				next()
			})(honest)
		}},
	{Fault: named("sync-under-a-set-forgets", "a full sync that comes while one of the user's conversations is being set leaves a conversation out", "WK-SYNC-35"),
		Make: func() Fault {
			meeting, confused := newMeetings(), &users{counts: map[string]int{}}
			return Fault{
				Handler: around("", func(c *call, next func()) {
					f := c.fields()
					if c.Path != setPath && c.Path != syncPath {
						next()
						return
					}
					met, leave := meeting.enter(text(f, "uid"), c)
					defer leave()
					if c.Path == syncPath && anySet(met) {
						confused.add(text(f, "uid"), 1)
						defer confused.add(text(f, "uid"), -1)
					}
					next()
				}),
				Model: onSync(func(m model.Model, op model.Sync) []model.Conversation {
					all := m.Sync(op)
					if len(all) > 0 && !isIncremental(op) && confused.has(op.UID) {
						return all[1:]
					}
					return all
				}),
			}
		}},
}

func anySet(calls []*call) bool {
	for _, c := range calls {
		if c.Path == setPath {
			return true
		}
	}
	return false
}

// users counts something for each user.
type users struct {
	mu     sync.Mutex
	counts map[string]int
}

func (u *users) add(uid string, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.counts[uid] += n; u.counts[uid] == 0 {
		delete(u.counts, uid)
	}
}

func (u *users) has(uid string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.counts[uid] > 0
}
