package markdown

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/parley-im/parley/reports"
)

// linked is what hosts turn into links and notifications after they have read the Markdown, so that a backslash does
// not help: mentions, references, addresses and commit ids. Only code is spared.
var linked = regexp.MustCompile(`(?i)[@#]|://|www\.|mailto:|\bGH-\d|\b[0-9a-f]{7,40}\b`)

// prose is s on one line, its own `code` as code, and everything else plain. Where a part of it would become a link,
// that part is code as a whole; where its backticks are no pairs, all of it is.
func prose(s string) string {
	line := limited(s)
	if !paired(line) {
		return code(s)
	}
	var b strings.Builder
	for i, part := range strings.Split(line, "`") {
		switch {
		case part == "":
		case i%2 == 1 || linked.MatchString(part):
			trimmed := strings.TrimSpace(part)
			lead, tail, _ := strings.Cut(part, trimmed)
			b.WriteString(lead + code(trimmed) + tail)
		default:
			b.WriteString(escapePunctuation(part))
		}
	}
	return b.String()
}

// paired tells whether the backticks in s are single ones that open and close.
func paired(s string) bool { return strings.Count(s, "`")%2 == 0 && !strings.Contains(s, "``") }

// escapePunctuation leaves no character that Markdown reads: some it reads anywhere, some at the start of a line only.
func escapePunctuation(s string) string {
	var b strings.Builder
	for i, r := range s {
		if strings.ContainsRune("\\*_[]<>|~&$", r) || i == 0 && strings.ContainsRune("-+=", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// code is s as one code span.
func code(s string) string {
	s = limited(s)
	if strings.TrimSpace(s) == "" {
		return "(empty)"
	}
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cell is s as code in a table, where a bar ends the cell even inside of code.
func cell(s string) string { return strings.ReplaceAll(code(s), "|", `\|`) }

// inHTML is s inside of an HTML block, where Markdown is not read but names and references are still looked for.
func inHTML(s string) string {
	line := limited(s)
	if !paired(line) {
		return "<code>" + html.EscapeString(line) + "</code>"
	}
	var b strings.Builder
	for i, part := range strings.Split(line, "`") {
		switch {
		case part == "":
		case i%2 == 1 || linked.MatchString(part):
			b.WriteString("<code>" + html.EscapeString(part) + "</code>")
		default:
			b.WriteString(html.EscapeString(part))
		}
	}
	return b.String()
}

// limited is s on one line, visible, and not longer than a line should be.
func limited(s string) string {
	kept, left := reports.Cut(s, inlineLimit)
	if left > 0 {
		kept += fmt.Sprintf(" … %d bytes more", left)
	}
	return reports.Visible(reports.OneLine(kept))
}

// labelled is s behind its label, further lines of it indented, and not longer than a block should be.
func labelled(label, s string) string {
	if s == "" {
		return ""
	}
	kept, left := reports.Cut(s, blockLimit)
	if left > 0 {
		kept += fmt.Sprintf(" … %d bytes more in report.json", left)
	}
	return fmt.Sprintf("%-10s%s\n", label, strings.ReplaceAll(reports.Visible(kept), "\n", "\n"+strings.Repeat(" ", 10)))
}

// fenced writes s as a block whose fence is longer than any in s.
func fenced(b *strings.Builder, language, s string) {
	if s == "" {
		return
	}
	fence := strings.Repeat("`", max(3, longestRun(s, '`')+1))
	fmt.Fprintf(b, "%s%s\n%s\n%s\n\n", fence, language, s, fence)
}

func longestRun(s string, of rune) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
