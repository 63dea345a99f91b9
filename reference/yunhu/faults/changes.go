package faults

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/parley-im/parley/reference/yunhu/model"
	"github.com/parley-im/parley/reference/yunhu/wire"
	"github.com/parley-im/parley/reference/yunhu/wire/pb"
)

// secondTime rewrites the answer where a user makes a call with the same body again.
func secondTime(path, old, with string) func(http.Handler) http.Handler {
	var mu sync.Mutex
	return func(honest http.Handler) http.Handler {
		seen := map[string]bool{}
		return succeeding(path, func(c *call) {
			mu.Lock()
			defer mu.Unlock()
			key := c.Header.Get("token") + " " + string(c.Body)
			if seen[key] {
				rewriting(old, with)(c)
			}
			seen[key] = true
		})(honest)
	}
}

// afterwards edits the lists of users who have made a call before.
func afterwards(path string, edit func(l *pb.ListResponse)) func(http.Handler) http.Handler {
	var mu sync.Mutex
	return func(honest http.Handler) http.Handler {
		changed := map[string]bool{}
		lists := listing(func(c *call, l *pb.ListResponse) {
			mu.Lock()
			defer mu.Unlock()
			if changed[c.Header.Get("token")] {
				edit(l)
			}
		})
		calls := succeeding(path, func(c *call) {
			mu.Lock()
			defer mu.Unlock()
			changed[c.Header.Get("token")] = true
		})
		return calls(lists(honest))
	}
}

var sorting = []Fault{
	{Fault: named("sort-msg-ok", "sort-change says ok instead of success", "YH-SORT-1"), Handler: succeeding(sortPath, rewriting(`"success"`, `"ok"`))},
	{Fault: named("sort-no-bots", "sort-change knows no bot", "YH-SORT-1"),
		Model: onSort(func(m model.Model, op model.SortChange) error {
			if c, _ := find(m, op.UID, op.ChatID); c.Chat.Kind == model.Bot {
				return model.ErrNoConversation
			}
			return m.SortChange(op)
		})},
	{Fault: named("sort-removes", "sort-change takes the conversation out of the list", "YH-SORT-3"),
		Model: onSort(func(m model.Model, op model.SortChange) error {
			return m.Remove(model.Remove{UID: op.UID, ChatID: op.ChatID})
		})},
	{Fault: named("sort-reads", "sort-change sets the conversation to read", "YH-SORT-3"),
		Model: onSort(func(m model.Model, op model.SortChange) error {
			if err := m.SortChange(op); err != nil {
				return err
			}
			return m.Dismiss(model.Dismiss{UID: op.UID, ChatID: op.ChatID})
		})},
	{Fault: named("sort-drops-last", "after a sort-change the last conversation is left out", "YH-SORT-3"),
		Handler: afterwards(sortPath, func(l *pb.ListResponse) { l.Data = l.Data[:max(0, len(l.Data)-1)] })},
	{Fault: named("sort-total", "after a sort-change total is one less", "YH-SORT-3"),
		Handler: afterwards(sortPath, func(l *pb.ListResponse) { l.Total-- })},
	{Fault: named("sort-doubles", "after a sort-change the first conversation stands twice", "YH-SORT-3"),
		Handler: afterwards(sortPath, func(l *pb.ListResponse) {
			if len(l.Data) > 0 { // there is none in answer to the md5 of a list
				l.Data = append(l.Data, l.Data[0])
				l.Total++
			}
		})},
}

var removing = []Fault{
	{Fault: named("remove-does-nothing", "remove changes nothing", "YH-REMOVE-1"), Profiles: only2026,
		Model: onRemove(func(model.Model, model.Remove) error { return nil })},
	{Fault: named("remove-total-stays", "total still counts what was removed", "YH-REMOVE-1"), Profiles: only2026,
		Handler: afterwards(removePath, func(l *pb.ListResponse) { l.Total++ })},
	{Fault: named("remove-unread-only", "a conversation that is read cannot be removed", "YH-REMOVE-1"), Profiles: only2026,
		Model: onRemove(func(m model.Model, op model.Remove) error {
			if c, _ := find(m, op.UID, op.ChatID); c.Unread == 0 {
				return nil
			}
			return m.Remove(op)
		})},
	{Fault: named("remove-all", "remove takes all of the user's conversations away", "YH-REMOVE-1"), Profiles: only2026,
		Model: onRemove(func(m model.Model, op model.Remove) error {
			err := m.Remove(op)
			for _, c := range m.List(model.List{UID: op.UID}) {
				_ = m.Remove(model.Remove{UID: op.UID, ChatID: c.Chat.ID}) // it was listed a moment ago
			}
			return err
		})},
	{Fault: named("dismiss-brings-back", "a dismissal brings a removed conversation back", "YH-REMOVE-1"), Profiles: only2026,
		Model: func(m model.Model) model.Model {
			gone := map[place]model.Conversation{}
			return model.Override{Model: m, OnRemove: func(op model.Remove) error {
				gone[place{op.UID, op.ChatID}], _ = find(m, op.UID, op.ChatID)
				return m.Remove(op)
			}, OnDismiss: func(op model.Dismiss) error {
				if c, was := gone[place{op.UID, op.ChatID}]; was {
					m.Send(model.Send{Chat: c.Chat, From: op.UID, Content: c.Content})
				}
				return m.Dismiss(op)
			}}
		}},
}

