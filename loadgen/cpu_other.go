//go:build !unix

package loadgen

import "time"

// ownCPU is not known here.
func ownCPU() time.Duration { return 0 }
