package config

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// Policy is a repository's policy. It is never changed after ParsePolicy and
// is safe to share. A nil Policy governs nothing.
type Policy struct {
	// Name says where it was read, for people: "istio/istio:.github/slipway.yml".
	Name string `yaml:"-"`
	// Branches are patterns of the governed branches, as in path.Match.
	Branches []string `yaml:"branches"`
	// ReleaseManagers are slugs of teams of the repository's organisation;
	// {major} and {minor} stand for the numbers that end the branch's name.
	ReleaseManagers []string `yaml:"release_managers"`

	sections map[string]any
}

// Validator is what a section's type has to bring. Its errors complete
// "KEY: ..." when wrapped by At, and "SECTION: ..." when not.
type Validator interface{ Validate() error }

// SectionType is a section that a policy may have.
type SectionType struct {
	Name   string
	decode func(d *decoder, n ast.Node, path string, at place) any
}

// Declare says that a policy may have a section of this name and type. Fields
// are named by yaml tags. A method SetDefaults of *T, when there is one, runs
// before the file is read into it; without the section it is all that runs.
func Declare[T Validator](name string) SectionType {
	return SectionType{Name: name, decode: func(d *decoder, n ast.Node, path string, at place) any {
		var v T
		if s, ok := any(&v).(interface{ SetDefaults() }); ok {
			s.SetDefaults()
		}
		if n != nil {
			d.value(n, reflect.ValueOf(&v).Elem(), path, at, 1)
		}
		d.validate(v, path, at)
		return v
	}}
}

// ParsePolicy reads a policy. name says where the text came from. The error,
// when it is about the text, wraps Faults with every fault there is.
func ParsePolicy(name string, text []byte, sections ...SectionType) (*Policy, error) {
	p := &Policy{Name: name, sections: map[string]any{}}
	fields, _ := fieldsOf(reflect.TypeOf(*p))
	for i, s := range sections {
		_, taken := fields[s.Name]
		if taken || slices.ContainsFunc(sections[:i], func(o SectionType) bool { return o.Name == s.Name }) {
			return nil, fmt.Errorf("policy section %q is declared twice", s.Name)
		}
	}
	doc, faults := parseYAML(text)
	if len(faults) == 0 {
		faults = p.fill(doc, sections)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("policy %s: %w", name, faults.sorted())
	}
	return p, nil
}

func (p *Policy) fill(doc document, sections []SectionType) Faults {
	if doc.root == nil {
		return Faults{{1, 1, "the file is empty: want at least branches"}}
	}
	d := newDecoder(doc)
	extra := map[string]section{}
	for _, s := range sections {
		extra[s.Name] = func(n ast.Node, path string, at place) { p.sections[s.Name] = s.decode(d, n, path, at) }
	}
	top := place{1, 1}
	d.structure(doc.resolve(doc.root), reflect.ValueOf(p).Elem(), "", top, 0, extra)
	d.validate(p, "", top)
	for _, s := range sections {
		if _, given := p.sections[s.Name]; !given {
			p.sections[s.Name] = s.decode(d, nil, s.Name, top)
		}
	}
	return d.faults
}

// validate runs a value's own checks and places what they find. What already
// has a fault is not complained about again: it was not read.
func (d *decoder) validate(v Validator, path string, at place) {
	for _, err := range leafErrors(v.Validate()) {
		var f *fieldError
		full := path
		if errors.As(err, &f) {
			full = join(path, f.path)
			err = f.err
		}
		if d.touchesBroken(full) {
			continue
		}
		message := strings.ReplaceAll(err.Error(), "\n", "; ")
		if full != "" {
			message = full + ": " + message
		}
		where := d.nearest(full, at)
		d.faults = append(d.faults, Fault{where.line, where.column, message})
	}
}

// touchesBroken reports whether a path, or something in or around it, has a fault.
func (d *decoder) touchesBroken(path string) bool {
	for b := range d.broken {
		if within(path, b) || within(b, path) {
			return true
		}
	}
	return false
}

func within(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}

