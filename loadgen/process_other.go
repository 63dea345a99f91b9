//go:build !linux

package loadgen

import "errors"

// Process can only be read on Linux.
func Process(int) (func() Use, error) {
	return nil, errors.New("cannot read what another process uses: only Linux is supported")
}
