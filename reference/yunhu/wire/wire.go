// Package wire is Yunhu's conversation API as it is on the wire: requests and responses as structs, and functions that
// decode and encode them. The list is protobuf, everything else is JSON.
//
// It knows JSON, protobuf and the documents, but no HTTP, no state, and nothing of what a value means. The protobuf code
// in pb is generated from conversation.proto, which is our own.
package wire

//go:generate go run ./internal/gen

import "fmt"

// Profile says which documents are spoken.
type Profile string

// The profiles. P2025 lists without a request body; P2026 takes the digest of the last list, counts unread messages,
// and can remove a conversation.
const (
	P2025 Profile = "2025"
	P2026 Profile = "2026"
)

// ParseProfile is the profile of that name; the empty name is P2025.
func ParseProfile(name string) (Profile, error) {
	switch p := Profile(name); p {
	case "":
		return P2025, nil
	case P2025, P2026:
		return p, nil
	}
	return "", fmt.Errorf("yunhu has no profile %q: choose %s or %s", name, P2025, P2026)
}

// The codes of an envelope that the documents name.
const (
	CodeSuccess       = 1
	CodeFailed        = -1 // the thing asked for is not there, or may not be touched
	CodeNotLoggedIn   = -101
	CodeBadParameters = 1100
)

// The texts of an envelope that the documents name.
const (
	MsgSuccess     = "success"
	MsgNotLoggedIn = "未登录"
)
