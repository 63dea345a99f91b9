package specs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/reference/clock"
	"github.com/parley-im/parley/reports"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/match"
)

// wire is a target in process: it says what comes of the n-th request, counted from 1. nil and no error: it is answered.
type wire struct {
	n      atomic.Int64
	clock  *clock.Manual
	answer func(n int64, r *http.Request) (*http.Response, error)
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	response, err := w.answer(w.n.Add(1), r)
	if response == nil && err == nil {
		response = says(200, "[]")
	}
	return response, err
}

func says(status int, body string, header ...string) *http.Response {
	w := httptest.NewRecorder()
	for i := 0; i < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	fmt.Fprint(w, body)
	return w.Result()
}

var (
	refused = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	reset   = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	noFiles = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
	noPorts = &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)}
)

// over runs specs that each ask thrice for /x, and what register adds, over a wire on a clock turned by hand.
func over(t *testing.T, answer func(n int64, r *http.Request) (*http.Response, error), register func(*specs.Suite)) (*reports.Run, *wire) {
	t.Helper()
	w := &wire{clock: clock.NewManual(time.Now()), answer: answer}
	change := func(env *specs.Env) { env.Doer, env.Clock = w, w.clock }
	run := tried(t, t.Context(), ok, nil, change, func(s *specs.Suite) {
		for _, id := range []string{"WK-SYNC-08", "WK-SYNC-09", "WK-SYNC-11", "WK-SYNC-14", "WK-SYNC-06"} {
			s.Requirement(id, "asks", func(t *specs.Trial) {
				for range 3 {
					t.Expect(t.Do(specs.Request{Path: "/x", Body: specs.JSON(t.Name("ann"))}), match.Status(200))
				}
			})
		}
		if register != nil {
			register(s)
		}
	})
	return run, w
}

