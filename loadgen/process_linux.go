package loadgen

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// Process reads the memory of a process, and the processor time of it and of the children that it has waited for.
func Process(pid int) (func() Use, error) {
	stat, statm := fmt.Sprintf("/proc/%d/stat", pid), fmt.Sprintf("/proc/%d/statm", pid)
	if _, err := readStat(stat); err != nil {
		return nil, fmt.Errorf("cannot read what the process %d uses: %w", pid, err)
	}
	var last Use
	return func() Use {
		if used, err := readStat(stat); err == nil {
			last.CPU = used
			last.Memory = readMemory(statm)
		}
		return last // a process that is gone uses no more
	}, nil
}

// readMemory reads the resident pages, which stand second.
func readMemory(path string) int64 {
	data, err := os.ReadFile(path)
	fields := bytes.Fields(data)
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64) // 0 where it is none: not known
	return pages * int64(os.Getpagesize())
}

func readStat(path string) (time.Duration, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	// The name in brackets may hold anything; after it stand the fields from number 3 on.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	const user, tick = 14 - 3, 10 * time.Millisecond // Linux counts hundredths of a second, whatever the kernel's own tick
	if len(fields) < user+4 {
		return 0, fmt.Errorf("%s has only %d fields", path, len(fields))
	}
	var sum time.Duration
	for _, field := range fields[user : user+4] {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}
