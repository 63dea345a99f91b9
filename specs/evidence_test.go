package specs_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// TestWhatIsKeptOfAnswersIsBounded has specs fail on answers of 1 MiB that have a credential where they are cut.
func TestWhatIsKeptOfAnswersIsBounded(t *testing.T) {
	const secret = "a-credential-of-the-target"
	at := reports.BodyLimit + 4<<10 - len(secret)/2
	long := strings.Repeat("x", at) + secret + strings.Repeat("y", 1<<20)
	run := tried(t, t.Context(), func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, long) }, nil,
		func(env *specs.Env) { env.AuthValue = secret }, func(s *specs.Suite) {
			for i := range 6 {
				s.Requirement("WK-SYNC-08", fmt.Sprint("fails ", i), func(t *specs.Trial) {
					for range 3 {
						t.Expect(t.Do(specs.Request{Path: "/x"}), match.Status(200))
					}
					t.Expect(t.Do(specs.Request{Path: "/x"}), match.Status(404))
				})
			}
		})
	if len(run.Exchanges) == 0 {
		t.Fatal("no exchange was kept")
	}
	for _, x := range run.Exchanges {
		body := x.Response.Body
		if body.Bytes != len(long) || !body.Cut || len(body.Text) > reports.BodyLimit || len(body.Text) < 2<<10 {
			t.Fatalf("%s: %d of %d bytes, cut %v", x.ID, len(body.Text), body.Bytes, body.Cut)
		}
		if strings.Contains(body.Text, secret[:4]) {
			t.Fatalf("%s shows a part of the credential", x.ID)
		}
	}
}