// nearest is the place of a path, or of the closest thing around it.
func (d *decoder) nearest(path string, otherwise place) place {
	for path != "" {
		if p, ok := d.places[path]; ok {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return otherwise
}

// Section returns a section of a policy as the type it was declared with.
func Section[T Validator](p *Policy, name string) (T, error) {
	var zero T
	if p == nil {
		return zero, fmt.Errorf("policy section %q: there is no policy", name)
	}
	v, ok := p.sections[name]
	if !ok {
		return zero, fmt.Errorf("policy section %q was not declared", name)
	}
	t, ok := v.(T)
	if !ok {
		return zero, fmt.Errorf("policy section %q is a %T, not a %T", name, v, zero)
	}
	return t, nil
}

// Governs reports whether the policy is about a branch.
func (p *Policy) Governs(b release.Branch) bool {
	return p != nil && slices.ContainsFunc(p.Branches, func(pattern string) bool {
		return release.MatchBranch(pattern, b)
	})
}

// ManagerTeams returns the slugs of the teams that manage a branch. A team
// named by the branch's numbers is left out when the branch has none: nobody
// is a release manager by accident.
func (p *Policy) ManagerTeams(b release.Branch) []string {
	if p == nil {
		return nil
	}
	major, minor, numbered := b.Minor()
	var teams []string
	for _, team := range p.ReleaseManagers {
		if strings.Contains(team, "{") && !numbered {
			continue
		}
		teams = append(teams, strings.NewReplacer("{major}", major, "{minor}", minor).Replace(team))
	}
	return teams
}

const maxEntries = 200

// Validate implements Validator.
func (p *Policy) Validate() error {
	var faults []error
	if len(p.Branches) == 0 {
		faults = append(faults, At("branches", errors.New(`is missing or empty: want patterns of the governed branches, like ["release-*"]`)))
	}
	if len(p.Branches) > maxEntries || len(p.ReleaseManagers) > maxEntries {
		faults = append(faults, fmt.Errorf("branches and release_managers may have %d entries each", maxEntries))
	}
	for i, b := range p.Branches {
		faults = append(faults, atIf(fmt.Sprintf("branches[%d]", i), patternFault(b)))
	}
	for i, t := range p.ReleaseManagers {
		faults = append(faults, atIf(fmt.Sprintf("release_managers[%d]", i), teamFault(t)))
	}
	return errors.Join(faults...)
}

func atIf(path, fault string) error {
	if fault == "" {
		return nil
	}
	return At(path, errors.New(fault))
}

func patternFault(pattern string) string {
	switch _, err := path.Match(pattern, ""); {
	case pattern == "":
		return `is empty: want a pattern like "release-*"`
	case err != nil:
		return fmt.Sprintf(`%s is not a pattern: want one as in path.Match, like "release-*" or "release-1.[23]?"`, quote(pattern))
	case strings.HasPrefix(pattern, "refs/"):
		return fmt.Sprintf("%s: give the branch's short name, without refs/heads/", quote(pattern))
	case strings.ContainsAny(pattern, " \t\r\n"):
		return fmt.Sprintf("%s contains a space, which no branch has", quote(pattern))
	}
	return ""
}

var (
	teamSlug    = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,99}$`)
	placeholder = regexp.MustCompile(`\{[^{}]*\}`)
)

func teamFault(team string) string {
	for _, ph := range placeholder.FindAllString(team, -1) {
		if ph != "{major}" && ph != "{minor}" {
			return fmt.Sprintf("%s: unknown placeholder %s%s", quote(team), quote(ph), didYouMean(ph, []string{"{major}", "{minor}"}))
		}
	}
	plain := strings.NewReplacer("{major}", "1", "{minor}", "1").Replace(team)
	switch {
	case strings.ContainsAny(team, "/@"):
		return fmt.Sprintf("%s: give the team's slug alone; it is a team of the organisation that owns the repository", quote(team))
	case !teamSlug.MatchString(plain):
		return fmt.Sprintf(`%s is not a team's slug: want it as in the team's address, like "release-managers-{major}-{minor}"`, quote(team))
	}
	return ""
}

func sortedCopy(s []string) []string { return slices.Sorted(slices.Values(s)) }
