package wire

import (
	"encoding/base64"
	"regexp"
	"slices"
	"time"
)

// Request is the body of every call. Which fields a call has depends on Action.
type Request struct {
	Action            string
	ConversationID    string // every action but list
	Instance          string // add, clear, download, downloadpartial; empty: not said
	ClientVersionCode int64
	Timestamp         time.Time // UTC, to the second; zero: not said

	Message Message // add

	MessageID, ReportID     string // the cursors of download and downloadpartial
	MessageDate, ReportDate time.Time
	Limit                   int64 // downloadpartial; 0: not said

	Color  string // setlistitembackgroundcolor: #rrggbb
	HideID string // hide
}

// UnknownAction says that a request names an action that there is none of.
type UnknownAction struct{ Action string }

func (e *UnknownAction) Error() string { return "action " + Quote(e.Action) + " is unknown" }

// cursors are the field names of the places in a list, by action.
var cursors = map[string][4]string{
	DownloadPartial: {"lastmessagedate", "lastmessageid", "lastreportdate", "lastreportid"},
	Download:        {"firstmessagedate", "firstmessageid", "firstreportdate", "firstreportid"},
}

func takesInstance(action string) bool {
	return slices.Contains([]string{Add, Clear, DownloadPartial, Download}, action)
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// DecodeRequest reads a body. Errors are *RequestError or *UnknownAction.
func DecodeRequest(body []byte) (Request, error) {
	f := read(body)
	r := Request{Action: f.name("action")}
	if f.err == nil && !slices.Contains(Actions, r.Action) {
		return r, &UnknownAction{r.Action}
	}
	r.ClientVersionCode = f.int("clientversioncode", mostInt)
	r.Timestamp = f.time("timestamp")
	if r.Action != List {
		r.ConversationID = f.name("conversationid")
	}
	if takesInstance(r.Action) {
		r.Instance = f.text("instance")
	}
	r.particular(f)
	return r, f.err
}

// particular reads what only one action has.
func (r *Request) particular(f *fields) {
	switch r.Action {
	case Add:
		r.Message = f.message("message")
	case Download, DownloadPartial:
		names := cursors[r.Action]
		r.MessageDate, r.MessageID = f.time(names[0]), f.text(names[1])
		r.ReportDate, r.ReportID = f.time(names[2]), f.text(names[3])
		if r.Action == DownloadPartial {
			r.Limit = f.int("limit", mostInt)
		}
	case Color:
		if r.Color = f.name("color"); f.err == nil && !colour.MatchString(r.Color) {
			f.fail("color", "must be # and six hexadecimal digits, got the string %s", Quote(r.Color))
		}
	case Hide:
		r.HideID = f.name("hideid")
	}
}

// message is a message in a string: JSON in JSON.
func (f *fields) message(name string) Message {
	text := f.name(name)
	if f.err != nil {
		return Message{}
	}
	inner := read([]byte(text))
	inner.prefix = f.prefix + name + "."
	m := Message{
		ID: inner.name("ID"), Type: inner.name("Type"),
		Created: inner.requiredTime("Created"), ValidUntil: inner.requiredTime("ValidUntil"), Data: inner.text("Data"),
	}
	if _, err := base64.StdEncoding.DecodeString(m.Data); err != nil {
		inner.fail("Data", "must be base64, got the string %s", Quote(m.Data))
	}
	if m.ValidUntil.Before(m.Created) {
		inner.fail("ValidUntil", "must not be before Created")
	}
	f.err = inner.err
	return m
}

// Append writes the request as JSON, its fields in the order of the documents.
func (r Request) Append(dst []byte) []byte {
	members := []member{{"action", r.Action}}
	add := func(name string, value any) { members = append(members, member{name, value}) }
	if r.Action != List {
		add("conversationid", r.ConversationID)
	}
	if takesInstance(r.Action) {
		add("instance", r.Instance)
	}
	switch r.Action {
	case Add:
		add("message", string(encode(r.Message.object(true))))
	case Download, DownloadPartial:
		names := cursors[r.Action]
		add(names[0], timeOrEmpty(r.MessageDate))
		add(names[1], r.MessageID)
		add(names[2], timeOrEmpty(r.ReportDate))
		add(names[3], r.ReportID)
		if r.Action == DownloadPartial {
			add("limit", r.Limit)
		}
	case Color:
		add("color", r.Color)
	case Hide:
		add("hideid", r.HideID)
	}
	add("clientversioncode", r.ClientVersionCode)
	add("timestamp", timeOrEmpty(r.Timestamp))
	return appendObject(dst, members)
}

func timeOrEmpty(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return FormatTime(t)
}

type member struct {
	name  string
	value any
}

func appendObject(dst []byte, members []member) []byte {
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, encode(m.name)...), ':')
		dst = append(dst, encode(m.value)...)
	}
	return append(dst, '}')
}
