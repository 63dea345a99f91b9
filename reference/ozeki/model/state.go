package model

import (
	"cmp"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// DefaultColor is what a conversation's entry in the list looks like until its user chooses another.
const DefaultColor = "#ffffff"

// State is all users, conversations and messages. The zero value is not usable; see New.
type State struct {
	users         map[string]*user
	conversations map[string]*conversation
	runs          map[string]*run
	instances     uint64
	created       uint64
	seed          uint64
}

// New is a State with nothing in it. Two States of the same seed give the same instances.
func New(seed int64) *State {
	return &State{users: map[string]*user{}, conversations: map[string]*conversation{}, runs: map[string]*run{}, seed: uint64(seed)}
}

type user struct {
	id, name      string
	conversations []*conversation // by number
}

type conversation struct {
	id           string
	group        bool
	number       uint64 // conversations count from 1 in the order of their making
	participants []*user
	properties   map[string]*Properties // by user
	instance     string
	lastAccess   int64
	content      Content
	ids          map[string]int64 // the messages that are there: unix seconds by ID
}

// run lists what belongs to one run, so that cleaning one does not look at the others.
type run struct {
	users         []*user
	conversations []*conversation
}

// ConversationID is what the conversation of two users is called: the examples' ids follow this rule.
func ConversationID(a, b string) string { return md5Hex(min(a, b) + ";" + max(a, b)) }

// UserID is what the user with this e-mail address is called.
func UserID(email string) string { return md5Hex(email) }

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// nextInstance gives each number once before any repeats: the step has no factor in common with the number of instances.
func (s *State) nextInstance() string {
	const (
		alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		digits   = 10
		count    = 839_299_365_868_340_224 // 62 to the power of 10
		step     = 518_713_834_927_364_129
	)
	s.instances = (s.instances + step) % count
	n := (s.instances + s.seed%count) % count
	var b [digits]byte
	for i := range b {
		b[i] = alphabet[n%62]
		n /= 62
	}
	return string(b[:])
}

func (s *State) run(id string) *run {
	r := s.runs[id]
	if r == nil {
		r = &run{}
		s.runs[id] = r
	}
	return r
}

func (s *State) user(p Participant, runID string) *user {
	if u := s.users[p.ID]; u != nil {
		return u
	}
	u := &user{id: p.ID, name: p.Name}
	s.users[p.ID] = u
	r := s.run(runID)
	r.users = append(r.users, u)
	return u
}

// Create implements Model.
func (s *State) Create(op Create) Created {
	users := make([]*user, len(op.Users))
	for i, p := range op.Users {
		users[i] = s.user(p, op.Run)
	}
	if op.OnlyUsers {
		return Created{}
	}
	slices.SortFunc(users, func(a, b *user) int { return strings.Compare(a.id, b.id) })
	users = slices.Compact(users)
	id := op.name(users)
	if c := s.conversations[id]; c != nil {
		return Created{c.id, c.instance}
	}
	s.created++
	c := &conversation{id: id, group: op.Group, number: s.created, participants: users, properties: map[string]*Properties{},
		instance: s.nextInstance(), lastAccess: op.Now.Unix(), ids: map[string]int64{}}
	s.conversations[id] = c
	for _, u := range users {
		c.properties[u.id] = &Properties{UserID: u.id, Color: DefaultColor}
		u.conversations = append(u.conversations, c)
	}
	r := s.run(op.Run)
	r.conversations = append(r.conversations, c)
	return Created{c.id, c.instance}
}

func (op Create) name(users []*user) string {
	switch {
	case op.ID != "":
		return op.ID
	case !op.Group && len(users) == 2:
		return ConversationID(users[0].id, users[1].id)
	}
	return md5Hex(op.Run + "/" + op.Handle)
}

// Clean implements Model. An unknown run is no error.
func (s *State) Clean(id string) {
	r := s.runs[id]
	if r == nil {
		return
	}
	delete(s.runs, id)
	for _, u := range r.users {
		delete(s.users, u.id)
	}
	for _, c := range r.conversations {
		delete(s.conversations, c.id)
		for _, u := range c.participants {
			if s.users[u.id] == u {
				u.leave(c)
			}
		}
	}
	for _, u := range r.users {
		for _, c := range u.conversations {
			c.participants = slices.DeleteFunc(slices.Clone(c.participants), func(other *user) bool { return other == u })
			delete(c.properties, u.id)
		}
		u.conversations = nil
	}
}

func (u *user) leave(c *conversation) {
	at, ok := slices.BinarySearchFunc(u.conversations, c.number, func(c *conversation, n uint64) int { return cmp.Compare(c.number, n) })
	if ok {
		u.conversations = slices.Delete(u.conversations, at, at+1)
	}
}

// of is the conversation for a user who takes part in it.
func (s *State) of(userID, id string) (*conversation, error) {
	c := s.conversations[id]
	if c == nil || c.properties[userID] == nil {
		return nil, ErrNoConversation
	}
	return c, nil
}

// current is of, for calls that name an instance: one that is empty is taken for the current one.
func (s *State) current(userID, id, instance string) (*conversation, error) {
	c, err := s.of(userID, id)
	if err == nil && instance != "" && instance != c.instance {
		return nil, ErrStale
	}
	return c, err
}

// as is the conversation in a user's eyes.
func (c *conversation) as(userID string) Conversation {
	v := Conversation{
		ID: c.id, IsGroup: c.group, LastAccess: c.lastAccess, Instance: c.instance,
		DisplayName: base64.StdEncoding.EncodeToString([]byte("name of " + c.id)), Secret: secretOf(userID),
		MutedBy: []string{}, FavoriteBy: []string{}, Properties: []Properties{*c.properties[userID]},
	}
	for _, u := range c.participants {
		v.Participants = append(v.Participants, Participant{u.id, u.name})
		if p := c.properties[u.id]; p.Muted {
			v.MutedBy = append(v.MutedBy, u.id)
		}
		if c.properties[u.id].Favorite {
			v.FavoriteBy = append(v.FavoriteBy, u.id)
		}
	}
	if n := len(c.content.Messages); n > 0 {
		v.LastMessageID = c.content.Messages[n-1].ID
	}
	if n := len(c.content.Reports); n > 0 {
		v.LastReportID = strings.ReplaceAll(c.content.Reports[n-1].ID, "-", "")
	}
	return v
}

func secretOf(userID string) string {
	sum := sha256.Sum256([]byte("secret of " + userID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// UUID is a name-based UUID.
func UUID(name string) string {
	sum := md5.Sum([]byte(name))
	sum[6], sum[8] = sum[6]&0x0f|0x30, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:])
}