// badBody edits the answers to requests that were refused for their body.
func badBody(edit func(c *call)) func(http.Handler) http.Handler {
	return answering("", func(c *call) {
		if code, ok := c.code(); ok && code == wire.CodeBadParameters && c.Path != listPath {
			edit(c)
		}
	})
}

var refusals = []Fault{
	{Fault: named("no-json-500", "a body that is no JSON leads to HTTP 500", "YH-ERR-1"),
		Handler: badBody(func(c *call) {
			if !strings.HasPrefix(string(c.Body), "{") {
				c.Status = http.StatusInternalServerError
			}
		})},
	{Fault: named("no-field-success", "a body without the field is a success that does nothing", "YH-ERR-1"),
		Handler: badBody(func(c *call) {
			if string(c.Body) == "{}" {
				c.says(http.StatusOK, wire.CodeSuccess, wire.MsgSuccess)
			}
		})},
	{Fault: named("refusal-msg-empty", "a refused body has an empty msg", "YH-ERR-1"),
		Handler: badBody(func(c *call) { c.says(http.StatusOK, wire.CodeBadParameters, "") })},
	{Fault: named("refusal-as-text", "a refused body is answered with HTTP 400 and plain text", "YH-ERR-1"),
		Handler: badBody(func(c *call) { c.Status, c.Answer = http.StatusBadRequest, []byte("bad request") })},
	{Fault: named("wrong-type-panics", "a field that is an object or array leads to HTTP 502", "YH-ERR-1"),
		Handler: badBody(func(c *call) {
			if strings.Contains(string(c.Body), `":{`) || strings.Contains(string(c.Body), `":[`) {
				c.Status = http.StatusBadGateway
			}
		})},
}

var isolation = []Fault{
	{Fault: named("dismiss-for-all", "a dismissed group is read for all its members", "YH-ISO-1", "YH-STATE-1"),
		Model: withMembers(func(m model.Model, in members) model.Override {
			return model.Override{OnDismiss: func(op model.Dismiss) error {
				for _, uid := range in[op.ChatID] {
					_ = m.Dismiss(model.Dismiss{UID: uid, ChatID: op.ChatID}) // who has removed it has nothing to read
				}
				return m.Dismiss(op)
			}}
		})},
	{Fault: named("outsiders-dismiss", "who is not in a group can dismiss it for its members", "YH-ISO-1"),
		Model: withMembers(func(m model.Model, in members) model.Override {
			return model.Override{OnDismiss: func(op model.Dismiss) error {
				if !slices.Contains(in[op.ChatID], op.UID) {
					for _, uid := range in[op.ChatID] {
						_ = m.Dismiss(model.Dismiss{UID: uid, ChatID: op.ChatID})
					}
				}
				return m.Dismiss(op)
			}}
		})},
	{Fault: named("sort-shows-others", "who changes the order of a group sees it in the list", "YH-ISO-1"),
		Model: withMembers(func(m model.Model, in members) model.Override {
			return model.Override{OnSort: func(op model.SortChange) error {
				if there := in[op.ChatID]; len(there) > 0 && !slices.Contains(there, op.UID) {
					m.Join(model.Join{Chat: model.Chat{ID: op.ChatID, Kind: model.Group}, Members: []string{op.UID}})
				}
				return m.SortChange(op)
			}}
		})},
	{Fault: named("list-of-the-last", "a list may be that of the user who listed before", "YH-ISO-1"),
		Handler: func(honest http.Handler) http.Handler {
			var mu sync.Mutex
			var last []byte
			return listingBytes(func(c *call, l *pb.ListResponse) {
				mu.Lock()
				defer mu.Unlock()
				if here := c.Answer; len(l.Data) == 0 && last != nil {
					c.Answer = last
				} else {
					last = slices.Clone(here)
				}
			})(honest)
		}},
	{Fault: named("remove-for-all", "a removed group is gone for all its members", "YH-ISO-1"), Profiles: only2026,
		Model: withMembers(func(m model.Model, in members) model.Override {
			return model.Override{OnRemove: func(op model.Remove) error {
				err := m.Remove(op)
				for _, uid := range in[op.ChatID] {
					_ = m.Remove(model.Remove{UID: uid, ChatID: op.ChatID})
				}
				return err
			}}
		})},
}

var overTime = []Fault{
	{Fault: named("fourth-dismissal-lost", "every fourth dismissal of a user is lost", "YH-STATE-1"),
		Model: func(m model.Model) model.Model {
			count := map[string]int{}
			return model.Override{Model: m, OnDismiss: func(op model.Dismiss) error {
				if count[op.UID]++; count[op.UID]%4 == 0 {
					return nil
				}
				return m.Dismiss(op)
			}}
		}},
	{Fault: named("fifth-message-read", "every fifth message of a chat is taken as read by everybody", "YH-STATE-1"),
		Model: withMembers(func(m model.Model, in members) model.Override {
			return model.Override{OnSend: func(op model.Send) model.Sent {
				sent := m.Send(op)
				if sent.Seq%5 == 0 {
					for _, uid := range in[op.Chat.ID] {
						_ = m.Dismiss(model.Dismiss{UID: uid, ChatID: op.Chat.ID})
					}
				}
				return sent
			}}
		})},
}
