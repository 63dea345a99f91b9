package mutation

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Ginkgo keeps its state in the package, so that a process runs one suite at a time: who wants to use several cores
// starts several processes, each of which runs a part of the faults and tells its rows as they come.

// message is one line that a child tells: a row that is done, or at the end the matrix without its rows.
type message struct {
	Row    *Row    `json:"row,omitempty"`
	Matrix *Matrix `json:"matrix,omitempty"`
}

// Part runs the part of the faults that "0/2" names, the first of two, and writes it to w for Processes to read.
func Part(ctx context.Context, w io.Writer, part string, o Options) error {
	if _, err := fmt.Sscanf(part, "%d/%d", &o.Part, &o.Parts); err != nil || o.Parts < 1 || o.Part < 0 || o.Part >= o.Parts {
		return fmt.Errorf("%q names no part of the faults: write 0/2 for the first of two", part)
	}
	runtime.MemProfileRate = 0 // nobody reads the profile, and each collection would write it
	encoder := json.NewEncoder(w)
	var failed error
	o.Progress = func(row Row) {
		if err := encoder.Encode(message{Row: &row}); failed == nil {
			failed = err
		}
	}
	m, err := Run(ctx, o)
	if err != nil {
		return err
	}
	m.Rows = nil
	return errors.Join(failed, encoder.Encode(message{Matrix: m}))
}

// Processes runs the faults in as many child processes as parts says, and puts their parts of the matrix together.
// child makes the command of one, which must call Part with the name that it is given and its standard output; Processes
// sets the rest. progress gets each row as it is done, one at a time; nil: nobody does.
func Processes(ctx context.Context, parts int, child func(ctx context.Context, part string) *exec.Cmd, progress func(Row)) (*Matrix, error) {
	began := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	told := func(row Row) {
		mu.Lock()
		defer mu.Unlock()
		if progress != nil {
			progress(row)
		}
	}
	matrices, failed := make([]*Matrix, parts), make([]error, parts)
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() {
			matrices[i], failed[i] = process(child(ctx, fmt.Sprintf("%d/%d", i, parts)), told)
			if failed[i] != nil {
				cancel() // the others' work is of no use any more
			}
		})
	}
	all.Wait()
	if err := first(failed); err != nil {
		return nil, err
	}
	m, err := Merge(matrices)
	if err == nil {
		m.TookMS = time.Since(began).Milliseconds()
	}
	return m, err
}

// first is the error that began it: those of the processes that were stopped for it say less.
func first(failed []error) error {
	var stopped error
	for _, err := range failed {
		var exit *exec.ExitError
		if errors.As(err, &exit) && !exit.Exited() {
			stopped = err
		} else if err != nil {
			return err
		}
	}
	return stopped
}

// process runs one child to its end. A child has one core: its garbage collector leaves it alone until
// the memory is worth collecting.
func process(command *exec.Cmd, told func(Row)) (*Matrix, error) {
	var said bytes.Buffer
	command.Stderr = &said
	command.Env = append(command.Environ(), "GOMAXPROCS=1", "GOGC=off", "GOMEMLIMIT=600MiB")
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("cannot start a process for a part of the faults: %w", err)
	}
	m, broken := read(out, told)
	if err := command.Wait(); err != nil {
		return nil, fmt.Errorf("the process for a part of the faults failed: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return m, broken
}

func read(out io.Reader, told func(Row)) (m *Matrix, err error) {
	decoder := json.NewDecoder(bufio.NewReader(out))
	var rows []Row
	for m == nil {
		var next message
		if err := decoder.Decode(&next); err != nil {
			_, _ = io.Copy(io.Discard, out) // a child that still writes must come to its end
			return nil, fmt.Errorf("the process for a part of the faults told %d rows, and then nothing that can be read: %w", len(rows), err)
		}
		if next.Row != nil {
			rows = append(rows, *next.Row)
			told(*next.Row)
		}
		m = next.Matrix
	}
	m.Rows = rows
	_, err = io.Copy(io.Discard, out)
	return m, err
}
