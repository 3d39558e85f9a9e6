package checklist

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// ValidateBranches implements the contract of config.GovernedValidator: a release whose branch
// isn't governed would have a checklist, and no freeze, no gate and no manager.
func (s Settings) ValidateBranches(governed []config.BranchPattern) error {
	if len(s.Templates) == 0 || len(s.unknownIn(s.Branch, "{major}", "{minor}")) > 0 {
		return nil
	}
	if err := config.NeedsBranch(s.Branch, governed); err != nil {
		return config.At("branch", err)
	}
	return nil
}

var braces = lazy.Regexp(`\{[^{}]*\}`)

// unknownIn are the placeholders of a text that stand for nothing.
func (Settings) unknownIn(text string, known ...string) []string {
	return slices.DeleteFunc(braces().FindAllString(text, -1), func(p string) bool { return slices.Contains(known, p) })
}

// nameFaults are what is wrong with the placeholders in names: one that stands for nothing is left
// as it is, so that what the name is of is never found, and a milestone of blockers has none.
func (s Settings) nameFaults() error {
	named := map[string]string{"pick_label": s.PickLabel, "blockers.milestone": s.Blockers.Milestone}
	for i, t := range s.Templates {
		for j, step := range t.Steps {
			at := fmt.Sprintf("templates[%d].steps[%d].", i, j)
			p, a := step.Probe, step.Action
			maps.Copy(named, map[string]string{
				at + "probe.branch": p.Branch, at + "probe.label": p.Label, at + "probe.milestone": p.Milestone, at + "probe.team": p.Team,
				at + "probe.tag": p.Tag, at + "probe.release": p.Release, at + "probe.ref": p.Ref,
				at + "action.label": a.Label, at + "action.milestone": a.Milestone, at + "action.branch": a.Branch, at + "action.from": a.From, at + "action.base": a.Base,
			})
			for k, asset := range p.Assets {
				named[fmt.Sprintf("%sprobe.assets[%d]", at, k)] = asset
			}
		}
	}
	var faults []error
	fault := func(key, text string, known ...string) {
		if unknown := s.unknownIn(text, known...); len(unknown) > 0 {
			faults = append(faults, config.At(key, &config.Wrong{What: fmt.Sprintf("%q has %s, which stands for nothing", text, unknown[0]), Want: strings.Join(known, ", ")}))
		}
	}
	fault("branch", s.Branch, "{major}", "{minor}")
	known := []string{"{version}", "{tag}", "{release}", "{major}", "{minor}", "{next}", "{branch}"}
	if s.Scheme.Dated() { // nobody knows the month of the next one
		known = slices.DeleteFunc(known, func(p string) bool { return p == "{next}" })
	}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		fault(key, named[key], known...)
	}
	return errors.Join(faults...)
}
