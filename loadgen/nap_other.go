//go:build !linux

package loadgen

import "time"

// nap waits a short time, as precisely as the runtime's timers do: only Linux has a sleep of the system's own in syscall.
func nap(d time.Duration) { time.Sleep(d) }
