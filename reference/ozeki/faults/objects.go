package faults

import (
	"encoding/json"
	"net/http"

	"github.com/parley-im/parley/reference/ozeki/wire"
)

// objects are wrong about the form of a conversation.
var objects = []Fault{
	wired("no-hiddenby", "conversations have no hiddenby", showing(func(_ *call, v object) { delete(v, "hiddenby") }), "OZ-CONV-1", "OZ-LIST-3"),
	wired("isgroup-as-number", "isgroup is 0 or 1 in the answer to clear", showing(func(_ *call, v object) {
		v["isgroup"] = map[any]int{true: 1, false: 0}[v["isgroup"]]
	}, wire.Clear), "OZ-CONV-1"),
	wired("participants-without-caller", "participants lacks the caller", showing(func(c *call, v object) {
		for i, p := range v["participants"].([]any) {
			if p.(object)["userid"] == c.user {
				v["participants"] = without(v["participants"].([]any), i)
				return
			}
		}
	}), "OZ-CONV-2"),
	wired("a-participant-too-few-in-groups", "participantids of a group lacks its last", showing(func(_ *call, v object) {
		if ids := v["participantids"].([]any); v["isgroup"] == true {
			v["participantids"] = without(ids, len(ids)-1)
		}
	}), "OZ-CONV-2"),
	wired("no-properties", "properties is empty", showing(func(_ *call, v object) { v["properties"] = []any{} }), "OZ-CONV-3"),
	wired("properties-of-another", "the answer to a mute has the properties of another user", showing(func(c *call, v object) {
		c.own(v)["userid"] = "00000000000000000000000000000000"
	}, wire.Mute), "OZ-CONV-3"),
	wired("mutedby-empty", "mutedby is always empty", showing(func(_ *call, v object) { v["mutedby"] = []any{} }), "OZ-CONV-4", "OZ-MUTE-2"),
	wired("favoriteby-late", "favoriteby in the answer to favorite is that from before", showing(func(_ *call, v object) { v["favoriteby"] = []any{} }, wire.Favorite), "OZ-CONV-4", "OZ-FAV-2"),
	wired("lastaccess-in-milliseconds", "lastaccess is in milliseconds", showing(func(_ *call, v object) {
		v["lastaccess"] = json.Number(v["lastaccess"].(json.Number).String() + "000")
	}), "OZ-CONV-5"),
	wired("lastaccess-as-float", "lastaccess is written with a fraction", showing(func(_ *call, v object) {
		v["lastaccess"] = json.Number(v["lastaccess"].(json.Number).String() + ".0")
	}), "OZ-CONV-5"),
	wired("instance-of-20", "an instance has 20 characters", renamed(func(_ object, s string) string { return s + s }), "OZ-CONV-6"),
	wired("instance-with-dash-when-empty", "the instance of a conversation without messages has a dash in it", renamed(func(v object, s string) string {
		if v["lastmessageid"] == "" {
			return s[:4] + "-" + s[5:]
		}
		return s
	}), "OZ-CONV-6"),
	wired("color-by-name", "the color #ffffff is called white", showing(func(c *call, v object) { recolor(c.own(v), "#ffffff", "white") }), "OZ-CONV-7"),
	wired("color-short-after-unmute", "the answer to unmute writes #ffffff as #fff", showing(func(c *call, v object) { recolor(c.own(v), "#ffffff", "#fff") }, wire.Unmute), "OZ-CONV-7"),
}

func recolor(own object, from, to string) {
	if own["listitembackgroundcolor"] == from {
		own["listitembackgroundcolor"] = to
	}
}

// renamed shows other instances, and takes whatever comes as the current one.
func renamed(name func(v object, s string) string) func(http.Handler) http.Handler {
	return simply(func(c *call) {
		c.anyInstance()
		for _, v := range c.views() {
			v["instance"] = name(v, v["instance"].(string))
		}
	})
}

// anyInstance is next for whatever instance the request names.
func (c *call) anyInstance() {
	if _, ok := c.in["instance"].(string); ok {
		c.in["instance"] = ""
		c.changed()
		return
	}
	c.next()
}
