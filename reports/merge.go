package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Merge is one record of several that were made with one command: the same run against a target of each API. Exchanges get
// the API before their id, requirements and targets stand one after the other, and the worst verdict speaks for all. Of
// one record it is that record.
func Merge(runs []*Run) *Run {
	if len(runs) == 1 {
		return runs[0]
	}
	whole := &Run{Schema: Schema, Verdict: Conformant, Requirements: []Requirement{}, Exchanges: []Exchange{}, Load: []Load{}, End: true}
	catalogs := map[string]string{}
	for i, run := range runs {
		if i == 0 {
			whole.Run, whole.Target = run.Run, run.Target
		}
		whole.Run.Ended = run.Run.Ended
		catalogs[run.Target.API] = run.Run.Catalog
		whole.Targets = append(whole.Targets, run.Target)
		whole.Requirements = append(whole.Requirements, prefixed(run)...)
		for _, x := range run.Exchanges {
			x.ID = run.renamed(x.ID)
			whole.Exchanges = append(whole.Exchanges, x)
		}
		for _, l := range run.Load {
			l.Samples = slices.Clone(l.Samples)
			for i := range l.Samples {
				l.Samples[i].Exchange = run.renamed(l.Samples[i].Exchange)
			}
			whole.Load = append(whole.Load, l)
		}
		if worse(run.Verdict, whole.Verdict) {
			whole.Verdict, whole.Reason = run.Verdict, cmp.Or(run.Reason, whole.Reason)
		}
		if run.Cause != "" {
			whole.Stop(run.Cause, run.Reason)
		}
	}
	whole.Counts = Count(whole.Requirements)
	whole.Run.Catalog, whole.Run.Catalogs = combined(catalogs), catalogs
	return whole
}

// combined is one digest of several catalogues: the same digest, the same statements of all of them.
func combined(catalogs map[string]string) string {
	sum := sha256.New()
	for _, api := range slices.Sorted(maps.Keys(catalogs)) {
		fmt.Fprintf(sum, "%s %s\n", api, catalogs[api])
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)[:8])
}

// CatalogText is the catalogue that was judged by, or the one of each API.
func (h Header) CatalogText() string {
	if len(h.Catalogs) == 0 {
		return h.Catalog
	}
	var each []string
	for _, api := range slices.Sorted(maps.Keys(h.Catalogs)) {
		each = append(each, api+" "+h.Catalogs[api])
	}
	return strings.Join(each, ", ")
}

// prefixed are the requirements of a run with the exchanges under their new ids, and with the API before the endpoint.
func prefixed(run *Run) []Requirement {
	var all []Requirement
	for _, r := range run.Requirements {
		r.Evidence = slices.Clone(r.Evidence)
		for i := range r.Evidence {
			e := &r.Evidence[i]
			e.Exchange = run.renamed(e.Exchange)
			e.Before = slices.Clone(e.Before)
			for j := range e.Before {
				e.Before[j] = run.renamed(e.Before[j])
			}
		}
		r.Endpoint = run.Target.API + " · " + r.Endpoint
		all = append(all, r)
	}
	return all
}

// renamed is the id that an exchange of the run gets in a record of several runs.
func (r *Run) renamed(id string) string {
	if id == "" {
		return ""
	}
	return r.Target.API + "-" + id
}

// All are the targets of the run: usually one.
func (r *Run) All() []Target {
	if len(r.Targets) == 0 {
		return []Target{r.Target}
	}
	return r.Targets
}
