package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
)

// A look at a population that an earlier run is said to have left: at so many of its users, and how much of what they should
// have is enough to believe it.
const (
	mostLooked  = 16
	enoughThere = 0.5 // earlier loads may have deleted some
)

// errNotThere says that a population is not on the target, whatever its journal says.
var errNotThere = errors.New("the population is not on the target")

// believe looks whether the population that the journal speaks of is on the target: a target can be cleaned, or set up anew.
// An eventual one is given its time.
func (l *loading) believe(ctx context.Context) error {
	until := time.Now().Add(l.target.Settle)
	if l.target.Consistency != fixtures.Eventual {
		until = time.Now()
	}
	for {
		found, wanted, err := l.look(ctx)
		switch {
		case err != nil:
			return err
		case float64(found) >= enoughThere*float64(wanted):
			return nil
		case time.Now().After(until):
			return fmt.Errorf("%w: of %d conversations of %d users that %s tells of, %d are there; leave --run out to seed another one",
				errNotThere, wanted, mostLooked, l.journal(), found)
		}
		select {
		case <-time.After(min(l.target.Settle, 200*time.Millisecond)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// look lets some users list their conversations, and counts those of the population.
func (l *loading) look(ctx context.Context) (found, wanted int, err error) {
	workload, err := l.listing()
	if err != nil {
		return 0, 0, err
	}
	attack := &loadgen.Attack{URL: l.target.URL, Header: l.target.Header(), Timeout: l.target.Timeout, Workload: workload, Workers: 1}
	names := map[int][]string{}
	for i := range l.plan.Chats {
		for _, member := range l.plan.Chats[i].Members {
			names[int(member)] = append(names[int(member)], l.nameOf(i, member))
		}
	}
	var users []int
	for u := range l.plan.Users {
		if len(names[u]) > 0 && len(users) < mostLooked {
			users = append(users, u)
		}
	}
	answers, err := attack.Peek(ctx, users)
	if err != nil {
		return 0, 0, err
	}
	for i, answer := range answers {
		if trouble := answer.Trouble(); trouble != "" {
			return 0, 0, fmt.Errorf("cannot look whether the population is on the target: the conversations of %s cannot be listed: %s", l.plan.UserID(users[i]), trouble)
		}
		found += answer.Names(names[users[i]])
		wanted += len(names[users[i]])
	}
	return found, wanted, nil
}

// listing is users who do nothing but list their conversations: that is the first operation of every family.
func (l *loading) listing() (loadgen.Workload, error) {
	workload, err := l.workload()
	if err != nil {
		return nil, err
	}
	setup := l.setup()
	setup.Weights, setup.MsgCount = map[string]float64{workload.Operations()[0].Name: 1}, 1
	return families[l.target.API].load(setup)
}

// nameOf is what must stand in a member's list for a conversation: its id, or that of the other one.
func (l *loading) nameOf(chat int, member int32) string {
	if id := l.populated.Chats[chat].ID; id != "" {
		return id
	}
	c := l.plan.Chats[chat]
	if c.Type != fixtures.Direct {
		return l.plan.ChatID(chat)
	}
	peer := int(c.Members[0])
	if c.Members[0] == member {
		peer = int(c.Members[1])
	}
	if id := l.populated.Users[peer].ID; id != "" {
		return id
	}
	return l.plan.UserID(peer)
}

// seedingStall is how long a seeding may bring nothing onto the target before it is given up, where --max-time says nothing.
const seedingStall = 100 * time.Second

// boundedSeeding gives up a seeding that takes longer than --max-time, or where that says nothing, in which no part is done for a
// while. progress must be called with each part.
func (l *loading) boundedSeeding() (ctx context.Context, progress func(), stop func()) {
	ctx, cancel := context.WithCancelCause(l.in.ctx)
	limit, why := seedingStall, "nothing of it was put onto the target for %s; --max-time lets it take longer"
	if l.MaxTime > 0 {
		limit, why = l.MaxTime, "it was not done after %s, which --max-time allows"
	}
	timer := time.AfterFunc(limit, func() { cancel(fmt.Errorf("cannot seed the population: "+why, limit)) })
	progress = func() {
		if l.MaxTime == 0 {
			timer.Reset(limit)
		}
	}
	return ctx, progress, func() { timer.Stop(); cancel(nil) }
}
