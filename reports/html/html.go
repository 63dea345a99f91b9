// Package htmlreport writes the record as one self-contained page: it loads nothing, and everything on it can be
// reached without its script. It knows the record and nothing else of parley.
//
// The page is put together from the parts in page/. Everything that came from outside goes through html/template, and
// through reports.Segments, which makes characters visible that would turn or hide text. A policy in the page lets
// only its own style and script run, by their digests.
package htmlreport

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/parley-im/parley/reports"
)

//go:embed page
var parts embed.FS

var (
	style  = read("page/style.css")
	script = read("page/script.js")
	page   = template.Must(template.New("page.html").Funcs(template.FuncMap{
		"segments": reports.Segments,
		"visible":  reports.Visible,
		"inline":   inline,
		"ms":       reports.Milliseconds,
		"duration": precise,
		"time":     moment,
		"language": language,
		"brief":    brief,
	}).ParseFS(parts, "page/*.html"))
)

// precise is a duration of ms milliseconds with three digits of it.
func precise(ms float64) string {
	if ms >= 1000 {
		return fmt.Sprintf("%.3g s", ms/1000)
	}
	return fmt.Sprintf("%.3g ms", ms)
}

func read(name string) string {
	data, err := parts.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(data)
}

// policy lets the page run its own style and script, and nothing load anything.
func policy() string {
	return "default-src 'none'; style-src '" + digest(style) + "'; script-src '" + digest(script) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Write writes the record as one HTML page. Bodies are cut at 4 KiB each; the page says where it cut.
func Write(w io.Writer, run *reports.Run) error {
	buffered := bufio.NewWriter(w)
	err := page.Execute(buffered, struct {
		Style       template.CSS
		Script      template.JS
		Policy      string
		Conformance conformance
		Load        []load
	}{template.CSS(style), template.JS(script), policy(), conformanceOf(run), loadsOf(run)})
	if err != nil {
		return fmt.Errorf("the record of run %s cannot be written as HTML: %w", run.Run.ID, err)
	}
	return buffered.Flush()
}
