package variants

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// refusals are freedoms in what is refused, and with which status.
func refusals() []Variant {
	return []Variant{
		{
			Name: "deleted-answers-ok", Summary: "Clear, set and delete of a conversation that the user deleted are answered as if they had worked.",
			Freedom: "the documents do not say whether a deleted conversation 不存在 (does not exist)",
			model: func(_ kit, m model.Model) model.Model {
				return &deletedAnswers{Model: m, deleted: map[view]bool{}}
			},
		},
		{
			Name: "denied-401", Summary: "Who shows no credential, or an unknown one, is answered 401 with nothing in it.",
			Freedom: "the pages have 403 for 没有权限 (no permission), and do not say what a missing or unknown credential is",
			answer: func(_ kit, a *answer) {
				if a.status == http.StatusForbidden {
					a.status = http.StatusUnauthorized
					a.plain("")
				}
			},
		},
		{
			Name: "user-tokens", Summary: "Each user has a credential of their own, which the seeding hook tells: it is good for that user alone.",
			Freedom: "the documents do not say how a target tells who asks",
			handler: func(_ kit, next http.Handler) http.Handler {
				return &userTokens{next: next, owners: map[string]string{}}
			},
		},
		{
			Name: "strangers-403", Summary: "Who is no member of a group is refused with 403, not 404.",
			Freedom: "the page of clearUnread has both 403 没有操作权限 (no permission) and 404 会话不存在 (no such conversation)",
			model: func(_ kit, m model.Model) model.Model {
				return &strangers{Model: m, members: map[model.Channel]map[string]bool{}}
			},
			answer: func(_ kit, a *answer) {
				if a.status == http.StatusBadRequest && bytes.Contains(a.body, []byte(errStranger.Error())) {
					a.status = http.StatusForbidden
				}
			},
		},
		{
			Name: "odd-types-400", Summary: "A channel_type other than 1 and 2 is a bad request.", Choice: "odd channel types",
			Freedom: "the page of clearUnread lists the types 1 and 2, and does not say what another one is",
			codec:   oddTypes(func(typ int) (int, bool) { return typ, typ == 1 || typ == 2 }),
		},
		{
			Name: "odd-types-404", Summary: "A channel_type that no document names is a conversation that does not exist.", Choice: "odd channel types",
			Freedom: "the documents say that channel_type is an integer, and do not bound it",
			codec:   oddTypes(func(typ int) (int, bool) { return noType, true }),
		},
		{
			Name: "unknown-uid-404", Summary: "A sync of a user whom nobody ever named is answered 404.",
			Freedom: "the documents do not say what a sync of an unknown user is answered with",
			handler: func(_ kit, next http.Handler) http.Handler { return &announced{next: next, known: map[string]bool{}} },
		},
		{
			Name: "malformed-seqs-400", Summary: "A last_msg_seqs with an entry that cannot be read is a bad request.",
			Freedom: "the documents give the field's format, and do not say what another one is answered with",
			codec:   strictSeqs,
		},
		{
			Name: "methods-501", Summary: "Another method is answered 501: the server does not implement it.", Choice: "other methods",
			Freedom: "the documents name one method for each path, and do not say what the others are answered with",
			answer: func(_ kit, a *answer) {
				if a.status == http.StatusMethodNotAllowed {
					a.status = http.StatusNotImplemented
					a.header.Del("Allow")
				}
			},
		},
		{
			Name: "methods-404", Summary: "Another method, or another path, is answered with a plain 404 page.", Choice: "other methods",
			Freedom: "the documents name one method for each path, and do not say what the others are answered with",
			answer: func(_ kit, a *answer) {
				if a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotFound && !documented[a.request.URL.Path] {
					a.status = http.StatusNotFound
					a.header.Del("Allow")
					a.plain("404 page not found\n")
				}
			},
		},
		{
			Name: "options-204", Summary: "OPTIONS is answered with 204 and what a browser asks for.",
			Freedom: "the documents do not speak of OPTIONS",
			handler: func(_ kit, next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method != http.MethodOptions {
						next.ServeHTTP(w, r)
						return
					}
					w.Header().Set("Access-Control-Allow-Origin", "*")
					w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
					w.WriteHeader(http.StatusNoContent)
				})
			},
		},
	}
}

