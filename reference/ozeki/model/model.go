// Package model is the semantics of Ozeki Chat's conversations, pure: a State, operations on it, and their results.
//
// It knows no HTTP, no JSON, no lock, no randomness and no clock: the time is an argument of each operation. The
// reference server serves it, and the random specs judge by it, so that the rules stand once.
package model

import (
	"errors"
	"time"
)

// Model is what a server asks. *State is the honest one.
//
// List, Download and Partial must be safe beside each other; every other method is called alone.
type Model interface {
	Create(Create) Created
	Append(Append) ([]Message, error)
	List(user string) []Conversation
	Add(Add) (Message, error)
	Clear(Clear) (Conversation, error)
	Mark(Mark) (Conversation, error)
	Download(Download) (Content, error)
	Partial(Partial) (Content, error)
	Clean(run string)
}

// Conversation is a conversation as one user sees it.
type Conversation struct {
	ID            string
	IsGroup       bool
	Participants  []Participant // by ascending id
	DisplayName   string        // base64
	LastMessageID string        // empty: no message
	LastReportID  string        // empty: no report
	LastAccess    int64         // creation of the last message, unix seconds; a clear does not move it
	Secret        string        // base64; of the user who looks
	Instance      string        // the epoch that began with the last clear: 10 letters and digits
	MutedBy       []string
	FavoriteBy    []string
	Properties    []Properties // the user's own only
}

// Participant is one user of a conversation.
type Participant struct{ ID, Name string }

// Properties are what one user set for a conversation.
type Properties struct {
	UserID   string
	Muted    bool
	Favorite bool
	HideID   string // empty: not hidden
	Color    string // #rrggbb
}

// Message is one message. It never changes once it is stored, and answers share it.
type Message struct {
	ID         string // a UUID, made by the client
	Type       string // Message
	Created    time.Time
	ValidUntil time.Time
	Data       string // base64 of what only clients can read
}

// Report says that a message was delivered.
type Report struct {
	ID      string
	Type    string // delivered
	Created time.Time
}

// Content is messages with their reports, oldest first.
type Content struct {
	Messages []Message
	Reports  []Report
}

// Create makes users and a conversation of them. The conversation of two is named after them: making it again gives the one that is
// there.
type Create struct {
	ID        string // empty: one is made
	Group     bool
	Users     []Participant
	OnlyUsers bool   // they are made known, and no conversation of them
	Run       string // owns what is new here
	Handle    string // tells the groups of a run apart
	Now       time.Time
}

// Created says what a Create made.
type Created struct{ ID, Instance string }

// Append puts messages into a conversation without asking who sends them: for seeding.
type Append struct {
	Conversation string
	Messages     []Message
}

// Add puts a user's message into a conversation. The same ID again adds nothing.
type Add struct {
	User, Conversation, Instance string
	Message                      Message
}

// Clear removes all messages and reports of a conversation, for everyone in it.
type Clear struct{ User, Conversation, Instance string }

// Mark changes what a user set for a conversation.
type Mark struct {
	User, Conversation string
	Kind               Kind
	Value              string // the color, or the hideid
}

// Kind is what a Mark changes.
type Kind int

// The kinds.
const (
	Favorite Kind = iota
	Unfavorite
	Mute
	Unmute
	Hide
	Unhide
	Color
)

// Cursor is a place in a list that is ordered by time. The zero Cursor is none.
type Cursor struct {
	ID   string
	Date time.Time
}

// Download asks for everything from the cursors on, what they name included.
type Download struct {
	User, Conversation, Instance string
	Message, Report              Cursor
}

// Partial asks for the newest messages and reports before the cursors, at most Limit of each (0: DefaultLimit).
type Partial struct {
	User, Conversation, Instance string
	Message, Report              Cursor
	Limit                        int64
}

// DefaultLimit is how many messages a Partial without a limit gives.
const DefaultLimit = 50

// Why an operation was refused.
var (
	// ErrNoConversation says that the user has no such conversation: there is none, or the user does not take part.
	ErrNoConversation = errors.New("conversation does not exist")
	// ErrStale says that the instance is not the current one: the conversation was cleared since the user looked.
	ErrStale = errors.New("instance is not the conversation's current one: list the conversations again")
)
