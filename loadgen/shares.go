package loadgen

import (
	"fmt"

	"github.com/parley-im/parley/fixtures"
)

// Shares is how often each operation is drawn: cumulative, in the order of the operations, up to 1.
type Shares []float64

// NewShares turns a scenario's weights into shares. family is for the message about a name that no operation has.
func NewShares(family string, operations []Operation, weights map[string]float64) (Shares, error) {
	var names []string
	shares, sum, known := make(Shares, len(operations)), 0.0, 0
	for i, op := range operations {
		names = append(names, op.Name)
		weight, wanted := weights[op.Name]
		if weight < 0 || weight != weight {
			return nil, fmt.Errorf("the operation %s has the weight %g; it must not be below 0", op.Name, weight)
		}
		if wanted {
			known++
		}
		sum += weight
		shares[i] = sum
	}
	if known < len(weights) {
		return nil, unknownOperation(family, names, weights)
	}
	if sum <= 0 {
		return nil, fmt.Errorf("no operation has a weight above 0")
	}
	for i := range shares {
		shares[i] /= sum
	}
	shares[len(shares)-1] = 1
	return shares, nil
}

func unknownOperation(family string, names []string, weights map[string]float64) error {
	for name := range weights {
		known := false
		for _, other := range names {
			known = known || name == other
		}
		if !known {
			return fmt.Errorf("%s's users know no operation %q%s", family, name, fixtures.DidYouMean(name, names))
		}
	}
	return nil
}

// At is the operation of a number from 0 up to but not including 1.
func (s Shares) At(x float64) int {
	i := 0
	for i < len(s)-1 && x >= s[i] {
		i++
	}
	return i
}
