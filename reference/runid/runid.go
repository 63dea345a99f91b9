// Package runid tells the ids of test runs: p and 8 hexadecimal digits in lower case. What a run puts onto a server begins
// with its id, or is told apart by it.
package runid

// length is that of every id.
const length = 9

// Is tells whether s is a run id.
func Is(s string) bool { return len(s) == length && Of(s) == s }

// Of is the run id that a name begins with, or empty.
func Of(name string) string {
	if len(name) < length || name[0] != 'p' {
		return ""
	}
	for _, c := range []byte(name[1:length]) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return ""
		}
	}
	return name[:length]
}
