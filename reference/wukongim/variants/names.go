package variants

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"strings"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// names are freedoms in how channels and messages are called.
func names() []Variant {
	return []Variant{
		{
			Name: "private-handle", Summary: "A personal channel is called private_A_B, the same for both sides.", Choice: "personal ids",
			Freedom: "the newer page's example has a personal channel called private_user123_user789",
			model:   func(_ kit, m model.Model) model.Model { return privateHandle{m} },
		},
		{
			Name: "opaque-personal-ids", Summary: "A personal channel's id names nobody, and is the same for both sides.", Choice: "personal ids",
			Freedom: "the newer page's example has a personal channel called private_user123_user789: what stands in an id is the server's",
			model:   func(_ kit, m model.Model) model.Model { return opaque{m, map[string][2]string{}} },
		},
		{
			Name: "seq-gaps", Summary: "message_seq begins at 103 and goes up by three.",
			Freedom: "message_seq is 频道唯一，有序递增 (unique in its channel, and ascending), not without gaps",
			model:   func(_ kit, m model.Model) model.Model { return seqGaps{m} },
		},
		{
			Name: "scattered-ids", Summary: "message_id jumps up and down with every message.", Choice: "message_id",
			Freedom: "message_id is 全局唯一 (unique), not ascending",
			model:   func(_ kit, m model.Model) model.Model { return otherIDs{m, scatter} },
		},
		{
			Name: "small-ids", Summary: "message_id is a small number with gaps.", Choice: "message_id",
			Freedom: "the newer page's example has the message_id 123456789",
			model:   func(_ kit, m model.Model) model.Model { return otherIDs{m, smallIDs()} },
		},
		{
			Name: "uids-of-any-case", Summary: "Uids that differ in case alone are one user's.",
			Freedom: "the documents do not say which uids are the same",
			model:   func(_ kit, m model.Model) model.Model { return anyCase{m, map[string]string{}} },
		},
	}
}

// privateHandle translates between its handle and the peer's uid, by which the model below calls a personal channel.
type privateHandle struct{ model.Model }

func handleOf(a, b string) string { return "private_" + min(a, b) + "_" + max(a, b) }

// inside is the channel as the model calls it. What is no handle of the user's own is left as it is: a peer's uid works
// as well.
func inside(uid string, c model.Channel) model.Channel {
	rest, private := strings.CutPrefix(c.ID, "private_")
	if c.Type != model.Direct || !private {
		return c
	}
	// A uid may hold an underscore itself, so each reading is checked by making the handle anew.
	if peer, ok := strings.CutPrefix(rest, uid+"_"); ok && handleOf(uid, peer) == c.ID {
		return model.Channel{ID: peer, Type: c.Type}
	}
	if peer, ok := strings.CutSuffix(rest, "_"+uid); ok && handleOf(uid, peer) == c.ID {
		return model.Channel{ID: peer, Type: c.Type}
	}
	return c
}

func (p privateHandle) Sync(op model.Sync) []model.Conversation {
	op.After = rekeyed(op.After, func(c model.Channel) model.Channel { return inside(op.UID, c) })
	all := p.Model.Sync(op)
	for i := range all {
		if c := &all[i].Channel; c.Type == model.Direct {
			c.ID = handleOf(op.UID, c.ID)
		}
	}
	return all
}

func rekeyed(after map[model.Channel]int64, inside func(model.Channel) model.Channel) map[model.Channel]int64 {
	all := make(map[model.Channel]int64, len(after))
	for c, seq := range after {
		all[inside(c)] = seq
	}
	return all
}

func (p privateHandle) Clear(op model.Clear) error {
	op.Channel = inside(op.UID, op.Channel)
	return p.Model.Clear(op)
}

func (p privateHandle) Set(op model.Set) error {
	op.Channel = inside(op.UID, op.Channel)
	return p.Model.Set(op)
}

func (p privateHandle) Delete(op model.Delete) error {
	op.Channel = inside(op.UID, op.Channel)
	return p.Model.Delete(op)
}

// opaque calls a personal channel by a hash, which says nothing to who does not know the channel.
type opaque struct {
	model.Model
	pairs map[string][2]string // by what the channel is called
}

func opaqueID(pair [2]string) string {
	sum := sha256.Sum256([]byte(pair[0] + "\x00" + pair[1]))
	return "private_" + hex.EncodeToString(sum[:8])
}

func pairOf(a, b string) [2]string { return [2]string{min(a, b), max(a, b)} }

// inside is the channel as the model calls it; a peer's uid works as well.
func (o opaque) inside(uid string, c model.Channel) model.Channel {
	pair, known := o.pairs[c.ID]
	switch {
	case c.Type != model.Direct || !known:
	case pair[0] == uid:
		c.ID = pair[1]
	case pair[1] == uid:
		c.ID = pair[0]
	}
	return c
}

func (o opaque) Send(op model.Send) model.Sent {
	if op.Channel.Type == model.Direct {
		pair := pairOf(op.From, op.Channel.ID)
		o.pairs[opaqueID(pair)] = pair // not in Sync: several of them run at a time
	}
	return o.Model.Send(op)
}

func (o opaque) Sync(op model.Sync) []model.Conversation {
	op.After = rekeyed(op.After, func(c model.Channel) model.Channel { return o.inside(op.UID, c) })
	all := o.Model.Sync(op)
	for i := range all {
		if c := &all[i].Channel; c.Type == model.Direct {
			c.ID = opaqueID(pairOf(op.UID, c.ID))
		}
	}
	return all
}

