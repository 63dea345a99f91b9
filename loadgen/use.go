package loadgen

import "time"

// Use is what a target has used so far, as far as somebody can tell.
type Use struct {
	CPU    time.Duration // processor time; it only grows
	Memory int64         // bytes in use now; 0: not known
	Values []float64     // of the metrics that are watched beside, in their order; see Scrape
}

// usedSince is what was used between two readings, a second's worth of it for what only grows.
func (u Use) usedSince(before Use, watched []Metric, elapsed time.Duration) (cores float64, memory int64, values []float64) {
	seconds := elapsed.Seconds()
	if seconds <= 0 {
		return 0, u.Memory, nil
	}
	for i, metric := range watched {
		if i >= len(u.Values) || i >= len(before.Values) {
			break
		}
		value := u.Values[i]
		if metric.Counter {
			value = max(0, value-before.Values[i]) / seconds // below 0: the target was restarted
		}
		values = append(values, value)
	}
	return max(0, (u.CPU-before.CPU).Seconds()/seconds), u.Memory, values
}
