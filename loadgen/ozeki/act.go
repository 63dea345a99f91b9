package ozeki

import (
	"strconv"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// Next implements loadgen.User.
func (u *user) Next() loadgen.Request {
	u.sent = u.w.at(time.Now())
	u.draw()
	if u.doing == list {
		for i := range u.talks {
			u.before[i] = u.w.ledgers[u.talks[i].chat].moment(u.sent, u.w.settle)
		}
		u.body = append(u.body[:0], `{"action":"list"`...)
	} else {
		u.render(&u.talks[u.on])
	}
	u.body = append(u.body, `,"clientversioncode":`...)
	u.body = strconv.AppendInt(u.body, wire.ClientVersionCode, 10)
	u.body = append(appendTime(append(u.body, `,"timestamp":"`...), u.w.now().Unix()), `"}`...)
	// A message or a clear that is repeated would be done twice.
	return loadgen.Request{Operation: int(u.doing), Query: query, Header: u.headers(u.doing == add || u.doing == clearAll), Body: u.body}
}

// draw says what the user does now, and with which conversation.
func (u *user) draw() {
	u.doing, u.on, u.asked, u.change = kind(u.w.shares.At(u.random.Float64())), -1, place{}, change{}
	if len(u.talks) == 0 {
		u.doing = list
	}
	if u.doing == list {
		return
	}
	u.on = u.choose()
	t := &u.talks[u.on]
	if u.doing <= clearAll && u.outdated(t) {
		u.refresh(t)
		return
	}
	switch {
	case u.doing == scroll:
		u.asked = t.oldest
	case u.doing == catchUp:
		u.asked = t.newest
	case u.doing >= favorite:
		u.draft(t, u.doing)
	}
	if (u.doing == scroll || u.doing == catchUp) && u.asked.id == "" {
		u.doing = open // who has nothing yet begins with the newest
	}
}

// choose is the conversation of an operation. Who goes on from a message goes on in a conversation of which there are
// some.
func (u *user) choose() int {
	if u.doing <= add && u.random.Float64() < u.w.Hot {
		return 0 // the first groups are the large ones
	}
	at := u.random.IntN(len(u.talks))
	if u.doing != scroll && u.doing != catchUp {
		return at
	}
	for i := range u.talks {
		if next := (at + i) % len(u.talks); u.talks[next].newest.id != "" {
			return next
		}
	}
	return at
}

// outdated tells whether the user has heard of a clear since the instance was told, or was never told one: a client
// learns of a change by a notification.
func (u *user) outdated(t *talk) bool {
	if t.instance == "" || t.heard == uncertain {
		return true
	}
	return u.w.ledgers[t.chat].moment(u.sent, u.w.settle).stamp() != t.heard
}

// refresh asks for the conversation's current instance. Where list does not show it, since it may be hidden, the user
// brings it back: the answer has the instance too.
func (u *user) refresh(t *talk) {
	if !u.listed || t.mark == u.mark {
		u.doing, u.on = list, -1
		return
	}
	u.doing = hide
	u.draftAs(t, unhides)
}

func (u *user) render(t *talk) {
	l := &u.w.ledgers[t.chat]
	if u.doing != add && u.doing != clearAll {
		u.before[u.on] = l.moment(u.sent, u.w.settle)
	}
	switch u.doing {
	case add:
		u.renderAdd(t, l)
	case clearAll:
		u.before[u.on] = l.beginClear(u.sent, u.w.settle)
		u.w.cleared.Store(true)
		u.begin(t, wire.Clear, true)
	case open, scroll:
		u.begin(t, wire.DownloadPartial, true)
		u.cursors(wire.DownloadPartial)
		u.body = strconv.AppendInt(append(u.body, `,"limit":`...), u.w.limit, 10)
	case catchUp, download:
		u.begin(t, wire.Download, true)
		u.cursors(wire.Download)
	default:
		u.renderMark(t)
	}
}

// begin writes what every request about a conversation begins with.
func (u *user) begin(t *talk, action string, instance bool) {
	b := append(append(u.body[:0], `{"action":"`...), action...)
	b = appendText(append(b, `","conversationid":`...), u.w.Populated.Chats[t.chat].ID)
	if instance {
		b = appendText(append(b, `,"instance":`...), t.instance)
	}
	u.body = b
}

// renderAdd writes a message, which is JSON in a string. Nothing in it needs more escaping than its quotation marks.
func (u *user) renderAdd(t *talk, l *ledger) {
	var created int64
	u.before[u.on], u.number, created = l.beginAdd(u.sent, u.w.settle, u.w.now().Unix())
	o := origin{chat: int(t.chat), number: u.number, sender: u.index}
	u.begin(t, wire.Add, true)
	b := appendID(append(u.body, `,"message":"{\"ID\":\"`...), u.w.tag, o)
	b = appendTime(append(b, `\",\"Type\":\"Message\",\"Created\":\"`...), created)
	b = appendTime(append(b, `\",\"ValidUntil\":\"`...), created+validFor)
	b = append(b, `\",\"Data\":\"`...)
	u.name = u.w.appendNumber(u.name[:0], o)
	b, u.text = u.w.appendData(b, u.text, u.name)
	u.body = append(b, `\"}"`...)
}
