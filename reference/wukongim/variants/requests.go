package variants

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// requests are freedoms in how requests are read.
func requests() []Variant {
	return []Variant{
		{
			Name: "msg-count-10", Summary: "A sync without msg_count gives 10 messages of each conversation.", Choice: "a missing msg_count",
			Freedom: "msg_count is 可选 (optional), and no document says what stands for it",
			codec: missingCount(func(r wire.SyncRequest) wire.SyncRequest {
				r.MsgCount = 10
				return r
			}),
		},
		{
			Name: "msg-count-none", Summary: "A sync without msg_count gives no conversation.", Choice: "a missing msg_count",
			Freedom: "msg_count is 可选 (optional), and no document says what stands for it",
			codec: missingCount(func(r wire.SyncRequest) wire.SyncRequest {
				r.OnlyUnread, r.ExcludeChannelTypes = 1, everyType()
				return r
			}),
		},
		{
			Name: "version-required", Summary: "A sync without version is a bad request.", Profiles: []string{"v1"},
			Freedom: "the older page has version in every request: 如果本地没有数据则传0 (without local data, 0 is sent)",
			codec: func(_ kit, c *server.Codec) {
				next := c.DecodeSync
				c.DecodeSync = func(profile wire.Profile, body []byte) (wire.SyncRequest, error) {
					r, err := next(profile, body)
					if v, wrong := strictjson.Parse(body); err == nil && wrong == nil && v.Get("version").Kind == strictjson.Missing {
						err = &fields.Error{Field: "version", Reason: "is missing"}
					}
					return r, err
				}
			},
		},
		{
			Name: "lenient-json", Summary: "JSON is read leniently: keys twice or in another case, a byte order mark, bytes after the object.",
			Freedom: "the documents say that the body is JSON, and not how strictly it is read",
			codec: func(_ kit, c *server.Codec) {
				c.DecodeSync = func(next func(wire.Profile, []byte) (wire.SyncRequest, error)) func(wire.Profile, []byte) (wire.SyncRequest, error) {
					return func(p wire.Profile, body []byte) (wire.SyncRequest, error) { return next(p, lenient(body)) }
				}(c.DecodeSync)
				c.DecodeClearUnread = leniently(c.DecodeClearUnread)
				c.DecodeSetUnread = leniently(c.DecodeSetUnread)
				c.DecodeDelete = leniently(c.DecodeDelete)
			},
		},
		{
			Name: "lenient-numbers", Summary: "Numbers out of range mean the default: msg_count -1 is 0, only_unread 2 is 0.",
			Freedom: "the documents name no bounds for version and msg_count, and do not say what another only_unread is",
			codec: func(_ kit, c *server.Codec) {
				next := c.DecodeSync
				c.DecodeSync = func(p wire.Profile, body []byte) (wire.SyncRequest, error) { return next(p, rewritten(body, bounded)) }
			},
		},
	}
}

func everyType() []int {
	all := make([]int, 256)
	for i := range all {
		all[i] = i
	}
	return all
}

func missingCount(change func(wire.SyncRequest) wire.SyncRequest) func(kit, *server.Codec) {
	return func(_ kit, c *server.Codec) {
		next := c.DecodeSync
		c.DecodeSync = func(profile wire.Profile, body []byte) (wire.SyncRequest, error) {
			r, err := next(profile, body)
			v, wrong := strictjson.Parse(body)
			if kind := v.Get("msg_count").Kind; err == nil && wrong == nil && (kind == strictjson.Missing || kind == strictjson.Null) {
				r = change(r)
			}
			return r, err
		}
	}
}

func leniently[R any](next func([]byte) (R, error)) func([]byte) (R, error) {
	return func(body []byte) (R, error) { return next(lenient(body)) }
}

// lenient is the object that a lenient reader sees, or the body as it was where there is none. Keys go by small letters, the
// last of several counts, and null is no value. Types are as strict as ever.
func lenient(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return body
	}
	values := map[string]json.RawMessage{}
	for decoder.More() {
		key, err := decoder.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return body
		}
		values[strings.ToLower(name)] = value
		if string(value) == "null" {
			delete(values, strings.ToLower(name))
		}
	}
	if _, err := decoder.Token(); err != nil {
		return body
	}
	object, err := json.Marshal(values)
	if err != nil {
		return body
	}
	return object
}

// bounded puts 0 for the numbers of a sync that are out of range.
func bounded(v *jsonValue) {
	for i := range v.Members {
		m := &v.Members[i]
		n, err := strconv.ParseInt(m.Value.Text, 10, 64)
		if m.Value.Kind != strictjson.Number || err != nil {
			continue
		}
		switch m.Key {
		case "msg_count", "version":
			m.Value.Text = strconv.FormatInt(max(0, n), 10)
		case "only_unread":
			if n != 1 {
				m.Value.Text = "0"
			}
		}
	}
}
