package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/loadgen"
	"github.com/parley-im/parley/specs/catalog"
)

// field is a population on a reference, with users of a workload.
type field struct {
	api    string
	target fixtures.Target
	setup  loadgen.Setup
}

func newField(t *testing.T, api, profile, run string) *field {
	t.Helper()
	family := families[api]
	target, stop, err := family.start(family.embedded(profile), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	population := fixtures.Population{Run: run, Seed: 5, Users: 12, Conversations: 5, Messages: 6, Groups: 0.5, GroupSize: 6, Payload: 40}
	plan := population.Plan()
	populated, err := fixtures.Populate(t.Context(), fixtures.NewHook(target), plan, "", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &field{api: api, target: target, setup: loadgen.Setup{Plan: plan, Populated: populated, Profile: target.Profile, Header: target.Header(),
		MsgCount: 4, Hot: 0.2, Seed: 77, Known: true}}
}

func (f *field) workload(t *testing.T) loadgen.Workload {
	t.Helper()
	weights := map[string]float64{}
	for _, s := range loadgen.Scenarios(f.api) {
		for name := range s.Operations {
			weights[name] = 1 // everything that users of the family can do
		}
	}
	setup := f.setup
	setup.Weights = weights
	w, err := families[f.api].load(setup)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// send sends a request to the reference.
func (f *field) send(t *testing.T, op loadgen.Operation, r loadgen.Request) loadgen.Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), op.Method, f.target.URL+op.Path+"?"+r.Query, bytes.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	if r.Header != nil {
		request.Header = r.Header.Clone()
	}
	answer := loadgen.Answer{Started: time.Now()}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer.Body, answer.Err = io.ReadAll(response.Body)
	answer.Status, answer.Header, answer.Ended = response.StatusCode, func() http.Header { return response.Header }, time.Now()
	return answer
}

// clockTime is a date and time: what the clock says does not follow from a seed.
var clockTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)

func planned(op loadgen.Operation, r loadgen.Request) string {
	return fmt.Sprintf("%s %s?%s %s", op.Name, op.Path, r.Query, clockTime.ReplaceAll(r.Body, []byte("NOW")))
}

// TestTheSameSeedPlansTheSameRequests: users who are told the same do the same.
func TestTheSameSeedPlansTheSameRequests(t *testing.T) {
	for _, api := range fixtures.APIs() {
		rows, err := catalog.Of(api)
		if err != nil {
			t.Fatal(err)
		}
		for _, profile := range rows.Profiles {
			t.Run(api+" "+profile, func(t *testing.T) { plansTheSame(t, api, profile) })
		}
	}
}

func plansTheSame(t *testing.T, api, profile string) {
	t.Helper()
	f := newField(t, api, profile, "p1a2b3c4d")
	first, second := f.workload(t), f.workload(t)
	f.setup.Nonce = 9
	third := f.workload(t)
	differ, kinds := 0, map[string]bool{}
	for i := range 600 {
		a, b, c := first.User(i%first.Users()), second.User(i%first.Users()), third.User(i%first.Users())
		asked, again, other := a.Next(), b.Next(), c.Next()
		op := first.Operations()[asked.Operation]
		kinds[op.Name] = true
		if x, y := planned(op, asked), planned(second.Operations()[again.Operation], again); x != y {
			t.Fatalf("request %d differs:\n%s\n%s", i, x, y)
		}
		if asked.Operation != other.Operation {
			t.Fatalf("request %d: %s, and with another nonce %s", i, op.Name, third.Operations()[other.Operation].Name)
		}
		if planned(op, asked) != planned(op, other) {
			differ++
		}
		answer := f.send(t, op, asked)
		for _, u := range []loadgen.User{a, b, c} {
			u.Judge(answer, true)
		}
	}
	if len(kinds) < 3 {
		t.Errorf("only %v were done", kinds)
	}
	if sends := api != "yunhu"; sends != (differ > 0) {
		t.Errorf("%d messages of an attack of another nonce differ", differ)
	}
}

// made is what a target makes up, and the clock: a seed repeats neither.
var (
	made    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|\d{10,}`)
	base64s = regexp.MustCompile(`[A-Za-z0-9+/]{16,}={0,2}`)
)

// repeated is what a seed repeats of a request.
func repeated(request, run string) string {
	request = base64s.ReplaceAllStringFunc(request, func(found string) string {
		if data, err := base64.StdEncoding.DecodeString(found); err == nil && bytes.Contains(data, []byte(run)) {
			return string(data)
		}
		return found
	})
	return made.ReplaceAllString(strings.ReplaceAll(request, run, "RUN"), "N")
}

// TestRunsOfOneSeedDifferByTheirIDAlone: each on a target of its own.
func TestRunsOfOneSeedDifferByTheirIDAlone(t *testing.T) {
	for _, api := range fixtures.APIs() {
		rows, err := catalog.Of(api)
		if err != nil {
			t.Fatal(err)
		}
		for _, profile := range rows.Profiles {
			t.Run(api+" "+profile, func(t *testing.T) {
				runs := []string{"p1a2b3c4d", "pfedcba98"}
				fields := []*field{newField(t, api, profile, runs[0]), newField(t, api, profile, runs[1])}
				workloads := []loadgen.Workload{fields[0].workload(t), fields[1].workload(t)}
				for i := range 600 {
					var said [2]string
					for n, w := range workloads {
						user := w.User(i % w.Users())
						request := user.Next()
						op := w.Operations()[request.Operation]
						said[n] = repeated(planned(op, request), runs[n])
						user.Judge(fields[n].send(t, op, request), true)
					}
					if said[0] != said[1] {
						t.Fatalf("request %d differs:\n%s\n%s", i, said[0], said[1])
					}
				}
			})
		}
	}
}
