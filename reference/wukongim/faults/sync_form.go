package faults

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"

	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// writing edits each conversation's JSON of an answer; i counts from 0.
func writing(edit func(i int, c wire.Conversation, written []byte) []byte) func(*server.Codec) {
	return func(codec *server.Codec) {
		honest := codec.AppendConversations
		codec.AppendConversations = func(dst []byte, p wire.Profile, all []wire.Conversation) []byte {
			dst = append(dst, '[')
			for i := range all {
				if i > 0 {
					dst = append(dst, ',')
				}
				one := honest(nil, p, all[i:i+1])
				dst = append(dst, edit(i, all[i], one[1:len(one)-1])...)
			}
			return append(dst, ']')
		}
	}
}

// writingEach edits each message's JSON of an answer; i counts from the newest.
func writingEach(edit func(c wire.Conversation, i int, m wire.Message, written string) string) func(*server.Codec) {
	return writing(func(_ int, c wire.Conversation, written []byte) []byte {
		head, messages, found := strings.Cut(string(written), `"recents":[`)
		if !found || len(c.Recents) == 0 {
			return written
		}
		parts := splitObjects(strings.TrimSuffix(messages, "]}"))
		if len(parts) != len(c.Recents) {
			return written
		}
		for i, m := range c.Recents {
			parts[i] = edit(c, i, m, parts[i])
		}
		return []byte(head + `"recents":[` + strings.Join(parts, ",") + "]}")
	})
}

// splitObjects takes objects apart that stand one after the other with commas between them.
func splitObjects(s string) (parts []string) {
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			if depth == 0 {
				start = i
			}
			depth++
		case c == '}':
			if depth--; depth == 0 {
				parts = append(parts, s[start:i+1])
			}
		}
	}
	return parts
}

// The forms that integer gives a field.
const (
	asText    = `"$1":"$2"`
	asDecimal = `"$1":$2.5`
)

// integer rewrites the integer field name in one piece of JSON.
func integer(written, name, form string) string {
	return regexp.MustCompile(`"(`+name+`)":(-?\d+)`).ReplaceAllString(written, form)
}

// without leaves the integer field name out.
func without(written, name string) string {
	return regexp.MustCompile(`"`+name+`":-?\d+,`).ReplaceAllString(written, "")
}

// beyond is the first place in an answer that a machine word of flags does not reach.
const beyond = 64

var syncForm = []Fault{
	{Fault: named("null-for-no-conversations", "an answer without conversations is null instead of []", "WK-SYNC-01"),
		Handler: answering(syncPath, func(c *call) { c.Answer = bytes.Replace(c.Answer, []byte("[]"), []byte("null"), onlyEmpty(c)) })},
	{Fault: named("null-when-nothing-changed", "an incremental sync that finds nothing is answered with null", "WK-SYNC-01"),
		Handler: answering(syncPath, func(c *call) {
			if number(c.fields(), "version") > 0 {
				c.Answer = bytes.Replace(c.Answer, []byte("[]"), []byte("null"), onlyEmpty(c))
			}
		})},
	{Fault: named("msg-count-required", "a sync without msg_count is refused with 400", "WK-SYNC-01"),
		Handler: around(syncPath, func(c *call, next func()) {
			if f := c.fields(); f != nil && f["uid"] != nil && f["msg_count"] == nil {
				c.says(http.StatusBadRequest, `{"msg":"msg_count is required","status":400}`)
				return
			}
			next()
		})},
	{Fault: named("created-for-a-sync", "a sync is answered with 201", "WK-SYNC-01"),
		Handler: answering(syncPath, func(c *call) { c.Status = replaced(c.Status, http.StatusOK, http.StatusCreated) })},

	{Fault: named("unread-as-text", "unread is a string", "WK-SYNC-02"),
		Codec: writing(func(_ int, _ wire.Conversation, written []byte) []byte {
			return []byte(integer(string(written), "unread", asText))
		})},
	{Fault: named("recents-null", "recents is null where there is nothing to put into it", "WK-SYNC-02"),
		Codec: writing(func(_ int, _ wire.Conversation, written []byte) []byte {
			return bytes.Replace(written, []byte(`"recents":[]`), []byte(`"recents":null`), 1)
		})},
	{Fault: named("no-last-msg-seq-when-read", "last_msg_seq is left out of a conversation without unread messages", "WK-SYNC-02"),
		Codec: writing(func(_ int, c wire.Conversation, written []byte) []byte {
			if c.Unread > 0 {
				return written
			}
			return []byte(without(string(written), "last_msg_seq"))
		})},
	{Fault: named("decimal-timestamp-beyond-64", "timestamp is no integer from the 65th conversation on", "WK-SYNC-02"),
		Codec: writing(func(i int, _ wire.Conversation, written []byte) []byte {
			if i < beyond {
				return written
			}
			head, rest, _ := strings.Cut(string(written), `"recents"`)
			return []byte(integer(head, "timestamp", asDecimal) + `"recents"` + rest)
		})},
	{Fault: rare("no-version-now-and-then", "one answer in fifty leaves the version of its first conversation out", "WK-SYNC-02"),
		Codec: writing(func(i int, _ wire.Conversation, written []byte) []byte {
			if i > 0 {
				return written
			}
			return []byte(without(string(written), "version"))
		})},

	{Fault: named("message-id-as-text", "message_id is a string", "WK-SYNC-03"),
		Codec: writingEach(func(_ wire.Conversation, _ int, _ wire.Message, written string) string {
			return integer(written, "message_id", asText)
		})},
	{Fault: named("no-timestamp-in-the-50th-message", "the timestamp of a conversation's 50th message is left out", "WK-SYNC-03"),
		Codec: writingEach(func(_ wire.Conversation, i int, _ wire.Message, written string) string {
			if i == 49 {
				return without(written, "timestamp")
			}
			return written
		})},
	{Fault: named("from-uid-null-in-personal-channels", "from_uid is null in a personal channel where the peer sent the message", "WK-SYNC-03"),
		Codec: writingEach(func(c wire.Conversation, _ int, m wire.Message, written string) string {
			if c.ChannelType == 1 && m.FromUID == c.ChannelID {
				return regexp.MustCompile(`"from_uid":"(?:[^"\\]|\\.)*"`).ReplaceAllString(written, `"from_uid":null`)
			}
			return written
		})},

	{Fault: named("sync-as-text-plain", "a sync's answer calls itself text/plain", "WK-SYNC-33"),
		Handler: answering(syncPath, func(c *call) {
			if c.Status == http.StatusOK {
				c.AnswerHeader.Set("Content-Type", "text/plain; charset=utf-8")
			}
		})},
	{Fault: named("no-content-type-when-empty", "an empty array has no Content-Type", "WK-SYNC-33"),
		Handler: answering(syncPath, func(c *call) {
			if onlyEmpty(c) > 0 {
				c.AnswerHeader.Del("Content-Type")
			}
		})},
	{Fault: named("html-on-the-incremental-path", "an incremental sync's answer calls itself text/html", "WK-SYNC-33"),
		Handler: answering(syncPath, func(c *call) {
			if number(c.fields(), "version") > 0 {
				c.AnswerHeader.Set("Content-Type", "text/html")
			}
		})},
}

// onlyEmpty is 1 where the answer is an empty array, and 0 otherwise.
func onlyEmpty(c *call) int {
	if string(bytes.TrimSpace(c.Answer)) == "[]" {
		return 1
	}
	return 0
}

func replaced(status, from, to int) int {
	if status == from {
		return to
	}
	return status
}
