package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// This file says whether the check of a section holds back what it finds: everywhere, on some
// branches, or in a single repository.

// SectionName is a section of the policy.
type SectionName string

// Mode is what becomes of what a check finds.
type Mode string

// The modes.
const (
	Enforce    Mode = "enforce" // it holds back
	ReportOnly Mode = "report"  // a neutral check says what it would do
	Off        Mode = "off"     // there is no check
)

// Values implements Choice.
func (Mode) Values() []string { return []string{string(Enforce), string(ReportOnly), string(Off)} }

// Enforcement is what a section with a check says of its mode. Its type embeds it inline.
type Enforcement struct {
	// Whether the check holds back what it finds (`enforce`, which is so without this key), only says what
	// it would do (`report`: a neutral check with the same text, so that a project can watch it before it
	// requires it), or isn't there (`off`).
	Mode Mode `yaml:"mode" example:"report"`
	// Branches on which it is another one; the first that fits counts. `repositories` says it for a single repository.
	Modes []BranchMode `yaml:"modes" max:"50" example:"[{branches: [\"release-*\"], mode: enforce}]"`
}

// BranchMode is a mode on some branches.
type BranchMode struct {
	// Patterns of the branches.
	Branches []BranchPattern `yaml:"branches" required:"yes" max:"50" example:"[\"release-1.30\"]"`
	// The mode there.
	Mode Mode `yaml:"mode" required:"yes" example:"report"`
}

// On is the mode on a branch.
func (e Enforcement) On(b release.Branch) Mode {
	if m, is := e.asks(b); is {
		return m
	}
	if e.Mode == "" {
		return Enforce
	}
	return e.Mode
}

// Softened reports whether it may be another one than to enforce somewhere.
func (e Enforcement) Softened() bool {
	soft := func(m Mode) bool { return m == ReportOnly || m == Off }
	return soft(e.Mode) || slices.ContainsFunc(e.Modes, func(m BranchMode) bool { return soft(m.Mode) })
}

// asks is what the section says of a branch by name or pattern, if it does.
func (e Enforcement) asks(b release.Branch) (Mode, bool) {
	if i := e.first(b); i >= 0 {
		return e.Modes[i].Mode, true
	}
	return "", false
}

// first is the index of the first of Modes that fits a branch, -1 for none.
func (e Enforcement) first(b release.Branch) int {
	return slices.IndexFunc(e.Modes, func(m BranchMode) bool {
		return slices.ContainsFunc(m.Branches, func(p BranchPattern) bool { return p.Match(b) })
	})
}

// enforced is a section with a check.
type enforced interface {
	On(release.Branch) Mode
	asks(release.Branch) (Mode, bool)
}

// Mode is that of a section's check on a branch.
func (p *Policy) Mode(section string, b release.Branch) Mode {
	if p != nil {
		if e, ok := p.sections[section].(enforced); ok {
			return e.On(b)
		}
	}
	return Enforce
}

// ModeKey is what the policy has of a section's mode on a branch where it says something of it, as "freeze.mode: report".
func (p *Policy) ModeKey(section string, b release.Branch) string {
	key := section + ".mode"
	if single := p.told[section]; single != "" {
		key = single
	} else if e := enforcementOf(reflect.ValueOf(p.sections[section])); e.IsValid() {
		if i := e.Interface().(Enforcement).first(b); i >= 0 {
			key = fmt.Sprintf("%s.modes[%d].mode", section, i)
		}
	}
	return key + ": " + string(p.Mode(section, b))
}

// AsksFor reports whether `modes` of a section asks for its check on a branch.
func (p *Policy) AsksFor(section string, b release.Branch) bool {
	if p == nil {
		return false
	}
	e, ok := p.sections[section].(enforced)
	if !ok {
		return false
	}
	m, is := e.asks(b)
	return is && m != Off
}

// modeNotes tells of branches in `modes` that aren't governed: most checks aren't there anyway.
func (p *Policy) modeNotes(governed []BranchPattern, sections []SectionType) {
	for _, s := range sections {
		field := enforcementOf(reflect.ValueOf(p.sections[s.Name]))
		if !field.IsValid() {
			continue
		}
		for i, m := range field.Interface().(Enforcement).Modes {
			for j, b := range m.Branches {
				if !strings.ContainsAny(string(b), `*?[\`) && !slices.ContainsFunc(governed, func(g BranchPattern) bool { return g.Match(release.Branch(b)) }) {
					p.Notes = append(p.Notes, fmt.Sprintf("%s.modes[%d].branches[%d]: %q fits none of the policy's branches; is it mistyped?", s.Name, i, j, b))
				}
			}
		}
	}
}

// enforcementOf is the part of a section's value that says its mode; not valid where it has no check.
func enforcementOf(v reflect.Value) reflect.Value {
	if f, ok := v.Type().FieldByName("Enforcement"); ok && f.Type == reflect.TypeFor[Enforcement]() {
		return v.FieldByIndex(f.Index)
	}
	return reflect.Value{}
}

// single notes what holds in single repositories, and holds their sections' names to being
// those of sections, and their modes to what these can be.
func (p *Policy) single(d *decoder, given map[RepoName]map[SectionName]Mode, sections []SectionType) {
	var known []string
	p.without = map[SectionName]any{}
	for _, s := range sections {
		known = append(known, s.Name)
		v := withDefaults(s.typ)
		if inScheme(v, p.scheme, func(string) bool { return false }) == nil {
			p.without[SectionName(s.Name)] = v.Interface()
		}
	}
	for repo, modes := range given {
		for name, mode := range modes {
			path := "repositories." + string(repo) + "." + string(name)
			none := p.without[name]
			switch {
			case d.touchesBroken(path):
			case name == VersionsName:
				d.wrong(d.nearest(path, place{line: 1, column: 1}), path, &Wrong{What: "a policy has one scheme of versions for all that it governs",
					Want: "a policy of its own in a repository with other versions"})
			case none == nil:
				d.wrong(d.nearest(path, place{line: 1, column: 1}), path, unknown("section", string(name), sortedCopy(known)))
			case mode != Off && !enforcementOf(reflect.ValueOf(none)).IsValid():
				d.wrong(d.nearest(path, place{line: 1, column: 1}), path, &Wrong{What: quote(string(mode)) + ": this section has no check", Want: string(Off)})
			}
		}
	}
	p.singles = given
}

// For is the policy as it holds in one of the repositories that it governs: each section
// in the mode that it has there. One that is off there is as one that the policy lacks.
func (p *Policy) For(repo github.Repo) *Policy {
	if p == nil || len(p.singles) == 0 {
		return p
	}
	own := *p
	own.sections, own.told = maps.Clone(p.sections), map[string]string{}
	for name, modes := range p.singles {
		if !strings.EqualFold(string(name), repo.Name) {
			continue
		}
		for section, mode := range modes {
			from := p.sections[string(section)]
			if mode == Off {
				from = p.without[section]
			}
			if from == nil {
				continue
			}
			v := reflect.New(reflect.TypeOf(from)).Elem()
			v.Set(reflect.ValueOf(from))
			if e := enforcementOf(v); e.IsValid() {
				e.Set(reflect.ValueOf(Enforcement{Mode: mode}))
			}
			own.sections[string(section)], own.told[string(section)] = v.Interface(), "repositories."+string(name)+"."+string(section)
		}
	}
	return &own
}

// For is the same of a policy as it stands now.
func (l Loaded) For(repo github.Repo) Loaded {
	l.Policy = l.Policy.For(repo)
	return l
}
