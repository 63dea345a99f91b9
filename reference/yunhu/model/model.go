// Package model is the semantics of Yunhu's conversations, pure: a State, operations on it, and their results.
//
// It knows no HTTP, no JSON, no protobuf, no lock, no randomness and no clock: the time is an argument of each operation.
// The reference server serves it, and the random specs judge by it, so that the rules stand once.
package model

import (
	"errors"
	"time"
)

// The kinds of chat.
const (
	User  = 1 // between two people; each sees it under the other's id
	Group = 2
	Bot   = 3 // a bot with those who talk to it; it bears the bot's id, and the bot may write into it
)

// Chat names a chat the way one user sees it.
type Chat struct {
	ID   string
	Kind int
}

// Mention is a message that named a user, as the user's list shows it.
type Mention struct {
	Seq       int64  // of the message in its chat
	From      string // who wrote it
	FromName  string
	In        string // the chat's id, as the user sees it
	Mentioned string // the user
	Name      string // the user's name
}

// Conversation is a chat as one user's list shows it.
type Conversation struct {
	Chat         Chat
	Name         string
	Content      []byte   // of the last message
	Entered      int64    // when it came to its place in the list, unix milliseconds
	Sent         int64    // when the last message was sent, unix milliseconds
	Unread       int64    // messages by others that the user did not dismiss
	Mention      *Mention // the newest one that the user did not dismiss; nil: none
	DoNotDisturb bool
}

// Model is what a server asks. *State is the honest one.
//
// List and Knows must be safe beside one another; every other method is called alone.
type Model interface {
	AddUser(AddUser)
	Join(Join)
	Send(Send) Sent
	Silence(Silence)
	Knows(uid string) bool
	List(List) []Conversation
	Dismiss(Dismiss) error
	SortChange(SortChange) error
	Remove(Remove) error
	Clean(Clean)
}

// AddUser makes a user, or gives one that there is already another name.
type AddUser struct {
	ID, Name string
	Run      string // owns what is new here; may be empty
}

// Join makes users members of a chat, and the chat where there is none yet. A chat of kind User takes exactly two.
type Join struct {
	Chat    Chat // ID is not looked at where Kind is User
	Members []string
	Run     string // owns what is new here; may be empty
}

// Send puts a message into a chat, named as its sender sees it. The chat must have been made by Join.
type Send struct {
	Chat     Chat
	From     string
	Content  []byte
	Mentions []string // users whom it names
	Now      time.Time
}

// Sent is the answer to a Send: the message's number in its chat. Seq 0: there is no such chat.
type Sent struct{ Seq int64 }

// Silence switches do-not-disturb of one user's conversation.
type Silence struct {
	UID  string
	Chat Chat
	On   bool
}

// List asks for a user's conversations, the one that came to its place last first.
type List struct{ UID string }

// Dismiss sets a user's conversation to read.
type Dismiss struct{ UID, ChatID string }

// SortChange brings a user's conversation to the top of the list.
type SortChange struct {
	UID, ChatID string
	Now         time.Time
}

// Remove takes a conversation out of a user's list until its next message.
type Remove struct{ UID, ChatID string }

// Clean removes the users and chats of a run. An unknown run is no error.
type Clean struct{ Run string }

// ErrNoConversation says that the user has no such conversation: there is no such chat, the user is no member, no message
// is in it yet, or the user removed it.
var ErrNoConversation = errors.New("the user has no such conversation")

// Op is one operation as a value, for recorded histories.
type Op interface{ applyTo(Model) Result }

// Result is what an operation gave; the fields that its kind does not have are zero.
type Result struct {
	Sent          Sent
	Conversations []Conversation
	Err           error
}

// Apply does op on m.
func Apply(m Model, op Op) Result { return op.applyTo(m) }

func (op AddUser) applyTo(m Model) Result    { m.AddUser(op); return Result{} }
func (op Join) applyTo(m Model) Result       { m.Join(op); return Result{} }
func (op Send) applyTo(m Model) Result       { return Result{Sent: m.Send(op)} }
func (op Silence) applyTo(m Model) Result    { m.Silence(op); return Result{} }
func (op List) applyTo(m Model) Result       { return Result{Conversations: m.List(op)} }
func (op Dismiss) applyTo(m Model) Result    { return Result{Err: m.Dismiss(op)} }
func (op SortChange) applyTo(m Model) Result { return Result{Err: m.SortChange(op)} }
func (op Remove) applyTo(m Model) Result     { return Result{Err: m.Remove(op)} }
func (op Clean) applyTo(m Model) Result      { m.Clean(op); return Result{} }
