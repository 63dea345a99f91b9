package exchange

import (
	"mime"
	"strings"
)

// IsJSON tells whether a Content-Type is one of JSON: application/json, or one of the types that are built on it and end in
// +json. Parameters do no harm.
func IsJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"))
}
