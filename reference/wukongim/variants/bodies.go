package variants

import (
	"net/http"

	"github.com/parley-im/parley/reference/strictjson"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// bodies are freedoms in what answers hold, and how they are spelled.
func bodies() []Variant {
	return []Variant{
		{
			Name: "problem-details", Summary: "Errors are problem details: type, title, detail.", Choice: "the form of an error",
			Freedom: "the documents have status codes for errors, and no body",
			codec: func(_ kit, c *server.Codec) {
				c.AppendError = func(dst []byte, e wire.Error) []byte {
					return style{}.append(dst, object("type", text("about:blank"), "title", text(http.StatusText(e.Status)), "detail", text(e.Msg)))
				}
			},
			answer: func(_ kit, a *answer) {
				if a.status >= 400 && a.json() != nil {
					a.header.Set("Content-Type", "application/problem+json")
				}
			},
		},
		{
			Name: "nested-errors", Summary: "Errors are an object in an object, with a code in words.", Choice: "the form of an error",
			Freedom: "the documents have status codes for errors, and no body",
			codec: func(_ kit, c *server.Codec) {
				c.AppendError = func(dst []byte, e wire.Error) []byte {
					return style{}.append(dst, object("error", object("code", text(http.StatusText(e.Status)), "reasons", array(text(e.Msg)))))
				}
			},
		},
		{
			Name: "message-headers", Summary: "Messages carry header, setting, channel_id and channel_type, as on the older page.",
			Profiles: []string{"v2"}, Freedom: "the newer page names the fields of a message, and forbids no other",
			codec: func(_ kit, c *server.Codec) {
				next := c.AppendConversations
				c.AppendConversations = func(dst []byte, _ wire.Profile, all []wire.Conversation) []byte { return next(dst, wire.V1, all) }
			},
		},
		{
			Name: "last-client-msg-no-left-out", Summary: "Conversations have no last_client_msg_no.", Profiles: []string{"v2"},
			Freedom: "the newer page does not name the field",
			answer: eachObject("recents", func(v *jsonValue) {
				v.Members = without(v.Members, "last_client_msg_no")
			}),
		},
		{
			Name: "message-idstr", Summary: "Messages carry message_idstr: message_id as a string.", Choice: "message_idstr",
			Freedom: "the documents name the fields of a message, and forbid no other",
			answer: eachObject("message_id", func(v *jsonValue) {
				v.Members = append(v.Members, strictjson.Member{Key: "message_idstr", Value: text(v.Get("message_id").Text)})
			}),
		},
		{
			Name: "message-idstr-of-its-own", Summary: "Messages carry message_idstr, which is something else than message_id.", Choice: "message_idstr",
			Freedom: "no document names message_idstr",
			answer: eachObject("message_id", func(v *jsonValue) {
				v.Members = append(v.Members, strictjson.Member{Key: "message_idstr", Value: text("m" + v.Get("message_id").Text)})
			}),
		},
		{
			Name: "read-to-seq", Summary: "Conversations carry readed_to_msg_seq.",
			Freedom: "the documents name the fields of a conversation, and forbid no other",
			answer: eachObject("recents", func(v *jsonValue) {
				v.Members = append(v.Members, strictjson.Member{Key: "readed_to_msg_seq", Value: strictjson.Value{Kind: strictjson.Number, Text: "0"}})
			}),
		},
		{
			Name: "unknown-fields", Summary: "Every object of every answer has fields that no document names.",
			Freedom: "the documents name fields, and forbid no other",
			answer: eachObject("", func(v *jsonValue) {
				v.Members = append(v.Members,
					strictjson.Member{Key: "x_extra", Value: object("a", array(text("b"), strictjson.Value{Kind: strictjson.Null, Text: "null"}))},
					strictjson.Member{Key: "x_ratio", Value: strictjson.Value{Kind: strictjson.Number, Text: "-1.5e-3"}})
			}),
		},
		{
			Name: "bare-success", Summary: "Set and delete that worked are answered 200 with nothing in it.",
			Freedom: "the older page says of success: http status为200 (the HTTP status is 200), and has no body",
			answer: func(_ kit, a *answer) {
				path := a.request.URL.Path
				if a.status == http.StatusOK && (path == "/conversations/setUnread" || path == "/conversations/delete") {
					a.body, a.tree = nil, nil
					a.header.Del("Content-Type")
				}
			},
		},
		{
			Name: "shuffled-keys", Summary: "The keys of objects come in another order each time.",
			Freedom: "a JSON object has no order",
			answer:  func(k kit, a *answer) { a.style.shuffle = k.chance },
		},
		{
			Name: "odd-spaces", Summary: "Spaces, tabs and line breaks stand wherever JSON lets them.",
			Freedom: "JSON lets white space stand between any two signs",
			answer:  func(k kit, a *answer) { a.style.spaces = k.chance },
		},
		{
			Name: "escaped-text", Summary: "Texts are escaped as far as JSON goes.",
			Freedom: "JSON lets every character be written as an escape",
			answer:  func(_ kit, a *answer) { a.style.escapes = true },
		},
		{
			Name: "charset", Summary: "The Content-Type of JSON names a charset.",
			Freedom: "a media type may have parameters",
			answer: func(_ kit, a *answer) {
				if kind := a.header.Get("Content-Type"); kind == "application/json" || kind == "application/problem+json" {
					a.header.Set("Content-Type", kind+"; charset=UTF-8")
				}
			},
		},
	}
}

func text(s string) jsonValue { return jsonValue{Kind: strictjson.String, Text: s} }

func array(elements ...jsonValue) jsonValue {
	return jsonValue{Kind: strictjson.Array, Elements: elements}
}

// object is an object of keys and values in turn.
func object(pairs ...any) jsonValue {
	v := jsonValue{Kind: strictjson.Object}
	for i := 0; i < len(pairs); i += 2 {
		v.Members = append(v.Members, strictjson.Member{Key: pairs[i].(string), Value: pairs[i+1].(jsonValue)})
	}
	return v
}

func without(members []strictjson.Member, key string) []strictjson.Member {
	var left []strictjson.Member
	for _, m := range members {
		if m.Key != key {
			left = append(left, m)
		}
	}
	return left
}

// eachObject changes every object of an answer that has the key; the empty key stands for all of them. It goes from the
// inside out, so that what a change adds is not changed again.
func eachObject(key string, change func(*jsonValue)) func(kit, *answer) {
	var walk func(*jsonValue)
	walk = func(v *jsonValue) {
		for i := range v.Elements {
			walk(&v.Elements[i])
		}
		for i := range v.Members {
			walk(&v.Members[i].Value)
		}
		if v.Kind == strictjson.Object && (key == "" || v.Get(key).Kind != strictjson.Missing) {
			change(v)
		}
	}
	return func(_ kit, a *answer) {
		if v := a.json(); v != nil {
			walk(v)
		}
	}
}
