package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// output is a file for another tool, which a flag names. It is opened before anything is sent: what cannot be written is
// known then. What stood there stays until there is something to write. A nil one is a flag that was not given.
type output struct {
	flag, path string
	file       *os.File
	made, used bool
}

// openOutput opens a file, or what a shell gives for one: a pipe, a device such as /dev/stdout.
func openOutput(flag, path string) (*output, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	made := err == nil
	if errors.Is(err, fs.ErrExist) {
		file, err = openThere(path)
	}
	if err != nil {
		return nil, fail(exitUsage, "%s %s cannot be written to: %w; name another file", flag, path, err)
	}
	return &output{flag: flag, path: path, file: file, made: made}, nil
}

// openThere opens what stands at path already, and leaves it as it is. A pipe that nobody reads does not hold parley up.
func openThere(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err // a link that leads nowhere
	}
	switch mode := info.Mode(); {
	case mode.IsRegular(), mode&fs.ModeCharDevice != 0:
		return os.OpenFile(path, os.O_WRONLY, 0)
	case mode&fs.ModeNamedPipe != 0:
		return os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	case mode.IsDir():
		return nil, errors.New("it is a folder")
	}
	return nil, errors.New("it is neither a file nor a pipe")
}

// begin gives what is to be written to. What stood there is gone then.
func (o *output) begin() (io.Writer, error) {
	o.used = true
	info, err := o.file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = o.file.Truncate(0)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.flag, err)
	}
	return o.file, nil
}

// close closes the file. One that parley made, and wrote nothing to, is removed.
func (o *output) close() {
	if o == nil {
		return
	}
	_ = o.file.Close() // each write told whether it was done
	if o.made && !o.used {
		_ = os.Remove(o.path)
	}
}

// same tells whether two outputs are one file.
func (o *output) same(other *output) bool {
	if o == nil || other == nil {
		return false
	}
	a, err := o.file.Stat()
	b, failed := other.file.Stat()
	return err == nil && failed == nil && a.Mode().IsRegular() && os.SameFile(a, b)
}

// loadOutputs are those that load writes beside the report.
type loadOutputs struct{ vegeta, hdr, bench *output }

func (v *loadVerb) openOutputs() (files loadOutputs, err error) {
	defer func() {
		if err != nil {
			files.close()
		}
	}()
	for _, wanted := range []struct {
		flag, path string
		to         **output
	}{{"--vegeta", v.Vegeta, &files.vegeta}, {"--hdr", v.HDR, &files.hdr}, {"--bench", v.Bench, &files.bench}} {
		o, err := openOutput(wanted.flag, wanted.path)
		if err != nil {
			return files, err
		}
		*wanted.to = o
		for _, other := range files.all() {
			if other != o && o.same(other) {
				return files, fail(exitUsage, "%s and %s name the same file %s", other.flag, o.flag, o.path)
			}
		}
	}
	return files, nil
}

func (f loadOutputs) all() []*output { return []*output{f.vegeta, f.hdr, f.bench} }

func (f loadOutputs) close() {
	for _, o := range f.all() {
		o.close()
	}
}
