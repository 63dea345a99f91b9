package wukongim

import (
	"encoding/base64"
	"time"

	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// Next implements loadgen.User.
func (u *user) Next() loadgen.Request {
	u.doing = u.draw()
	u.on = -1
	if u.doing >= send {
		u.choose()
	}
	header := u.w.again
	switch u.doing {
	case send:
		u.renderSend()
		header = u.w.once // a message that is repeated would be there twice
	case clearUnread, setUnread, remove:
		u.renderChange()
	default:
		u.renderSync()
	}
	return loadgen.Request{Operation: int(u.doing), Header: header, Body: u.body}
}

func (u *user) draw() kind {
	k := kind(u.w.shares.At(u.random.Float64()))
	if k == send && u.w.Send == loadgen.SendNothing {
		k = incremental
	}
	if !u.synced && k != send {
		return login // nobody goes on from an answer that was never given
	}
	older := u.w.cap == 0
	switch {
	case k == unread && older:
		return incremental // the older page has no only_unread
	case k == clearUnread && older:
		return setUnread // nor a clearUnread
	}
	return k
}

// choose says which conversation a change is about. Where there is none, the user syncs.
func (u *user) choose() {
	if len(u.talks) == 0 {
		u.doing = login
		return
	}
	if u.doing == send {
		u.on = u.random.IntN(len(u.talks))
		if u.random.Float64() < u.w.Hot {
			u.on = 0 // the first groups are the large ones
		}
		return
	}
	for range 8 {
		i := u.random.IntN(len(u.talks))
		if t := &u.talks[i]; t.seen > 0 && !t.deleted && !t.maybe {
			u.on = i
			return
		}
	}
	u.doing = incremental
}

func (u *user) renderSync() {
	now := time.Now()
	for i := range u.talks {
		least := u.w.ledgers[u.talks[i].chat].least(now, u.w.Settle)
		u.least[i], u.sends[i] = least.seq, least.sends
	}
	request := wire.SyncRequest{UID: u.id, MsgCount: int64(u.w.MsgCount)}
	switch u.doing {
	case incremental:
		request.Version = u.version
	case catchUp:
		request.Version = u.first
	case unread:
		request.OnlyUnread = 1
	}
	u.since = request.Version
	u.body = request.Append(u.body[:0])
	if u.w.cap == 0 && u.since == 0 {
		u.body = append(u.body[:len(u.body)-1], `,"version":0}`...) // the older page requires it
	}
	if u.doing == incremental {
		u.appendSeqs()
	}
}

// appendSeqs puts last_msg_seqs into the rendered body: one entry for each conversation that the user knows. Our own
// names need no escaping, and what a target calls a conversation is only used where it needs none either.
func (u *user) appendSeqs() {
	u.body = append(u.body[:len(u.body)-1], `,"last_msg_seqs":"`...)
	first := true
	for i := range u.talks {
		t := &u.talks[i]
		id, typ := u.channel(t)
		if t.seen == 0 || t.spelled != "" && unsaid(id) {
			continue
		}
		if !first {
			u.body = append(u.body, '|')
		}
		first = false
		u.body = appendSeq(u.body, id, typ, t.seen)
	}
	u.body = append(u.body, `"}`...)
}

func (u *user) renderSend() {
	t := &u.talks[u.on]
	n := u.w.ledgers[t.chat].begun.Add(1)
	number := u.w.plan.AppendNumber(u.text[:0], int(t.chat), u.w.tag, int(n), u.index)
	u.text = u.w.plan.AppendPayload(number, number)
	id, typ := u.channel(t)
	if t.peer >= 0 {
		id = u.w.names.user(int(t.peer))
	}
	u.least[u.on] = u.w.ledgers[t.chat].acked.Load()
	if u.w.Send == loadgen.SendByHook {
		u.renderHook(t, number)
		return
	}
	u.body = wire.SendRequest{
		FromUID: u.id, ChannelID: id, ChannelType: typ, Payload: u.text[len(number):], ClientMsgNo: string(number),
	}.Append(u.body[:0])
}

// renderHook is the message as the call /messages of the seeding hook takes it. Our own names need no escapes.
func (u *user) renderHook(t *talk, number []byte) {
	b := append(u.body[:0], `{"schema":1,"run":"`...)
	b = append(append(b, u.w.plan.Run...), `","conversation":"`...)
	b = append(append(b, u.w.plan.ChatID(int(t.chat))...), `","messages":[{"from":"`...)
	b = append(append(b, u.w.plan.UserID(u.index)...), `","client_msg_no":"`...)
	b = append(append(b, number...), `","payload":"`...)
	u.body = append(base64.StdEncoding.AppendEncode(b, u.text[len(number):]), `"}]}`...)
}

func (u *user) renderChange() {
	t := &u.talks[u.on]
	least := u.w.ledgers[t.chat].least(time.Now(), u.w.Settle)
	u.least[u.on], u.sends[u.on] = max(least.seq, t.seen), least.sends
	id, typ := u.channel(t)
	switch u.doing {
	case clearUnread:
		u.upTo, u.number = u.readPart(t)
		u.body = wire.ClearUnreadRequest{UID: u.id, ChannelID: id, ChannelType: typ, MessageSeq: u.upTo}.Append(u.body[:0])
	case setUnread:
		u.number = u.random.Int64N(min(t.seen, int64(u.w.plan.Chats[t.chat].Messages), 100) + 1)
		u.body = wire.SetUnreadRequest{UID: u.id, ChannelID: id, ChannelType: typ, Unread: u.number}.Append(u.body[:0])
	case remove:
		u.body = wire.DeleteRequest{UID: u.id, ChannelID: id, ChannelType: typ}.Append(u.body[:0])
	}
}

// readPart draws up to which message a clear reads, and how many that leaves unread: now and then some of those whose
// number is certain, otherwise none.
func (u *user) readPart(t *talk) (upTo, left int64) {
	certain := u.w.counted(t.chat) && t.known && !t.doubt && !t.chosen && t.own == 0 && t.low == t.seen && t.high == t.seen
	most := min(t.count, t.run, t.seen-1)
	if u.w.cap == 0 || !certain || most < 1 || u.random.IntN(2) == 0 {
		return 0, 0
	}
	left = 1 + u.random.Int64N(most)
	return t.seen - left, left
}