// TestTroubleThatPassesIsNoVerdict: whatever happens to requests for a while, no statement has anything to do with it.
func TestTroubleThatPassesIsNoVerdict(t *testing.T) {
	for name, trouble := range map[string]func(n int64) (*http.Response, error){
		"connections are refused": func(int64) (*http.Response, error) { return nil, refused },
		"connections are reset":   func(int64) (*http.Response, error) { return nil, reset },
		"503":                     func(int64) (*http.Response, error) { return says(503, "busy"), nil },
		"429 with Retry-After":    func(int64) (*http.Response, error) { return says(429, "", "Retry-After", "2"), nil },
		"503 until a date": func(int64) (*http.Response, error) {
			return says(503, "", "Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat)), nil
		},
		"answers break off": func(int64) (*http.Response, error) {
			r := says(200, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("["), failing{reset}))
			return r, nil
		},
		"all of it in turn": func(n int64) (*http.Response, error) {
			return []*http.Response{nil, nil, says(503, ""), says(429, "")}[n%4], []error{refused, reset, nil, nil}[n%4]
		},
	} {
		run, _ := over(t, func(n int64, _ *http.Request) (*http.Response, error) {
			if n >= 4 && n < 12 {
				return trouble(n)
			}
			return nil, nil
		}, nil)
		if run.Verdict != reports.Conformant || run.Counts.Pass != 5 {
			t.Errorf("%s: %s, %v: %s", name, run.Verdict, run.Counts, run.Reason)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestARateLimitOnlyTakesTime: each spec has to wait, and none is the worse for it.
func TestARateLimitOnlyTakesTime(t *testing.T) {
	run, _ := over(t, func(n int64, _ *http.Request) (*http.Response, error) {
		if n%2 == 0 {
			return says(429, "", "Retry-After", "1"), nil
		}
		return nil, nil
	}, nil)
	if run.Verdict != reports.Conformant || run.Counts.Pass != 5 {
		t.Errorf("%s, %s, %v: %s", run.Verdict, run.Cause, run.Counts, run.Reason)
	}
}

// TestTroubleThatStaysEndsTheRun: the record says from when to when the target was gone, and blames no statement.
func TestTroubleThatStaysEndsTheRun(t *testing.T) {
	for name, trouble := range map[string]func() (*http.Response, error){
		"connection refused": func() (*http.Response, error) { return nil, refused },
		"connection reset":   func() (*http.Response, error) { return nil, reset },
		"503":                func() (*http.Response, error) { return says(503, "busy"), nil },
		"429":                func() (*http.Response, error) { return says(429, "", "Retry-After", "3600"), nil },
		"malformed":          func() (*http.Response, error) { return nil, errors.New("malformed HTTP response") },
		"an answer that breaks off": func() (*http.Response, error) {
			r := says(200, "")
			r.Body = io.NopCloser(failing{io.ErrUnexpectedEOF})
			return r, nil
		},
	} {
		began := time.Now()
		run, w := over(t, func(n int64, _ *http.Request) (*http.Response, error) {
			if n >= 5 {
				return trouble()
			}
			return nil, nil
		}, nil)
		if run.Verdict != reports.Incomplete || run.Cause != reports.CauseGone || run.Counts.Pass != 1 || run.Counts.NotRun != 4 {
			t.Errorf("%s: %s, %s, %v: %s", name, run.Verdict, run.Cause, run.Counts, run.Reason)
		}
		if !strings.Contains(run.Reason, "the target was gone from ") || !strings.HasPrefix(run.Headline(), "Incomplete: 1 of 5 statements judged") {
			t.Errorf("%s: the reason is %q", name, run.Reason)
		}
		if waited := w.clock.Now().Sub(began); waited < specs.DefaultWait-time.Second || waited > specs.DefaultWait+10*time.Second {
			t.Errorf("%s: it was waited for for %s", name, waited)
		}
	}
}

// TestWhatFailsAtOneRequestStaysAFailure: a target that answers others cannot hide behind the transport.
func TestWhatFailsAtOneRequestStaysAFailure(t *testing.T) {
	for name, answer := range map[string]func() (*http.Response, error){
		"503":               func() (*http.Response, error) { return says(503, ""), nil },
		"503, and patience": func() (*http.Response, error) { return says(503, "", "Retry-After", "5"), nil },
		"429":               func() (*http.Response, error) { return says(429, ""), nil },
		"500":               func() (*http.Response, error) { return says(500, ""), nil },
		"it hangs up":       func() (*http.Response, error) { return nil, io.EOF },
		"it breaks off": func() (*http.Response, error) {
			r := says(200, "")
			r.Body = io.NopCloser(failing{reset})
			return r, nil
		},
		"it does not answer": func() (*http.Response, error) { return nil, context.DeadlineExceeded },
	} {
		run, _ := over(t, func(n int64, r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/odd" {
				return answer()
			}
			return nil, nil
		}, func(s *specs.Suite) {
			s.Requirement("WK-SYNC-30", "an odd input", func(t *specs.Trial) {
				x := t.Do(specs.Request{Path: "/odd", Body: specs.JSON(t.Name("ann"))})
				t.Expect(x, match.NoServerError())
				t.Expect(x, match.Status(400))
			})
		})
		if got := verdicts(run)["WK-SYNC-30"]; got != reports.Fail && got != reports.Warn || run.Cause != "" || run.Counts.Pass != 5 {
			t.Errorf("%s: %s, %s, %v: %s", name, got, run.Cause, run.Counts, run.Reason)
		}
	}
}

// TestATargetThatForgetsIsAskedAfresh: what was built before the target went away is not looked for afterwards, and what
// is built anew has other names.
func TestATargetThatForgetsIsAskedAfresh(t *testing.T) {
	built, attempts := map[string]bool{}, 0
	down := false
	run, _ := over(t, func(_ int64, r *http.Request) (*http.Response, error) {
		switch {
		case r.URL.Path == "/forget":
			built, down = map[string]bool{}, true
			return nil, nil
		case down:
			down = false
			return nil, refused
		case strings.HasPrefix(r.URL.Path, "/build/"):
			built[r.URL.Path[len("/build/"):]] = true
		case strings.HasPrefix(r.URL.Path, "/look/") && !built[r.URL.Path[len("/look/"):]]:
			return says(404, ""), nil
		}
		return nil, nil
	}, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-30", "builds and looks", func(t *specs.Trial) {
			t.Expect(t.Do(specs.Request{Path: "/build/" + t.Name("g")}), match.Status(200))
			if attempts++; attempts == 1 {
				t.Do(specs.Request{Path: "/forget"})
			}
			t.Expect(t.Do(specs.Request{Path: "/look/" + t.Name("g")}), match.Status(200))
		})
	})
	if run.Verdict != reports.Conformant || attempts != 2 {
		t.Errorf("%s after %d attempts, %v: %s", run.Verdict, attempts, run.Counts, run.Reason)
	}
}

