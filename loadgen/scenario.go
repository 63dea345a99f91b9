package loadgen

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/parley-im/parley/fixtures"
)

// Scenario is what an attack does, as a file describes it.
type Scenario struct {
	Name       string
	API        string
	Summary    string
	Population fixtures.Population
	MsgCount   int     // messages a conversation that a sync asks for
	Hot        float64 // the share of sends that go into the sender's most popular conversation
	Operations map[string]float64
	Poisson    bool
	Curve      Curve
	Trace      []time.Duration
	WarmUp     time.Duration
	Thresholds []Threshold
}

//go:embed scenarios/*.yaml
var embedded embed.FS

// Scenarios are the embedded ones of an API, by name.
func Scenarios(api string) []*Scenario {
	var all []*Scenario
	files, err := fs.Glob(embedded, "scenarios/*.yaml")
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		data, err := embedded.ReadFile(file)
		if err != nil {
			panic(err)
		}
		s, err := ParseScenario(file, data)
		if err != nil {
			panic(err) // a test reads them all
		}
		if s.API == api {
			all = append(all, s)
		}
	}
	return all
}

// FindScenario is the embedded scenario of that name, or the one in the file of that name. What is wrong with it is a
// *fixtures.FileError.
func FindScenario(api, name string) (*Scenario, error) {
	var known []string
	for _, s := range Scenarios(api) {
		if s.Name == name {
			return s, nil
		}
		known = append(known, s.Name)
	}
	data, err := fixtures.ReadFile(name, fixtures.ScenarioLimit)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, "./\\") {
		return nil, &fixtures.FileError{Path: name, Message: "there is no scenario and no file of that name" + fixtures.DidYouMean(name, known)}
	}
	if err != nil {
		return nil, &fixtures.FileError{Path: name, Message: "cannot be read: " + err.Error()}
	}
	s, err := ParseScenario(name, data)
	if err == nil && s.API != api {
		err = &fixtures.FileError{Path: name, Message: fmt.Sprintf("it is a scenario for the api %q, and the target speaks %s", s.API, api)}
	}
	return s, err
}

// traceLimit is how many bytes of a trace are read: one can be long.
const traceLimit = 64 << 20

// ParseScenario reads a scenario. path is for messages, and where a trace is looked for.
func ParseScenario(path string, data []byte) (*Scenario, error) {
	p, body, err := openPage(path, data)
	if err != nil {
		return nil, err
	}
	s := &Scenario{Poisson: true, MsgCount: 10, Operations: map[string]float64{}}
	s.Population = fixtures.Population{Users: 200, Conversations: 10, Messages: 10, Groups: 0.5, GroupSize: 50, Payload: 60}
	var populated ast.Node = body
	err = p.fields(body, "a scenario", map[string]field{
		"scenario": p.text(&s.Name),
		"api":      p.text(&s.API),
		"summary":  p.text(&s.Summary),
		"population": func(node ast.Node) error {
			populated = node
			return p.population(node, &s.Population)
		},
		"msg_count":  p.integer(&s.MsgCount),
		"hot":        p.number(&s.Hot),
		"operations": func(node ast.Node) error { return p.weights(node, s.Operations) },
		"arrivals":   func(node ast.Node) error { return p.arrivals(node, &s.Poisson) },
		"schedule": func(node ast.Node) error {
			return p.list(node, "schedule", func(node ast.Node) error { return p.stretch(node, s) })
		},
		"warm_up":    p.duration(&s.WarmUp),
		"thresholds": func(node ast.Node) error { return p.thresholds(node, &s.Thresholds) },
	})
	if err != nil {
		return nil, err
	}
	if err := s.Population.Check(); err != nil {
		return nil, p.at(populated, "%v", err)
	}
	return s, p.complete(s)
}

// complete says what a scenario lacks as a whole.
func (p *page) complete(s *Scenario) error {
	schedule := Schedule{Curve: s.Curve, Trace: s.Trace}
	switch {
	case s.Name == "" || s.API == "":
		return p.whole("a scenario needs scenario (its name) and api")
	case len(s.Operations) == 0:
		return p.whole("a scenario needs operations, each with its weight")
	case len(s.Trace) == 0 && len(s.Curve) == 0:
		return p.whole("a scenario needs a schedule, such as [{shape: constant, rate: 100, for: 30s}]")
	case len(s.Trace) > 0 && len(s.Curve) > 0:
		return p.whole("a replay is a schedule of its own: leave the other shapes out")
	case s.MsgCount < 0 || s.Hot < 0 || s.Hot > 1:
		return p.whole("msg_count must not be below 0, and hot is a share from 0 to 1")
	case len(s.Trace) == 0:
		if err := s.Curve.Check(); err != nil {
			return p.whole(err.Error())
		}
	case s.WarmUp >= schedule.Duration():
		return p.whole("the warm-up of a replay is a part of it, and this one leaves nothing")
	}
	return nil
}

