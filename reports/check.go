package reports

import (
	"fmt"
	"slices"
)

// Check tells whether the record agrees with itself: known words, counts that are those of the requirements, a verdict that
// follows from them, and evidence whose exchange is there. The error names the key.
func (r *Run) Check() error {
	exchanges, err := r.exchangeIDs()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i, q := range r.Requirements {
		at := fmt.Sprintf("requirements[%d]", i)
		if q.ID == "" || known[q.ID] {
			return fmt.Errorf("%s.id is %q, which is none, or stands there twice", at, q.ID)
		}
		known[q.ID] = true
		if err := q.check(at, exchanges); err != nil {
			return err
		}
	}
	for i, l := range r.Load {
		if err := l.check(fmt.Sprintf("load[%d]", i), exchanges); err != nil {
			return err
		}
	}
	if err := r.Counts.are(Count(r.Requirements)); err != nil {
		return err
	}
	return r.checkVerdict()
}

func (r *Run) exchangeIDs() (map[string]bool, error) {
	ids := map[string]bool{}
	for i, x := range r.Exchanges {
		if x.ID == "" || ids[x.ID] {
			return nil, fmt.Errorf("exchanges[%d].id is %q, which is none, or stands there twice", i, x.ID)
		}
		ids[x.ID] = true
	}
	return ids, nil
}

// word refuses what is none of the words that a key may have.
func word[T ~string](key string, got T, known ...T) error {
	if !slices.Contains(known, got) {
		return fmt.Errorf("%s is %q, which is none of %v", key, got, known)
	}
	return nil
}

// rests refuses evidence whose exchange is not there.
func rests(key, id string, exchanges map[string]bool) error {
	if id != "" && !exchanges[id] {
		return fmt.Errorf("%s is %q, which is not in the record", key, id)
	}
	return nil
}

func (q Requirement) check(at string, exchanges map[string]bool) error {
	at += " (" + q.ID + ")"
	if err := word(at+".verdict", q.Verdict, Verdicts...); err != nil {
		return err
	}
	if err := word(at+".level", q.Level, Must, Should, Probe); err != nil {
		return err
	}
	for i, s := range q.Specs {
		if err := word(fmt.Sprintf("%s.specs[%d].verdict", at, i), s.Verdict, Verdicts...); err != nil {
			return err
		}
	}
	for i, e := range q.Evidence {
		for _, id := range append(slices.Clone(e.Before), e.Exchange) {
			if err := rests(fmt.Sprintf("%s.evidence[%d].exchange", at, i), id, exchanges); err != nil {
				return err
			}
		}
	}
	return nil
}

// check tells whether the counts of a scenario agree with each other.
func (l Load) check(at string, exchanges map[string]bool) error {
	at += " (" + l.Title() + ")"
	if l.Planned != l.Sent+l.NeverSent || l.Sent != l.Correct+l.Errors+l.Violating {
		return fmt.Errorf("%s has lost requests: %d planned, %d sent, %d never_sent; %d correct, %d errors, %d violating",
			at, l.Planned, l.Sent, l.NeverSent, l.Correct, l.Errors, l.Violating)
	}
	for i, s := range l.Samples {
		if err := rests(fmt.Sprintf("%s.violation_samples[%d].exchange", at, i), s.Exchange, exchanges); err != nil {
			return err
		}
	}
	return word(at+".verdict", l.Verdict, LoadMet, LoadMissed, Incomplete)
}

// are tells whether the counts are those that the requirements come to.
func (c Counts) are(want Counts) error {
	for _, n := range []struct {
		key       string
		got, want int
	}{{"planned", c.Planned, want.Planned}, {"judged", c.Judged, want.Judged}} {
		if n.got != n.want {
			return fmt.Errorf("counts.%s is %d, but the requirements come to %d", n.key, n.got, n.want)
		}
	}
	for _, v := range Verdicts {
		if c.Of(v) != want.Of(v) {
			return fmt.Errorf("counts.%s is %d, but %d requirements have that verdict", v, c.Of(v), want.Of(v))
		}
	}
	return nil
}

// checkVerdict refuses a verdict that what stands below it contradicts.
func (r *Run) checkVerdict() error {
	if err := word("verdict", r.Verdict, Conformant, NonConformant, Incomplete); err != nil {
		return err
	}
	missed := slices.ContainsFunc(r.Load, func(l Load) bool { return l.Verdict == LoadMissed })
	switch c := r.Counts; {
	case r.Verdict == Conformant && (c.Fail > 0 || c.Error > 0 || missed):
		return fmt.Errorf("verdict is %q, but of the requirements %s, and a load threshold was missed: %t", r.Verdict, c, missed)
	case r.Verdict == NonConformant && c.Fail == 0 && !missed:
		return fmt.Errorf("verdict is %q, but no requirement has the verdict %q, and no load scenario missed a threshold", r.Verdict, Fail)
	}
	return nil
}