// TestLossByChanceBlamesNobody: a network that loses one request in ten now and then, never the same one.
func TestLossByChanceBlamesNobody(t *testing.T) {
	run, _ := over(t, func(n int64, _ *http.Request) (*http.Response, error) {
		if n%10 == 3 {
			return nil, reset
		}
		return nil, nil
	}, nil)
	if run.Counts.Fail > 0 {
		t.Errorf("%v: %s", run.Counts, run.Reason)
	}
}

// TestLossByChanceInALongLookBlamesNobody: a spec that looks again and again loses an answer in every attempt, where a line
// loses one in so many, but hardly the same one each time.
func TestLossByChanceInALongLookBlamesNobody(t *testing.T) {
	run, _ := over(t, func(n int64, _ *http.Request) (*http.Response, error) {
		if n%23 == 0 {
			r := says(200, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("["), failing{io.ErrUnexpectedEOF}))
			return r, nil
		}
		return nil, nil
	}, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-17", "looks 40 times", func(t *specs.Trial) {
			for range 40 {
				t.Expect(t.Do(specs.Request{Path: "/look", Body: specs.JSON(t.Name("ann"))}), match.Status(200))
			}
		})
	})
	if run.Counts.Fail != 0 || run.Counts.NotRun+run.Counts.Pass != 6 {
		t.Errorf("%s, %v: %s", run.Verdict, run.Counts, run.Reason)
	}
}

func TestParleysOwnLimitsAreItsOwnFault(t *testing.T) {
	for says, err := range map[string]error{"ulimit": noFiles, "free port": noPorts} {
		run, _ := over(t, func(n int64, _ *http.Request) (*http.Response, error) {
			if n >= 5 {
				return nil, err
			}
			return nil, nil
		}, nil)
		if run.Cause != reports.CauseParley || run.Counts.Fail > 0 || !strings.Contains(run.Reason, says) {
			t.Errorf("%v: %s, %v: %s", err, run.Cause, run.Counts, run.Reason)
		}
	}
}

func TestASeederThatFailsIsNoSilentTarget(t *testing.T) {
	var run *reports.Run
	run = tried(t, t.Context(), ok, nil, nil, func(s *specs.Suite) {
		for i := range 9 {
			s.Requirement("WK-SYNC-08", fmt.Sprint("is seeded ", i), func(t *specs.Trial) { t.Seed(fixtures.World{}) })
		}
	})
	if run.Cause != reports.CauseUnseeded || !strings.Contains(run.Reason, "the seeding failed for 4 specs in a row: cannot seed: the target is full") {
		t.Errorf("%s: %s", run.Cause, run.Reason)
	}
}

// TestAnUnjudgedSpecMayHaveFailed: what could not be seeded leaves its requirement open, and no deviation stale.
func TestAnUnjudgedSpecMayHaveFailed(t *testing.T) {
	deviations := []fixtures.Deviation{{ID: "WK-SYNC-09", Does: "It gives the oldest.", File: "f.yaml", Line: 4}}
	run := tried(t, t.Context(), ok, deviations, nil, func(s *specs.Suite) {
		for _, id := range []string{"WK-SYNC-08", "WK-SYNC-09"} {
			s.Requirement(id, "holds", func(t *specs.Trial) { ask(t, 200) })
			s.Requirement(id, "cannot be seeded", func(t *specs.Trial) { t.Seed(fixtures.World{}) })
		}
		s.Requirement("WK-SYNC-11", "holds", func(t *specs.Trial) { ask(t, 200) })
	})
	got := verdicts(run)
	if got["WK-SYNC-08"] != reports.Indeterminate || got["WK-SYNC-09"] != reports.Indeterminate || run.Verdict != reports.Incomplete {
		t.Errorf("%v, %s: %s", got, run.Verdict, run.Reason)
	}
}

