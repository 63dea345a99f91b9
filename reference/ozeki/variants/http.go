package variants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/ozeki/wire"
)

// object is a JSON object, free to be changed.
type object = map[string]any

// known are the actions that the documents name.
var known = func() map[string]bool {
	all := map[string]bool{}
	for _, action := range wire.Actions {
		all[action] = true
	}
	return all
}()

// call is one request with the honest answer, which an edit may change.
type call struct {
	user, action string
	in           object
	status       int
	header       http.Header
	out          object
	indent       bool
	backwards    bool // the members of objects come in the opposite order
}

// look is a request's body. It is nil where it is no object.
func look(r *http.Request) object {
	body, whole := fault.Look(r)
	if !whole || strings.HasPrefix(r.URL.Path, hook.Prefix) {
		return nil
	}
	return parse(body)
}

func parse(data []byte) object {
	var o object
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if decoder.Decode(&o) != nil {
		return nil
	}
	return o
}

// edited changes honest answers, each of which is read and written once.
func edited(honest http.Handler, edits []func(*call)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, hook.Prefix) {
			honest.ServeHTTP(w, r)
			return
		}
		c := &call{user: r.Header.Get(wire.UserHeader), in: look(r)}
		c.action, _ = c.in["action"].(string)
		k := fault.Keep(honest, r)
		c.status, c.header, c.out = k.Status, k.Header(), parse(k.Body)
		for _, edit := range edits {
			edit(c)
		}
		c.send(w)
	})
}

func (c *call) send(w http.ResponseWriter) {
	body, err := json.Marshal(c.out)
	if c.backwards && err == nil {
		body = backwards(c.out)
	}
	if c.indent && err == nil {
		var b bytes.Buffer
		err = json.Indent(&b, body, "\r\n", "\t")
		body = b.Bytes()
	}
	if err != nil {
		panic(err) // what was JSON, or is made of texts and numbers, cannot fail
	}
	fault.Send(w, c.status, c.header, body)
}

// refused tells an answer that is no success, in whichever words; a bare download has no status, and is one.
func (c *call) refused() bool { return c.out["status"] != nil && c.out["status"] != wire.OK }

func (c *call) views() []object {
	var all []object
	if v, ok := c.out["conversation"].(object); ok {
		all = append(all, v)
	}
	return append(all, objects(c.out["conversations"])...)
}

func (c *call) messages() []object { return objects(c.out["messages"]) }

func objects(v any) []object {
	var all []object
	list, _ := v.([]any)
	for _, e := range list {
		all = append(all, e.(object))
	}
	return all
}

func (c *call) own(v object) object {
	for _, p := range objects(v["properties"]) {
		if p["userid"] == c.user {
			return p
		}
	}
	return object{}
}

func reverse(v any) {
	if list, ok := v.([]any); ok {
		slices.Reverse(list)
	}
}

func httpStatuses(c *call) {
	if !c.refused() {
		return
	}
	switch text := fmt.Sprint(c.out["errormessage"]); {
	case strings.Contains(text, "header"):
		c.status = http.StatusUnauthorized
	case strings.Contains(text, "takes part"):
		c.status = http.StatusForbidden
	default:
		c.status = http.StatusBadRequest
	}
}

func filtered(c *call) {
	for _, v := range c.views() {
		for _, name := range []string{"mutedby", "favoriteby"} {
			v[name] = slices.DeleteFunc(v[name].([]any), func(id any) bool { return id != c.user })
		}
	}
}

func unlisted(c *call) {
	if all, ok := c.out["conversations"].([]any); ok {
		c.out["conversations"] = slices.DeleteFunc(all, func(v any) bool { return c.own(v.(object))["hideid"] != "" })
	}
}

func strangers(c *call) {
	for _, v := range c.views() {
		entries := v["properties"].([]any)
		for _, id := range v["participantids"].([]any) {
			if id != c.user {
				entries = append([]any{object{"userid": id, "ismuted": false, "isfavorite": false, "hideid": "", "listitembackgroundcolor": "#ffffff"}}, entries...)
			}
		}
		v["properties"] = entries
	}
}

func reversed(c *call) {
	reverse(c.out["conversations"])
	for _, v := range c.views() {
		reverse(v["participants"])
		reverse(v["participantids"])
	}
}

