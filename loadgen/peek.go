package loadgen

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// Peek lets some users make their first request, one after the other, and gives the answers. Nothing is measured or judged.
func (a *Attack) Peek(ctx context.Context, users []int) ([]Answer, error) {
	e, err := a.engine(ctx)
	if err != nil {
		return nil, err
	}
	defer e.close()
	e.requests = ctx
	var answers []Answer
	for _, u := range users {
		arrival := &arrival{session: &e.sessions[u], request: a.Workload.User(u).Next()}
		answer := e.send(arrival)
		answer.Body = slices.Clone(answer.Body)
		answers = append(answers, answer)
		if arrival.head.free != nil {
			arrival.head.free()
		}
	}
	return answers, nil
}

// Trouble is why an answer is none, in a word or two; empty: it is one.
func (a Answer) Trouble() string { return classOf(a.Err, a.Status) }

// Names counts which of these names an answer holds, however its JSON spells them.
func (a Answer) Names(names []string) (found int) {
	text := plainText(a.Body)
	for _, name := range names {
		if strings.Contains(text, name) {
			found++
		}
	}
	return found
}

// plainText is a body with the texts of its JSON as they are meant; of anything else it is the body.
func plainText(body []byte) string {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return string(body)
	}
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			b.WriteString(v + "\n")
		case []any:
			for _, element := range v {
				walk(element)
			}
		case map[string]any:
			for _, member := range v {
				walk(member)
			}
		}
	}
	walk(value)
	return b.String()
}
