// Package markdown writes the record as GitHub-flavoured Markdown that fits into a comment on a pull request. It knows
// the record and nothing else of parley.
//
// Nothing that came from a target, or from anyone else's record, can end its block, open a heading, make a link or call
// somebody by name.
package markdown

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/parley-im/parley/reports"
)

// How much is written, in characters. Hosts refuse a comment of more than 65,536.
const (
	budget      = 20_000
	itemLimit   = 4_000
	blockLimit  = 800
	curlLimit   = 1_500
	inlineLimit = 300
	mostRows    = 40 // of a table
	mostIDs     = 60 // of those that did not fit
)

// sections are what needs a reader, most pressing first.
var sections = []struct {
	verdict reports.Verdict
	title   string
}{
	{reports.Fail, "Failures"},
	{reports.Stale, "Stale deviations"},
	{reports.Error, "Faults of parley itself"},
	{reports.Warn, "Warnings"},
	{reports.Expected, "Known deviations"},
}

// Write writes the record as Markdown, at most some 20,000 characters of it; what is left off is named.
func Write(w io.Writer, run *reports.Run) error {
	d := document{exchanges: run.ExchangesByID()}
	d.head(run)
	foot := footer(run)
	d.left = budget - utf8.RuneCountInString(d.b.String()) - utf8.RuneCountInString(foot)
	for _, section := range sections {
		d.section(section.title, reports.With(section.verdict, run.Requirements))
	}
	d.section("Flaky deviations that pass this time", reports.FlakyPasses(run.Requirements))
	d.b.WriteString(foot)
	_, err := io.WriteString(w, d.b.String())
	return err
}

type document struct {
	b         strings.Builder
	exchanges map[string]*reports.Exchange
	left      int // characters that may still be written
}

func (d *document) head(run *reports.Run) {
	fmt.Fprintf(&d.b, "## %s %s\n\n", verdictSymbol(run.Verdict), prose(run.Headline()))
	if run.Reason != "" {
		fmt.Fprintf(&d.b, "**%s**\n\n", prose(run.Reason))
	}
	for _, target := range run.All() {
		d.target(target)
	}
	fmt.Fprintf(&d.b, "%d planned, %d judged: %s\n\n", run.Counts.Planned, run.Counts.Judged, run.Counts)
	d.overview(run)
	d.loads(run.Load)
}

func (d *document) target(t reports.Target) {
	fmt.Fprintf(&d.b, "%s %s at %s", code(t.API), code(t.Profile), code(t.URL))
	if t.Server != "" {
		fmt.Fprintf(&d.b, ", which says it is %s", code(t.Server))
	}
	d.b.WriteString("\n\n")
	for _, note := range t.Notes[:min(len(t.Notes), mostRows)] {
		fmt.Fprintf(&d.b, "- %s\n", prose(note))
	}
	if len(t.Notes) > 0 {
		d.b.WriteString("\n")
	}
}

// overview is one row an endpoint.
func (d *document) overview(run *reports.Run) {
	endpoints := reports.Endpoints(run.Requirements)
	if len(endpoints) == 0 {
		return
	}
	d.b.WriteString("| endpoint | pass | fail | warn | deviations | other |\n|---|--:|--:|--:|--:|--:|\n")
	for _, e := range endpoints[:min(len(endpoints), mostRows)] {
		c := e.Counts
		deviations := c.Expected + c.Stale
		fmt.Fprintf(&d.b, "| %s | %d | %d | %d | %d | %d |\n", cell(e.Name), c.Pass, c.Fail, c.Warn, deviations,
			c.Planned-c.Pass-c.Fail-c.Warn-deviations)
	}
	if more := len(endpoints) - mostRows; more > 0 {
		fmt.Fprintf(&d.b, "\n%d more endpoints are in the HTML report.\n", more)
	}
	d.b.WriteString("\n")
}

