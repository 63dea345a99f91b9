package variants

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// semantics are freedoms in what the operations mean.
func semantics() []Variant {
	return []Variant{
		{
			Name: "history-returns", Summary: "The messages from before a deletion come back with the conversation.", Choice: "after a deletion",
			Freedom: "the older page says 删除 (delete) of the conversation, and nothing of its messages",
			model: func(_ kit, m model.Model) model.Model {
				return &historyReturns{Model: m, hidden: map[view]int64{}}
			},
		},
		{
			Name: "set-brings-back", Summary: "A number set for a deleted conversation brings it back.", Choice: "after a deletion",
			Freedom: "the documents do not say what setUnread of a deleted conversation is",
			model: func(_ kit, m model.Model) model.Model {
				return &historyReturns{Model: m, hidden: map[view]int64{}, bySet: true}
			},
		},
		{
			Name: "speaking-reads", Summary: "Who sends a message has read the conversation up to it.",
			Freedom: "the documents call unread 未读消息数量 (the number of unread messages), and do not say what reads one",
			model:   func(_ kit, m model.Model) model.Model { return speakingReads{m} },
		},
		{
			Name: "quiet-clear", Summary: "A clear of a conversation without unread messages leaves its version.",
			Freedom: "version says that something changed, and nothing did",
			model:   func(_ kit, m model.Model) model.Model { return quietClear{m} },
		},
		{
			Name: "quiet-set", Summary: "Setting unread to the number that it has already leaves the version.",
			Freedom: "version says that something changed, and nothing did",
			model:   func(_ kit, m model.Model) model.Model { return quietSet{m} },
		},
		{
			Name: "boundless-set", Summary: "Unread is whatever number it is set to, above the number of messages as well.", Choice: "a set above the messages",
			Freedom: "the older page names no bounds for unread",
			model:   func(_ kit, m model.Model) model.Model { return boundlessSet{m, map[view]int64{}} },
		},
		{
			Name: "generous-set", Summary: "Unread set above the number of messages becomes that number, with HTTP 200.", Choice: "a set above the messages",
			Freedom: "the older page names no bounds for unread",
			model:   func(_ kit, m model.Model) model.Model { return generousSet{m} },
		},
		{
			Name: "no-persist-stored", Summary: "A message with no_persist 1 is stored like any other.", Profiles: []string{"v2"},
			Freedom: "the newer page has no header, and nothing says what a conversation makes of no_persist",
			model: flags(func(h *model.Header) {
				h.NoPersist = false
			}),
		},
		{
			Name: "commands-stored", Summary: "A command message is stored like any other.", Profiles: []string{"v2"},
			Freedom: "only the older page says that commands never show",
			model:   flags(func(h *model.Header) { h.SyncOnce = false }),
		},
		{
			Name: "red-dot-ignored", Summary: "A message with red_dot 0 counts as unread.",
			Freedom: "the page calls red_dot a flag for the display: 0.不显示 (do not show)",
			model:   flags(func(h *model.Header) { h.RedDot = true }),
		},
		{
			Name: "empty-groups-listed", Summary: "A group without messages is listed for its members, with last_msg_seq 0.",
			Freedom: "the documents do not say when a conversation begins, and the older page's example has last_msg_seq 0",
			model: func(_ kit, m model.Model) model.Model {
				return &emptyGroups{Model: m, joined: map[string][]membership{}, spoken: map[model.Channel]bool{}}
			},
		},
		{
			Name: "coarse-versions", Summary: "Versions are multiples of 10 µs, in nanoseconds.",
			Freedom: "version is 纳秒级时间戳 (a timestamp at nanosecond level), with no word on how fine its clock is",
			model:   func(_ kit, m model.Model) model.Model { return &coarseVersions{Model: m} },
		},
		{
			Name: "clock-behind", Summary: "The server's clock is 12.7 s behind.", Choice: "the clock",
			Freedom: "timestamp and version are times of the server, and no document says by whose clock",
			model:   clockOff(-12700 * time.Millisecond),
		},
		{
			Name: "clock-ahead", Summary: "The server's clock is two hours ahead, as the Date of its answers says.", Choice: "the clock",
			Freedom: "timestamp and version are times of the server, and no document says by whose clock",
			model:   clockOff(2 * time.Hour),
			handler: func(k kit, next http.Handler) http.Handler {
				return dated(next, func(h http.Header) {
					h.Set("Date", k.clock().Add(2*time.Hour).UTC().Format(http.TimeFormat))
				})
			},
		},
		{
			Name: "clock-untold", Summary: "The server's clock is five hours behind, and its answers have no Date.", Choice: "the clock",
			Freedom: "timestamp and version are times of the server, and HTTP lets a server without a reliable clock leave Date out",
			model:   clockOff(-5 * time.Hour),
			handler: func(_ kit, next http.Handler) http.Handler {
				return dated(next, func(h http.Header) { h["Date"] = nil })
			},
		},
	}
}

