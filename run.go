package main

// runVerb is the main job: the conformance suite, and one report of all that was seen.
type runVerb struct {
	suiteFlags
}

func (v *runVerb) Run(in *invocation) error { return v.conform(in, true) }
