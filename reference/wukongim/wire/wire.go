// Package wire is WuKongIM's conversation API as it is on the wire: requests and responses as structs, and functions
// that decode and encode them.
//
// It knows JSON and the documents, but no HTTP, no state, and nothing of what a value means. Requests are decoded
// strictly: duplicate keys, wrong types and bytes after the object are errors that name the field.
package wire

import (
	"fmt"
	"strings"
)

// Profile says which documents are spoken.
type Profile string

// The profiles. V2 is the newer pages of sync and clearUnread, with setUnread and delete from the older page; V1 is
// the older page alone.
const (
	V2 Profile = "v2"
	V1 Profile = "v1"
)

// ParseProfile is the profile of that name; the empty name is V2.
func ParseProfile(name string) (Profile, error) {
	switch p := Profile(name); p {
	case "":
		return V2, nil
	case V1, V2:
		return p, nil
	}
	return "", fmt.Errorf("wukongim has no profile %q: choose %s or %s", name, V2, V1)
}

// RequestError says what is wrong with a request. Field is empty where the whole body is.
type RequestError struct{ Field, Reason string }

func (e *RequestError) Error() string {
	if e.Field == "" {
		return e.Reason
	}
	return e.Field + " " + e.Reason
}

// Quote is s in quotes, cut where it is long, for messages.
func Quote(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:most], ""))
	}
	return fmt.Sprintf("%q", s)
}