// view is a channel in one user's eyes.
type view struct {
	uid     string
	channel model.Channel
}

// lookUp is the user's conversation, if there is one.
func lookUp(m model.Model, uid string, channel model.Channel) (model.Conversation, bool) {
	for _, c := range m.Sync(model.Sync{UID: uid}) {
		if c.Channel == channel {
			return c, true
		}
	}
	return model.Conversation{}, false
}

// keep is all without what drop tells.
func keep(all []model.Conversation, drop func(model.Conversation) bool) []model.Conversation {
	kept := all[:0]
	for _, c := range all {
		if !drop(c) {
			kept = append(kept, c)
		}
	}
	return kept
}

// historyReturns deletes by hiding: the model below never learns of it.
type historyReturns struct {
	model.Model
	hidden map[view]int64 // the last sequence number at the deletion
	bySet  bool           // a set brings it back too
}

func (h *historyReturns) isHidden(uid string, c model.Conversation) bool {
	last, deleted := h.hidden[view{uid, c.Channel}]
	return deleted && c.LastMsgSeq <= last
}

func (h *historyReturns) exists(uid string, channel model.Channel) (model.Conversation, bool) {
	c, ok := lookUp(h.Model, uid, channel)
	return c, ok && !h.isHidden(uid, c)
}

func (h *historyReturns) Sync(op model.Sync) []model.Conversation {
	return keep(h.Model.Sync(op), func(c model.Conversation) bool { return h.isHidden(op.UID, c) })
}

func (h *historyReturns) Clear(op model.Clear) error {
	if _, ok := h.exists(op.UID, op.Channel); !ok {
		return model.ErrNoConversation
	}
	return h.Model.Clear(op)
}

func (h *historyReturns) Set(op model.Set) error {
	if at := (view{op.UID, op.Channel}); h.bySet {
		err := h.Model.Set(op)
		if err == nil {
			delete(h.hidden, at)
		}
		return err
	}
	if _, ok := h.exists(op.UID, op.Channel); !ok {
		return model.ErrNoConversation
	}
	return h.Model.Set(op)
}

func (h *historyReturns) Delete(op model.Delete) error {
	c, ok := h.exists(op.UID, op.Channel)
	if !ok {
		return model.ErrNoConversation
	}
	h.hidden[view{op.UID, op.Channel}] = c.LastMsgSeq
	return h.Model.Clear(model.Clear{UID: op.UID, Channel: op.Channel, Now: op.Now})
}

func (h *historyReturns) Clean(op model.Clean) {
	h.Model.Clean(op)
	for v := range h.hidden {
		if _, ok := lookUp(h.Model, v.uid, v.channel); !ok {
			delete(h.hidden, v)
		}
	}
}

type speakingReads struct{ model.Model }

func (s speakingReads) Send(op model.Send) model.Sent {
	sent := s.Model.Send(op)
	if sent.Seq > 0 {
		// Whoever is no member has nothing to read: the error says so, and no more.
		_ = s.Model.Clear(model.Clear{UID: op.From, Channel: op.Channel, Now: op.Now})
	}
	return sent
}

