package bench

import (
	"testing"
	"time"
)

// TestEveryAnswerIsCheckedAndRight makes sure that what the benchmark counts are checked answers of the right size.
func TestEveryAnswerIsCheckedAndRight(t *testing.T) {
	for _, size := range Sizes {
		for _, fast := range []bool{false, true} {
			target, err := Serve(size)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Parley(t.Context(), target, 8, 200*time.Millisecond, fast)
			target.Close()
			if err != nil {
				t.Fatal(err)
			}
			if r.Correct == 0 || r.Checked != r.Sent || r.Errors > 0 || r.Violating > 0 {
				t.Errorf("%d bytes, fast %v: %+v %v %v", size, fast, r.Counts, r.ErrorClass, r.Samples)
			}
			if each := r.BytesIn / r.Correct; each < int64(size)*8/10 || each > int64(size)*12/10 {
				t.Errorf("%d bytes were wanted, an answer has %d", size, each)
			}
		}
	}
}
