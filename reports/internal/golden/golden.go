// Package golden is what the tests of all writers share: one record with every verdict word and hostile strings,
// and the comparison of what a writer made of it with a file in reports/testdata.
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files in reports/testdata anew")

// Check compares got with the file of that name in reports/testdata, or writes it where -update is set.
func Check(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join(dir(), name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./reports/... -update", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	line, was, is := firstDifference(want, got)
	t.Errorf("%s differs at line %d:\n  want %.300q\n   got %.300q\nif the change is meant: go test ./reports/... -update", name, line, was, is)
}

func firstDifference(want, got []byte) (line int, was, is []byte) {
	a, b := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for line < len(a) && line < len(b) && bytes.Equal(a[line], b[line]) {
		line++
	}
	if line < len(a) {
		was = a[line]
	}
	if line < len(b) {
		is = b[line]
	}
	return line + 1, was, is
}

// dir is reports/testdata, found from this file, so that it is the same for every package below reports.
func dir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "testdata")
}
