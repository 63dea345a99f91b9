package runid

import "testing"

func TestOf(t *testing.T) {
	for name, want := range map[string]string{
		"p1a2b3c4d-ann": "p1a2b3c4d", "p1a2b3c4d": "p1a2b3c4d", "p1a2b3c4": "", "p1A2b3c4d-x": "", "q1a2b3c4d": "", "ann": "", "": "",
	} {
		if got := Of(name); got != want {
			t.Errorf("Of(%q) = %q, want %q", name, got, want)
		}
		if got := Is(name); got != (name == want && name != "") {
			t.Errorf("Is(%q) = %t", name, got)
		}
	}
}
