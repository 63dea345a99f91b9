package faults

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// instead answers requests of that kind itself.
func instead(path string, kind func(c *call, f map[string]json.RawMessage) bool, status int, body string) func(http.Handler) http.Handler {
	return around(path, func(c *call, next func()) {
		if kind(c, c.fields()) {
			c.says(status, body)
			return
		}
		next()
	})
}

// okWhere answers what the honest server refuses with 400 as if all were well, where the request is of that kind.
func okWhere(path string, kind func(c *call, f map[string]json.RawMessage) bool) func(http.Handler) http.Handler {
	return refusing(path, http.StatusBadRequest, func(c *call) {
		if !kind(c, c.fields()) {
			return
		}
		c.says(http.StatusOK, `{"status":"ok"}`)
		if path == syncPath {
			c.says(http.StatusOK, "[]")
		}
	})
}

// notThere tells a field that is missing or null.
func notThere(f map[string]json.RawMessage, name string) bool {
	return f != nil && (f[name] == nil || string(f[name]) == "null")
}

// lacking is a request without that field.
func lacking(name string) func(*call, map[string]json.RawMessage) bool {
	return func(_ *call, f map[string]json.RawMessage) bool { return f != nil && f[name] == nil }
}

func noObject(_ *call, f map[string]json.RawMessage) bool { return f == nil }

var numberAsText = regexp.MustCompile(`^"-?\d+"$`)

// unquoting takes a number that stands in quotes as the number, in these fields.
func unquoting(path string, names ...string) func(http.Handler) http.Handler {
	return reading(path, func(f map[string]json.RawMessage) {
		for _, name := range names {
			if numberAsText.Match(f[name]) {
				f[name] = bytes.Trim(f[name], `"`)
			}
		}
	})
}

// truncating takes a number with a fraction as the integer before it, in these fields.
func truncating(path string, names ...string) func(http.Handler) http.Handler {
	return reading(path, func(f map[string]json.RawMessage) {
		for _, name := range names {
			if whole, _, cut := strings.Cut(string(f[name]), "."); cut && !strings.HasPrefix(whole, `"`) && !strings.HasPrefix(whole, "[") {
				f[name] = json.RawMessage(whole)
			}
		}
	})
}

// refusedYetDone refuses as the honest server does, but carries out what mended makes of the request: it changes
// what it says it does not.
func refusedYetDone(path string, mended func(f map[string]json.RawMessage)) func(http.Handler) http.Handler {
	return around(path, func(c *call, next func()) {
		next()
		f := c.fields()
		if c.Status != http.StatusBadRequest || f == nil {
			return
		}
		refused := *c
		mended(f)
		body, err := json.Marshal(f)
		if err != nil {
			return
		}
		c.Body = body
		next()
		*c = refused
	})
}

const serverError = `{"msg":"internal error","status":500}`

