package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	jsonreport "github.com/parley-im/parley/reports/json"
)

func TestTheFirstSignalAsksAndTheSecondEnds(t *testing.T) {
	for _, c := range []struct {
		name    string
		signals []os.Signal
		ends    bool
	}{
		{"once", []os.Signal{os.Interrupt}, false},
		{"twice", []os.Signal{os.Interrupt, os.Interrupt}, true},
		{"a terminal that is closed", []os.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGHUP}, false},
		{"closed, and then stopped", []os.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGTERM}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := make(chan os.Signal, len(c.signals))
			for _, s := range c.signals {
				asked <- s
			}
			close(asked)
			cancelled, code := 0, -1
			heed(asked, func() { cancelled++ }, func(c int) { code = c })
			if cancelled != 1 || c.ends != (code == exitIncomplete) {
				t.Errorf("asked to end %d times, exit %d", cancelled, code)
			}
		})
	}
}

// TestARunOutlivesWhoeverReadsItsOutput: parley conform 2>&1 | head -1.
func TestARunOutlivesWhoeverReadsItsOutput(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command := exec.Command("parley", "conform", "--filter", "WK-SYNC-08", "--format", "json", "--out", dir)
	command.Stdout, command.Stderr = writer, writer
	if err := errors.Join(reader.Close(), command.Start(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	file, err := os.Open(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := jsonreport.Read(file); err != nil {
		t.Error(err)
	}
}
