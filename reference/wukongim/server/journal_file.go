package server

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parley-im/parley/reference/hook"
)

// journalHead is the first line of a journal's file.
const journalHead = `{"journal":"parley wukongim","version":1}`

// lineLimit bounds one entry: a message as long as a request may be, in base64, with room around it.
const lineLimit = hook.BodyLimit*2 + 1<<20

// FileJournal is a Journal in a file, a line an entry. An entry survives the end of the process; against a power cut
// there is no guard. The file grows with every change: who wants to begin anew deletes it.
type FileJournal struct {
	path string
	file *os.File
	end  int64 // of the last whole line
	// broken is why nothing can be kept any more.
	broken error
}

// OpenJournal opens the journal at path, and makes one where there is none. A last line without an end is what a killed process
// was writing and never acknowledged: it is cut off. Anything else that cannot be read is an error, and the file stays as it is.
func OpenJournal(path string) (*FileJournal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open the journal: %w", err)
	}
	j := &FileJournal{path: path, file: file}
	if err := j.open(); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("the journal %s: %w", path, err)
	}
	return j, nil
}

func (j *FileJournal) open() error {
	if err := lock(j.file); err != nil {
		return fmt.Errorf("another server has it open: %w", err)
	}
	j.end = 0
	number := 0
	err := j.lines(func(line []byte) error {
		if number++; number == 1 && string(line) != journalHead {
			return errors.New("its first line is not that of a journal; give another file, or delete this one")
		}
		j.end += int64(len(line)) + 1
		return nil
	})
	if err != nil {
		return err
	}
	if err := j.file.Truncate(j.end); err != nil {
		return err
	}
	if j.end == 0 {
		return j.write([]byte(journalHead + "\n"))
	}
	return nil
}

// lines gives every whole line.
func (j *FileJournal) lines(each func(line []byte) error) error {
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	reader := bufio.NewReaderSize(j.file, 1<<16)
	var long []byte
	for {
		part, err := reader.ReadSlice('\n')
		long = append(long, part...)
		switch {
		case len(long) > lineLimit:
			return fmt.Errorf("it has a line of more than %d bytes", lineLimit)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return nil // what stands after the last line's end was never acknowledged
		case err != nil:
			return err
		}
		if err := each(bytes.TrimSuffix(long, []byte("\n"))); err != nil {
			return err
		}
		long = long[:0]
	}
}

// Replay implements Journal.
func (j *FileJournal) Replay(each func(Entry) error) error {
	number := 0
	return j.lines(func(line []byte) error {
		if number++; number == 1 {
			return nil
		}
		var e Entry
		err := json.Unmarshal(line, &e)
		if err == nil {
			err = each(e)
		}
		if err != nil {
			return fmt.Errorf("%s:%d cannot be replayed: %w; delete the file to begin anew", j.path, number, err)
		}
		return nil
	})
}

// Append implements Journal.
func (j *FileJournal) Append(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if len(line) > lineLimit {
		return fmt.Errorf("an entry of %d bytes is more than the journal takes", len(line))
	}
	return j.write(append(line, '\n'))
}

// write puts a line at the end. What it could write only in part is taken back, so that the next line does not stand in it.
func (j *FileJournal) write(line []byte) error {
	if j.broken != nil {
		return j.broken
	}
	if _, err := j.file.WriteAt(line, j.end); err != nil {
		err = fmt.Errorf("nothing can be written to the journal: %w", err)
		if back := j.file.Truncate(j.end); back != nil {
			j.broken = errors.Join(err, back)
		}
		return err
	}
	j.end += int64(len(line))
	return nil
}

// Close closes the file; nothing can be kept afterwards.
func (j *FileJournal) Close() error {
	j.broken = errors.New("the journal is closed")
	return j.file.Close()
}
