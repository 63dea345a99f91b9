//go:build unix && !solaris && !aix

package server

import (
	"os"
	"syscall"
)

// lock keeps a second server from the file; the lock goes with the process that has it.
func lock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
