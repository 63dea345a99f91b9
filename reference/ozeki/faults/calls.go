package faults

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/parley-im/parley/reference/ozeki/wire"
)

var flagActions = []string{wire.Favorite, wire.Unfavorite, wire.Color, wire.Mute, wire.Unmute, wire.Hide, wire.Unhide}

// calls are wrong about what all calls have in common.
var calls = []Fault{
	wired("list-by-get-only", "a list by POST is answered with 405", simply(func(c *call) {
		if c.action == wire.List {
			c.status, c.raw = http.StatusMethodNotAllowed, nil
			return
		}
		c.next()
	}), "OZ-COM-1"),
	wired("list-needs-its-action-in-the-query", "a list whose query does not name its action too is refused", simply(func(c *call) {
		if c.action == wire.List && !c.request.URL.Query().Has("action") {
			c.refuse("the query has no action")
			return
		}
		c.next()
	}), "OZ-COM-1"),
	wired("marks-under-chatowner", "what users set is served under srv=chatowner only", simply(func(c *call) {
		if slices.Contains(flagActions, c.action) {
			c.refuse("this belongs to srv chatowner")
			return
		}
		c.next()
	}), "OZ-COM-2"),
	wired("partial-under-chatowner", "downloadpartial is served under srv=chatowner only", simply(func(c *call) {
		if c.action == wire.DownloadPartial {
			c.refuse("this belongs to srv chatowner")
			return
		}
		c.next()
	}), "OZ-COM-2"),
	wired("action-must-come-first", "action must be the first member of the body", simply(func(c *call) {
		if !bytes.HasPrefix(bytes.TrimLeft(c.body, "{ \t\r\n"), []byte(`"action"`)) && bytes.Contains(c.body, []byte(`,"action":"mute"}`)) {
			c.refuse("action must come first")
			return
		}
		c.next()
	}), "OZ-COM-3"),
	wired("no-escapes", "escapes in the body's member names are taken as they stand", simply(func(c *call) {
		if bytes.Contains(c.body, []byte(`"\u0061ction"`)) {
			c.refuse("action is missing")
			return
		}
		c.next()
	}), "OZ-COM-3"),
	wired("marks-answer-with-list", "what users set is answered with the list", simply(func(c *call) {
		c.next()
		if slices.Contains(flagActions, c.action) && c.out["status"] == wire.OK {
			c.out = c.aside(c.user, object{"action": wire.List})
		}
	}), "OZ-COM-4"),
	wired("partial-answers-with-conversation", "downloadpartial is answered with the conversation", answering(func(c *call) {
		c.out = object{"status": wire.OK, "errormessage": "", "conversation": c.view()}
	}, wire.DownloadPartial), "OZ-COM-4"),
	wired("mute-wants-a-nonce", "mute wants a fifth header", simply(func(c *call) {
		if c.action == wire.Mute && c.request.Header.Get("Ozeki-Nonce") == "" {
			c.refuse("the header Ozeki-Nonce is missing")
			return
		}
		c.next()
	}), "OZ-COM-5"),
	wired("download-wants-accept", "download wants a header Accept", simply(func(c *call) {
		if c.action == wire.Download && c.request.Header.Get("Accept") == "" {
			c.refuse("the header Accept is missing")
			return
		}
		c.next()
	}), "OZ-COM-5"),
	wired("text-html", "answers call themselves text/html", answering(func(c *call) { c.header.Set("Content-Type", "text/html") }), "OZ-COM-6"),
	wired("clear-as-text", "the answer to clear calls itself text/plain", answering(func(c *call) { c.header.Set("Content-Type", "text/plain") }, wire.Clear), "OZ-COM-6"),
	wired("no-errormessage", "answers have no errormessage", answering(func(c *call) { delete(c.out, "errormessage") }), "OZ-COM-7"),
	wired("errormessage-null", "the errormessage of an add is null", answering(func(c *call) { c.out["errormessage"] = nil }, wire.Add), "OZ-COM-7"),
	wired("status-lower-case", "the status of success is ok", answering(func(c *call) { c.out["status"] = "ok" }), "OZ-COM-8"),
	wired("unhide-success", "the status of an unhide is Success", answering(func(c *call) { c.out["status"] = "Success" }, wire.Unhide), "OZ-COM-8"),
	wired("mute-says-it-failed", "mute is not done, and answered with OK and an errormessage", failing(wire.Mute), "OZ-COM-9", "OZ-MUTE-1"),
	wired("clear-says-it-failed", "clear is not done, and answered with OK and an errormessage", failing(wire.Clear), "OZ-COM-9", "OZ-CLEAR-1"),
	wired("uuids-for-users", "the participants' userid is written as a UUID", showing(func(_ *call, v object) {
		for _, p := range v["participants"].([]any) {
			id := p.(object)["userid"].(string)
			p.(object)["userid"] = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
		}
	}), "OZ-COM-10"),
	wired("short-ids-in-groups", "the last user id of a group lacks a digit", showing(func(_ *call, v object) {
		if v["isgroup"] == true {
			ids := v["participantids"].([]any)
			ids[len(ids)-1] = ids[len(ids)-1].(string)[:31]
		}
	}), "OZ-COM-10"),
	wired("created-with-t", "Created in a download is written with a T", created("2006-01-02T15:04:05"), "OZ-COM-11"),
	wired("created-12-hours", "Created in a download is written with 12 hours", created("2006-01-02 03:04:05"), "OZ-COM-11"),
}

// failing answers an action with OK and does not do it.
func failing(action string) func(http.Handler) http.Handler {
	return simply(func(c *call) {
		if c.action != action {
			c.next()
			return
		}
		v := c.view()
		if v == nil {
			c.next()
			return
		}
		c.answer(http.StatusOK, object{"status": wire.OK, "errormessage": "File could not be written", "conversation": v})
	})
}

// created writes Created otherwise.
func created(layout string) func(http.Handler) http.Handler {
	return giving(func(_ *call, messages []any) []any {
		for _, m := range messages {
			if t, err := wire.ParseTime(m.(object)["Created"].(string)); err == nil {
				m.(object)["Created"] = t.Format(layout)
			}
		}
		return messages
	}, wire.Download, wire.DownloadPartial)
}

func nowSeconds() int64 { return time.Now().Unix() }
