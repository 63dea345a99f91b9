package model

import (
	"slices"
	"sort"
	"time"
)

// List implements Model: the user's conversations in the order in which they were made. It changes nothing.
func (s *State) List(userID string) []Conversation {
	u := s.users[userID]
	if u == nil {
		return nil
	}
	all := make([]Conversation, len(u.conversations))
	for i, c := range u.conversations {
		all[i] = c.as(userID)
	}
	return all
}

// Append implements Model.
func (s *State) Append(op Append) ([]Message, error) {
	c := s.conversations[op.Conversation]
	if c == nil {
		return nil, ErrNoConversation
	}
	for _, m := range op.Messages {
		c.add(m)
	}
	return op.Messages, nil
}

// Add implements Model.
func (s *State) Add(op Add) (Message, error) {
	c, err := s.current(op.User, op.Conversation, op.Instance)
	if err != nil {
		return Message{}, err
	}
	c.add(op.Message)
	return op.Message, nil
}

// add keeps messages and reports in the order of their creation, later arrivals of one second last.
func (c *conversation) add(m Message) {
	if _, double := c.ids[m.ID]; double {
		return
	}
	c.ids[m.ID] = m.Created.Unix()
	at := after(c.content.Messages, m.Created, func(m Message) time.Time { return m.Created })
	c.content.Messages = slices.Insert(c.content.Messages, at, m)
	report := Report{ID: UUID("report on " + m.ID), Type: "delivered", Created: m.Created}
	c.content.Reports = slices.Insert(c.content.Reports, at, report)
	c.lastAccess = c.content.Messages[len(c.content.Messages)-1].Created.Unix()
}

// after is the place after everything that was created at t or before.
func after[T any](all []T, t time.Time, created func(T) time.Time) int {
	at, _ := slices.BinarySearchFunc(all, t, func(one T, t time.Time) int {
		if created(one).After(t) {
			return 1
		}
		return -1
	})
	return at
}

// Clear implements Model. What a user set for the conversation stays, and so do its participants and its lastaccess.
func (s *State) Clear(op Clear) (Conversation, error) {
	c, err := s.current(op.User, op.Conversation, op.Instance)
	if err != nil {
		return Conversation{}, err
	}
	// Answers that were given out share the slices: they are left alone, not emptied.
	c.content, c.ids, c.instance = Content{}, map[string]int64{}, s.nextInstance()
	return c.as(op.User), nil
}

// Mark implements Model. It changes the user's own properties and nothing else.
func (s *State) Mark(op Mark) (Conversation, error) {
	c, err := s.of(op.User, op.Conversation)
	if err != nil {
		return Conversation{}, err
	}
	p := c.properties[op.User]
	switch op.Kind {
	case Favorite, Unfavorite:
		p.Favorite = op.Kind == Favorite
	case Mute, Unmute:
		p.Muted = op.Kind == Mute
	case Hide:
		p.HideID = op.Value
	case Unhide:
		p.HideID = ""
	case Color:
		p.Color = op.Value
	}
	return c.as(op.User), nil
}

// Download implements Model.
func (s *State) Download(op Download) (Content, error) {
	c, err := s.current(op.User, op.Conversation, op.Instance)
	if err != nil {
		return Content{}, err
	}
	m, r := c.content.Messages, c.content.Reports
	op.Message = c.dated(op.Message)
	return Content{
		Messages: m[op.Message.first(len(m), func(i int) (string, time.Time) { return m[i].ID, m[i].Created }):],
		Reports:  r[op.Report.first(len(r), func(i int) (string, time.Time) { return r[i].ID, r[i].Created }):],
	}.clipped(), nil
}

// Partial implements Model.
func (s *State) Partial(op Partial) (Content, error) {
	c, err := s.current(op.User, op.Conversation, op.Instance)
	if err != nil {
		return Content{}, err
	}
	limit := int(min(op.Limit, 1<<20))
	if limit <= 0 {
		limit = DefaultLimit
	}
	m, r := c.content.Messages, c.content.Reports
	toM, toR := len(m), len(r)
	if op.Message = c.dated(op.Message); !op.Message.Date.IsZero() {
		toM = op.Message.first(len(m), func(i int) (string, time.Time) { return m[i].ID, m[i].Created })
	}
	if !op.Report.Date.IsZero() {
		toR = op.Report.first(len(r), func(i int) (string, time.Time) { return r[i].ID, r[i].Created })
	}
	return Content{Messages: m[max(0, toM-limit):toM], Reports: r[max(0, toR-limit):toR]}.clipped(), nil
}

// dated is a cursor with the date of the message that it names, where there is such a one.
func (c *conversation) dated(at Cursor) Cursor {
	if seconds, ok := c.ids[at.ID]; ok {
		at.Date = time.Unix(seconds, 0).UTC()
	}
	return at
}

// first is the place of what the cursor names, else of the first that was created at its date or later.
func (c Cursor) first(n int, at func(int) (string, time.Time)) int {
	low := sort.Search(n, func(i int) bool { return !timeOf(at, i).Before(c.Date) })
	for i := low; i < n && timeOf(at, i).Unix() == c.Date.Unix(); i++ {
		if id, _ := at(i); id == c.ID {
			return i
		}
	}
	return low
}

func timeOf(at func(int) (string, time.Time), i int) time.Time {
	_, t := at(i)
	return t
}

// clipped shares the arrays of a conversation without letting anybody append to them.
func (c Content) clipped() Content {
	return Content{Messages: slices.Clip(c.Messages), Reports: slices.Clip(c.Reports)}
}
