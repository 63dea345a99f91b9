package hostile

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-im/parley/reference/exchange"
)

var honest = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":200,"list":[]}`))
})

// asked is what a target answers, as far as it comes in time.
func asked(t *testing.T, target *Target, patience time.Duration) *exchange.Exchange {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return exchange.Do(ctx, exchange.NewClient(), exchange.Request{
		Method: "POST", URL: target.URL + "/a", Header: http.Header{"Token": {"canary"}}, Body: []byte("{}"),
	}, 1<<20, true)
}

// TestEveryModeIsServed asks each target once: what is hostile from the beginning is no honest answer.
func TestEveryModeIsServed(t *testing.T) {
	t.Parallel()
	honestAtFirst := map[string]bool{"honest": true, "falls-silent": true, "dies": true, "restarts": true, "flaps": true,
		"endless-later": true, "large-headers": true, "429-a-while": true, "503-a-while": true, "429-forever": true, "503-forever": true}
	for _, mode := range Modes() {
		t.Run(mode.Name, func(t *testing.T) {
			t.Parallel()
			target, err := Start(mode, honest)
			if err != nil {
				t.Fatal(err)
			}
			defer target.Close()
			patience := 500 * time.Millisecond // for what may never end
			if honestAtFirst[mode.Name] {
				patience = time.Minute
			}
			x := asked(t, target, patience)
			right := x.Err == nil && x.Status() == 200 && string(x.Body()) == `{"status":200,"list":[]}`
			if right != honestAtFirst[mode.Name] {
				t.Errorf("%s, %v, %.100q", x.Summary(), x.Err, x.Body())
			}
			if target.Requests() > 1 || target.Away() != 0 {
				t.Errorf("%d requests, %d elsewhere", target.Requests(), target.Away())
			}
		})
	}
}

func TestWhatComesLater(t *testing.T) {
	for name, want := range map[string]string{"dies": "no answer", "503-forever": "→ 503", "429-a-while": "→ 429"} {
		mode, ok := Find(name)
		if !ok {
			t.Fatal(name)
		}
		target, err := Start(mode, honest)
		if err != nil {
			t.Fatal(err)
		}
		for range begins {
			if x := asked(t, target, time.Minute); x.Status() != 200 {
				t.Fatalf("%s began too early: %s", name, x.Summary())
			}
		}
		if x := asked(t, target, time.Minute); !strings.Contains(x.Summary(), want) {
			t.Errorf("%s: %s", name, x.Summary())
		}
		target.Close()
	}
}

func TestATargetComesBack(t *testing.T) {
	mode, _ := Find("restarts")
	target, err := Start(mode, honest)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	for range begins {
		asked(t, target, time.Minute)
	}
	if x := asked(t, target, time.Minute); x.Response != nil {
		t.Errorf("it is not gone: %s", x.Summary())
	}
	for range 200 {
		if x := asked(t, target, time.Minute); x.Status() == 200 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("it did not come back")
}
