package loadgen

import (
	"syscall"
	"time"
)

// nap waits a short time, to within some ten microseconds, or less where a signal ends it early. A thread waits for it:
// only the pacer may nap.
func nap(d time.Duration) {
	if d > 0 {
		t := syscall.NsecToTimespec(int64(d))
		_ = syscall.Nanosleep(&t, nil) // whoever naps looks at the clock afterwards
	}
}
