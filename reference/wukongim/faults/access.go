package faults

import (
	"net/http"
	"sync"
)

// credential is the latest one that was let in: a fault does not know the server's token.
type credential struct {
	mu    sync.Mutex
	value string
}

func (k *credential) get() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.value
}

func (k *credential) set(value string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.value = value
}

// denied edits the answer to a request without permission.
func denied(path string, edit func(c *call)) func(http.Handler) http.Handler {
	return refusing(path, http.StatusForbidden, edit)
}

func badRequest(c *call) { c.Status = http.StatusBadRequest }

// letIn gives requests of that kind the credential that they lack: the one of the latest request that was let in.
func letIn(path string, kind func(given string) bool) func(http.Handler) http.Handler {
	return func(honest http.Handler) http.Handler {
		known := &credential{}
		return around("", func(c *call, next func()) {
			given := c.Header.Get("token")
			if path == c.Path && kind(given) {
				if valid := known.get(); valid != "" {
					c.Header.Set("token", valid)
				}
			}
			next()
			if c.Status != http.StatusForbidden {
				known.set(c.Header.Get("token"))
			}
		})(honest)
	}
}

// deniedYetDone refuses a request without permission, and carries it out.
func deniedYetDone(path string) func(http.Handler) http.Handler {
	return func(honest http.Handler) http.Handler {
		known := &credential{}
		return around("", func(c *call, next func()) {
			next()
			if c.Status != http.StatusForbidden {
				known.set(c.Header.Get("token"))
				return
			}
			refused := *c
			if valid := known.get(); path == c.Path && valid != "" {
				c.Header.Set("token", valid)
				next()
			}
			*c = refused
		})(honest)
	}
}

func none(given string) bool  { return given == "" }
func wrong(given string) bool { return given != "" }

var access = []Fault{
	{Fault: named("sync-denied-with-400", "a sync without permission is refused with 400", "WK-SYNC-29"), Handler: denied(syncPath, badRequest)},
	{Fault: named("sync-without-token-let-in", "a sync without any credential is let in", "WK-SYNC-29"), Handler: letIn(syncPath, none)},
	{Fault: named("sync-with-any-token-let-in", "a sync with any credential at all is let in", "WK-SYNC-29"), Handler: letIn(syncPath, wrong)},
	{Fault: named("sync-denied-with-nothing", "a sync without permission is answered with an empty array", "WK-SYNC-29"),
		Handler: denied(syncPath, func(c *call) { c.says(http.StatusOK, "[]") })},

	{Fault: named("clear-denied-with-400", "clearUnread without permission is refused with 400", "WK-CLEAR-10"), Handler: denied(clearPath, badRequest)},
	{Fault: named("clear-without-token-let-in", "clearUnread without any credential is let in", "WK-CLEAR-10"), Handler: letIn(clearPath, none)},
	{Fault: named("clear-denied-yet-done", "clearUnread without permission is refused with 403, and clears all the same", "WK-CLEAR-10"), Handler: deniedYetDone(clearPath)},

	{Fault: named("set-denied-with-400", "setUnread without permission is refused with 400", "WK-SET-07"), Handler: denied(setPath, badRequest)},
	{Fault: named("set-with-any-token-let-in", "setUnread with any credential at all is let in", "WK-SET-07"), Handler: letIn(setPath, wrong)},
	{Fault: named("set-denied-yet-done", "setUnread without permission is refused with 403, and sets all the same", "WK-SET-07"), Handler: deniedYetDone(setPath)},

	{Fault: named("delete-denied-with-404", "delete without permission is refused with 404", "WK-DEL-08"),
		Handler: denied(deletePath, func(c *call) { c.Status = http.StatusNotFound })},
	{Fault: named("delete-without-token-let-in", "delete without any credential is let in", "WK-DEL-08"), Handler: letIn(deletePath, none)},
	{Fault: named("delete-denied-yet-done", "delete without permission is refused with 403, and deletes all the same", "WK-DEL-08"), Handler: deniedYetDone(deletePath)},
}
