// Package wire is Ozeki Chat's conversation API as it is on the wire: requests and responses as structs, and functions
// that decode and encode them.
//
// It knows JSON and the documents, but no HTTP, no state, and nothing of what a value means. Requests are decoded
// strictly: duplicate keys, wrong types and bytes after the object are errors that name the field.
package wire

import (
	"bytes"
	"encoding/json"
	"time"
)

// The query that addresses the API.
const (
	Service = "chatserver"       // of srv
	API     = "chatconversation" // of api
	Query   = "?srv=" + Service + "&api=" + API
)

// The headers that a request carries beside Content-Type.
const (
	SignatureHeader = "Ozeki-Signature"
	StationHeader   = "Ozeki-Station"
	UserHeader      = "Ozeki-User"
)

// The actions.
const (
	List            = "list"
	Add             = "add"
	Clear           = "clear"
	DownloadPartial = "downloadpartial"
	Download        = "download"
	Favorite        = "favorite"
	Unfavorite      = "unfavorite"
	Color           = "setlistitembackgroundcolor"
	Mute            = "mute"
	Unmute          = "unmute"
	Hide            = "hide"
	Unhide          = "unhide"
)

// Actions are all of them.
var Actions = []string{
	List, Add, Clear, DownloadPartial, Download, Favorite, Unfavorite, Color, Mute, Unmute, Hide, Unhide,
}

// ClientVersionCode is the one that every documented example sends.
const ClientVersionCode = 3

// OK is the status of success.
const OK = "OK"

// timeLayout is the documented yyyy-MM-dd hh:mm:ss, with the 24 hours that the examples show.
const timeLayout = "2006-01-02 15:04:05"

// FormatTime is t as the API writes it: UTC, to the second.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// ParseTime reads what FormatTime writes.
func ParseTime(s string) (time.Time, error) { return time.Parse(timeLayout, s) }

// encode writes v as JSON without escaping what HTML would need. v must be fit for JSON.
func encode(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // structs of texts and numbers cannot fail
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
