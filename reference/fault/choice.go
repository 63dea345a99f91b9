package fault

import "fmt"

// Choice is the freedom that a variant takes; Name is empty where no other variant takes the same one.
type Choice struct{ Variant, Name string }

// Together are the variants that can be taken at once: of those that are one choice, the seed picks one.
func Together(open []Choice, seed int64) []string {
	chance := NewChance(seed)
	var chosen, order []string
	choices := map[string][]string{}
	for _, c := range open {
		if c.Name == "" {
			chosen = append(chosen, c.Variant)
			continue
		}
		if choices[c.Name] == nil {
			order = append(order, c.Name)
		}
		choices[c.Name] = append(choices[c.Name], c.Variant)
	}
	for _, name := range order {
		chosen = append(chosen, choices[name][chance.IntN(len(choices[name]))])
	}
	return chosen
}

// ConflictError says that two variants were asked for that are one choice.
type ConflictError struct{ Choice, One, Other string }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the variants %s and %s exclude each other: both are about %s; take one of them", e.One, e.Other, e.Choice)
}

// Compatible is a *ConflictError where two of the variants are one choice.
func Compatible(picked []Choice) error {
	by := map[string]string{}
	for _, c := range picked {
		if other, taken := by[c.Name]; taken && c.Name != "" {
			return &ConflictError{Choice: c.Name, One: other, Other: c.Variant}
		}
		by[c.Name] = c.Variant
	}
	return nil
}
