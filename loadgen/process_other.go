//go:build !linux

package loadgen

import (
	"errors"
	"time"
)

// ProcessCPU can only be read on Linux.
func ProcessCPU(int) (func() time.Duration, error) {
	return nil, errors.New("cannot read what another process uses: only Linux is supported")
}
