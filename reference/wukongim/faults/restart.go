package faults

import (
	"slices"

	"github.com/parley-im/parley/reference/wukongim/server"
)

// restarting are the faults of what is kept for a restart. A server without a journal forgets everything anyway, and shows none.
var restarting = []Fault{
	{
		Fault:   named("forgets-at-restart", "a server that starts again knows nothing of what was there", "WK-STATE-08"),
		Journal: func(j server.Journal) server.Journal { return forgetful{j} },
	},
	{
		Fault:   named("forgets-reads-at-restart", "after a restart, what was cleared or set counts as it did before that", "WK-STATE-08"),
		Journal: keeping(func(e server.Entry) bool { return e.Clear == nil && e.Set == nil }),
	},
	{
		Fault:   named("forgets-groups-at-restart", "after a restart, nobody is in a group any more", "WK-STATE-08"),
		Journal: keeping(func(e server.Entry) bool { return e.Subscribe == nil }),
	},
	{
		Fault:   named("keeps-the-last-change-late", "the newest change is kept only when the next one comes, so that a kill loses it", "WK-STATE-08"),
		Journal: func(j server.Journal) server.Journal { return &late{Journal: j} },
	},
}

// forgetful keeps, and gives nothing back.
type forgetful struct{ server.Journal }

func (forgetful) Replay(func(server.Entry) error) error { return nil }

// selective keeps only some entries.
type selective struct {
	server.Journal
	keeps func(server.Entry) bool
}

func (s selective) Append(e server.Entry) error {
	if !s.keeps(e) {
		return nil
	}
	return s.Journal.Append(e)
}

func keeping(keeps func(server.Entry) bool) func(server.Journal) server.Journal {
	return func(j server.Journal) server.Journal { return selective{j, keeps} }
}

// late is one entry behind.
type late struct {
	server.Journal
	waiting []server.Entry
}

func (l *late) Append(e server.Entry) error {
	ready := slices.Clone(l.waiting)
	l.waiting = []server.Entry{e}
	for _, r := range ready {
		if err := l.Journal.Append(r); err != nil {
			return err
		}
	}
	return nil
}
