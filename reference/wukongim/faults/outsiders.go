package faults

import (
	"slices"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// intruding makes a member of a group of whoever is not in it and calls what kind names: clear, set or delete.
func intruding(call string) decorator {
	return withRoster(func(m model.Model, members roster) override {
		joins := func(what, uid string, c model.Channel, err error) error {
			if what != call || err == nil || c.Type == model.Direct || len(members[c]) == 0 || slices.Contains(members[c], uid) {
				return err
			}
			m.Subscribe(model.Subscribe{Channel: c, UIDs: []string{uid}, Now: longAgo})
			return nil
		}
		return override{
			clear:  func(op model.Clear) error { return joins("clear", op.UID, op.Channel, m.Clear(op)) },
			set:    func(op model.Set) error { return joins("set", op.UID, op.Channel, m.Set(op)) },
			remove: func(op model.Delete) error { return joins("delete", op.UID, op.Channel, m.Delete(op)) },
		}
	})
}

var outsiders = []Fault{
	{Fault: named("set-by-a-stranger-joins", "setUnread in the name of a user who is not in a group makes its messages readable to that user", "WK-STATE-06"),
		Model: intruding("set")},
	{Fault: named("clear-by-a-stranger-joins", "clearUnread in the name of a user who is not in a group makes its messages readable to that user", "WK-STATE-06"),
		Model: intruding("clear")},
	{Fault: named("delete-by-a-stranger-joins", "delete in the name of a user who is not in a group makes its later messages readable to that user", "WK-STATE-06"),
		Model: withRoster(func(m model.Model, members roster) override {
			watching := map[place]bool{}
			return override{
				remove: func(op model.Delete) error {
					err := m.Delete(op)
					if err != nil && op.Channel.Type != model.Direct && len(members[op.Channel]) > 0 && !slices.Contains(members[op.Channel], op.UID) {
						watching[place{op.UID, op.Channel}] = true
					}
					return err
				},
				send: func(op model.Send) model.Sent {
					for at := range watching {
						if at.channel == op.Channel {
							m.Subscribe(model.Subscribe{Channel: op.Channel, UIDs: []string{at.uid}, Now: op.Now})
						}
					}
					return m.Send(op)
				}}
		})},
	{Fault: named("stranger-reads-by-last-msg-seqs", "an incremental sync gives whoever names a group in last_msg_seqs its messages", "WK-STATE-06"),
		Model: strangers(func(op model.Sync, newest model.Channel) []model.Channel {
			if !isIncremental(op) {
				return nil
			}
			return inLastSeqs(op, newest)
		})},
	{Fault: named("stranger-to-a-chat-reads-it", "setUnread of a personal channel in the name of a third user makes its messages readable to that user", "WK-STATE-06"),
		Model: withRoster(func(m model.Model, members roster) override {
			sees := map[string][]place{}
			return override{
				set: func(op model.Set) error {
					err := m.Set(op)
					if err != nil && op.Channel.Type == model.Direct {
						for c, in := range members {
							if c.Type == model.Direct && slices.Contains(in, op.Channel.ID) && !slices.Contains(in, op.UID) {
								peer := in[0]
								if peer == op.Channel.ID {
									peer = in[1]
								}
								sees[op.UID] = append(sees[op.UID], place{op.Channel.ID, model.Channel{ID: peer, Type: model.Direct}})
							}
						}
					}
					return err
				},
				sync: func(op model.Sync) []model.Conversation {
					all := m.Sync(op)
					for _, at := range sees[op.UID] {
						if c, ok := find(m, at.uid, at.channel, op.MsgCount); ok && !isIncremental(op) {
							c.Channel.ID = at.uid
							all = append(all, c)
						}
					}
					return all
				}}
		})},
}