// TestAFlakyDeviationAcceptsBothOutcomes: neither is it stale where it passes, nor a failure where it fails.
func TestAFlakyDeviationAcceptsBothOutcomes(t *testing.T) {
	deviations := []fixtures.Deviation{
		{ID: "WK-SYNC-08", Does: "It gives 51.", Flaky: true, Reason: "a race", File: "f.yaml", Line: 2},
		{ID: "WK-SYNC-09", Does: "It gives the oldest.", Flaky: true, Reason: "another", File: "f.yaml", Line: 4},
	}
	run := tried(t, t.Context(), ok, deviations, nil, func(s *specs.Suite) {
		s.Requirement("WK-SYNC-08", "fails", func(t *specs.Trial) { ask(t, 404) })
		s.Requirement("WK-SYNC-09", "holds", func(t *specs.Trial) { ask(t, 200) })
	})
	got := verdicts(run)
	if got["WK-SYNC-08"] != reports.Expected || got["WK-SYNC-09"] != reports.Pass || run.Verdict != reports.Conformant {
		t.Errorf("%v, %s", got, run.Verdict)
	}
	for _, r := range run.Requirements {
		if !r.Flaky || !strings.Contains(r.Deviation, "Now and then only: a") {
			t.Errorf("%s does not show it: %v, %q", r.ID, r.Flaky, r.Deviation)
		}
	}
}

// TestADeviationIsStaleOnlyWhereAllThatItSpeaksOfWasJudged: what is not sent here, or was not selected, may be what fails.
func TestADeviationIsStaleOnlyWhereAllThatItSpeaksOfWasJudged(t *testing.T) {
	deviations := []fixtures.Deviation{
		{ID: "WK-SYNC-08", Does: "It gives 51.", File: "f.yaml", Line: 2},
		{ID: "WK-SYNC-09", Does: "It gives the oldest.", Spec: "holds", File: "f.yaml", Line: 4},
	}
	run := tried(t, t.Context(), ok, deviations, nil, func(s *specs.Suite) {
		for _, id := range []string{"WK-SYNC-08", "WK-SYNC-09"} {
			s.Requirement(id, "holds", func(t *specs.Trial) { ask(t, 200) })
			s.Requirement(id, "is not sent", func(t *specs.Trial) { ask(t, 200) }, specs.Destructive())
		}
	})
	if got := verdicts(run); got["WK-SYNC-08"] != reports.Pass || got["WK-SYNC-09"] != reports.Stale {
		t.Errorf("%v", got)
	}
}

func TestTheTimeForAllIsBounded(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			<-r.Context().Done()
		}
	}
	brief := func(env *specs.Env) { env.MaxTime = 30 * time.Millisecond }
	run := tried(t, t.Context(), hang, nil, brief, func(s *specs.Suite) {
		for i := range 5 {
			s.Requirement("WK-SYNC-09", fmt.Sprint("holds ", i), func(t *specs.Trial) {
				t.Expect(t.Do(specs.Request{Path: "/y"}), match.Status(200))
			})
			s.Requirement("WK-SYNC-08", fmt.Sprint("waits ", i), func(t *specs.Trial) { ask(t, 200) })
		}
	})
	if run.Cause != reports.CauseTime || verdicts(run)["WK-SYNC-08"] != reports.NotRun || !strings.Contains(run.Reason, "--max-time") {
		t.Errorf("%s, %v: %s", run.Cause, run.Counts, run.Reason)
	}
}

// TestATargetThatComesAndGoesIsGivenUp has a target that breaks off two attempts at each spec and answers the third.
func TestATargetThatComesAndGoesIsGivenUp(t *testing.T) {
	times := clock.NewManual(time.Now())
	asked := 0
	answer := func(_ int64, r *http.Request) (*http.Response, error) {
		if r.URL.Path != "/x" {
			return nil, nil
		}
		if asked++; asked%3 == 0 {
			return nil, nil
		}
		times.Advance(4 * time.Second)
		return nil, reset
	}
	change := func(env *specs.Env) { env.Doer, env.Clock = &wire{clock: times, answer: answer}, times }
	run := tried(t, t.Context(), ok, nil, change, func(s *specs.Suite) {
		for i := range 15 {
			s.Requirement("WK-SYNC-08", fmt.Sprint("asks ", i), func(t *specs.Trial) { ask(t, 200) })
		}
	})
	if run.Cause != reports.CauseGone || run.Counts.Fail > 0 || !strings.Contains(run.Reason, "the target comes and goes: 20 attempts") || asked != 29 {
		t.Errorf("%s, %v after %d requests: %s", run.Cause, run.Counts, asked, run.Reason)
	}
}