type quietClear struct{ model.Model }

func (q quietClear) Clear(op model.Clear) error {
	if c, ok := lookUp(q.Model, op.UID, op.Channel); ok && c.Unread == 0 {
		return nil
	}
	return q.Model.Clear(op)
}

type quietSet struct{ model.Model }

func (q quietSet) Set(op model.Set) error {
	if c, ok := lookUp(q.Model, op.UID, op.Channel); ok && c.Unread == op.Unread {
		return nil
	}
	return q.Model.Set(op)
}

type generousSet struct{ model.Model }

func (g generousSet) Set(op model.Set) error {
	err := g.Model.Set(op)
	var above *model.UnreadError
	if errors.As(err, &above) && op.Unread > above.Messages {
		op.Unread = above.Messages
		return g.Model.Set(op)
	}
	return err
}

// boundlessSet keeps what a set asked for beyond the messages, until the conversation is set, read or deleted.
type boundlessSet struct {
	model.Model
	extra map[view]int64
}

func (b boundlessSet) Set(op model.Set) error {
	delete(b.extra, view{op.UID, op.Channel})
	err := b.Model.Set(op)
	var above *model.UnreadError
	if !errors.As(err, &above) || op.Unread < above.Messages {
		return err
	}
	b.extra[view{op.UID, op.Channel}] = op.Unread - above.Messages
	op.Unread = above.Messages
	return b.Model.Set(op)
}

func (b boundlessSet) Clear(op model.Clear) error {
	delete(b.extra, view{op.UID, op.Channel})
	return b.Model.Clear(op)
}

func (b boundlessSet) Delete(op model.Delete) error {
	delete(b.extra, view{op.UID, op.Channel})
	return b.Model.Delete(op)
}

func (b boundlessSet) Sync(op model.Sync) []model.Conversation {
	all := b.Model.Sync(op)
	for i, c := range all {
		all[i].Unread += b.extra[view{op.UID, c.Channel}]
	}
	return all
}

func (b boundlessSet) Clean(op model.Clean) {
	b.Model.Clean(op)
	for v := range b.extra {
		if _, ok := lookUp(b.Model, v.uid, v.channel); !ok {
			delete(b.extra, v)
		}
	}
}

type flagged struct {
	model.Model
	change func(*model.Header)
}

// flags gives messages other flags than their senders gave them.
func flags(change func(*model.Header)) func(kit, model.Model) model.Model {
	return func(_ kit, m model.Model) model.Model { return flagged{m, change} }
}

func (f flagged) Send(op model.Send) model.Sent {
	f.change(&op.Header)
	return f.Model.Send(op)
}

// emptyGroups lists groups for their members from the moment that they join.
type emptyGroups struct {
	model.Model
	joined map[string][]membership
	spoken map[model.Channel]bool // groups that have a message, or had one
}

type membership struct {
	channel model.Channel
	since   time.Time
}

func (e *emptyGroups) Subscribe(op model.Subscribe) {
	e.Model.Subscribe(op)
	if op.Channel.Type == model.Direct || e.spoken[op.Channel] {
		return
	}
	for _, uid := range op.UIDs {
		if !e.empty(uid, op.Channel) {
			e.joined[uid] = append(e.joined[uid], membership{op.Channel, op.Now})
		}
	}
}

func (e *emptyGroups) empty(uid string, channel model.Channel) bool {
	for _, m := range e.joined[uid] {
		if m.channel == channel && !e.spoken[channel] {
			return true
		}
	}
	return false
}

func (e *emptyGroups) Send(op model.Send) model.Sent {
	sent := e.Model.Send(op)
	if sent.Seq > 0 && op.Channel.Type != model.Direct {
		e.spoken[op.Channel] = true
	}
	return sent
}

