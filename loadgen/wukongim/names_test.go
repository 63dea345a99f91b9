package wukongim

import (
	"testing"

	"github.com/parley-im/parley/fixtures"
)

// TestNamesInsideOfIDs: a name is found where it stands whole, and not as the beginning of another one's.
func TestNamesInsideOfIDs(t *testing.T) {
	n := newNames(&fixtures.Plan{Population: fixtures.Population{Run: "p1a2b3c4d", Users: 50}}, nil)
	for id, who := range map[string]bool{
		"private_p1a2b3c4d-u14_p1a2b3c4d-u4": true, "p1a2b3c4d-u4@p1a2b3c4d-u14": true, "p1a2b3c4d-u4": true,
		"private_p1a2b3c4d-u14_system": false, "p1a2b3c4d-u14@u_10000": false, "p1a2b3c4d-u140": false, "p1a2b3c4d-u": false, "p1a2b3c4d": false, "": false, "system": false,
	} {
		if got := n.someoneIn([]byte(id), 14); got != who {
			t.Errorf("%q holds somebody else: %v", id, got)
		}
	}
	for id, whole := range map[string]bool{"private_p1-u1_x": true, "p1-u1": true, "p1-u10": false, "xp1-u1": false, "p1-u10|p1-u1": true, "": false} {
		if got := holds([]byte(id), "p1-u1"); got != whole {
			t.Errorf("%q: %v", id, got)
		}
	}
}
