package wire

import (
	"encoding/json"
	"fmt"
	"time"
)

// Conversation is a conversation as the API shows it to one user. All keys stand in every documented example.
type Conversation struct {
	ID             string        `json:"id"`
	IsGroup        bool          `json:"isgroup"`
	ParticipantIDs []string      `json:"participantids"`
	Participants   []Participant `json:"participants"`
	DisplayName    string        `json:"displayname"` // base64
	LastMessageID  string        `json:"lastmessageid"`
	LastReportID   string        `json:"lastreportid"`
	LastAccess     int64         `json:"lastaccess"` // unix seconds
	Secret         string        `json:"secret"`     // base64
	Instance       string        `json:"instance"`
	MutedBy        []string      `json:"mutedby"`
	FavoriteBy     []string      `json:"favoriteby"`
	HiddenBy       []string      `json:"hiddenby"`
	Properties     []Properties  `json:"properties"`
}

// Participant is one user of a conversation.
type Participant struct {
	UserID   string `json:"userid"`
	UserName string `json:"username"`
}

// Properties are what one user set for a conversation.
type Properties struct {
	UserID                  string `json:"userid"`
	IsMuted                 bool   `json:"ismuted"`
	IsFavorite              bool   `json:"isfavorite"`
	HideID                  string `json:"hideid"`
	ListItemBackgroundColor string `json:"listitembackgroundcolor"` // #rrggbb
}

// Message is a message. Data is base64 of what only clients can read.
type Message struct {
	ID, Type, Data      string
	Created, ValidUntil time.Time
}

// Report says what became of a message.
type Report struct {
	ID, Type string
	Created  time.Time
}

// messageObject is a message in JSON. Data is left out where an answer does not show it.
type messageObject struct {
	ID         string
	Type       string
	Created    string
	ValidUntil string
	Data       *string `json:",omitempty"`
}

func (m Message) object(data bool) messageObject {
	o := messageObject{ID: m.ID, Type: m.Type, Created: FormatTime(m.Created), ValidUntil: FormatTime(m.ValidUntil)}
	if data {
		o.Data = &m.Data
	}
	return o
}

func (o messageObject) message() Message {
	m := Message{ID: o.ID, Type: o.Type}
	m.Created, _ = ParseTime(o.Created)
	m.ValidUntil, _ = ParseTime(o.ValidUntil)
	if o.Data != nil {
		m.Data = *o.Data
	}
	return m
}

type reportObject struct{ ID, Type, Created string }

type envelope struct {
	Status       string `json:"status"`
	ErrorMessage string `json:"errormessage"`
}

var success = envelope{Status: OK}

// EncodeConversation is the answer of clear and of the actions that set something.
func EncodeConversation(c Conversation) []byte {
	return encode(struct {
		envelope
		Conversation Conversation `json:"conversation"`
	}{success, c})
}

// EncodeList is the answer of list.
func EncodeList(all []Conversation) []byte {
	if all == nil {
		all = []Conversation{}
	}
	return encode(struct {
		envelope
		Conversations []Conversation `json:"conversations"`
	}{success, all})
}

// EncodeAdded is the answer of add: the message without its Data.
func EncodeAdded(m Message) []byte {
	return encode(struct {
		envelope
		Message messageObject `json:"message"`
	}{success, m.object(false)})
}

// EncodeContent is the answer of download and downloadpartial.
func EncodeContent(messages []Message, reports []Report) []byte {
	answer := struct {
		Messages []messageObject `json:"messages"`
		Reports  []reportObject  `json:"reports"`
		envelope
	}{[]messageObject{}, []reportObject{}, success}
	for _, m := range messages {
		answer.Messages = append(answer.Messages, m.object(true))
	}
	for _, r := range reports {
		answer.Reports = append(answer.Reports, reportObject{r.ID, r.Type, FormatTime(r.Created)})
	}
	return encode(answer)
}

// EncodeError is the answer to what was refused.
func EncodeError(message string) []byte { return encode(envelope{"ERROR", message}) }

// Answer is what any call answered; the members that a call does not have are empty.
type Answer struct {
	Status        string
	ErrorMessage  string
	Conversation  *Conversation
	Conversations []Conversation
	Message       *Message
	Messages      []Message
	Reports       []Report
}

// DecodeAnswer reads an answer, with no more strictness than encoding/json has.
func DecodeAnswer(body []byte) (Answer, error) {
	var raw struct {
		envelope
		Conversation  *Conversation   `json:"conversation"`
		Conversations []Conversation  `json:"conversations"`
		Message       *messageObject  `json:"message"`
		Messages      []messageObject `json:"messages"`
		Reports       []reportObject  `json:"reports"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return Answer{}, fmt.Errorf("the answer is no object of the documented form: %w", err)
	}
	a := Answer{Status: raw.Status, ErrorMessage: raw.ErrorMessage, Conversation: raw.Conversation, Conversations: raw.Conversations}
	if raw.Message != nil {
		m := raw.Message.message()
		a.Message = &m
	}
	for _, m := range raw.Messages {
		a.Messages = append(a.Messages, m.message())
	}
	for _, r := range raw.Reports {
		created, _ := ParseTime(r.Created)
		a.Reports = append(a.Reports, Report{r.ID, r.Type, created})
	}
	return a, nil
}
