package specs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reports"
)

// Restartable is the capability of a target that parley can stop, kill, pause and start again.
const Restartable = "restart"

// Restarts says that the spec stops and starts the target: it needs the capability, and runs when all ordinary specs have.
func Restarts() Option {
	return func(s *Spec) {
		s.Needs = append(s.Needs, Restartable)
		s.restarts = true
	}
}

// Restart stops the target as an operator would, and starts it again.
func (t *Trial) Restart() { t.again("stop", t.Env.Life.Stop) }

// Crash kills the target, and starts it again.
func (t *Trial) Crash() { t.again("kill", t.Env.Life.Kill) }

// again ends the spec where the target cannot be ended, and judges that it comes back: one that does not has lost everything.
func (t *Trial) again(how string, end func(context.Context) error) {
	if err := end(t.ctx); err != nil {
		t.endIfOver()
		t.end(reports.NotTestable, fmt.Sprintf("parley cannot %s the target: %v", how, err))
	}
	err := t.Env.Life.Start(t.ctx)
	t.endIfOver()
	var failed *fixtures.StartError
	if err != nil && !errors.As(err, &failed) {
		t.end(reports.NotTestable, fmt.Sprintf("parley cannot start the target again: %v", err))
	}
	if err != nil {
		t.Check(false, nil, "a target that starts again after it was "+map[string]string{"stop": "stopped", "kill": "killed"}[how], "%v", err)
	}
	t.awaitSeedable()
}

// seedableLimit is how long a target that has come back may still refuse to be seeded.
const seedableLimit = 15 * time.Second

// awaitSeedable waits until the target takes a user: one that answers can still be looking for its data. Whatever it says at
// the end is for the specs to find out.
func (t *Trial) awaitSeedable() {
	world := fixtures.World{Users: []fixtures.User{{ID: t.Name("up"), Name: "up"}}}
	began := t.Now()
	for wait := 10 * time.Millisecond; t.Now().Sub(began) < seedableLimit; wait = min(2*wait, 500*time.Millisecond) {
		_, err := t.Env.Seeder.Seed(t.ctx, t.Env.Run, world)
		t.endIfOver()
		var failed *fixtures.SeedError
		if !errors.As(err, &failed) {
			return
		}
		t.sleep(wait)
	}
}
