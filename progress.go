package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
)

// progress shows a suite at work: on a terminal one line an endpoint, redrawn; in a pipe a plain line when an endpoint is
// through.
type progress struct {
	out    io.Writer
	live   bool
	quiet  bool
	width  int
	groups []*progressGroup
	drawn  bool
	began  time.Time
	last   time.Time
	mu     sync.Mutex
}

type progressGroup struct {
	endpoint    string
	total, done int
	counts      map[reports.Verdict]int
}

// redraw is how often a terminal is written to at most; heartbeat is how long a pipe stays silent at most, while specs end.
const (
	redraw    = 60 * time.Millisecond
	heartbeat = 10 * time.Second
)

func newProgress(in *invocation, planned []*specs.Spec, quiet bool) *progress {
	p := &progress{out: in.stderr, live: in.live, quiet: quiet, width: max(in.width, 20)}
	for _, endpoint := range specs.Endpoints(planned) {
		group := &progressGroup{endpoint: endpoint, counts: map[reports.Verdict]int{}}
		for _, spec := range planned {
			if spec.Requirement.Endpoint == endpoint {
				group.total++
			}
		}
		p.groups = append(p.groups, group)
	}
	return p
}

func (p *progress) begin(title string, env *specs.Env) {
	if !p.quiet {
		fmt.Fprintf(p.out, "parley: %s %s at %s, run %s, seed %d\n", title, env.Profile, env.URL, env.Run, env.RNG)
	}
	p.began, p.last = time.Now(), time.Now()
}

func (p *progress) event(e specs.Event) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, group := range p.groups {
		if group.endpoint != e.Spec.Requirement.Endpoint {
			continue
		}
		group.done++
		group.counts[e.Verdict]++
		if !p.live && group.done == group.total {
			p.last = time.Now()
			fmt.Fprintln(p.out, "  "+group.line())
		}
	}
	if !p.live && time.Since(p.last) > heartbeat {
		p.last = time.Now()
		fmt.Fprintf(p.out, "  … %d of %d specs after %s\n", e.Done, e.Total, time.Since(p.began).Round(time.Second))
	}
	if p.live && (time.Since(p.last) > redraw || e.Done == e.Total) {
		p.draw()
	}
}

// note tells something besides. A redraw begins below it. The link tells it from wherever it is asked.
func (p *progress) note(text string) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "  … %s\n", reports.Visible(text))
	p.drawn = false
}

func (p *progress) draw() {
	p.last = time.Now()
	if p.drawn {
		fmt.Fprintf(p.out, "\x1b[%dA", len(p.groups))
	}
	p.drawn = true
	for _, group := range p.groups {
		line := []rune("  " + group.bar() + " " + group.line())
		fmt.Fprintf(p.out, "\r\x1b[2K%s\n", string(line[:min(len(line), p.width-1)])) // a line that wraps could not be redrawn
	}
}

// bar is how far the group is, in 12 cells.
func (g *progressGroup) bar() string {
	const cells = 12
	filled := cells * g.done / max(g.total, 1)
	return strings.Repeat("━", filled) + strings.Repeat("·", cells-filled)
}

func (g *progressGroup) line() string {
	words := []string{fmt.Sprintf("%3d of %3d specs", g.done, g.total)}
	for _, verdict := range reports.Verdicts {
		if n := g.counts[verdict]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	return fmt.Sprintf("%-44s %s", g.endpoint, strings.Join(words, ", "))
}

// close leaves the last state on the terminal, also after an interrupt.
func (p *progress) close() {
	if p.live && !p.quiet && p.drawn {
		p.draw()
	}
}
