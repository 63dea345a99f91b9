// Package variants is the Ozeki Chat reference right in another way: each variant takes a freedom that the documents
// leave, so that a conformance suite can show that it demands nothing more.
//
// A variant is a decorator over the model or the handler, like a fault, and breaks nothing. The package may know all of
// the Ozeki Chat reference, and no suite.
package variants

import (
	"fmt"
	"net/http"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/ozeki/model"
	"github.com/parley-im/parley/reference/ozeki/server"
)

// Variant is one way in which the reference can be otherwise, and as right.
type Variant struct {
	Name    string
	Summary string
	Model   func(model.Model) model.Model
	Handler func(http.Handler) http.Handler
	edit    func(*call) // of honest answers
}

// All are the variants.
func All() []Variant { return all }

// Names are what All are called.
func Names() []string {
	var names []string
	for _, v := range all {
		names = append(names, v.Name)
	}
	return names
}

// New is the reference with the named variants, all at once. The error is a *fault.Unknown.
func New(o server.Options, names []string) (http.Handler, error) {
	picked, err := fault.Pick("variant", all, func(v Variant) string { return v.Name }, names)
	if err != nil {
		return nil, err
	}
	if o.Model == nil {
		o.Model = model.New(o.Seed)
	}
	for _, v := range picked {
		if v.Model != nil {
			o.Model = v.Model(o.Model)
		}
	}
	var handler http.Handler = server.New(o)
	var edits []func(*call)
	for _, v := range picked {
		if v.edit != nil {
			edits = append(edits, v.edit)
		}
	}
	if len(edits) > 0 {
		handler = edited(handler, edits)
	}
	for _, v := range picked {
		if v.Handler != nil {
			handler = v.Handler(handler)
		}
	}
	return handler, nil
}

var all = []Variant{
	{Name: "http-statuses", Summary: "what is refused has a 4xx status", edit: httpStatuses},
	{Name: "other-word-for-refusals", Summary: "the status of a refusal is Failed", edit: func(c *call) {
		if c.refused() {
			c.out["status"] = "Failed"
		}
	}},
	{Name: "one-text-for-all-refusals", Summary: "an errormessage does not say what is wrong", edit: func(c *call) {
		if c.refused() && c.action != "" && known[c.action] {
			c.out["errormessage"] = "Access denied"
		}
	}},
	{Name: "file-does-not-exist", Summary: "success comes with the errormessage of the example", edit: func(c *call) {
		if !c.refused() {
			c.out["errormessage"] = "File does not exist"
		}
	}},
	{Name: "bare-download", Summary: "a download has neither status nor errormessage", edit: func(c *call) {
		if c.action == "download" && !c.refused() {
			delete(c.out, "status")
			delete(c.out, "errormessage")
		}
	}},
	{Name: "more-members", Summary: "every object has members that no document names", edit: func(c *call) {
		c.out["servertime"] = 5
		for _, v := range c.views() {
			v["draft"], v["unread"] = nil, []any{}
			for _, p := range v["properties"].([]any) {
				p.(object)["volume"] = 0.5
			}
		}
		for _, m := range c.messages() {
			m["Sender"] = "somebody"
		}
	}},
	{Name: "charset", Summary: "the Content-Type names a charset", edit: func(c *call) { c.header.Set("Content-Type", "Application/JSON; charset=utf-8") }},
	{Name: "pretty", Summary: "answers are indented", edit: func(c *call) { c.indent = true }},
	{Name: "filtered-by-caller", Summary: "mutedby and favoriteby hold the caller only", edit: filtered},
	{Name: "hiddenby-filled", Summary: "hiddenby holds the caller of a hidden conversation", edit: func(c *call) {
		for _, v := range c.views() {
			if c.own(v)["hideid"] != "" {
				v["hiddenby"] = []any{c.user}
			}
		}
	}},
	{Name: "hidden-not-listed", Summary: "list leaves hidden conversations out", edit: unlisted},
	{Name: "properties-of-all", Summary: "properties has entries of other participants", edit: strangers},
	{Name: "any-order", Summary: "lists and participants come in the opposite order", edit: reversed},
	{Name: "pages-newest-first", Summary: "a page of downloadpartial has the newest first", edit: func(c *call) {
		if c.action == "downloadpartial" {
			reverse(c.out["messages"])
		}
	}},
	{Name: "no-reports", Summary: "there are no reports, and never a lastreportid", edit: func(c *call) {
		delete(c.out, "reports")
		for _, v := range c.views() {
			v["lastreportid"] = ""
		}
	}},
	{Name: "upper-case-colors", Summary: "colors come back in upper case", edit: upperColors},
	{Name: "new-secrets-names", Summary: "displayname is another one in every answer", edit: renaming()},
	{Name: "data-in-add", Summary: "the answer to add has the Data too", edit: func(c *call) {
		if m, ok := c.out["message"].(object); ok {
			m["Data"] = "AAAA"
		}
	}},
	{Name: "stale-instances-taken", Summary: "an instance is not looked at", Model: func(m model.Model) model.Model { return lenient{m} }},
	{Name: "instance-needed", Summary: "a call that needs an instance is refused without", Handler: strictInstance},
	{Name: "cursors-needed", Summary: "a download without dates is refused", Handler: strictCursors},
	{Name: "inclusive-pages", Summary: "a page with room for it holds the message of its cursor too", Model: func(m model.Model) model.Model { return inclusive{m} }},
	{Name: "own-view-cleared", Summary: "clear empties the conversation for the caller alone", Model: func(m model.Model) model.Model { return newOwnView(m) }},
	{Name: "second-clear-keeps-instance", Summary: "clear of what is clear gives no new instance", Model: func(m model.Model) model.Model { return idle{m} }},
	{Name: "doubled-ids-refused", Summary: "an add of an ID that is there is refused", Handler: doubled},
	{Name: "hideids-of-its-own", Summary: "a hideid is the instance and a semicolon, whatever was sent", Model: func(m model.Model) model.Model { return ownHideIDs{m} }},
	{Name: "api-before-srv-unknown", Summary: "a query that names api before srv leads nowhere", Handler: strictQuery},
	{Name: "clear-resets-flags", Summary: "clear takes back what anybody set for the conversation", Model: func(m model.Model) model.Model { return forgetful{m} }},
	{Name: "secret-of-the-instance", Summary: "a clear gives another secret, as it gives another instance", edit: func(c *call) {
		for _, v := range c.views() {
			v["secret"] = fmt.Sprintf("secret of %v", v["instance"])
		}
	}},
	{Name: "participants-any-order", Summary: "participants come in another order at each look", edit: turning()},
	{Name: "presence-flaps", Summary: "participants say who is online, otherwise at each look", edit: flapping()},
	{Name: "key-order", Summary: "the members of objects come in another order at each look", edit: rewording()},
	{Name: "system-conversation", Summary: "every list has a conversation of the server's own", edit: announced},
}
