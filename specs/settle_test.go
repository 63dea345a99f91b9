package specs

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/parley-im/parley/reference/exchange"
	"github.com/parley-im/parley/specs/catalog"
)

func answerOf(n int) *exchange.Exchange {
	return &exchange.Exchange{Response: &exchange.Response{Body: make([]byte, n), Size: n}}
}

// TestATrialKeepsOnlyWhatItsVerdictNeeds looks into a trial that has ended.
func TestATrialKeepsOnlyWhatItsVerdictNeeds(t *testing.T) {
	long := answerOf(1 << 20)
	trial := &Trial{
		spec:   &Spec{Level: catalog.Must},
		recent: []*exchange.Exchange{answerOf(1 << 20)},
		findings: []finding{
			{ok: true, exchange: answerOf(1 << 20)},
			{exchange: long, before: []*exchange.Exchange{answerOf(10), nil}},
		},
	}
	if kept := trial.settle(1000); kept != 1010 {
		t.Errorf("%d bytes stay", kept)
	}
	if trial.recent != nil || trial.findings[0].exchange != nil || cap(long.Body()) > 2000 {
		t.Errorf("left: %d recent ones, %v, a body of %d", len(trial.recent), trial.findings[0].exchange, cap(long.Body()))
	}
	probe := &Trial{spec: &Spec{Level: catalog.Probe}, findings: []finding{{ok: true, exchange: answerOf(1)}, {ok: true, exchange: answerOf(1)}}}
	if kept := probe.settle(1000); kept != 2 {
		t.Errorf("of two observations %d bytes stay, and both are shown", kept)
	}
}

// TestASessionKeepsLessWhenItKeepsMuch lets specs end one after the other.
func TestASessionKeepsLessWhenItKeepsMuch(t *testing.T) {
	s := &Session{}
	for range 800 {
		s.settle(&Trial{spec: &Spec{Level: catalog.Must}, findings: []finding{{exchange: answerOf(keptOfBody + 1)}}})
	}
	if s.kept > evidenceLimit+800*2*keptMargin {
		t.Errorf("%d bytes are kept", s.kept)
	}
}

// TestLongAnswersAreKeptInExcerpts looks at what a trial holds while it still runs.
func TestLongAnswersAreKeptInExcerpts(t *testing.T) {
	trial := &Trial{spec: &Spec{Level: catalog.Must}}
	long, short := answerOf(2<<20), answerOf(10)
	for _, x := range []*exchange.Exchange{long, short} {
		trial.observe(x, "seen")
	}
	if kept := trial.findings[0].exchange; kept == long || len(kept.Body()) != keptOfBody || kept.Response.Size != 2<<20 {
		t.Errorf("of a long answer %d bytes are kept", len(kept.Body()))
	}
	if trial.findings[1].exchange != short {
		t.Error("a short answer was copied")
	}
}

// TestARunReadsOnlySoManyLongAnswers has a target whose answers are longer than they need be, time after time.
func TestARunReadsOnlySoManyLongAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) }))
	defer server.Close()
	env := &Env{Doer: server.Client()}
	ask := func() *exchange.Exchange {
		return env.Do(t.Context(), exchange.Request{Method: "GET", URL: server.URL}, false)
	}
	if x := ask(); x.Err != nil || env.long.Load() != 2<<20 {
		t.Errorf("%v, %d bytes are counted", x.Err, env.long.Load())
	}
	env.long.Store(longLimit + 1)
	if x := ask(); !errors.Is(x.Err, exchange.ErrTooLong) || len(x.Body()) != exchange.SmallAnswer {
		t.Errorf("after many: %d bytes, %v", len(x.Body()), x.Err)
	}
}
