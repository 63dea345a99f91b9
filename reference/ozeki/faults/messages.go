package faults

import (
	"net/http"
	"slices"
	"time"

	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// listing is wrong about list.
var listing = []Fault{
	wired("list-50-at-most", "list shows 50 conversations at most", listed(func(_ *call, all []any) []any { return all[:min(50, len(all))] }), "OZ-LIST-1"),
	wired("list-drops-empty", "list leaves out groups without messages", listed(func(_ *call, all []any) []any {
		return slices.DeleteFunc(all, func(v any) bool { return v.(object)["lastmessageid"] == "" && v.(object)["isgroup"] == true })
	}), "OZ-LIST-1"),
	wired("list-of-strangers", "list shows a stranger's conversation to a user who has none", around(func() func(*call) {
		var last any
		return func(c *call) {
			c.next()
			all, ok := c.out["conversations"].([]any)
			if c.action == wire.List && ok && len(all) == 0 && last != nil {
				c.out["conversations"] = []any{last}
			} else if len(all) > 0 {
				last = all[0]
			}
		}
	}), "OZ-LIST-1"),
	wired("list-without-participants", "list shows no participants", showing(func(_ *call, v object) {
		v["participants"], v["participantids"] = []any{}, []any{}
	}, wire.List), "OZ-LIST-2"),
	wired("list-without-time-when-empty", "list shows no lastaccess of a conversation without messages", showing(func(_ *call, v object) {
		if v["lastmessageid"] == "" {
			delete(v, "lastaccess")
		}
	}, wire.List), "OZ-LIST-2", "OZ-LIST-3"),
	wired("list-hiddenby-null", "list shows hiddenby as null", showing(func(_ *call, v object) { v["hiddenby"] = nil }, wire.List), "OZ-LIST-3", "OZ-CONV-1"),
	wired("list-fails-with-ok", "a list of several is empty, with OK and an errormessage", listed(func(c *call, all []any) []any {
		if len(all) < 2 {
			return all
		}
		c.out["errormessage"] = "File does not exist"
		return []any{}
	}), "OZ-LIST-4", "OZ-LIST-1"),
	wired("list-breaks-off-with-ok", "a list lacks its last, with OK and an errormessage", listed(func(c *call, all []any) []any {
		if len(all) < 2 {
			return all
		}
		c.out["errormessage"] = "File does not exist"
		return all[:len(all)-1]
	}), "OZ-LIST-4", "OZ-LIST-1"),
}

// listed edits the conversations of a list.
func listed(edit func(c *call, all []any) []any) func(http.Handler) http.Handler {
	return answering(func(c *call) { c.out["conversations"] = edit(c, c.out["conversations"].([]any)) }, wire.List)
}

// adding is wrong about add.
var adding = []Fault{
	wired("add-shows-to-sender-only", "only its sender can download a message", around(senders(func(int) bool { return true })), "OZ-ADD-1"),
	wired("add-skips-the-last-of-a-group", "the last participant of a group cannot download others' messages", around(senders(func(n int) bool { return n > 2 })), "OZ-ADD-1"),
	wired("add-cuts-data", "Data loses its last four characters in a download", giving(func(_ *call, messages []any) []any {
		for _, m := range messages {
			if data := m.(object)["Data"].(string); len(data) > 4 {
				m.(object)["Data"] = data[:len(data)-4]
			}
		}
		return messages
	}, wire.Download), "OZ-ADD-1"),
	wired("add-answers-nothing", "the answer to add has no message", added(func(c *call, _ object) { delete(c.out, "message") }), "OZ-ADD-2"),
	wired("add-answers-without-id", "the message in the answer to add has no ID", added(func(_ *call, m object) { delete(m, "ID") }), "OZ-ADD-2", "OZ-ADD-4"),
	wired("add-answers-a-string", "the message in the answer to add is a string", added(func(c *call, m object) { c.out["message"] = string(encode(m)) }), "OZ-ADD-3"),
	wired("add-answers-a-list", "the message in the answer to add stands in an array", added(func(c *call, m object) { c.out["message"] = []any{m} }), "OZ-ADD-3"),
	wired("add-answers-type", "the Type of an added message comes back in lower case", added(func(_ *call, m object) { m["Type"] = "message" }), "OZ-ADD-4"),
	wired("add-answers-now", "Created of an added message comes back as the time of arrival", added(func(_ *call, m object) { m["Created"] = wire.FormatTime(time.Now()) }), "OZ-ADD-4"),
	wired("add-expired", "ValidUntil of an added message comes back as the day before Created", added(func(_ *call, m object) { earlier(m, 8*24*time.Hour) }), "OZ-ADD-5"),
	wired("add-expired-in-download", "ValidUntil in a download is five minutes early", giving(func(_ *call, messages []any) []any {
		for _, m := range messages {
			earlier(m.(object), 5*time.Minute)
		}
		return messages
	}, wire.Download), "OZ-ADD-5"),
	wired("last-message-is-the-first", "lastmessageid stays that of the first message", around(func() func(*call) {
		first := map[any]any{}
		return func(c *call) {
			c.next()
			for _, v := range c.views() {
				if id := v["lastmessageid"]; id == "" {
					delete(first, v["id"])
				} else if first[v["id"]] == nil {
					first[v["id"]] = id
				} else {
					v["lastmessageid"] = first[v["id"]]
				}
			}
		}
	}), "OZ-ADD-6"),
	wired("lastaccess-of-arrival", "lastaccess is the time of the request", showing(func(_ *call, v object) { v["lastaccess"] = nowSeconds() }, wire.List), "OZ-ADD-6"),
}

func added(edit func(c *call, m object)) func(http.Handler) http.Handler {
	return answering(func(c *call) { edit(c, c.out["message"].(object)) }, wire.Add)
}

func earlier(m object, by time.Duration) {
	if t, err := wire.ParseTime(m["ValidUntil"].(string)); err == nil {
		m["ValidUntil"] = wire.FormatTime(t.Add(-by))
	}
}

// senders hides added messages from the last participant who did not send them, where their number says so.
func senders(hides func(participants int) bool) func() func(*call) {
	return func() func(*call) {
		sender := map[any]string{}
		return func(c *call) {
			c.next()
			if m, ok := c.out["message"].(object); ok && c.action == wire.Add {
				sender[m["ID"]] = c.user
			}
			messages, ok := c.out["messages"].([]any)
			if !ok {
				return
			}
			v := c.view()
			ids, _ := v["participantids"].([]any)
			if !hides(len(ids)) || len(ids) > 2 && ids[len(ids)-1] != c.user {
				return
			}
			c.out["messages"] = slices.DeleteFunc(messages, func(m any) bool {
				from := sender[m.(object)["ID"]]
				return from != "" && from != c.user
			})
		}
	}
}

// downloading is wrong about download.
var downloading = []Fault{
	wired("download-lacks-the-oldest", "a whole download lacks the oldest message", giving(func(c *call, all []any) []any {
		if c.whole() {
			return without(all, 0)
		}
		return all
	}, wire.Download), "OZ-DL-1"),
	wired("download-100-at-most", "a download gives 100 messages at most", giving(func(_ *call, all []any) []any { return all[:min(100, len(all))] }, wire.Download), "OZ-DL-1"),
	wired("download-after-cursor", "the message that the cursor names is left out", giving(func(c *call, all []any) []any {
		if len(all) > 0 && all[0].(object)["ID"] == c.in["firstmessageid"] {
			return all[1:]
		}
		return all
	}, wire.Download), "OZ-DL-2"),
	meant("download-one-early", "a download begins one message before its cursor", func(m model.Model) model.Model { return early{m} }, "OZ-DL-2", "OZ-DL-3"),
	wired("download-descending", "messages come with the newest first", giving(func(_ *call, all []any) []any {
		slices.Reverse(all)
		return all
	}, wire.Download), "OZ-DL-3"),
	wired("download-swaps-the-last", "the last two messages come in the wrong order", giving(func(_ *call, all []any) []any {
		if n := len(all); n > 1 {
			all[n-1], all[n-2] = all[n-2], all[n-1]
		}
		return all
	}, wire.Download), "OZ-DL-3"),
	wired("download-lower-case", "the members of a message are spelled in lower case", respelled("ID", "id", "Type", "type", "Created", "created", "ValidUntil", "validuntil", "Data", "data"), "OZ-DL-4"),
	wired("download-validuntil", "ValidUntil is spelled Validuntil", respelled("ValidUntil", "Validuntil"), "OZ-DL-4"),
}

// whole tells a download from the beginning.
func (c *call) whole() bool {
	date, _ := c.in["firstmessagedate"].(string)
	return date < "2010"
}

func respelled(pairs ...string) func(http.Handler) http.Handler {
	return giving(func(_ *call, all []any) []any {
		for _, m := range all {
			for i := 0; i < len(pairs); i += 2 {
				m.(object)[pairs[i+1]] = m.(object)[pairs[i]]
				delete(m.(object), pairs[i])
			}
		}
		return all
	}, wire.Download)
}

type early struct{ model.Model }

func (e early) Download(op model.Download) (model.Content, error) {
	content, err := e.Model.Download(op)
	if err != nil || op.Message.Date.Year() < 2010 {
		return content, err
	}
	all, err := e.Model.Download(model.Download{User: op.User, Conversation: op.Conversation, Instance: op.Instance})
	if at := len(all.Messages) - len(content.Messages); err == nil && at > 0 {
		content.Messages = all.Messages[at-1:]
	}
	return content, err
}

// paging is wrong about downloadpartial.
var paging = []Fault{
	meant("page-of-the-oldest", "a first page holds the oldest messages", func(m model.Model) model.Model { return oldest{m} }, "OZ-PART-1"),
	wired("page-ignores-cursor", "every page is the first", simply(func(c *call) {
		if c.action == wire.DownloadPartial && c.in["lastmessageid"] != nil {
			c.in["lastmessageid"], c.in["lastmessagedate"] = "", ""
			c.changed()
			return
		}
		c.next()
	}), "OZ-PART-1", "OZ-PART-2"),
	wired("page-skips-one", "a page after the first lacks its newest message", giving(func(c *call, all []any) []any {
		if date, _ := c.in["lastmessagedate"].(string); date != "" && date < "2090" {
			return without(all, len(all)-1)
		}
		return all
	}, wire.DownloadPartial), "OZ-PART-1"),
	meant("page-of-earlier-seconds", "a page holds nothing of its cursor's second", func(m model.Model) model.Model { return seconds{m} }, "OZ-PART-1"),
	meant("page-overlaps", "the message of its cursor counts to a page, whose limit it may use up", func(m model.Model) model.Model { return overlapping{m} }, "OZ-PART-2"),
	meant("page-with-the-newest", "every page holds the newest message too", func(m model.Model) model.Model { return newest{m} }, "OZ-PART-2"),
	wired("page-ignores-limit", "limit is ignored", simply(func(c *call) {
		if c.action == wire.DownloadPartial && c.in["limit"] != nil {
			c.in["limit"] = 1000
			c.changed()
			return
		}
		c.next()
	}), "OZ-PART-3"),
	meant("page-one-over-limit", "a page holds one message more than limit", func(m model.Model) model.Model { return over{m} }, "OZ-PART-3"),
}

type oldest struct{ model.Model }

func (o oldest) Partial(op model.Partial) (model.Content, error) {
	content, err := o.Model.Partial(op)
	all, _ := o.Download(model.Download{User: op.User, Conversation: op.Conversation, Instance: op.Instance})
	if err == nil && (op.Message.Date.IsZero() || op.Message.Date.Year() > 2090) {
		content.Messages = all.Messages[:len(content.Messages)]
	}
	return content, err
}

type newest struct{ model.Model }

func (n newest) Partial(op model.Partial) (model.Content, error) {
	content, err := n.Model.Partial(op)
	all, _ := n.Download(model.Download{User: op.User, Conversation: op.Conversation, Instance: op.Instance})
	if got, last := len(content.Messages), len(all.Messages); err == nil && got > 0 && content.Messages[got-1].ID != all.Messages[last-1].ID {
		content.Messages = append(slices.Clone(content.Messages[1:]), content.Messages[0], all.Messages[last-1])
	}
	return content, err
}

type seconds struct{ model.Model }

func (s seconds) Partial(op model.Partial) (model.Content, error) {
	if op.Message.ID != "" {
		op.Message.ID = "none" // its date alone counts
	}
	return s.Model.Partial(op)
}

type overlapping struct{ model.Model }

func (o overlapping) Partial(op model.Partial) (model.Content, error) {
	content, err := o.Model.Partial(op)
	if err != nil || op.Message.ID == "" || len(content.Messages) == 0 {
		return content, err
	}
	from, err := o.Download(model.Download{User: op.User, Conversation: op.Conversation, Instance: op.Instance, Message: op.Message})
	if err == nil && len(from.Messages) > 0 && from.Messages[0].ID == op.Message.ID {
		content.Messages = append(slices.Clone(content.Messages), from.Messages[0])
		if op.Limit > 0 && int64(len(content.Messages)) > op.Limit {
			content.Messages = content.Messages[1:]
		}
	}
	return content, err
}

type over struct{ model.Model }

func (o over) Partial(op model.Partial) (model.Content, error) {
	if op.Limit > 0 {
		op.Limit++
	}
	return o.Model.Partial(op)
}
