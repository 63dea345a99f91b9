// Package model is the semantics of WuKongIM's conversations, pure: a State, operations on it, and their results.
//
// It knows no HTTP, no JSON, no lock, no randomness and no clock: the time is an argument of each operation. The
// reference server serves it, and the random and concurrent specs judge by it, so that the rules stand once.
package model

import (
	"errors"
	"fmt"
	"time"
)

// Direct is the channel type of a chat between two users. Every other type is a group with members.
const Direct = 1

// Channel names a channel the way one user sees it: a direct chat bears the id of the peer.
type Channel struct {
	ID   string
	Type int
}

// Header is the three flags of a message.
type Header struct {
	NoPersist bool // stored in no conversation
	RedDot    bool // counts as unread
	SyncOnce  bool // a command: stored in no conversation
}

// Message is one stored message. It never changes once it is stored, and answers share it: who wants to give
// another one to a client makes a copy.
type Message struct {
	ID          int64 // unique in the State, above 2^53
	Seq         int64 // 1..n in its channel
	Timestamp   int64 // unix seconds
	ClientMsgNo string
	From        string
	Payload     []byte
	Header      Header
	Setting     uint8
	// Form is what the State's form made of the message when it was stored; empty: there is none. See NewForming.
	Form string
}

// Conversation is a channel as one user's sync shows it.
type Conversation struct {
	Channel         Channel
	Unread          int64
	Timestamp       int64 // of the last message, unix seconds
	LastMsgSeq      int64
	LastClientMsgNo string
	Version         int64      // nanoseconds; grows with every change that the user can see
	Recents         []*Message // newest first
}

// Model is what a server asks. *State is the honest one.
//
// Sync must be safe beside other calls of Sync; every other method is called alone.
type Model interface {
	Subscribe(Subscribe)
	Send(Send) Sent
	Sync(Sync) []Conversation
	Clear(Clear) error
	Set(Set) error
	Delete(Delete) error
	Clean(Clean)
}

// Subscribe makes users members of a group, and the group where there is none yet. Who is a member already stays
// as it is.
type Subscribe struct {
	Channel Channel
	UIDs    []string
	Run     string // owns what is new here and has no run id in its name; may be empty
	Now     time.Time
}

// Send puts a message into a channel, named as its sender sees it. The sender need not be a member.
type Send struct {
	Channel     Channel
	From        string
	ClientMsgNo string // empty: one is made
	Payload     []byte
	Header      Header
	Setting     uint8
	Run         string // owns what is new here and has no run id in its name; may be empty
	Now         time.Time
}

// Sent is the answer to a Send. Seq is 0 for a message that no conversation stores.
type Sent struct {
	ID          int64
	Seq         int64
	ClientMsgNo string
}

// Sync asks for a user's conversations, the one with the newest last message first.
type Sync struct {
	UID        string
	Version    int64             // only what changed after it; 0: everything
	After      map[Channel]int64 // recents of these channels hold only messages after the given sequence number
	MsgCount   int64             // the most messages of each conversation; 0: none
	Cap        int64             // the most that MsgCount may ask for; 0: no cap
	OnlyUnread bool
	Exclude    []int // channel types to leave out
}

// Clear takes messages up to MessageSeq as read; 0 means all.
type Clear struct {
	UID        string
	Channel    Channel
	MessageSeq int64
	Now        time.Time
}

// Set gives a conversation exactly this number of unread messages.
type Set struct {
	UID     string
	Channel Channel
	Unread  int64
	Now     time.Time
}

// Delete hides a conversation from one user until its next message.
type Delete struct {
	UID     string
	Channel Channel
	Now     time.Time
}

// Clean removes the users and channels of a run. An unknown run is no error.
type Clean struct{ Run string }

// ErrNoConversation says that the user has no such conversation: the channel does not exist, the user is no member,
// no message is in it yet, or the user deleted it.
var ErrNoConversation = errors.New("the user has no such conversation")

// UnreadError says that Set asked for a number of unread messages that the channel cannot have.
type UnreadError struct{ Unread, Messages int64 }

func (e *UnreadError) Error() string {
	return fmt.Sprintf("unread must be from 0 to %d, the number of messages in the channel; got %d", e.Messages, e.Unread)
}

// Op is one operation as a value, for recorded histories: Subscribe, Send, Sync, Clear, Set, Delete or Clean.
type Op interface{ applyTo(Model) Result }

// Result is what an operation gave; the fields that its kind does not have are zero.
type Result struct {
	Sent          Sent
	Conversations []Conversation
	Err           error
}

// Apply does op on m.
func Apply(m Model, op Op) Result { return op.applyTo(m) }

func (op Subscribe) applyTo(m Model) Result { m.Subscribe(op); return Result{} }
func (op Send) applyTo(m Model) Result      { return Result{Sent: m.Send(op)} }
func (op Sync) applyTo(m Model) Result      { return Result{Conversations: m.Sync(op)} }
func (op Clear) applyTo(m Model) Result     { return Result{Err: m.Clear(op)} }
func (op Set) applyTo(m Model) Result       { return Result{Err: m.Set(op)} }
func (op Delete) applyTo(m Model) Result    { return Result{Err: m.Delete(op)} }
func (op Clean) applyTo(m Model) Result     { m.Clean(op); return Result{} }
