//go:build !unix || solaris || aix

package server

import "os"

// lock does nothing: this system has no locks that go with their process.
func lock(*os.File) error { return nil }
