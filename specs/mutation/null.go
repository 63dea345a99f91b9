package mutation

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reference/null"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// NullScore is what the suite gave to a server that knows nothing.
type NullScore struct {
	API     string   `json:"api"`
	Server  string   `json:"server"`
	Summary string   `json:"summary"`
	Passed  []string `json:"passed"` // ids of the requirements that passed: statements of mere form, or the suite is too easy
	// PassedSpecs are the specs that passed, in whatever requirements.
	PassedSpecs []NullPass `json:"passed_specs"`
	Total       int        `json:"total"` // requirements that could pass
}

// NullPass is one spec that a server passed which knows nothing.
type NullPass struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Share is the part of the requirements that passed, from 0 to 1.
func (s NullScore) Share() float64 { return float64(len(s.Passed)) / float64(max(1, s.Total)) }

// Percent is the share for people.
func (s NullScore) Percent() string { return fmt.Sprintf("%.1f %%", 100*s.Share()) }

// canned are the servers that know the words of an API and nothing else, by API.
var canned = map[string][]null.Server{
	"wukongim": {
		{Name: "canned-empty", Summary: "Knows the paths of the API: a sync is answered with [], every change with ok.",
			Handler: func() http.Handler {
				return null.Canned(wukongimWords(`[]`), null.Answer{Status: 404, Body: `{"msg":"no such path"}`})
			}},
		{Name: "canned-list", Summary: "Knows the paths of the API: a sync is answered with the same two conversations, every change with ok.",
			Handler: func() http.Handler {
				return null.Canned(wukongimWords(twoConversations), null.Answer{Status: 404, Body: `{"msg":"no such path"}`})
			}},
	},
}

func wukongimWords(list string) map[string]null.Answer {
	ok := null.Answer{Body: `{"status":"ok"}`}
	return map[string]null.Answer{
		"/conversation/sync": {Body: list}, "/conversations/clearUnread": ok, "/conversations/setUnread": ok, "/conversations/delete": ok,
		"/user/token": ok, "/channel": ok, "/channel/subscriber_add": ok, "/health": ok,
		"/message/send": {Body: `{"status":200,"data":{"message_id":2100000000000000001,"message_seq":1,"client_msg_no":"c1"}}`},
	}
}

// twoConversations is in form what a sync gives, around Now.
const twoConversations = `[{"channel_id":"g1","channel_type":2,"unread":1,"timestamp":1773480413,"last_msg_seq":1,"last_client_msg_no":"c1",` +
	`"version":1773480413589793238,"recents":[{"message_id":2100000000000000001,"message_seq":1,"client_msg_no":"c1","from_uid":"bob",` +
	`"timestamp":1773480413,"payload":"aGk="}]},` +
	`{"channel_id":"bob","channel_type":1,"unread":0,"timestamp":1773480412,"last_msg_seq":2,"last_client_msg_no":"c2",` +
	`"version":1773480412000000000,"recents":[]}]`

// NullScores runs the suite of an API against every server that knows nothing. Seeding is accepted on each server's
// behalf, whatever it says itself: it shall fail by what it answers, not by its refusal to be tested.
func NullScores(ctx context.Context, api string) ([]NullScore, error) {
	var scores []NullScore
	for _, server := range append(null.All(), canned[api]...) {
		score, err := nullScore(ctx, api, server)
		if err != nil {
			return nil, fmt.Errorf("the suite of %s against the null server %s: %w", api, server.Name, err)
		}
		scores = append(scores, score)
	}
	return scores, nil
}

func nullScore(ctx context.Context, api string, server null.Server) (NullScore, error) {
	score := NullScore{API: api, Server: server.Name, Summary: server.Summary, Passed: []string{}, PassedSpecs: []NullPass{}}
	known, rows, err := familyOf(api)
	if err != nil {
		return score, err
	}
	profile := rows.Profiles[0]
	turned := clock.NewManual(Now)
	env, err := Env(api, profile, server.Handler(), turned, 1)
	if err != nil {
		return score, err
	}
	env.Seeder = &credulous{}
	all, err := known.specs.Specs(profile)
	if err != nil {
		return score, err
	}
	run := specs.Run(ctx, all, env, nil).Outcome(rows, env, nil, false)
	if err := ctx.Err(); err != nil {
		return score, err
	}
	score.count(run)
	return score, nil
}

func (s *NullScore) count(run *reports.Run) {
	for _, r := range run.Requirements {
		if r.Level == "PROBE" || len(r.Specs) == 0 {
			continue
		}
		s.Total++
		if r.Verdict == reports.Pass {
			s.Passed = append(s.Passed, r.ID)
		}
		for _, spec := range r.Specs {
			if spec.Verdict == reports.Pass {
				s.PassedSpecs = append(s.PassedSpecs, NullPass{r.ID, spec.Title})
			}
		}
	}
}

// credulous is a Seeder that believes every world to be there.
type credulous struct{ ids atomic.Int64 }

func (*credulous) Name() string { return "credulous" }

func (c *credulous) Seed(_ context.Context, _ string, world fixtures.World) (*fixtures.Seeded, error) {
	seeded := &fixtures.Seeded{
		Users: map[string]fixtures.SeededUser{}, Conversations: map[string]fixtures.SeededConversation{}, Messages: map[string]fixtures.SeededMessage{},
	}
	for _, u := range world.Users {
		seeded.Users[u.ID] = fixtures.SeededUser{ID: u.ID}
	}
	for _, conversation := range world.Conversations {
		name := conversation.ID
		if conversation.Type == fixtures.Direct {
			name = ""
		}
		seeded.Conversations[conversation.ID] = fixtures.SeededConversation{ID: name}
		c.take(conversation.Messages, seeded.Messages)
	}
	return seeded, nil
}

func (c *credulous) Append(_ context.Context, _ string, _ fixtures.Conversation, messages []fixtures.Message) (map[string]fixtures.SeededMessage, error) {
	taken := map[string]fixtures.SeededMessage{}
	c.take(messages, taken)
	return taken, nil
}

func (c *credulous) take(messages []fixtures.Message, taken map[string]fixtures.SeededMessage) {
	for _, m := range messages {
		id := strconv.FormatInt(c.ids.Add(1), 10)
		taken[m.ClientMsgNo] = fixtures.SeededMessage{ID: id, ClientMsgNo: m.ClientMsgNo, Payload: m.Payload}
	}
}

func (*credulous) Clean(context.Context, string) error { return nil }
