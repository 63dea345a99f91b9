package mutation

import (
	"fmt"
	"io"
	"strings"

	"github.com/parley-im/parley/reports"
)

// WriteMarkdown writes the matrix as GitHub-flavoured Markdown: what is not killed, then a row for each fault. Its texts
// are parley's own.
func WriteMarkdown(out io.Writer, m *Matrix) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Kill matrix of the %s suite\n\n%s.\n", m.API, m.Headline())
	for _, j := range []Judgement{Wrong, Survived} {
		rows := m.With(j)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s %d %s\n\n", j.symbol(), len(rows), headings[j])
		for _, row := range rows {
			fmt.Fprintf(&b, "- `%s`: %s; breaks %s\n", row.Name, cell(row.Summary), row.missedInWords())
		}
	}
	fmt.Fprintf(&b, "\n| | fault | breaks | what it does | noticed beside |\n|---|---|---|---|---|\n")
	for _, row := range m.Rows {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", row.Judgement().symbol(), row.Name, strings.Join(row.Breaks, ", "),
			cell(row.Summary), cell(strings.Join(row.Collateral(), ", ")))
	}
	if len(m.Nulls) > 0 {
		b.WriteString("\n### Servers that know nothing\n\n| server | what it does | passed | share |\n|---|---|---|---|\n")
	}
	for _, n := range m.Nulls {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", n.Server, cell(n.Summary), cell(strings.Join(n.Passed, ", ")), n.Percent())
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// cell is a text on one line that ends no cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "____", `\_\_\_\_`).Replace(reports.OneLine(reports.Visible(s)))
}
