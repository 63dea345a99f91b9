package yunhu

import (
	"net/http"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/parley-im/parley/loadgen"
)

// headers are what a user's requests carry: the user's own token among them.
type headers struct{ list, change, once http.Header }

// protobufType is what most clients call a request of list, even where it is empty.
const protobufType = "application/x-protobuf"

func (u *user) makeHeaders() {
	all := u.w.Header.Clone()
	if all == nil {
		all = http.Header{}
	}
	if u.w.Populated != nil {
		for name, value := range u.w.Populated.Users[u.index].Headers {
			all.Set(name, value)
		}
	}
	once := all.Clone()
	once.Set("Content-Type", "application/json")
	// An empty key is never on the wire; it tells net/http that the request may be repeated on a fresh connection.
	all["Idempotency-Key"] = []string{}
	change := all.Clone()
	change.Set("Content-Type", "application/json")
	all.Set("Content-Type", protobufType)
	u.headers = &headers{list: all, change: change, once: once}
}

// Next implements loadgen.User.
func (u *user) Next() loadgen.Request {
	if u.headers == nil {
		u.makeHeaders()
	}
	u.doing, u.on, u.asked = u.draw(), -1, noTag
	if u.doing >= dismiss {
		u.choose()
	}
	header := u.headers.change
	switch u.doing {
	case dismiss, sortUp:
		u.renderChange()
	case remove:
		u.renderChange()
		header = u.headers.once // what is gone already cannot be removed again
	default:
		u.renderList()
		header = u.headers.list
	}
	return loadgen.Request{Operation: int(u.doing), Header: header, Body: u.body}
}

// draw is what the user does next. What the profile does not have, or the user cannot do yet, becomes what is nearest.
func (u *user) draw() kind {
	k := kind(u.w.shares.At(u.random.Float64()))
	switch {
	case !u.listed:
		return list // nobody changes what was never seen
	case k == remove && (!u.w.later || !u.mayRemove()):
		return dismiss
	case k == refresh && !u.has(latest), k == catchUp && !u.has(first):
		return list
	}
	return k
}

func (u *user) has(which int) bool { return u.w.later && len(u.tags[which].text) > 0 }

// mayRemove keeps half of a user's conversations: no call brings back what is removed, and a long attack must not end with
// empty lists.
func (u *user) mayRemove() bool {
	left := 0
	for i := range u.talks {
		if u.talks[i].presence == there {
			left++
		}
	}
	return 2*(left-1) >= len(u.talks)
}

// choose says which conversation a change is about. Where there is none, the user lists.
func (u *user) choose() {
	kind := u.doing
	u.doing = list
	if len(u.talks) == 0 || u.w.moment(time.Now()) < u.w.Settle {
		return // what was seeded a moment ago need not be everywhere on the target yet
	}
	if t := &u.talks[0]; u.w.Hot > 0 && u.random.Float64() < u.w.Hot && t.usable() {
		u.doing, u.on = kind, 0 // the first groups are the large ones
		return
	}
	for range 8 {
		i := u.random.IntN(len(u.talks))
		if t := &u.talks[i]; t.usable() {
			u.doing, u.on = kind, i
			if kind != dismiss || t.views[latest] == notRead {
				return // one that is read is dismissed only where no other is found
			}
		}
	}
}

// usable tells whether a change of the talk must succeed: the user has seen it, and never tried to remove it.
func (t *talk) usable() bool { return t.presence == there && t.views[latest] != absent }

// renderList asks for all conversations, or names the list that the user has.
func (u *user) renderList() {
	u.body = u.body[:0]
	for i := range u.talks {
		t := &u.talks[i]
		l := &u.w.ledgers[t.chat]
		t.dismissals.asked, t.removals.asked = l.dismissals.Load()-t.dismissals.own, l.removals.Load()-t.removals.own
	}
	switch u.doing {
	case refresh:
		u.asked = latest
	case catchUp:
		u.asked = first
	default:
		return
	}
	const md5 = 2
	u.body = protowire.AppendBytes(protowire.AppendTag(u.body, md5, protowire.BytesType), u.tags[u.asked].text)
}

func (u *user) renderChange() {
	t := &u.talks[u.on]
	l := &u.w.ledgers[t.chat]
	field := `{"chatId":`
	switch u.doing {
	case dismiss:
		l.dismissals.Add(1)
		t.dismissals.own++
	case sortUp:
		field = `{"userId":`
	case remove:
		l.removals.Add(1)
		t.removals.own++
	}
	u.body = append(appendText(append(u.body[:0], field...), u.named(t)), '}')
}
