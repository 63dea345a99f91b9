// Package wukongim is the specs of WuKongIM's conversation API: one file an endpoint or a theme of it.
//
// Every spec is written from the documents by hand and judges raw exchanges. The package may know the shared engine of
// specs and fixtures' worlds; it never asks the reference what would be right.
package wukongim

import "github.com/parley-im/parley/specs"

// Family is WuKongIM's API with its specs.
func Family() specs.Family {
	return specs.Family{API: "wukongim", Register: register, Preflight: preflight}
}

func register(s *specs.Suite) {
	registerSyncForm(s)
	registerSyncMessages(s)
	registerSyncUnread(s)
	registerSyncIncremental(s)
	registerSyncScope(s)
	registerSyncRefusals(s)
	registerNames(s)
	registerLikeNames(s)
	registerClearUnread(s)
	registerSetUnread(s)
	registerDelete(s)
	registerState(s)
	registerRestart(s)
	registerOften(s)
	registerTogether(s)
}