// documented are the paths whose error answers are judged.
var documented = map[string]bool{
	"/conversation/sync": true, "/conversations/clearUnread": true, "/conversations/setUnread": true, "/conversations/delete": true,
}

// deletedAnswers remembers what users deleted, so long as it does not come back.
type deletedAnswers struct {
	model.Model
	deleted map[view]bool
}

func (d *deletedAnswers) forgive(uid string, channel model.Channel, err error) error {
	if errors.Is(err, model.ErrNoConversation) && d.deleted[view{uid, channel}] {
		return nil
	}
	return err
}

func (d *deletedAnswers) Clear(op model.Clear) error {
	return d.forgive(op.UID, op.Channel, d.Model.Clear(op))
}

func (d *deletedAnswers) Set(op model.Set) error {
	return d.forgive(op.UID, op.Channel, d.Model.Set(op))
}

func (d *deletedAnswers) Delete(op model.Delete) error {
	err := d.forgive(op.UID, op.Channel, d.Model.Delete(op))
	if err == nil {
		d.deleted[view{op.UID, op.Channel}] = true
	}
	return err
}

// Clean forgets what users of other runs deleted as well: to refuse it is as right.
func (d *deletedAnswers) Clean(op model.Clean) {
	d.Model.Clean(op)
	clear(d.deleted)
}

// errStranger becomes a 400 in the server, which knows no 403 of this kind, and a 403 on the way out.
var errStranger = errors.New("the user is no member of this group, and may not change anything in it")

type strangers struct {
	model.Model
	members map[model.Channel]map[string]bool
}

func (s *strangers) Subscribe(op model.Subscribe) {
	s.Model.Subscribe(op)
	s.group(op.Channel)
	for _, uid := range op.UIDs {
		s.members[op.Channel][uid] = true
	}
}

func (s *strangers) Send(op model.Send) model.Sent {
	s.group(op.Channel)
	return s.Model.Send(op)
}

func (s *strangers) group(c model.Channel) {
	if s.members[c] == nil {
		s.members[c] = map[string]bool{}
	}
}

func (s *strangers) refuse(uid string, c model.Channel, err error) error {
	if members, known := s.members[c]; errors.Is(err, model.ErrNoConversation) && c.Type != model.Direct && known && !members[uid] {
		return errStranger
	}
	return err
}

func (s *strangers) Clear(op model.Clear) error {
	return s.refuse(op.UID, op.Channel, s.Model.Clear(op))
}

func (s *strangers) Set(op model.Set) error { return s.refuse(op.UID, op.Channel, s.Model.Set(op)) }

func (s *strangers) Delete(op model.Delete) error {
	return s.refuse(op.UID, op.Channel, s.Model.Delete(op))
}

// Clean forgets the groups of other runs as well: to call them absent is as right.
func (s *strangers) Clean(op model.Clean) {
	s.Model.Clean(op)
	clear(s.members)
}

// noType is a channel type that no channel can have.
const noType = 0

// oddTypes lets accept decide over the channel types other than 1 and 2 of clear, set and delete: which type the model is
// asked for, and whether it is asked at all.
func oddTypes(accept func(int) (int, bool)) func(kit, *server.Codec) {
	return func(_ kit, c *server.Codec) {
		decodeClear, decodeSet, decodeDelete := c.DecodeClearUnread, c.DecodeSetUnread, c.DecodeDelete
		c.DecodeClearUnread = func(body []byte) (wire.ClearUnreadRequest, error) {
			r, err := typed(body, accept, decodeClear, func(r *wire.ClearUnreadRequest) *int { return &r.ChannelType })
			return r, err
		}
		c.DecodeSetUnread = func(body []byte) (wire.SetUnreadRequest, error) {
			r, err := typed(body, accept, decodeSet, func(r *wire.SetUnreadRequest) *int { return &r.ChannelType })
			return r, err
		}
		c.DecodeDelete = func(body []byte) (wire.DeleteRequest, error) {
			r, err := typed(body, accept, decodeDelete, func(r *wire.DeleteRequest) *int { return &r.ChannelType })
			return r, err
		}
	}
}

