package variants

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/parley-im/parley/reference/fields"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// userTokens gives each user of a seeded world a credential, and lets it act for that user alone. The server behind it has one
// credential for all: the one that seeds.
type userTokens struct {
	next   http.Handler
	mu     sync.Mutex
	shared string
	owners map[string]string // credential to user
}

func (u *userTokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/_parley/world" {
		a := record(u.next, r)
		if a.status == http.StatusOK {
			u.tell(r, a)
		}
		a.send(w)
		return
	}
	owner, shared := u.owner(r.Header.Get("token"))
	if owner == "" {
		u.next.ServeHTTP(w, r)
		return
	}
	r.Header.Set("token", shared)
	if asked := uidOf(r); documented[r.URL.Path] && asked != owner {
		refused := answer{request: r, status: http.StatusForbidden, header: http.Header{"Content-Type": {"application/json"}}}
		refused.body = wire.AppendError(nil, wire.Error{Msg: fields.Quote(owner) + " may not act for " + fields.Quote(asked), Status: refused.status})
		refused.send(w)
		return
	}
	u.next.ServeHTTP(w, r)
}

func (u *userTokens) owner(credential string) (uid, shared string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.owners[credential], u.shared
}

// tell writes the users' credentials into the hook's answer.
func (u *userTokens) tell(r *http.Request, a *answer) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.shared = r.Header.Get("token")
	v := a.json()
	for i := range v.Members {
		if v.Members[i].Key != "users" {
			continue
		}
		users := v.Members[i].Value.Members
		for j := range users {
			uid := users[j].Value.Get("id").Text
			u.owners["of-"+uid] = uid
			users[j].Value = object("id", text(uid), "headers", object("token", text("of-"+uid)))
		}
	}
	a.render()
}

// uidOf is the user in whose name a request is.
func uidOf(r *http.Request) string {
	var said struct {
		UID string `json:"uid"`
	}
	_ = json.Unmarshal(peeked(r), &said) // no JSON names nobody
	return said.UID
}
