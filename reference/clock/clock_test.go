package clock

import (
	"testing"
	"time"
)

func TestManualMovesOnlyWhenTold(t *testing.T) {
	start := time.Unix(1_700_000_000, 5)
	c := NewManual(start)
	if got := c.Now(); !got.Equal(start) {
		t.Errorf("a new clock shows %v, want %v", got, start)
	}
	c.Advance(time.Second)
	c.Advance(-time.Minute)
	if got, want := c.Now(), start.Add(-59*time.Second); !got.Equal(want) {
		t.Errorf("after +1s and -1m it shows %v, want %v", got, want)
	}
}

func TestSkippingCostsNoTime(t *testing.T) {
	var c Skipping
	began, before := time.Now(), c.Now()
	if err := c.Sleep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if passed := c.Now().Sub(before); passed < time.Hour || time.Since(began) > time.Minute {
		t.Errorf("the clock moved by %v in %v", passed, time.Since(began))
	}
}
