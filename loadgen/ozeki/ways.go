package ozeki

import (
	"sync"

	"github.com/parley-im/parley/reference/ozeki/wire"
)

// Which cursors stand for none is documented nowhere. The users try a date beyond all messages, an empty one, and none
// at all, until one of these ways shows a message.
const (
	beyond = iota
	empty
	absent
	waysThereAre
)

// noID stands where a cursor has a date alone.
const noID = "00000000-0000-0000-0000-000000000000"

// ways is what all users together know of how to ask for a first page, or for everything.
type ways struct {
	mu     sync.Mutex
	at     int
	proven bool // it has shown messages
}

func (w *ways) now() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// worked notes that a way has shown messages.
func (w *ways) worked(way int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.proven {
		w.at, w.proven = way, true
	}
}

// failed notes that a way has shown nothing where something must be. It tells whether that is no fault of the target's:
// another way may work.
func (w *ways) failed(way int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.proven {
		return way != w.at
	}
	if way == w.at && w.at+1 < waysThereAre {
		w.at++
		return true
	}
	return way < w.at
}

// wayOf is nil for what has a real cursor, and for what is no download.
func (u *user) wayOf() *ways {
	switch u.doing {
	case open:
		return &u.w.ways[0]
	case download:
		return &u.w.ways[1]
	}
	return nil
}

// cursorNames are the members of the two downloads, with a date beyond all messages.
var cursorNames = map[string][5]string{
	wire.DownloadPartial: {"lastmessagedate", "lastmessageid", "lastreportdate", "lastreportid", "2099-12-31 23:59:59"},
	wire.Download:        {"firstmessagedate", "firstmessageid", "firstreportdate", "firstreportid", "2000-01-01 00:00:00"},
}

// cursors writes where a download begins. Reports are asked for from the same time on.
func (u *user) cursors(action string) {
	names := cursorNames[action]
	var date [len(timeLayout)]byte
	when, id := append(date[:0], names[4]...), noID
	if u.asked.id != "" {
		when, id = appendTime(date[:0], u.asked.at), u.asked.id
	} else if way := u.wayOf(); way != nil {
		switch u.way = way.now(); u.way {
		case empty:
			when, id = nil, ""
		case absent:
			return
		}
	}
	for i, value := range [4]string{string(when), id, string(when), noID} {
		if i == 3 && id == "" {
			value = ""
		}
		u.body = append(append(append(u.body, `,"`...), names[i]...), `":`...)
		if i%2 == 0 {
			u.body = append(append(append(u.body, '"'), value...), '"')
		} else {
			u.body = appendText(u.body, value)
		}
	}
}
