// Package bench measures the generator against plain Vegeta on a static target: what does it cost to check every
// answer? Its README has the figures, and the command that repeats them.
//
// It may know all of loadgen, and the family of the answers that are checked.
package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"github.com/valyala/fasthttp"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/loadgen/wukongim"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// Sizes are the bytes of an answer: nothing at all, an incremental sync, a full one.
var Sizes = []int{2, 4 << 10, 40 << 10}

// Target answers every request with the same bytes, which are a right answer for every user of its plan.
type Target struct {
	URL  string
	Body []byte
	Plan *fixtures.Plan

	listener net.Listener
	server   *fasthttp.Server
}

// Serve starts a target whose answers have about size bytes. It serves with fasthttp, so that the target is not what
// is measured.
func Serve(size int) (*Target, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("no port on 127.0.0.1 for the static target: %w", err)
	}
	t := &Target{URL: "http://" + listener.Addr().String(), listener: listener}
	t.Plan, t.Body = answer(size)
	t.server = &fasthttp.Server{
		NoDefaultServerHeader: true, NoDefaultDate: true, NoDefaultContentType: true,
		Handler: func(c *fasthttp.RequestCtx) {
			c.Response.Header.SetContentType("application/json")
			c.Response.SetBodyRaw(t.Body)
		},
	}
	go func() { _ = t.server.Serve(listener) }() // ends with Close
	return t, nil
}

// Known is a target of that size which another process serves.
func Known(size int, url string) *Target {
	t := &Target{URL: url}
	t.Plan, t.Body = answer(size)
	return t
}

// Close ends the target.
func (t *Target) Close() { _ = t.server.Shutdown() }

// answer is a plan in which one user writes and all others are in the same groups, and what a full sync of each of
// those others must say: all of them the same.
func answer(size int) (*fixtures.Plan, []byte) {
	const users, each = 256, 10
	plan := &fixtures.Plan{Population: fixtures.Population{Run: "p0be7c400", Users: users, Conversations: 1, Messages: each, Payload: 40}}
	if size <= 2 {
		return plan, []byte("[]")
	}
	var all []wire.Conversation
	var body []byte
	for len(body) < size*95/100 {
		chat := len(plan.Chats)
		c := fixtures.Chat{Type: fixtures.GroupType, Messages: each}
		// The writer, who is nobody that loads, stands at every turn: the order of the members is that of their turns.
		for u := range int32(users) {
			c.Members = append(c.Members, u)
		}
		plan.Chats = append(plan.Chats, c)
		all = append(all, conversation(plan, chat, each))
		body = wire.AppendConversations(nil, wire.V2, all)
	}
	return plan, body
}

func conversation(plan *fixtures.Plan, chat, messages int) wire.Conversation {
	now := time.Now()
	c := wire.Conversation{
		ChannelID: plan.ChatID(chat), ChannelType: fixtures.GroupType, Unread: int64(messages), Timestamp: now.Unix(),
		LastMsgSeq: int64(messages), Version: now.UnixNano(),
	}
	for n := messages - 1; n >= 0; n-- {
		number := plan.AppendNumber(nil, chat, "", n, plan.Sender(chat, n))
		c.Recents = append(c.Recents, wire.Message{
			MessageID: 2_100_000_000_000_000_000 + int64(chat*messages+n), MessageSeq: int64(n) + 1, ClientMsgNo: string(number),
			FromUID: plan.UserID(plan.Sender(chat, n)), Timestamp: now.Unix(), Payload: plan.AppendPayload(nil, number),
		})
	}
	c.LastClientMsgNo = c.Recents[0].ClientMsgNo
	return c
}

// Parley loads the target as fast as it goes, and checks every answer.
func Parley(ctx context.Context, t *Target, connections int, d time.Duration, fast bool) (*loadgen.Result, error) {
	w, err := wukongim.New(loadgen.Setup{Plan: t.Plan, Profile: "v2", Weights: map[string]float64{"login": 1}, MsgCount: 10, Seed: 1, Known: true})
	if err != nil {
		return nil, err
	}
	return loadgen.FlatOut(ctx, &loadgen.Attack{
		URL: t.URL, Timeout: 5 * time.Second, Workload: readers{w, 64}, Workers: connections, Connections: connections, Fast: fast,
	}, d)
}

// readers are the users of a workload from a number on: those before it have written.
type readers struct {
	*wukongim.Workload
	from int
}

func (r readers) Users() int              { return r.Workload.Users() - r.from }
func (r readers) User(i int) loadgen.User { return r.Workload.User(i + r.from) }

// Request is what the generators send that check nothing.
const Request = `{"uid":"p0be7c400-u100","msg_count":10}`

// Vegeta loads the target with plain Vegeta, which looks at nothing but the status. It gives the requests a second.
func Vegeta(t *Target, connections int, d time.Duration) (float64, error) {
	attacker := vegeta.NewAttacker(vegeta.Workers(uint64(connections)), vegeta.MaxWorkers(uint64(connections)), vegeta.Connections(connections))
	targeter := vegeta.NewStaticTargeter(vegeta.Target{
		Method: http.MethodPost, URL: t.URL + "/conversation/sync", Body: []byte(Request),
		Header: http.Header{"Content-Type": {"application/json"}},
	})
	began, n := time.Now(), 0
	for result := range attacker.Attack(targeter, vegeta.Rate{}, d, "") {
		if result.Error != "" {
			return 0, fmt.Errorf("plain vegeta failed: %s", result.Error)
		}
		n++
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
