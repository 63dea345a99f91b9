package exchange

import "testing"

func TestIsJSON(t *testing.T) {
	for kind, want := range map[string]bool{
		"application/json": true, "Application/JSON; charset=UTF-8": true, "application/vnd.api+json": true, "application/problem+json;charset=utf-8": true,
		"": false, "text/json": false, "text/html": false, "application/jsonp": false, "application/x-ndjson": false, "+json": false, ";": false,
	} {
		if got := IsJSON(kind); got != want {
			t.Errorf("%q: %v", kind, got)
		}
	}
}
