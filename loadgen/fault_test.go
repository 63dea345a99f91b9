package loadgen

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// clumsy are users who make a mistake of parley's own: in what they ask, or in how they judge.
type clumsy struct {
	counters
	asks bool
}

func (c *clumsy) User(int) User { return &stumbler{counter{&c.counters}, c.asks} }

type stumbler struct {
	counter
	asks bool
}

func (s *stumbler) Next() Request {
	if s.asks && s.n.Load() > 5 {
		panic("a mistake")
	}
	return s.counter.Next()
}

func (s *stumbler) Judge(Answer, bool) Judgement {
	if s.n.Load() > 5 {
		panic("a mistake")
	}
	return Judgement{}
}

// TestAPanicOfAWorkerReachesWhoRunsTheAttack, who can say it with the credentials taken out.
func TestAPanicOfAWorkerReachesWhoRunsTheAttack(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	for _, asks := range []bool{true, false} {
		attack := &Attack{URL: server.URL, Timeout: time.Second, Workload: &clumsy{counters{users: 20}, asks},
			Schedule: Schedule{Curve: Constant(200, time.Minute)}}
		func() {
			defer func() {
				if p := recover(); p != "a mistake" {
					t.Errorf("in what is asked, %v: %v came of it", asks, p)
				}
			}()
			_, err := attack.Run(context.Background())
			t.Errorf("in what is asked, %v: no panic, but %v", asks, err)
		}()
	}
}
