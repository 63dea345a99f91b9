package mutation

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs/catalog"
)

// Symbols stand beside every colour.
const (
	symbolKilled   = "✓" // found broken where the fault breaks it
	symbolMissed   = "✗" // broken, and not found
	symbolBeside   = "○" // found broken where the fault says it breaks nothing
	symbolBlocked  = "·" // not judged, since it builds on what failed
	symbolSurvived = "✗"
	symbolWrong    = "≠"
)

// symbol stands for what became of a fault.
func (j Judgement) symbol() string {
	return map[Judgement]string{Killed: symbolKilled, Wrong: symbolWrong, Survived: symbolSurvived}[j]
}

// WriteConsole writes the matrix for a terminal: for each requirement its faults, then whatever is not killed.
func WriteConsole(out io.Writer, m *Matrix, colour bool) error {
	w := &consoleWriter{colour: colour}
	endpoint := ""
	for _, r := range m.Requirements {
		if !m.worthShowing(r) {
			continue
		}
		if r.Endpoint != endpoint {
			endpoint = r.Endpoint
			fmt.Fprintf(w, "\n%s\n", w.paint("1", endpoint))
		}
		w.requirement(m, r)
	}
	for _, j := range []Judgement{Wrong, Survived} {
		w.problems(m, j)
	}
	w.gaps(m)
	w.nulls(m)
	verdict := "31"
	if m.Clean() {
		verdict = "32"
	}
	took := (time.Duration(m.TookMS) * time.Millisecond).Round(100 * time.Millisecond)
	fmt.Fprintf(w, "\n%s in %s\n", w.paint("1;"+verdict, m.Headline()), took)
	_, err := out.Write(w.Bytes())
	return err
}

// worthShowing leaves out what a run with few faults has nothing to say of.
func (m *Matrix) worthShowing(r Requirement) bool {
	return len(m.FaultsOf(r.ID)) > 0 || r.Unbroken != "" && len(m.Rows) > len(m.Requirements)
}

// nulls says what servers scored that know nothing.
func (w *consoleWriter) nulls(m *Matrix) {
	if len(m.Nulls) > 0 {
		fmt.Fprintf(w, "\n%s\n", w.paint("1", "servers that know nothing"))
	}
	for _, n := range m.Nulls {
		fmt.Fprintf(w, "  %-14s %6s  %-70s %s\n", n.Server, n.Percent(), n.Summary, strings.Join(n.Passed, " "))
	}
}

type consoleWriter struct {
	bytes.Buffer
	colour bool
}

func (w *consoleWriter) paint(code, text string) string {
	if !w.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (w *consoleWriter) requirement(m *Matrix, r Requirement) {
	head := fmt.Sprintf("  %-12s %-6s ", r.ID, r.level())
	faults := m.FaultsOf(r.ID)
	if len(faults) == 0 {
		fmt.Fprintf(w, "%s%s\n", head, w.paint("2", r.Unbroken))
		return
	}
	const width = 116
	line := head
	indent := strings.Repeat(" ", len(head))
	used := len(head)
	for _, row := range faults {
		word := row.Name
		if used+len(word)+4 > width {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line, used = indent, len(indent)
		}
		line += w.mark(row, r.ID) + " " + word + "  "
		used += len(word) + 4
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

func (w *consoleWriter) mark(row Row, id string) string {
	if against(row.Cells[id]) {
		return w.paint("32", symbolKilled)
	}
	return w.paint("31", symbolMissed)
}

// level is the level of the statement, with the profiles where it differs: MUST, v1 MUST.
func (r Requirement) level() string {
	levels := slices.Compact(slices.Sorted(maps.Values(r.Levels)))
	if len(levels) == 1 {
		return string(levels[0])
	}
	if slices.Contains(levels, catalog.Must) {
		return string(catalog.Must)
	}
	return string(catalog.Should)
}

var headings = map[Judgement]string{
	Wrong:    "noticed in the wrong place: a spec of the requirement that the fault breaks must fail",
	Survived: "survived: the suite does not notice",
}

func (w *consoleWriter) problems(m *Matrix, j Judgement) {
	rows := m.With(j)
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", w.paint("1;31", fmt.Sprintf("%d %s", len(rows), headings[j])))
	for _, row := range rows {
		fmt.Fprintf(w, "  %s %s (%s)\n    %s\n    breaks %s\n", j.symbol(), w.paint("1", row.Name), row.Profile, reports.Visible(row.Summary), row.missedInWords())
		if beside := row.Collateral(); len(beside) > 0 {
			fmt.Fprintf(w, "    noticed by %s\n", strings.Join(beside, ", "))
		}
	}
}

// missedInWords says what the suite should have found, and what its specs said instead.
func (r Row) missedInWords() string {
	var words []string
	for _, id := range r.Missed() {
		said := r.Cells[id]
		if said == "" {
			said = reports.Pass
		}
		words = append(words, fmt.Sprintf("%s (%s)", id, said))
	}
	return strings.Join(words, ", ")
}

func (w *consoleWriter) gaps(m *Matrix) {
	if len(m.Rows) < len(m.Requirements) {
		return // a few faults that somebody picked
	}
	gaps := m.Gaps()
	if len(gaps) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", w.paint("1;31", fmt.Sprintf("%d requirements are broken by fewer than %d faults", len(gaps), FaultsEach)))
	for _, r := range gaps {
		fmt.Fprintf(w, "  %-12s %-6s %d faults\n", r.ID, r.level(), len(m.FaultsOf(r.ID)))
	}
}