func (e *emptyGroups) Sync(op model.Sync) []model.Conversation {
	all := e.Model.Sync(op)
	for _, m := range e.joined[op.UID] {
		version := m.since.UnixNano()
		if !e.spoken[m.channel] && version > op.Version && !op.OnlyUnread && !slices.Contains(op.Exclude, m.channel.Type) {
			all = append(all, model.Conversation{Channel: m.channel, Timestamp: m.since.Unix(), Version: version})
		}
	}
	return all
}

func (e *emptyGroups) Clear(op model.Clear) error {
	if e.empty(op.UID, op.Channel) {
		return nil
	}
	return e.Model.Clear(op)
}

func (e *emptyGroups) Set(op model.Set) error {
	switch {
	case !e.empty(op.UID, op.Channel):
		return e.Model.Set(op)
	case op.Unread != 0:
		return &model.UnreadError{Unread: op.Unread}
	}
	return nil
}

func (e *emptyGroups) Delete(op model.Delete) error {
	if !e.empty(op.UID, op.Channel) {
		return e.Model.Delete(op)
	}
	left := e.joined[op.UID][:0]
	for _, m := range e.joined[op.UID] {
		if m.channel != op.Channel {
			left = append(left, m)
		}
	}
	e.joined[op.UID] = left
	return nil
}

// Clean forgets all empty groups, of other runs too: not to list them is as right.
func (e *emptyGroups) Clean(op model.Clean) {
	e.Model.Clean(op)
	clear(e.joined)
	for channel := range e.spoken {
		if strings.HasPrefix(channel.ID, op.Run) {
			delete(e.spoken, channel)
		}
	}
}

// grain is small against the time between two requests: the model's clock would else run ahead of the real one.
const grain = 10 * time.Microsecond

// coarseVersions gives each change a moment of its own on a coarse clock: the model takes its versions from it.
type coarseVersions struct {
	model.Model
	last time.Time
}

func (c *coarseVersions) next(now time.Time) time.Time {
	now = now.Truncate(grain)
	if !now.After(c.last) {
		now = c.last.Add(grain)
	}
	c.last = now
	return now
}

func (c *coarseVersions) Subscribe(op model.Subscribe) { timed(&op.Now, c.next); c.Model.Subscribe(op) }
func (c *coarseVersions) Send(op model.Send) model.Sent {
	timed(&op.Now, c.next)
	return c.Model.Send(op)
}
func (c *coarseVersions) Clear(op model.Clear) error {
	timed(&op.Now, c.next)
	return c.Model.Clear(op)
}
func (c *coarseVersions) Set(op model.Set) error { timed(&op.Now, c.next); return c.Model.Set(op) }
func (c *coarseVersions) Delete(op model.Delete) error {
	timed(&op.Now, c.next)
	return c.Model.Delete(op)
}

func timed(now *time.Time, turn func(time.Time) time.Time) { *now = turn(*now) }

// clockOff is a server whose clock is wrong by so much: its seconds need not begin when others' do.
func clockOff(by time.Duration) func(kit, model.Model) model.Model {
	return func(_ kit, m model.Model) model.Model { return otherClock{m, by} }
}

type otherClock struct {
	model.Model
	by time.Duration
}

func (c otherClock) off(now time.Time) time.Time { return now.Add(c.by) }

func (c otherClock) Subscribe(op model.Subscribe)  { timed(&op.Now, c.off); c.Model.Subscribe(op) }
func (c otherClock) Send(op model.Send) model.Sent { timed(&op.Now, c.off); return c.Model.Send(op) }
func (c otherClock) Clear(op model.Clear) error    { timed(&op.Now, c.off); return c.Model.Clear(op) }
func (c otherClock) Set(op model.Set) error        { timed(&op.Now, c.off); return c.Model.Set(op) }
func (c otherClock) Delete(op model.Delete) error  { timed(&op.Now, c.off); return c.Model.Delete(op) }

// dated stamps answers before they are written.
func dated(next http.Handler, stamp func(http.Header)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stamp(w.Header())
		next.ServeHTTP(w, r)
	})
}
