package wire

import (
	"encoding/base64"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/parley-im/parley/reference/fields"
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

func (e *UnknownAction) Error() string { return "action " + fields.Quote(e.Action) + " is unknown" }

// cursors are the field names of the places in a list, by action.
var cursors = map[string][4]string{
	DownloadPartial: {"lastmessagedate", "lastmessageid", "lastreportdate", "lastreportid"},
	Download:        {"firstmessagedate", "firstmessageid", "firstreportdate", "firstreportid"},
}

func takesInstance(action string) bool {
	return slices.Contains([]string{Add, Clear, DownloadPartial, Download}, action)
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// DecodeRequest reads a body. Errors are *fields.Error or *UnknownAction.
func DecodeRequest(body []byte) (Request, error) {
	f := fields.Read(body)
	r := Request{Action: f.Name("action")}
	if f.Err() == nil && !slices.Contains(Actions, r.Action) {
		return r, &UnknownAction{r.Action}
	}
	r.ClientVersionCode = f.Int("clientversioncode", 0, math.MaxInt32)
	r.Timestamp = moment(f, "timestamp")
	if r.Action != List {
		r.ConversationID = f.Name("conversationid")
	}
	if takesInstance(r.Action) {
		r.Instance = f.Text("instance")
	}
	r.particular(f)
	return r, f.Err()
}

// particular reads what only one action has.
func (r *Request) particular(f *fields.Reader) {
	switch r.Action {
	case Add:
		r.Message = message(f)
	case Download, DownloadPartial:
		names := cursors[r.Action]
		r.MessageDate, r.MessageID = moment(f, names[0]), f.Text(names[1])
		r.ReportDate, r.ReportID = moment(f, names[2]), f.Text(names[3])
		if r.Action == DownloadPartial {
			r.Limit = f.Int("limit", 0, math.MaxInt32)
		}
	case Color:
		if r.Color = f.Name("color"); f.Err() == nil && !colour.MatchString(r.Color) {
			f.Fail("color", "must be # and six hexadecimal digits, got the string %s", fields.Quote(r.Color))
		}
	case Hide:
		r.HideID = f.Name("hideid")
	}
}

// message is a message in a string: JSON in JSON.
func message(f *fields.Reader) (m Message) {
	f.Embedded("message", func(f *fields.Reader) {
		m = Message{
			ID: f.Name("ID"), Type: f.Name("Type"),
			Created: requiredMoment(f, "Created"), ValidUntil: requiredMoment(f, "ValidUntil"), Data: f.Text("Data"),
		}
		if _, err := base64.StdEncoding.DecodeString(m.Data); err != nil {
			f.Fail("Data", "must be base64, got the string %s", fields.Quote(m.Data))
		}
		if m.ValidUntil.Before(m.Created) {
			f.Fail("ValidUntil", "must not be before Created")
		}
	})
	return m
}

// moment is a documented date and time; the zero time where it is absent or empty.
func moment(f *fields.Reader, name string) time.Time {
	s := f.Text(name)
	if s == "" || f.Err() != nil {
		return time.Time{}
	}
	t, err := ParseTime(s)
	if err != nil {
		f.Fail(name, "must be a date and time such as 2024-03-08 15:27:02, got the string %s", fields.Quote(s))
	}
	return t
}

// requiredMoment is a moment that must be there.
func requiredMoment(f *fields.Reader, name string) time.Time {
	f.Name(name)
	return moment(f, name)
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
