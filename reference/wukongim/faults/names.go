package faults

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// spelling gives channels of that kind another id in a sync than the one by which other calls know them.
func spelling(other func(uid string, c model.Channel) string) decorator {
	return showing(func(op model.Sync, c *model.Conversation) { c.Channel.ID = other(op.UID, c.Channel) })
}

// groupsSpelled is spelling for groups alone.
func groupsSpelled(other func(id string) string) decorator {
	return spelling(func(_ string, c model.Channel) string {
		if c.Type == model.Direct {
			return c.ID
		}
		return other(c.ID)
	})
}

var names = []Fault{
	{Fault: named("private-id-that-nothing-takes", "sync calls a personal channel private_a_b, which clear, set and delete do not know", "WK-SYNC-36"),
		Model: spelling(func(uid string, c model.Channel) string {
			if c.Type != model.Direct {
				return c.ID
			}
			return "private_" + min(uid, c.ID) + "_" + max(uid, c.ID)
		})},
	{Fault: named("one-side-cannot-address", "a personal channel can be addressed by that side alone whose uid comes first", "WK-SYNC-36"),
		Handler: around("", func(c *call, next func()) {
			f := c.fields()
			mutation := c.Path == clearPath || c.Path == setPath || c.Path == deletePath
			if mutation && number(f, "channel_type") == 1 && text(f, "uid") > text(f, "channel_id") && text(f, "channel_id") != "" {
				c.says(http.StatusNotFound, `{"msg":"there is no such conversation","status":404}`)
				return
			}
			next()
		})},
	{Fault: named("ids-percent-decoded", "a sync decodes percent signs in a group's id", "WK-SYNC-36"),
		Model: groupsSpelled(func(id string) string {
			if decoded, err := url.PathUnescape(id); err == nil {
				return decoded
			}
			return id
		})},
	{Fault: named("ids-escaped-for-html", "a sync escapes a group's id for HTML", "WK-SYNC-36"), Model: groupsSpelled(html.EscapeString)},
	{Fault: named("emoji-lost-in-ids", "a sync loses characters of a group's id beyond the basic plane", "WK-SYNC-36"),
		Model: groupsSpelled(func(id string) string {
			return strings.Map(func(r rune) rune {
				if r > 0xffff {
					return '\uFFFD'
				}
				return r
			}, id)
		})},

	{Fault: named("get-answered", "GET is answered as POST is, on every path", "WK-SYNC-37"), Handler: taking("GET", "")},
	{Fault: named("put-deletes", "PUT of delete is answered as POST is", "WK-SYNC-37"), Handler: taking("PUT", deletePath)},
	{Fault: named("patch-refused-with-400", "PATCH of sync is refused with 400", "WK-SYNC-37"),
		Handler: answering(syncPath, func(c *call) {
			if c.Method == http.MethodPatch {
				c.Status = http.StatusBadRequest
			}
		})},

	{Fault: named("unknown-field-refused", "a sync with a field that no document names is refused with 400", "WK-SYNC-42"),
		Handler: around(syncPath, func(c *call, next func()) {
			for name := range c.fields() {
				if !strings.Contains(knownFields, " "+name+" ") {
					c.says(http.StatusBadRequest, `{"msg":"unknown field","status":400}`)
					return
				}
			}
			next()
		})},
	{Fault: named("unknown-object-refused", "a sync with an object in it is refused with 400, although no document names its field", "WK-SYNC-42"),
		Handler: around(syncPath, func(c *call, next func()) {
			for _, value := range c.fields() {
				if bytes.HasPrefix(value, []byte("{")) {
					c.says(http.StatusBadRequest, `{"msg":"an object where none belongs","status":400}`)
					return
				}
			}
			next()
		})},
}

const knownFields = " uid version last_msg_seqs msg_count only_unread exclude_channel_types "

// taking lets a path take another method as if it were POST.
func taking(method, path string) func(http.Handler) http.Handler {
	return around(path, func(c *call, next func()) {
		documented := c.Path == syncPath || c.Path == clearPath || c.Path == setPath || c.Path == deletePath
		if c.Method == method && documented {
			c.Method = http.MethodPost
		}
		next()
	})
}
