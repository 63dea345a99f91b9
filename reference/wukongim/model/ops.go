package model

// Subscribe implements Model.
func (s *State) Subscribe(op Subscribe) {
	if op.Channel.Type == Direct {
		return // a direct chat is made by its first message, and has no other members than its two users
	}
	c := s.channel(keyOf("", op.Channel), op.Run)
	version := s.nextVersion(op.Now)
	for _, uid := range op.UIDs {
		join(s.user(uid, op.Run), c, version)
	}
}

// Send implements Model. Its cost does not depend on the number of members.
func (s *State) Send(op Send) Sent {
	sent := Sent{ID: s.nextMessageID(), ClientMsgNo: op.ClientMsgNo}
	if sent.ClientMsgNo == "" {
		sent.ClientMsgNo = clientMsgNo(sent.ID)
	}
	if op.Header.SyncOnce || op.Header.NoPersist {
		return sent
	}
	c := s.channel(keyOf(op.From, op.Channel), op.Run)
	sent.Seq = c.lastSeq() + 1
	from := op.From
	sender := s.users[from]
	if sender != nil {
		from = sender.id // one string for all of a user's messages
	}
	own := sender.membership(c)
	if own != nil {
		own.base = own.unread()
	}
	s.store(c, Message{
		ID: sent.ID, Seq: sent.Seq, Timestamp: op.Now.Unix(), ClientMsgNo: sent.ClientMsgNo,
		From: from, Payload: op.Payload, Header: op.Header, Setting: op.Setting,
	})
	c.version = s.nextVersion(op.Now)
	if op.Header.RedDot {
		c.counted++
	}
	if own != nil {
		own.settled = c.counted
	}
	return sent
}

// Clear implements Model. It never brings unread messages back.
func (s *State) Clear(op Clear) error {
	m, err := s.conversation(op.UID, op.Channel)
	if err != nil {
		return err
	}
	var unread int64
	if op.MessageSeq > 0 {
		unread = m.channel.countedFrom(op.MessageSeq, op.UID, m.unread())
	}
	m.settle(unread)
	m.version = s.nextVersion(op.Now)
	return nil
}

// Set implements Model.
func (s *State) Set(op Set) error {
	m, err := s.conversation(op.UID, op.Channel)
	if err != nil {
		return err
	}
	if most := m.channel.lastSeq(); op.Unread < 0 || op.Unread > most {
		return &UnreadError{Unread: op.Unread, Messages: most}
	}
	m.settle(op.Unread)
	m.version = s.nextVersion(op.Now)
	return nil
}

// Delete implements Model.
func (s *State) Delete(op Delete) error {
	m, err := s.conversation(op.UID, op.Channel)
	if err != nil {
		return err
	}
	m.deleted = m.channel.lastSeq()
	m.settle(0)
	m.version = s.nextVersion(op.Now)
	return nil
}
