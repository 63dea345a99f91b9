package loadgen

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// ProcessCPU reads the processor time of a process and of the children that it has waited for.
func ProcessCPU(pid int) (func() time.Duration, error) {
	path := fmt.Sprintf("/proc/%d/stat", pid)
	if _, err := readStat(path); err != nil {
		return nil, fmt.Errorf("cannot read what the process %d uses: %w", pid, err)
	}
	var last time.Duration
	return func() time.Duration {
		if used, err := readStat(path); err == nil {
			last = used
		}
		return last // a process that is gone uses no more
	}, nil
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
