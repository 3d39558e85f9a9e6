package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// This file is about what a repository may add to the policy that it extends. It only ever
// adds: what the policy itself says stays as it is.

// Extender is what a section's type may bring besides: a repository that extends a policy may
// add to it.
type Extender interface {
	// OwnKeys are the keys that may stand beside extends, the only ones.
	OwnKeys() []string
	// Extended is the section with what a repository adds, which is a section with those keys
	// alone. The errors are about that, as those of Validate.
	Extended(own Validator) (Validator, error)
}

// extender is a section's type as that, if it is one.
func (s SectionType) extender() (Extender, bool) {
	e, ok := reflect.New(s.typ).Elem().Interface().(Extender)
	return e, ok
}

// beside tells what is wrong with a key that stands beside extends.
func (doc document) beside(d *decoder, e entry, sections []SectionType) {
	i := slices.IndexFunc(sections, func(s SectionType) bool {
		_, may := s.extender()
		return may && s.Name == e.key
	})
	if i < 0 {
		d.wrong(e.at, "", &Wrong{What: quote(e.key) + " stands beside extends", Want: besideWanted(sections)})
		return
	}
	may, _ := sections[i].extender()
	list, _ := entries(doc.resolve(e.value)) // anything else than keys is found when it is read
	for _, inner := range list {
		if !slices.Contains(may.OwnKeys(), inner.key) {
			d.wrong(inner.at, "", &Wrong{What: quote(e.key+"."+inner.key) + " stands beside extends", Want: besideWanted(sections)})
		}
	}
}

// BesideKeys are the keys of a section that may stand beside extends.
type BesideKeys struct {
	Section string
	Keys    []string
}

// Beside lists what may stand beside extends.
func Beside(sections ...SectionType) (list []BesideKeys) {
	for _, s := range sections {
		if may, ok := s.extender(); ok {
			list = append(list, BesideKeys{s.Name, may.OwnKeys()})
		}
	}
	return list
}

func besideWanted(sections []SectionType) string {
	var keys []string
	for _, b := range Beside(sections...) {
		for _, key := range b.Keys {
			keys = append(keys, b.Section+"."+key)
		}
	}
	if len(keys) == 0 {
		return "extends alone, or the policy itself without it"
	}
	return "extends alone or with " + strings.Join(keys, ", ") + ", or the policy itself without it"
}

// additions reads what stands beside extends: each section's type with its own keys. zone is
// that of local times.
func (doc document) additions(sections []SectionType, zone Zone) (map[string]Validator, *decoder) {
	d := newDecoder(doc)
	own := map[string]Validator{}
	list, _ := entries(doc.resolve(doc.root))
	for _, e := range list {
		i := slices.IndexFunc(sections, func(s SectionType) bool { return s.Name == e.key })
		if i < 0 {
			continue
		}
		v := withDefaults(sections[i].typ)
		d.value(e.value, v, e.key, e.at, 1)
		d.settle(v, e.key, zone)
		own[e.key] = v.Interface().(Validator)
		d.complain(own[e.key].Validate(), e.key, e.at)
	}
	return own, d
}

// extended is a policy with what a file that refers to it adds, for the repository that the
// file is to govern.
func (p *Policy) extended(repo github.Repo, f github.File, sections []SectionType) (*Policy, Faults) {
	doc, faults := parseYAML([]byte(f.Text))
	if len(faults) > 0 {
		return nil, faults.sorted()
	}
	all := *p.For(repo)
	all.singles, all.sections, all.OwnIn = nil, maps.Clone(all.sections), f.Repo
	all.Notes = slices.Clone(all.Notes)
	own, d := doc.additions(sections, p.Timezone)
	var governed []BranchPattern
	for _, b := range p.Branches {
		governed = append(governed, BranchPattern(b))
	}
	for name, added := range own {
		base, ok := all.sections[name].(Extender)
		if !ok {
			continue
		}
		merged, err := base.Extended(added)
		d.complain(err, name, place{line: 1, column: 1})
		if g, ok := added.(GovernedValidator); ok {
			d.complain(g.ValidateBranches(governed), name, place{line: 1, column: 1})
		}
		if n, ok := added.(Noter); ok {
			all.Notes = append(all.Notes, n.Notes()...)
		}
		all.sections[name] = merged
	}
	d.ownMilestones(own, p.sections, sections)
	if len(d.faults) > 0 {
		return nil, d.faults.sorted()
	}
	return &all, nil
}

// ownMilestones checks the milestones that additions name against the policy's schedules.
func (d *decoder) ownMilestones(own map[string]Validator, base map[string]any, sections []SectionType) {
	values := maps.Clone(base)
	for _, s := range sections {
		if _, names := values[s.Name].(MilestoneValidator); names {
			delete(values, s.Name) // they have been checked
		}
	}
	for name, added := range own {
		values[name] = added
	}
	d.milestones(values, sections)
}

// checkAdditions finds what is wrong with what stands beside extends, without the policy.
func checkAdditions(text []byte, sections []SectionType) Faults {
	doc, faults := parseYAML(text)
	if len(faults) > 0 {
		return faults
	}
	_, d := doc.additions(sections, Zone{})
	return d.faults.sorted()
}

// extendedKey names what a policy comes to with a file's additions, for Policies to remember.
func extendedKey(repo github.Repo, f, to github.File) []byte {
	return fmt.Appendf(nil, "extended\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s", repo, nameOf(f), f.Text, nameOf(to), to.URL, to.Text)
}