func typed[R any](body []byte, accept func(int) (int, bool), decode func([]byte) (R, error), field func(*R) *int) (R, error) {
	var outside struct {
		ChannelType *int `json:"channel_type"`
	}
	r, err := decode(body)
	if err == nil && *field(&r) <= 2 {
		return r, nil
	}
	if json.Unmarshal(body, &outside) != nil || outside.ChannelType == nil || *outside.ChannelType == 1 || *outside.ChannelType == 2 {
		return r, err
	}
	typ, ok := accept(*outside.ChannelType)
	if !ok {
		return r, &fields.Error{Field: "channel_type", Reason: "must be 1 or 2"}
	}
	// With a type that can be read, the rest of the body is read as ever.
	r, err = decode(replaceType(body))
	*field(&r) = typ
	return r, err
}

// replaceType is the body with channel_type 1.
func replaceType(body []byte) []byte {
	return rewritten(body, func(v *jsonValue) {
		for i := range v.Members {
			if v.Members[i].Key == "channel_type" {
				v.Members[i].Value.Text = "1"
			}
		}
	})
}

// strictSeqs counts the entries that were read: one that could not be is missing.
func strictSeqs(_ kit, c *server.Codec) {
	decode := c.DecodeSync
	c.DecodeSync = func(profile wire.Profile, body []byte) (wire.SyncRequest, error) {
		r, err := decode(profile, body)
		var given struct {
			LastMsgSeqs string `json:"last_msg_seqs"`
		}
		if err == nil && json.Unmarshal(body, &given) == nil && given.LastMsgSeqs != "" &&
			len(r.LastMsgSeqs) != strings.Count(given.LastMsgSeqs, "|")+1 {
			err = &fields.Error{Field: "last_msg_seqs", Reason: "has an entry that is not channelID:channelType:last_msg_seq"}
		}
		return r, err
	}
}

// announced knows the users whom any request but a sync ever named.
type announced struct {
	next  http.Handler
	mu    sync.Mutex
	known map[string]bool
}

// naming are the fields of all requests that name users.
type naming struct {
	UID         string   `json:"uid"`
	FromUID     string   `json:"from_uid"`
	ChannelID   string   `json:"channel_id"`
	ChannelType int      `json:"channel_type"`
	Subscribers []string `json:"subscribers"`
	Users       []struct {
		ID string `json:"id"`
	} `json:"users"`
	Conversations []struct {
		Members  []string `json:"members"`
		Messages []sender `json:"messages"`
	} `json:"conversations"`
	Messages []sender `json:"messages"`
	Run      string   `json:"run"`
}

type sender struct {
	From string `json:"from"`
}

func (a *announced) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var n naming
	if json.Unmarshal(peeked(r), &n) != nil {
		a.next.ServeHTTP(w, r)
		return
	}
	if r.URL.Path != "/conversation/sync" {
		a.note(r.URL.Path, n)
		a.next.ServeHTTP(w, r)
		return
	}
	answer := record(a.next, r)
	if answer.status == http.StatusOK && !a.knows(n.UID) {
		answer.status = http.StatusNotFound
		answer.body = wire.AppendError(nil, wire.Error{Msg: "there is no user " + fields.Quote(n.UID), Status: answer.status})
	}
	answer.send(w)
}

// peeked is the request's body, which stays to be read. One that breaks off is no JSON.
func peeked(r *http.Request) []byte {
	body, _ := io.ReadAll(io.LimitReader(r.Body, hook.BodyLimit+1))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
	return body
}

func (a *announced) knows(uid string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known[uid]
}

func (a *announced) note(path string, n naming) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, uid := range n.users(path) {
		a.known[uid] = true
	}
	if strings.HasSuffix(path, "/clean") {
		for uid := range a.known {
			if strings.HasPrefix(uid, n.Run) {
				delete(a.known, uid)
			}
		}
	}
}

// users are those whom the request brings into being. To be named by clear, set or delete is not enough.
func (n naming) users(path string) (all []string) {
	switch path {
	case "/user/token":
		all = append(all, n.UID)
	case "/channel", "/channel/subscriber_add":
		all = append(all, n.Subscribers...)
	case "/message/send":
		all = append(all, n.FromUID)
		if n.ChannelType == model.Direct {
			all = append(all, n.ChannelID)
		}
	}
	for _, u := range n.Users {
		all = append(all, u.ID)
	}
	messages := n.Messages
	for _, c := range n.Conversations {
		all = append(all, c.Members...)
		messages = append(messages, c.Messages...)
	}
	for _, m := range messages {
		all = append(all, m.From)
	}
	return all
}
