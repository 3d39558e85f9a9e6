package config

import (
	"maps"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// SectionName is a section of the policy.
type SectionName string

// Switch is what a policy says of a section in a single repository.
type Switch string

// SwitchedOff says that the repository is as one whose policy lacks the section.
const SwitchedOff Switch = "off"

// Values implements Choice.
func (Switch) Values() []string { return []string{string(SwitchedOff)} }

// single notes which sections single repositories don't have, and holds their names to being
// those of sections.
func (p *Policy) single(d *decoder, given map[RepoName]map[SectionName]Switch, sections []SectionType) {
	var known []string
	p.without = map[SectionName]any{}
	for _, s := range sections {
		known = append(known, s.Name)
		v := withDefaults(s.typ)
		if inScheme(v, p.scheme, func(string) bool { return false }) == nil {
			p.without[SectionName(s.Name)] = v.Interface()
		}
	}
	for repo, switches := range given {
		for name := range switches {
			if path := "repositories." + string(repo) + "." + string(name); p.without[name] == nil && !d.touchesBroken(path) {
				d.wrong(d.nearest(path, place{line: 1, column: 1}), path, unknown("section", string(name), sortedCopy(known)))
			}
		}
	}
	p.singles = given
}

// For is the policy as it holds in one of the repositories that it governs: without the
// sections that it switches off there.
func (p *Policy) For(repo github.Repo) *Policy {
	if p == nil || len(p.singles) == 0 {
		return p
	}
	own := *p
	own.sections = maps.Clone(p.sections)
	for name, switches := range p.singles {
		if !strings.EqualFold(string(name), repo.Name) {
			continue
		}
		for section := range switches {
			if none := p.without[section]; none != nil {
				own.sections[string(section)] = none
			}
		}
	}
	return &own
}

// For is the same of a policy as it stands now.
func (l Loaded) For(repo github.Repo) Loaded {
	l.Policy = l.Policy.For(repo)
	return l
}
