package mutation

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // for the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/parley-im/parley/reports"
)

var (
	//go:embed matrix.css
	matrixStyle string
	//go:embed matrix.html
	matrixPage string

	matrixTemplate = template.Must(template.New("matrix").Parse(matrixPage))
)

// page is the matrix as its template shows it.
type page struct {
	Policy   string
	Style    template.CSS
	API      string
	Headline string
	Clean    bool
	Took     string
	Catalog  string
	Seeds    []int64
	Groups   []pageGroup
	Columns  []pageColumn
	Rows     []pageRow
	Nulls    []NullScore
}

type pageGroup struct {
	Name  string
	Width int
}

type pageColumn struct {
	Requirement
	Level  string
	Faults int
	Gap    bool
	First  bool // of its group
}

type pageRow struct {
	Row
	Is     Judgement
	Symbol string
	Often  string // empty: every time
	Marks  []pageMark
}

// pageMark is one cell; an empty Symbol says that the statement was not found broken, and need not be.
type pageMark struct {
	Symbol, Class, Says string
}

// WriteHTML writes the matrix as one self-contained page: it loads nothing and runs nothing.
func WriteHTML(out io.Writer, m *Matrix) error {
	sum := sha256.Sum256([]byte(matrixStyle))
	p := page{
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(matrixStyle), API: m.API, Headline: m.Headline(), Nulls: m.Nulls, Clean: m.Clean(), Catalog: m.Catalog, Seeds: m.Seeds,
		Took: (time.Duration(m.TookMS) * time.Millisecond).Round(100 * time.Millisecond).String(),
	}
	p.columns(m)
	for _, row := range m.Rows {
		p.Rows = append(p.Rows, p.row(row))
	}
	buffered := bufio.NewWriter(out)
	if err := matrixTemplate.Execute(buffered, p); err != nil {
		return fmt.Errorf("the matrix of %s cannot be written as HTML: %w", m.API, err)
	}
	return buffered.Flush()
}

// columns are the statements that a fault can break, by endpoint.
func (p *page) columns(m *Matrix) {
	for _, r := range m.Requirements {
		if !r.JudgedAnywhere() || r.Unjudged != "" {
			continue
		}
		n := len(m.FaultsOf(r.ID))
		first := len(p.Groups) == 0 || p.Groups[len(p.Groups)-1].Name != r.Endpoint
		if first {
			p.Groups = append(p.Groups, pageGroup{Name: r.Endpoint})
		}
		p.Groups[len(p.Groups)-1].Width++
		p.Columns = append(p.Columns, pageColumn{Requirement: r, Level: r.level(), Faults: n, Gap: n < FaultsEach && r.Unbroken == "", First: first})
	}
}

func (p *page) row(row Row) pageRow {
	shown := pageRow{Row: row, Is: row.Judgement(), Symbol: row.Judgement().symbol()}
	if row.Odds < 1 {
		shown.Often = fmt.Sprintf("one time in %.0f", 1/row.Odds)
	}
	for _, column := range p.Columns {
		shown.Marks = append(shown.Marks, row.markOf(column.ID))
	}
	return shown
}

func (r Row) markOf(id string) pageMark {
	verdict := r.Cells[id]
	breaks := false
	for _, broken := range r.Breaks {
		breaks = breaks || broken == id
	}
	says := func(what string) string {
		return fmt.Sprintf("%s × %s: %s. %s", r.Name, id, what, strings.Join(r.Specs[id], "; "))
	}
	switch {
	case breaks && against(verdict):
		return pageMark{symbolKilled, "killed", says("killed, " + string(verdict))}
	case breaks:
		if verdict == "" {
			verdict = reports.Pass
		}
		return pageMark{symbolMissed, "missed", says("missed, " + string(verdict))}
	case against(verdict):
		return pageMark{symbolBeside, "beside", says("noticed here as well, " + string(verdict))}
	case verdict == reports.Blocked:
		return pageMark{symbolBlocked, "blocked", says("not judged: it builds on what failed")}
	}
	return pageMark{}
}
