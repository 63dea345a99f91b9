// Persistence: a journal of the operations that changed something, which is done again when a server starts. The model stays
// as it is, and knows nothing of it: the same operations at the same times give the same state, with the same versions and
// message ids.

package server

import (
	"encoding/json"
	"fmt"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/wukongim/model"
)

// Journal keeps entries in their order. Its methods are called one at a time.
type Journal interface {
	// Replay gives every entry that was kept, the oldest first.
	Replay(func(Entry) error) error
	// Append keeps an entry. When it returns nil, the entry survives the end of the process, however it comes.
	Append(Entry) error
}

// Entry is one thing that happened: exactly one of its fields is not nil.
type Entry struct {
	Subscribe *model.Subscribe `json:"subscribe,omitempty"`
	Send      *model.Send      `json:"send,omitempty"`
	Clear     *model.Clear     `json:"clear,omitempty"`
	Set       *model.Set       `json:"set,omitempty"`
	Delete    *model.Delete    `json:"delete,omitempty"`
	Clean     *model.Clean     `json:"clean,omitempty"`
	// Handle is a name that a world of the seeding hook gave to a conversation.
	Handle *Handle `json:"handle,omitempty"`
}

// Handle is what a run calls a conversation.
type Handle struct {
	Run          string            `json:"run"`
	Conversation hook.Conversation `json:"conversation"`
}

// operation is the model's operation in the entry; nil: it holds none.
func (e Entry) operation() model.Op {
	switch {
	case e.Subscribe != nil:
		return *e.Subscribe
	case e.Send != nil:
		return *e.Send
	case e.Clear != nil:
		return *e.Clear
	case e.Set != nil:
		return *e.Set
	case e.Delete != nil:
		return *e.Delete
	case e.Clean != nil:
		return *e.Clean
	}
	return nil
}

// replay does again what the journal holds.
func (s *Server) replay(j Journal) error {
	return j.Replay(func(e Entry) error {
		op := e.operation()
		switch {
		case op != nil:
			model.Apply(s.model, op) // what was refused then is refused again, and changes nothing
		case e.Handle != nil:
			s.handles.Add(e.Handle.Run, e.Handle.Conversation)
		default:
			return fmt.Errorf("it holds an entry of a kind that is not known here")
		}
		if e.Clean != nil {
			delete(s.handles, e.Clean.Run)
		}
		return nil
	})
}

// journaled is a model whose changes are kept before they are made.
type journaled struct {
	model.Model
	journal Journal
}

// journalError is what a change panics with that cannot be kept: it is not made, and answered with 500.
type journalError struct{ err error }

func (j journaled) keep(e Entry) {
	if err := j.journal.Append(e); err != nil {
		panic(journalError{err})
	}
}

func (j journaled) Subscribe(op model.Subscribe) {
	j.keep(Entry{Subscribe: &op})
	j.Model.Subscribe(op)
}

func (j journaled) Send(op model.Send) model.Sent {
	j.keep(Entry{Send: &op})
	return j.Model.Send(op)
}

func (j journaled) Clear(op model.Clear) error {
	j.keep(Entry{Clear: &op})
	return j.Model.Clear(op)
}

func (j journaled) Set(op model.Set) error {
	j.keep(Entry{Set: &op})
	return j.Model.Set(op)
}

func (j journaled) Delete(op model.Delete) error {
	j.keep(Entry{Delete: &op})
	return j.Model.Delete(op)
}

func (j journaled) Clean(op model.Clean) {
	j.keep(Entry{Clean: &op})
	j.Model.Clean(op)
}

// MemoryJournal is a Journal that lasts as long as the process: for servers that are started again in one and the same test.
// The zero value is empty.
type MemoryJournal struct{ lines [][]byte }

// Replay implements Journal.
func (m *MemoryJournal) Replay(each func(Entry) error) error {
	for _, line := range m.lines {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if err := each(e); err != nil {
			return err
		}
	}
	return nil
}

// Append implements Journal. It keeps a copy: what a caller does with its entry later changes nothing.
func (m *MemoryJournal) Append(e Entry) error {
	line, err := json.Marshal(e)
	m.lines = append(m.lines, line)
	return err
}
