package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-im/parley/fixtures"
	"github.com/parley-im/parley/specs"
	"github.com/parley-im/parley/specs/catalog"
)

// catalogVerb shows the documented statements.
type catalogVerb struct {
	ID      string `arg:"" optional:"" help:"Show this one whole, such as WK-SYNC-08."`
	API     string `name:"api" placeholder:"NAME" help:"Only this family: wukongim."`
	Profile string `name:"profile" placeholder:"NAME" help:"Only what belongs to this profile, with its levels there."`
	Level   string `name:"level" placeholder:"WORD" help:"Only MUST, SHOULD or PROBE."`
}

func (v *catalogVerb) Run(in *invocation) error {
	if v.ID != "" {
		return v.show(in)
	}
	if err := v.check(); err != nil {
		return err
	}
	shown := 0
	for _, api := range catalog.APIs() {
		if v.API != "" && v.API != api {
			continue
		}
		family, err := catalog.Of(api)
		if err != nil {
			return err
		}
		shown += v.list(in, family)
	}
	if shown == 0 {
		return fail(exitUsage, "no statement is of profile %q and level %q", v.Profile, v.Level)
	}
	return nil
}

func (v *catalogVerb) check() error {
	v.Level = strings.ToUpper(v.Level)
	levels := []string{"MUST", "SHOULD", "PROBE"}
	if v.Level != "" && !slices.Contains(levels, v.Level) {
		return fail(exitUsage, "--level %s: unknown level%s", v.Level, fixtures.DidYouMean(v.Level, levels))
	}
	if v.API != "" && !slices.Contains(catalog.APIs(), v.API) {
		return fail(exitUsage, "--api %s: unknown api%s", v.API, fixtures.DidYouMean(v.API, catalog.APIs()))
	}
	var profiles []string
	for _, api := range catalog.APIs() {
		if v.API == "" || v.API == api {
			profiles = append(profiles, fixtures.Profiles(api)...)
		}
	}
	if v.Profile != "" && !slices.Contains(profiles, v.Profile) {
		return fail(exitUsage, "--profile %s: unknown profile%s", v.Profile, fixtures.DidYouMean(v.Profile, profiles))
	}
	return nil
}

func (v *catalogVerb) list(in *invocation, family *catalog.Family) (shown int) {
	profile := v.Profile
	if profile == "" {
		profile = family.Profiles[0]
	}
	endpoint := ""
	for _, r := range family.Requirements {
		if v.Profile != "" && !r.In(v.Profile) || v.Level != "" && string(r.LevelIn(profile)) != v.Level {
			continue
		}
		if r.Endpoint != endpoint {
			endpoint = r.Endpoint
			fmt.Fprintf(in.stdout, "\n%s · %s\n", family.Title, endpoint)
		}
		mark := ""
		if r.Unjudged != "" {
			mark = " (not yet judged)"
		}
		fmt.Fprintf(in.stdout, "  %-12s %-6s %s%s\n", r.ID, r.LevelIn(profile), r.Statement, mark)
		shown++
	}
	return shown
}

func (v *catalogVerb) show(in *invocation) error {
	var ids []string
	for _, api := range catalog.APIs() {
		family, err := catalog.Of(api)
		if err != nil {
			return err
		}
		if r, ok := family.Get(strings.ToUpper(v.ID)); ok {
			return showRequirement(in, family, r)
		}
		for _, r := range family.Requirements {
			ids = append(ids, r.ID)
		}
	}
	near := "; parley catalog lists them"
	if id, ok := fixtures.Nearest(v.ID, ids); ok {
		near = "; did you mean " + id + "?"
	}
	return fail(exitUsage, "no statement %q%s", v.ID, near)
}

func showRequirement(in *invocation, family *catalog.Family, r catalog.Requirement) error {
	source := family.Sources[r.Document]
	bases := map[catalog.Basis]string{catalog.Said: "said in prose or a table", catalog.Example: "seen in an example", catalog.Inferred: "inferred from what the endpoint is for"}
	fmt.Fprintf(in.stdout, "%s  %s\n\n  %s\n\n", r.ID, r.Endpoint, r.Statement)
	for _, profile := range r.Profiles {
		fmt.Fprintf(in.stdout, "  profile %-4s %s\n", profile, r.LevelIn(profile))
	}
	fmt.Fprintf(in.stdout, "  basis        %s (%s)\n  document     %s (%s), %s\n", r.Basis, bases[r.Basis], source.Title, source.Gloss, source.Where)
	if r.Quote != "" {
		fmt.Fprintf(in.stdout, "  quote        %s\n", indent(r.Quote, 15))
	}
	if r.Gloss != "" {
		fmt.Fprintf(in.stdout, "  in English   %s\n", indent(r.Gloss, 15))
	}
	return showSpecs(in, family, r)
}

// showSpecs says how the statement is judged: by which specs, in which profiles.
func showSpecs(in *invocation, family *catalog.Family, r catalog.Requirement) error {
	if r.Unjudged != "" {
		_, err := fmt.Fprintf(in.stdout, "\n  Not yet judged: %s\n", r.Unjudged)
		return err
	}
	defer showFaults(in, family, r)
	fmt.Fprintf(in.stdout, "\n  Judged by:\n")
	seen := map[string]bool{}
	for _, profile := range r.Profiles {
		all, err := families[family.API].specs.Specs(profile)
		if err != nil {
			return err
		}
		for _, spec := range all {
			if spec.Requirement.ID == r.ID && !seen[spec.Title] {
				seen[spec.Title] = true
				fmt.Fprintf(in.stdout, "    - %s%s\n", spec.Title, needs(spec))
			}
		}
	}
	return nil
}

// showFaults says which faults of the reference break the statement: parley serve --fault NAME shows them.
func showFaults(in *invocation, documented *catalog.Family, r catalog.Requirement) {
	if r.Unbroken != "" {
		fmt.Fprintf(in.stdout, "\n  Broken by no fault: %s\n", r.Unbroken)
		return
	}
	fmt.Fprintf(in.stdout, "\n  Broken on purpose by:\n")
	for _, f := range families[documented.API].faults() {
		if slices.Contains(f.Breaks, r.ID) {
			fmt.Fprintf(in.stdout, "    - %s: %s\n", f.Name, f.Summary)
		}
	}
}

func needs(spec *specs.Spec) string {
	var words []string
	if len(spec.Needs) > 0 {
		words = append(words, "needs "+strings.Join(spec.Needs, ", "))
	}
	if spec.Destructive {
		words = append(words, "only with --destructive")
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, "; ") + ")"
}

func indent(text string, by int) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+strings.Repeat(" ", by))
}
