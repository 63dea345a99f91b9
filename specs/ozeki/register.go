// Package ozeki is the specs of Ozeki Chat's conversation API: one file a theme of it.
//
// Every spec is written from the documents by hand and judges raw exchanges. The package may know the shared engine of
// specs and fixtures' worlds. Of the reference it knows the model alone, by which the random sequences are judged.
package ozeki

import "github.com/parley-im/parley/specs"

// Note belongs into every report on this API.
const Note = "signatures are not judged: which bytes Ozeki-Signature covers, with which key and algorithm, is documented nowhere; " +
	"a configured value was sent, and at most its absence or a value declared as denied was judged"

// Family is Ozeki Chat's API with its specs.
func Family() specs.Family {
	return specs.Family{API: "ozeki", Register: register, Preflight: preflight}
}

// Capabilities are those that a target with every action has. The preflight finds them out; who runs the suite without it
// declares them.
func Capabilities() []string {
	var all []string
	for _, action := range actions {
		all = append(all, "action:"+action)
	}
	return all
}

func register(s *specs.Suite) {
	registerCommon(s)
	registerConversation(s)
	registerClear(s)
	registerList(s)
	registerAdd(s)
	registerDownload(s)
	registerPartial(s)
	registerFlags(s)
	registerRefusals(s)
	registerState(s)
}

// needs declares that a spec is only judged where the target offers these actions.
func needs(actions ...string) specs.Option {
	return func(s *specs.Spec) {
		for _, action := range actions {
			specs.Needs("action:" + action)(s)
		}
	}
}
