// Package wire is WuKongIM's conversation API as it is on the wire: requests and responses as structs, and functions
// that decode and encode them.
//
// It knows JSON and the documents, but no HTTP, no state, and nothing of what a value means. Requests are decoded
// strictly: duplicate keys, wrong types and bytes after the object are errors that name the field.
package wire

import "fmt"

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
