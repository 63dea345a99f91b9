// Package variants is WuKongIM's reference answering otherwise wherever the documents leave it free: a server that does
// everything they say, and yet looks like another. No check of conformance may speak against any of it.
//
// It decorates the honest model, codec and handler from outside; they know nothing of it. It may know the rooms of
// WuKongIM's reference, and chance.
package variants

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/parley-im/parley/reference/fault"
	"github.com/parley-im/parley/reference/wukongim/model"
	"github.com/parley-im/parley/reference/wukongim/server"
	"github.com/parley-im/parley/reference/wukongim/wire"
)

// Variant is one freedom, taken in another way than the reference takes it.
type Variant struct {
	Name    string // by what it does: oldest-first
	Summary string // one sentence
	// Freedom says what leaves it open: the words of a document, or that they say nothing of it.
	Freedom string
	// Choice is the freedom's name where several variants take the same one: a server can be but one of these.
	Choice string
	// Profiles are those in which it is a freedom; nil: all.
	Profiles []string
	// Eventual says that a change may take a moment to show: a target that must be declared as such.
	Eventual bool

	model   func(kit, model.Model) model.Model
	codec   func(kit, *server.Codec)
	answer  func(kit, *answer)
	handler func(kit, http.Handler) http.Handler
}

// kit is what a decorator may use.
type kit struct {
	profile wire.Profile
	chance  *fault.Chance
	clock   func() time.Time
}

// In tells whether the variant is a freedom in the profile; the empty profile is v2.
func (v Variant) In(profile string) bool {
	if profile == "" {
		profile = string(wire.V2)
	}
	return v.Profiles == nil || slices.Contains(v.Profiles, profile)
}

// All are the variants, in the order in which they are laid over the reference.
func All() []Variant {
	return slices.Concat(semantics(), refusals(), lists(), names(), requests(), bodies(), transfers(), replicas())
}

// Together are the names of variants that can be taken at once in a profile, as many as there are: of those that are one
// choice, the seed picks one. Eventual ones are left out, since they need a target that is declared so.
func Together(profile string, seed int64) []string {
	open := slices.DeleteFunc(All(), func(v Variant) bool { return v.Eventual || !v.In(profile) })
	return fault.Together(choices(open), seed)
}

func choices(all []Variant) []fault.Choice {
	taken := make([]fault.Choice, len(all))
	for i, v := range all {
		taken[i] = fault.Choice{Variant: v.Name, Name: v.Choice}
	}
	return taken
}

// New is the reference with the named variants laid over it; seed decides what they leave to chance. An unknown name is a
// *fault.Unknown, two that exclude each other are a *fault.ConflictError. A variant that is no freedom in o.Profile changes
// nothing. New panics where server.New does.
func New(o server.Options, names []string, seed int64) (http.Handler, error) {
	picked, err := fault.Pick("variant", All(), func(v Variant) string { return v.Name }, names)
	if err != nil {
		return nil, err
	}
	if err := fault.Compatible(choices(picked)); err != nil {
		return nil, err
	}
	picked = slices.DeleteFunc(picked, func(v Variant) bool { return !v.In(o.Profile) })
	if o.Clock == nil {
		o.Clock = time.Now
	}
	profile, _ := wire.ParseProfile(o.Profile) // server.New panics on what is wrong with it
	return build(o, picked, kit{profile: profile, chance: fault.NewChance(seed), clock: o.Clock})
}

func build(o server.Options, picked []Variant, k kit) (http.Handler, error) {
	eventual := slices.ContainsFunc(picked, func(v Variant) bool { return v.Eventual })
	if eventual && o.Model != nil {
		return nil, fmt.Errorf("an eventual variant needs two models that do the same, and was given one: leave Options.Model nil")
	}
	given := o.Model
	decorated := func() model.Model {
		m := given
		if m == nil {
			m = model.New(o.Seed)
		}
		for _, v := range picked {
			if v.model != nil {
				m = v.model(k, m)
			}
		}
		return m
	}
	o.Model = decorated()
	if eventual {
		o.Model, o.ExclusiveSync = newLate(k, o.Model, decorated()), true
	}
	var edits []func(kit, *answer)
	o.Codec = complete(o.Codec)
	for _, v := range picked {
		if v.codec != nil {
			v.codec(k, &o.Codec)
		}
		if v.answer != nil {
			edits = append(edits, v.answer)
		}
	}
	honest, err := server.Open(o)
	if err != nil {
		return nil, err
	}
	handler := edited(k, honest, edits)
	for _, v := range picked {
		if v.handler != nil {
			handler = v.handler(k, handler)
		}
	}
	return handler, nil
}

// complete fills in the reference's own functions, so that a decorator finds something to decorate.
func complete(c server.Codec) server.Codec {
	own := server.Codec{
		DecodeSync: wire.DecodeSyncRequest, DecodeClearUnread: wire.DecodeClearUnreadRequest, DecodeSetUnread: wire.DecodeSetUnreadRequest,
		DecodeDelete: wire.DecodeDeleteRequest, DecodeSend: wire.DecodeSendRequest, AppendConversations: wire.AppendConversations,
		AppendStatus: wire.AppendStatusOK, AppendError: wire.AppendError,
	}
	from, to := reflect.ValueOf(own), reflect.ValueOf(&c).Elem()
	for i := range to.NumField() {
		if to.Field(i).IsNil() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return c
}