var refusals = []Fault{
	{Fault: named("uid-missing-is-nobody", "a sync without uid is answered with an empty array", "WK-SYNC-26"), Handler: okWhere(syncPath, lacking("uid"))},
	{Fault: named("uid-empty-is-nobody", "a sync with an empty uid is answered with an empty array", "WK-SYNC-26"),
		Handler: okWhere(syncPath, func(_ *call, f map[string]json.RawMessage) bool { return string(f["uid"]) == `""` })},
	{Fault: named("uid-null-is-nobody", "a sync with the uid null is answered with an empty array", "WK-SYNC-26"),
		Handler: okWhere(syncPath, func(_ *call, f map[string]json.RawMessage) bool { return string(f["uid"]) == `null` })},
	{Fault: named("uid-missing-breaks-the-server", "a sync without uid is answered with 500 and an empty body", "WK-SYNC-26"),
		Handler: instead(syncPath, lacking("uid"), http.StatusInternalServerError, "")},

	{Fault: named("sync-numbers-in-quotes", "a sync takes a number that stands in quotes", "WK-SYNC-27"),
		Handler: unquoting(syncPath, "version", "msg_count", "only_unread")},
	{Fault: named("sync-fractions", "a sync takes 1.5 as 1 in msg_count", "WK-SYNC-27"), Handler: truncating(syncPath, "msg_count")},
	{Fault: named("sync-of-no-json", "a sync whose body is no JSON object is answered with an empty array", "WK-SYNC-27"), Handler: okWhere(syncPath, noObject)},
	{Fault: named("excluded-types-unchecked", "exclude_channel_types may hold anything", "WK-SYNC-27"),
		Handler: reading(syncPath, func(f map[string]json.RawMessage) {
			var all []json.RawMessage
			if json.Unmarshal(f["exclude_channel_types"], &all) == nil && bytes.ContainsAny(f["exclude_channel_types"], `"{tf.`) {
				f["exclude_channel_types"] = json.RawMessage("[]")
			}
		})},
	{Fault: named("last-msg-seqs-as-array", "last_msg_seqs may be an array", "WK-SYNC-27"),
		Handler: reading(syncPath, func(f map[string]json.RawMessage) {
			if bytes.HasPrefix(f["last_msg_seqs"], []byte("[")) {
				delete(f, "last_msg_seqs")
			}
		})},

	{Fault: named("zero-byte-breaks-the-server", "a uid with the character U+0000 is answered with 500", "WK-SYNC-30"),
		Handler: instead("", func(_ *call, f map[string]json.RawMessage) bool { return strings.ContainsRune(text(f, "uid"), 0) },
			http.StatusInternalServerError, serverError)},
	{Fault: named("negative-msg-count-breaks-the-server", "a negative msg_count is answered with 500", "WK-SYNC-30"),
		Handler: instead(syncPath, func(_ *call, f map[string]json.RawMessage) bool { return number(f, "msg_count") < 0 },
			http.StatusInternalServerError, serverError)},
	{Fault: named("channel-type-256-breaks-the-server", "delete with a channel_type above 255 is answered with 500", "WK-SYNC-30"),
		Handler: instead(deletePath, func(_ *call, f map[string]json.RawMessage) bool { return number(f, "channel_type") > 255 },
			http.StatusInternalServerError, serverError)},
	{Fault: named("head-breaks-the-server", "HEAD is answered with 500", "WK-SYNC-30"),
		Handler: instead("", func(c *call, _ map[string]json.RawMessage) bool { return c.Method == http.MethodHead }, http.StatusInternalServerError, "")},
	{Fault: named("huge-msg-count-kills-the-server", "a msg_count near 2^63 takes the server down: from then on there is no answer", "WK-SYNC-30"),
		Handler: func(honest http.Handler) http.Handler {
			var dead atomic.Bool
			return around("", func(c *call, next func()) {
				if c.Path == syncPath && number(c.fields(), "msg_count") > 1<<62 {
					dead.Store(true)
				}
				if dead.Load() {
					panic(http.ErrAbortHandler)
				}
				next()
			})(honest)
		}},
	{Fault: named("long-uid-breaks-the-server", "a uid of more than 65535 bytes is answered with 500", "WK-SYNC-30"),
		Handler: instead("", func(_ *call, f map[string]json.RawMessage) bool { return len(text(f, "uid")) > 65535 },
			http.StatusInternalServerError, serverError)},

	{Fault: named("clear-without-type", "clearUnread without channel_type is taken for a group's", "WK-CLEAR-08"),
		Handler: reading(clearPath, func(f map[string]json.RawMessage) {
			if f["channel_type"] == nil && f["channel_id"] != nil {
				f["channel_type"] = json.RawMessage("2")
			}
		})},
	{Fault: named("clear-numbers-in-quotes", "clearUnread takes a message_seq that stands in quotes", "WK-CLEAR-08"), Handler: unquoting(clearPath, "message_seq")},
	{Fault: named("clear-of-no-json", "clearUnread of a body that is no JSON object is answered with ok", "WK-CLEAR-08"), Handler: okWhere(clearPath, noObject)},
	{Fault: named("clear-refused-yet-done", "clearUnread with a message_seq of a wrong type is refused with 400, and clears all the same", "WK-CLEAR-08"),
		Handler: refusedYetDone(clearPath, func(f map[string]json.RawMessage) { delete(f, "message_seq") })},

	{Fault: named("clear-of-nothing-is-ok", "clearUnread of a conversation that does not exist is answered with ok", "WK-CLEAR-09"),
		Handler: refusing(clearPath, http.StatusNotFound, okAnswer)},
	{Fault: named("clear-of-nothing-is-400", "clearUnread of a conversation that does not exist is refused with 400", "WK-CLEAR-09"),
		Handler: refusing(clearPath, http.StatusNotFound, func(c *call) { c.Status = http.StatusBadRequest })},
	{Fault: named("clear-of-no-personal-channel-is-ok", "clearUnread of a personal channel that does not exist is answered with ok", "WK-CLEAR-09"),
		Handler: refusing(clearPath, http.StatusNotFound, func(c *call) {
			if number(c.fields(), "channel_type") == 1 {
				okAnswer(c)
			}
		})},

	{Fault: named("set-without-unread", "setUnread without unread sets 0", "WK-SET-05"),
		Handler: reading(setPath, func(f map[string]json.RawMessage) {
			if notThere(f, "unread") {
				f["unread"] = json.RawMessage("0")
			}
		})},
	{Fault: named("set-negative-is-0", "setUnread of a negative number sets 0", "WK-SET-05"),
		Handler: reading(setPath, func(f map[string]json.RawMessage) {
			if number(f, "unread") < 0 {
				f["unread"] = json.RawMessage("0")
			}
		})},
	{Fault: named("set-fractions", "setUnread takes 1.5 as 1", "WK-SET-05"), Handler: truncating(setPath, "unread")},
	{Fault: named("set-refused-yet-done", "setUnread of a wrong type is refused with 400, and sets 0 all the same", "WK-SET-05"),
		Handler: refusedYetDone(setPath, func(f map[string]json.RawMessage) { f["unread"] = json.RawMessage("0") })},

	{Fault: named("set-of-nothing-is-ok", "setUnread of a conversation that does not exist is answered with ok", "WK-SET-06"),
		Handler: refusing(setPath, http.StatusNotFound, okAnswer)},
	{Fault: named("set-of-nothing-is-400", "setUnread of a group that does not exist is refused with 400", "WK-SET-06"),
		Handler: refusing(setPath, http.StatusNotFound, func(c *call) {
			if number(c.fields(), "channel_type") != 1 {
				c.Status = http.StatusBadRequest
			}
		})},

	{Fault: named("delete-without-type", "delete without channel_type is taken for a group's", "WK-DEL-06"),
		Handler: reading(deletePath, func(f map[string]json.RawMessage) {
			if f["channel_type"] == nil && f["channel_id"] != nil {
				f["channel_type"] = json.RawMessage("2")
			}
		})},
	{Fault: named("delete-of-no-json", "delete of a body that is no JSON object is answered with ok", "WK-DEL-06"), Handler: okWhere(deletePath, noObject)},
	{Fault: named("delete-numbers-in-quotes", "delete takes a channel_type that stands in quotes", "WK-DEL-06"), Handler: unquoting(deletePath, "channel_type")},
	{Fault: named("delete-refused-yet-done", "delete with a channel_type of a wrong type is refused with 400, and deletes the group all the same", "WK-DEL-06"),
		Handler: refusedYetDone(deletePath, func(f map[string]json.RawMessage) { f["channel_type"] = json.RawMessage("2") })},

	{Fault: named("delete-of-nothing-is-ok", "delete of a conversation that does not exist is answered with ok", "WK-DEL-07"),
		Handler: refusing(deletePath, http.StatusNotFound, okAnswer)},
	{Fault: named("delete-of-nobody-is-ok", "delete in the name of a user who does not exist is answered with ok", "WK-DEL-07"),
		Model: onDelete(okForNobody)},
}

func okAnswer(c *call) { c.says(http.StatusOK, `{"status":"ok"}`) }

// okForNobody takes a delete by a user who has no conversation at all for done.
func okForNobody(m model.Model, op model.Delete) error {
	err := m.Delete(op)
	if err != nil && len(m.Sync(model.Sync{UID: op.UID})) == 0 {
		return nil
	}
	return err
}