func (o opaque) Clear(op model.Clear) error {
	op.Channel = o.inside(op.UID, op.Channel)
	return o.Model.Clear(op)
}

func (o opaque) Set(op model.Set) error {
	op.Channel = o.inside(op.UID, op.Channel)
	return o.Model.Set(op)
}

func (o opaque) Delete(op model.Delete) error {
	op.Channel = o.inside(op.UID, op.Channel)
	return o.Model.Delete(op)
}

// seqGaps numbers messages 103, 106, 109 …; the model below counts 1, 2, 3.
type seqGaps struct{ model.Model }

const seqStart, seqStep = 100, 3

func outerSeq(n int64) int64 {
	if n <= 0 {
		return 0
	}
	return seqStart + seqStep*n
}

// innerSeq is the last message that is not after seq: 0 where seq is before the first.
func innerSeq(seq int64) int64 { return max(0, seq-seqStart) / seqStep }

func (s seqGaps) Send(op model.Send) model.Sent {
	sent := s.Model.Send(op)
	sent.Seq = outerSeq(sent.Seq)
	return sent
}

func (s seqGaps) Sync(op model.Sync) []model.Conversation {
	after := make(map[model.Channel]int64, len(op.After))
	for c, seq := range op.After {
		after[c] = innerSeq(seq)
	}
	op.After = after
	all := s.Model.Sync(op)
	for i := range all {
		all[i].LastMsgSeq = outerSeq(all[i].LastMsgSeq)
		all[i].Recents = eachCopied(all[i].Recents, func(m *model.Message) { m.Seq = outerSeq(m.Seq) })
	}
	return all
}

// Clear up to what is before the first message reads nothing; to the model below, 0 would mean all.
func (s seqGaps) Clear(op model.Clear) error {
	if op.MessageSeq == 0 {
		return s.Model.Clear(op)
	}
	if op.MessageSeq = innerSeq(op.MessageSeq); op.MessageSeq > 0 {
		return s.Model.Clear(op)
	}
	if _, ok := lookUp(s.Model, op.UID, op.Channel); !ok {
		return model.ErrNoConversation
	}
	return nil
}

// eachCopied changes copies: answers share messages.
func eachCopied(all []*model.Message, change func(*model.Message)) []*model.Message {
	copies := make([]model.Message, len(all))
	changed := make([]*model.Message, len(all))
	for i, m := range all {
		copies[i] = *m
		change(&copies[i])
		changed[i] = &copies[i]
	}
	return changed
}

// otherIDs calls messages by other ids than the model below; rename gives different ids to different messages.
type otherIDs struct {
	model.Model
	rename func(int64) int64
}

func (o otherIDs) Send(op model.Send) model.Sent {
	sent := o.Model.Send(op)
	sent.ID = o.rename(sent.ID)
	return sent
}

func (o otherIDs) Sync(op model.Sync) []model.Conversation {
	all := o.Model.Sync(op)
	for i := range all {
		all[i].Recents = eachCopied(all[i].Recents, func(m *model.Message) { m.ID = o.rename(m.ID) })
	}
	return all
}

// scatter turns the low 32 bits around: what was counted up jumps.
func scatter(id int64) int64 { return id&^0xffffffff | int64(bits.Reverse32(uint32(id))) }

// smallIDs counts from the first message that it is asked for, which is the first that was sent.
func smallIDs() func(int64) int64 {
	var first int64
	return func(id int64) int64 {
		if first == 0 {
			first = id
		}
		return (id-first)*7 + 11
	}
}

// anyCase calls every user by the spelling that it met first.
type anyCase struct {
	model.Model
	first map[string]string // by small letters
}

// user is the user's spelling; meet says that it is the user's first appearance, if there was none.
func (a anyCase) user(uid string, meet bool) string {
	low := strings.ToLower(uid)
	if spelled, known := a.first[low]; known {
		return spelled
	}
	if meet {
		a.first[low] = uid
	}
	return uid
}

func (a anyCase) channel(c model.Channel, meet bool) model.Channel {
	if c.Type == model.Direct {
		c.ID = a.user(c.ID, meet)
	}
	return c
}

func (a anyCase) Subscribe(op model.Subscribe) {
	uids := make([]string, len(op.UIDs))
	for i, uid := range op.UIDs {
		uids[i] = a.user(uid, true)
	}
	op.UIDs = uids
	a.Model.Subscribe(op)
}

func (a anyCase) Send(op model.Send) model.Sent {
	op.From, op.Channel = a.user(op.From, true), a.channel(op.Channel, true)
	return a.Model.Send(op)
}

func (a anyCase) Sync(op model.Sync) []model.Conversation {
	op.UID = a.user(op.UID, false)
	return a.Model.Sync(op)
}

func (a anyCase) Clear(op model.Clear) error {
	op.UID, op.Channel = a.user(op.UID, false), a.channel(op.Channel, false)
	return a.Model.Clear(op)
}

func (a anyCase) Set(op model.Set) error {
	op.UID, op.Channel = a.user(op.UID, false), a.channel(op.Channel, false)
	return a.Model.Set(op)
}

func (a anyCase) Delete(op model.Delete) error {
	op.UID, op.Channel = a.user(op.UID, false), a.channel(op.Channel, false)
	return a.Model.Delete(op)
}

func (a anyCase) Clean(op model.Clean) {
	a.Model.Clean(op)
	for low, spelled := range a.first {
		if strings.HasPrefix(spelled, op.Run) {
			delete(a.first, low)
		}
	}
}
