package variants

import (
	"time"

	"github.com/parley-im/parley/reference/wukongim/model"
)

// latest is the most by which a late sync is behind.
const latest = 20 * time.Millisecond

// replicas are freedoms in when a change shows.
func replicas() []Variant {
	return []Variant{{
		Name: "late", Summary: "A sync sees a state that is up to 20 ms old.", Eventual: true,
		Freedom: "the documents do not say that an answer shows every change before it",
	}}
}

// late answers syncs from a second model, to which every change comes a while after the first. Changes keep their order,
// so that a sync never goes back.
type late struct {
	kit        kit
	front      model.Model
	back       model.Model
	lastArrive time.Time
	pending    []change
}

type change struct {
	arrives time.Time
	op      model.Op
}

func newLate(k kit, front, back model.Model) *late { return &late{kit: k, front: front, back: back} }

func (l *late) do(op model.Op) model.Result {
	arrives := l.kit.clock().Add(time.Duration(l.kit.chance.IntN(int(latest))))
	if arrives.Before(l.lastArrive) {
		arrives = l.lastArrive
	}
	l.lastArrive = arrives
	l.pending = append(l.pending, change{arrives, op})
	l.arrive()
	return model.Apply(l.front, op)
}

// arrive does at the back what has had its time. Both models count alike, so that ids and versions agree.
func (l *late) arrive() {
	now := l.kit.clock()
	for len(l.pending) > 0 && !l.pending[0].arrives.After(now) {
		model.Apply(l.back, l.pending[0].op)
		l.pending = l.pending[1:]
	}
}

func (l *late) Subscribe(op model.Subscribe)  { l.do(op) }
func (l *late) Send(op model.Send) model.Sent { return l.do(op).Sent }
func (l *late) Clear(op model.Clear) error    { return l.do(op).Err }
func (l *late) Set(op model.Set) error        { return l.do(op).Err }
func (l *late) Delete(op model.Delete) error  { return l.do(op).Err }
func (l *late) Clean(op model.Clean)          { l.do(op) }
func (l *late) Sync(op model.Sync) []model.Conversation {
	l.arrive()
	return l.back.Sync(op)
}