func upperColors(c *call) {
	for _, v := range c.views() {
		c.own(v)["listitembackgroundcolor"] = strings.ToUpper(c.own(v)["listitembackgroundcolor"].(string))
	}
}

// rewording turns the order of members over from one answer to the next.
func rewording() func(*call) {
	var n atomic.Int64
	return func(c *call) { c.backwards = n.Add(1)%2 == 0 }
}

// backwards writes objects with their members in descending order.
func backwards(v any) []byte {
	switch v := v.(type) {
	case object:
		var members [][]byte
		for _, name := range slices.Backward(slices.Sorted(maps.Keys(v))) {
			members = append(members, slices.Concat(backwards(name), []byte(":"), backwards(v[name])))
		}
		return slices.Concat([]byte("{"), bytes.Join(members, []byte(",")), []byte("}"))
	case []any:
		elements := make([][]byte, len(v))
		for i, e := range v {
			elements[i] = backwards(e)
		}
		return slices.Concat([]byte("["), bytes.Join(elements, []byte(",")), []byte("]"))
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // a text, a number, a truth value or null
	}
	return data
}

// turning puts the participants into another order at each look.
func turning() func(*call) {
	var n atomic.Int64
	return func(c *call) {
		turn := n.Add(1)%2 == 0
		for _, v := range c.views() {
			if turn {
				reverse(v["participants"])
			} else {
				reverse(v["participantids"])
			}
		}
	}
}

// flapping says of each participant who is online, and whether somebody types: otherwise at each look.
func flapping() func(*call) {
	var n atomic.Int64
	return func(c *call) {
		at := n.Add(1)
		for _, v := range c.views() {
			for i, p := range objects(v["participants"]) {
				p["online"], p["lastseen"] = (at+int64(i))%2 == 0, at
			}
			for _, p := range objects(v["properties"]) {
				p["typing"] = at%2 == 0
			}
		}
	}
}

// announced puts a conversation of the server's own system account into every list, in a form of its own.
func announced(c *call) {
	if all, ok := c.out["conversations"].([]any); ok {
		const system = "0000000000000000000000000000feed"
		c.out["conversations"] = append([]any{object{"id": "system-news-of-" + c.user, "isgroup": true,
			"participantids": []any{system, c.user}, "displayname": nil, "lastaccess": "2024-03-08 15:27:02"}}, all...)
	}
}

func renaming() func(*call) {
	var n atomic.Int64
	return func(c *call) {
		for _, v := range c.views() {
			v["displayname"] = fmt.Sprintf("AAA%d==", n.Add(1))
		}
	}
}

// refusing answers some requests itself.
func refusing(honest http.Handler, text string, when func(in object) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if in := look(r); in != nil && when(in) {
			(&call{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}},
				out: object{"status": "ERROR", "errormessage": text}}).send(w)
			return
		}
		honest.ServeHTTP(w, r)
	})
}

func strictQuery(honest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.RawQuery, "api=") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		honest.ServeHTTP(w, r)
	})
}

func strictInstance(honest http.Handler) http.Handler {
	return refusing(honest, "instance is needed", func(in object) bool {
		instance, _ := in["instance"].(string)
		action, _ := in["action"].(string)
		return instance == "" && slices.Contains([]string{wire.Add, wire.Clear, wire.Download, wire.DownloadPartial}, action)
	})
}

func strictCursors(honest http.Handler) http.Handler {
	return refusing(honest, "a date is needed", func(in object) bool {
		action, _ := in["action"].(string)
		name := map[string]string{wire.Download: "firstmessagedate", wire.DownloadPartial: "lastmessagedate"}[action]
		date, _ := in[name].(string)
		return name != "" && date == ""
	})
}

func doubled(honest http.Handler) http.Handler {
	var mu sync.Mutex
	seen := map[string]bool{}
	return refusing(honest, "this ID is there", func(in object) bool {
		mu.Lock()
		defer mu.Unlock()
		text, _ := in["message"].(string)
		id := parse([]byte(text))["ID"]
		if in["action"] != wire.Add || id == nil || fmt.Sprint(id) == "" {
			return false
		}
		was := seen[fmt.Sprint(id)]
		seen[fmt.Sprint(id)] = true
		return was
	})
}
