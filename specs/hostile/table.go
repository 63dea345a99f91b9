//go:build unix

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parley-im/parley/reports"
)

// line is a row for somebody who waits.
func (r *row) line() string {
	return fmt.Sprintf("%-38s exit %2d %6.1f s %5d MiB  %s", r.name(), r.exit, r.took.Seconds(), r.peak>>20, strings.Join(r.problems, "; "))
}

// writeTable writes a table of all rows, and how many are not as they must be.
func writeTable(w io.Writer, rows []*row) (red int, err error) {
	var b strings.Builder
	longest := slices.MaxFunc(rows, func(a, b *row) int { return cmp.Compare(a.took, b.took) })
	largest := slices.MaxFunc(rows, func(a, b *row) int { return cmp.Compare(a.peak, b.peak) })
	for _, r := range rows {
		if len(r.problems) > 0 {
			red++
		}
	}
	fmt.Fprintf(&b, "# Hostile targets\n\n%d runs, %d not as they must be. The longest took %.1f s (%s), the largest %d MiB (%s).\n\n",
		len(rows), red, longest.took.Seconds(), longest.name(), largest.peak>>20, largest.name())
	b.WriteString("| mode | way | API | exit | seconds | MiB | record | problems |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %.1f | %d | %s | %s |\n", r.mode.Name, r.way, r.api, r.exit, r.took.Seconds(), r.peak>>20,
			cell(r.record), cell(strings.Join(r.problems, "; ")))
	}
	_, err = io.WriteString(w, b.String())
	return red, err
}

func cell(text string) string { return strings.ReplaceAll(reports.Visible(text), "|", `\|`) }