func (d *document) section(title string, requirements []reports.Requirement) {
	if len(requirements) == 0 {
		return
	}
	d.write(fmt.Sprintf("### %s (%d)\n\n", title, len(requirements)))
	for i, r := range requirements {
		if item := d.item(r); !d.write(item) {
			d.b.WriteString(leftOff(requirements[i:]))
			return
		}
	}
	d.b.WriteString("\n")
}

// write writes s where it fits.
func (d *document) write(s string) bool {
	n := utf8.RuneCountInString(s)
	if n > d.left {
		return false
	}
	d.b.WriteString(s)
	d.left -= n
	return true
}

func leftOff(requirements []reports.Requirement) string {
	var ids []string
	for _, r := range requirements[:min(len(requirements), mostIDs)] {
		ids = append(ids, code(r.ID))
	}
	if more := len(requirements) - len(ids); more > 0 {
		ids = append(ids, fmt.Sprintf("and %d others", more))
	}
	return fmt.Sprintf("\n%d more did not fit here; the HTML report has them: %s\n\n", len(requirements), strings.Join(ids, ", "))
}

// item is one requirement, folded. One that is longer than its share comes without its blocks.
func (d *document) item(r reports.Requirement) string {
	whole := d.details(r, true)
	if utf8.RuneCountInString(whole) > itemLimit {
		return d.details(r, false)
	}
	return whole
}

func (d *document) details(r reports.Requirement, blocks bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<details><summary>%s <b>%s</b> %s · %s</summary>\n\n",
		r.Verdict.Symbol(), inHTML(r.ID), inHTML(r.Level), inHTML(r.Statement))
	if r.Deviation != "" {
		fmt.Fprintf(&b, "Known deviation: %s\n\n", prose(r.Deviation))
	}
	if r.Reason != "" {
		fmt.Fprintf(&b, "%s\n\n", prose(r.Reason))
	}
	if len(r.Evidence) > 0 && blocks {
		d.evidence(&b, r.Evidence[0])
	}
	if !blocks {
		b.WriteString("The evidence is too long for a comment; the HTML report has it.\n\n")
	}
	if r.Document != "" {
		fmt.Fprintf(&b, "Document: %s\n\n", code(r.Document))
	}
	return b.String() + "</details>\n"
}

func (d *document) evidence(b *strings.Builder, e reports.Evidence) {
	x := d.exchanges[e.Exchange]
	lines := labelled("expected", e.Expected) + labelled("got", e.Got) + labelled("observed", e.Observed) +
		labelled("seen", strings.Join(e.Seen, "\n"))
	for _, earlier := range e.Earlier(d.exchanges) {
		lines += labelled("before", earlier.Summary())
	}
	if x != nil {
		lines += labelled("exchange", x.Summary())
	}
	fenced(b, "text", strings.TrimSuffix(lines, "\n"))
	switch {
	case x == nil || x.Curl == "":
	case len(x.Curl) > curlLimit:
		fmt.Fprintf(b, "The command that repeats it is long; see exchange %s in the HTML report.\n\n", code(x.ID))
	default:
		fenced(b, "sh", reports.Visible(x.Curl))
	}
}

func footer(run *reports.Run) string {
	line := fmt.Sprintf("<sub>run %s · rng %d · seeded by %s · parley %s · catalogue %s", inHTML(run.Run.ID), run.Run.RNG,
		inHTML(cmp.Or(run.Target.SeedDriver, "nobody")), inHTML(run.Run.Parley), inHTML(run.Run.CatalogText()))
	if !run.Run.Started.IsZero() {
		line += " · " + run.Run.Started.UTC().Format("2006-01-02 15:04 UTC")
	}
	return line + "</sub>\n"
}

func verdictSymbol(verdict string) string {
	switch verdict {
	case reports.Conformant:
		return reports.Pass.Symbol()
	case reports.NonConformant:
		return reports.Fail.Symbol()
	}
	return reports.Indeterminate.Symbol()
}