func (p *page) population(node ast.Node, to *fixtures.Population) error {
	return p.fields(node, "population", map[string]field{
		"users": p.integer(&to.Users), "conversations": p.integer(&to.Conversations), "messages": p.integer(&to.Messages),
		"groups": p.number(&to.Groups), "group_size": p.integer(&to.GroupSize), "payload": p.integer(&to.Payload),
	})
}

// weights reads names with numbers. Which names there are is the family's to say.
func (p *page) weights(node ast.Node, to map[string]float64) error {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		return p.at(node, "operations must be names with weights")
	}
	for _, member := range mapping.Values {
		var weight float64
		if err := p.number(&weight)(member.Value); err != nil {
			return err
		}
		if weight < 0 {
			return p.at(member.Value, "a weight must not be below 0")
		}
		to[member.Key.String()] = weight
	}
	return nil
}

func (p *page) arrivals(node ast.Node, poisson *bool) error {
	var text string
	if err := p.text(&text)(node); err != nil {
		return err
	}
	if known := []string{"poisson", "regular"}; !slices.Contains(known, text) {
		return p.at(node, "unknown arrivals %q%s", clip(text), fixtures.DidYouMean(text, known))
	}
	*poisson = text == "poisson"
	return nil
}

func (p *page) thresholds(node ast.Node, to *[]Threshold) error {
	return p.list(node, "thresholds", func(node ast.Node) error {
		var text string
		if err := p.text(&text)(node); err != nil {
			return err
		}
		t, err := ParseThreshold(text)
		if err != nil {
			return p.at(node, "%v", err)
		}
		*to = append(*to, t)
		return nil
	})
}

// shapes are what a stretch of a schedule can be.
var shapes = []string{"constant", "ramp", "steps", "spike", "soak", "sine", "replay"}

// stretch reads one element of a schedule.
func (p *page) stretch(node ast.Node, s *Scenario) error {
	var shape, file string
	var rate, from, to, peak, amplitude float64
	var d, width, period time.Duration
	steps := 0
	err := p.fields(node, "a stretch of the schedule", map[string]field{
		"shape": p.text(&shape), "file": p.text(&file), "rate": p.number(&rate), "from": p.number(&from), "to": p.number(&to),
		"peak": p.number(&peak), "amplitude": p.number(&amplitude), "for": p.duration(&d), "width": p.duration(&width),
		"period": p.duration(&period), "steps": p.integer(&steps),
	})
	if err != nil {
		return err
	}
	var c Curve
	switch shape {
	case "constant", "soak":
		c = Constant(rate, d)
	case "ramp":
		c = Ramp(from, to, d)
	case "steps":
		if steps < 1 || steps > 1000 {
			return p.at(node, "steps takes a number of steps from 1 to 1000")
		}
		c = Steps(from, to, steps, d)
	case "spike":
		if width <= 0 || width >= d {
			return p.at(node, "a spike takes a width, shorter than the whole stretch")
		}
		c = Spike(rate, peak, width, d)
	case "sine":
		if period <= 0 {
			return p.at(node, "a sine takes a period above 0")
		}
		c = Sine(rate, amplitude, period, d)
	case "replay":
		return p.replay(node, file, s)
	default:
		return p.at(node, "unknown shape %q%s", clip(shape), fixtures.DidYouMean(shape, shapes))
	}
	for _, segment := range c {
		if segment.For <= 0 {
			return p.at(node, "it lasts no time: give for, such as 30s")
		}
	}
	s.Curve = append(s.Curve, c...)
	return nil
}

func (p *page) replay(node ast.Node, file string, s *Scenario) error {
	if file == "" {
		return p.at(node, "a replay takes the file of a trace: one number of seconds a line")
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(p.path), file)
	}
	data, err := fixtures.ReadFile(file, traceLimit)
	if err == nil {
		s.Trace, err = ReadTrace(bytes.NewReader(data))
	}
	if err != nil {
		return p.at(node, "the trace %q cannot be replayed: %v", clip(file), err)
	}
	return nil
}

// Schedule is the scenario's schedule for a seed. The warm-up stands before a curve, at the rate with which it begins;
// of a trace it is the beginning.
func (s *Scenario) Schedule(seed uint64) Schedule {
	schedule := Schedule{Curve: s.Curve, Trace: s.Trace, Poisson: s.Poisson, Seed: seed}
	if s.WarmUp > 0 && len(s.Trace) == 0 {
		first := s.Curve[0]
		rate := max(first.From, 1)
		schedule.Curve = append(Constant(rate, s.WarmUp), s.Curve...)
	}
	return schedule
}
