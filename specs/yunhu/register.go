// Package yunhu is the specs of Yunhu's conversation API: one file an endpoint or a theme of it.
//
// Every spec is written from the documents by hand and judges raw exchanges; the list is read by a protobuf reader of its
// own, since a decoder would hide what is out of range. The package may know the shared engine of specs and fixtures'
// worlds; it asks the reference's model only where a whole history is judged.
package yunhu

import "github.com/parley-im/parley/specs"

// Family is Yunhu's API with its specs.
func Family() specs.Family {
	return specs.Family{API: "yunhu", Register: register, Preflight: preflight}
}

func register(s *specs.Suite) {
	registerCommon(s)
	registerTokens(s)
	registerDismiss(s)
	registerListForm(s)
	registerListFields(s)
	registerListDigest(s)
	registerSortChange(s)
	registerRemove(s)
	registerErrors(s)
	registerIsolation(s)
	registerState(s)
}
