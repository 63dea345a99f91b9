// Package faults is the WuKongIM reference wrong on purpose: each fault breaks a statement of the documents, and as
// little else as possible, so that a conformance suite can show that it notices.
//
// A fault is a decorator over the model, the codec or the handler; the honest server knows nothing of it. The package
// may know all of the WuKongIM reference, and no suite: which ids a fault breaks is written here from the documents.
package faults

import (
	"net/http"
	"slices"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// Fault is one way in which the reference can be wrong. Of its decorators most faults have one.
type Fault struct {
	fault.Fault
	// Model is wrong about what an operation means.
	Model func(model.Model) model.Model
	// Codec is wrong about how requests are read and answers are written.
	Codec func(*server.Codec)
	// Handler is wrong about HTTP.
	Handler func(http.Handler) http.Handler
	// Journal is wrong about what is kept for a restart.
	Journal func(server.Journal) server.Journal
	// Make gives decorators that share a memory, new for each server; the fields above are then nil.
	Make func() Fault
}

// seldom is the odds of the faults that show one time in fifty.
const seldom = 0.02

// All are the faults, by theme.
func All() []Fault {
	return slices.Concat(syncForm, syncPayload, syncMessages, syncLast, syncUnread, syncFlags, incremental, versions, lastSeqs,
		syncFilters, scope, names, alike, refusals, access, clearing, clearingUpTo, clearingOthers, setting, settingOthers, deleting, comingBack, outsiders,
		together, restarting)
}

// List are the faults as those see them who only name them.
func List() []fault.Fault {
	all := All()
	list := make([]fault.Fault, len(all))
	for i, f := range all {
		list[i] = f.Fault
	}
	return list
}

// New is the reference with the named faults, the first named innermost wherever two decorate the same. No names make the
// honest server. The error is a *fault.Unknown. seed decides when those faults show that show only sometimes.
func New(o server.Options, names []string, seed int64) (http.Handler, error) {
	picked, err := fault.Pick("fault", All(), func(f Fault) string { return f.Name }, names)
	if err != nil {
		return nil, err
	}
	if len(picked) == 0 {
		return server.Open(o)
	}
	chance := fault.NewChance(seed)
	if o.Model == nil {
		o.Model = model.New(o.Seed)
	}
	o.Codec = whole(o.Codec)
	o.ExclusiveSync = true // what a fault remembers between syncs needs no lock of its own
	for i, f := range picked {
		picked[i] = f.made()
		picked[i].decorate(&o, chance)
	}
	honest, err := server.Open(o)
	if err != nil {
		return nil, err
	}
	var handler http.Handler = honest
	for _, f := range picked {
		if f.Handler != nil {
			handler = chance.Sometimes(f.Odds, handler, f.Handler(handler))
		}
	}
	return handler, nil
}

func (f Fault) made() Fault {
	if f.Make == nil {
		return f
	}
	made := f.Make()
	made.Fault = f.Fault
	return made
}

func (f Fault) decorate(o *server.Options, chance *fault.Chance) {
	hit := func() bool { return chance.Hit(f.Odds) }
	if f.Model != nil {
		wrong := f.Model(o.Model)
		if f.Odds < 1 {
			wrong = sometimes{honest: o.Model, wrong: wrong, hit: hit}
		}
		o.Model = wrong
	}
	if f.Journal != nil && o.Journal != nil {
		o.Journal = f.Journal(o.Journal)
	}
	if f.Codec != nil {
		honest := o.Codec
		f.Codec(&o.Codec)
		if wrong := o.Codec.AppendConversations; f.Odds < 1 {
			o.Codec.AppendConversations = func(dst []byte, p wire.Profile, all []wire.Conversation) []byte {
				if hit() {
					return wrong(dst, p, all)
				}
				return honest.AppendConversations(dst, p, all)
			}
		}
	}
}

// whole is a codec in which every function stands, so that a fault can call the one that it replaces.
func whole(c server.Codec) server.Codec {
	honest := server.Codec{
		DecodeSync: wire.DecodeSyncRequest, DecodeClearUnread: wire.DecodeClearUnreadRequest,
		DecodeSetUnread: wire.DecodeSetUnreadRequest, DecodeDelete: wire.DecodeDeleteRequest, DecodeSend: wire.DecodeSendRequest,
		AppendConversations: wire.AppendConversations, AppendStatus: wire.AppendStatusOK, AppendError: wire.AppendError,
	}
	keep(&honest.DecodeSync, c.DecodeSync, c.DecodeSync != nil)
	keep(&honest.DecodeClearUnread, c.DecodeClearUnread, c.DecodeClearUnread != nil)
	keep(&honest.DecodeSetUnread, c.DecodeSetUnread, c.DecodeSetUnread != nil)
	keep(&honest.DecodeDelete, c.DecodeDelete, c.DecodeDelete != nil)
	keep(&honest.DecodeSend, c.DecodeSend, c.DecodeSend != nil)
	keep(&honest.AppendConversations, c.AppendConversations, c.AppendConversations != nil)
	keep(&honest.AppendStatus, c.AppendStatus, c.AppendStatus != nil)
	keep(&honest.AppendError, c.AppendError, c.AppendError != nil)
	return honest
}

func keep[F any](to *F, given F, isGiven bool) {
	if isGiven {
		*to = given
	}
}

// named describes a fault that shows every time.
func named(name, summary string, breaks ...string) fault.Fault {
	return fault.Fault{Name: name, Breaks: breaks, Summary: summary, Odds: 1}
}

// rare describes a fault that shows one time in fifty.
func rare(name, summary string, breaks ...string) fault.Fault {
	return fault.Fault{Name: name, Breaks: breaks, Summary: summary, Odds: seldom}
}
