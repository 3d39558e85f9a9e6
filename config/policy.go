package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Policy is a repository's policy. It is never changed after ParsePolicy and
// is safe to share. A nil Policy governs nothing.
type Policy struct {
	// Name says where it was read, for people: "istio/istio:.github/slipway.yml".
	Name string
	// In is the repository where it stands, and OwnIn that of the windows that extend it; zero
	// of a text that came from elsewhere.
	In, OwnIn github.Repo
	// Branches are patterns of the governed branches, as in path.Match.
	Branches []string
	// ReleaseManagers are whom it names, as github.ReadWho reads them; in the slugs of teams
	// {major} and {minor} stand for the numbers that end the branch's name.
	ReleaseManagers []string
	// FailsByDesign are status checks whose failing says nothing.
	FailsByDesign []CheckPattern
	// Timezone is for showing times, and for local times; see Zone.
	Timezone Zone
	// Proposals says what lets through what Slipway itself proposes.
	Proposals Proposals

	// Notes are what is worth knowing of it and no fault, a sentence each.
	Notes []string

	sections map[string]any
	singles  map[RepoName]map[SectionName]Mode
	told     map[string]string   // the keys of modes that hold in the one repository that this is for, by section
	without  map[SectionName]any // each section as it is where there is none
	places   map[string]place    // of what only GitHub, or the deployment, can tell whether it is right
	scheme   release.Scheme
}

// topLevel is a policy as it is written, beside the sections of capabilities.
// Its comments are the documentation that people read.
type topLevel struct {
	// Says that the policy stands in another repository of the same owner, at
	// `.github/slipway.yml` or at the path given. Beside it may stand `freeze.windows`, which
	// add to those of that policy and change nothing else of it; what it leads to may not extend another. Slipway has to be installed
	// there too, and a public repository can't extend a private one's. A change
	// there is seen within 5 minutes.
	Extends Reference `yaml:"extends" example:"istio/community:policies/slipway.yml"`
	// Patterns of the branches that Slipway looks after. `*` stays within one
	// part of a name with slashes; `?` is one character and `[0-9]` one of a range.
	// Slipway's own branches, such as `release-notes-1.30.1`, fit none of them.
	Branches []BranchPattern `yaml:"branches" required:"yes" max:"200" want:"patterns of the governed branches, like [\"release-*\"]" example:"[\"release-*\"]"`
	// Who manages the governed branches: slugs of teams of the
	// organisation that owns the repository, or a group that names people otherwise, too. `{major}` and `{minor}` stand for the
	// numbers that end a branch's name: `release-managers-{major}-{minor}` is
	// `release-managers-1-30` for `release-1.30`. A personal account has no teams: `{users: [alice]}`. Without any, nobody may freeze.
	ReleaseManagers People `yaml:"release_managers" example:"[\"release-managers-{major}-{minor}\"]"`
	// Status checks that fail by design, such as one that only warns people. Slipway
	// passes over them wherever it looks at the checks of a commit. `*` is any text.
	FailsByDesign []CheckPattern `yaml:"fails_by_design" max:"50" example:"[\"build-warning\"]"`
	// What Slipway itself proposes because a release manager asked for it by a command (a build, a publish,
	// the edits of a step, the notes of a release), and that holds nothing else: `approved` lets it past the checks of freezes, release
	// branches, release notes and milestones once another release manager of its release has approved it,
	// `pass` without that, which is for a project with a single manager, and `ordinary` judges it like
	// any other pull request. A publish needs its second manager all the same (`release.triggers.second_manager`).
	Proposals Proposals `yaml:"proposals"`
	// The zone in which times are shown beside UTC, and in which times of this
	// file without an offset are meant.
	Timezone Zone `yaml:"timezone" example:"America/Los_Angeles"`
	// Sections that have another mode in a single one of the repositories that share this policy, by
	// the repository's name, like `{proxy: {releasenotes: off, freeze: report}}`. With `off` it is there as if the policy lacked
	// the section, and its check isn't there; `report` and `enforce` are as in the section's own `mode`, whatever its `modes` say. It
	// is for the policy of several, such as an organisation's, where most have release notes
	// and one has none.
	Repositories map[RepoName]map[SectionName]Mode `yaml:"repositories" max:"200" example:"{proxy: {}}"`
}

// SetDefaults implements the contract of withDefaults.
func (t *topLevel) SetDefaults() { t.Proposals = ApprovedProposals }

// Proposals is what lets through what Slipway itself proposes for a release manager.
type Proposals string

// The choices.
const (
	ApprovedProposals Proposals = "approved"
	PassingProposals  Proposals = "pass"
	OrdinaryProposals Proposals = "ordinary"
)

// Values implements Choice.
func (Proposals) Values() []string {
	return []string{string(ApprovedProposals), string(PassingProposals), string(OrdinaryProposals)}
}

// Validator is what a section's type has to bring. Its errors complete
// "KEY: ..." when wrapped by At, and "SECTION: ..." when not.
type Validator interface{ Validate() error }

// GovernedValidator is what a section's type may bring besides, to check what it
// says about branches against the patterns of those that are governed.
type GovernedValidator interface {
	ValidateBranches(governed []BranchPattern) error
}

// MilestoneSource is what the section's type brings that has schedules: the
// milestones of each.
type MilestoneSource interface{ Milestones() [][]release.Milestone }

// MilestoneValidator is what a section's type may bring besides, to check the
// milestones that it names against those of all schedules.
type MilestoneValidator interface {
	ValidateMilestones(schedules [][]release.Milestone) error
}

// Noter is what a section's type may bring besides: Policy.Notes.
type Noter interface{ Notes() []string }

// SectionType is a section that a policy may have.
type SectionType struct {
	Name string
	typ  reflect.Type
}

// Declare says that a policy may have a section of this name and type. Its
// fields are named and bounded by tags (fields.go), its comments become the
// section's documentation. A method SetDefaults of *T, when there is one, runs
// before the file is read into it; without the section it is all that runs. So
// it is with the types of what is in lists and groups.
func Declare[T Validator](name string) SectionType {
	return SectionType{Name: name, typ: reflect.TypeFor[T]()}
}

// ParsePolicy reads a policy. name says where the text came from. The error,
// when it is about the text, wraps Faults with every fault there is. A text that
// only refers to another policy is a fault too: see ParseReference.
func ParsePolicy(name string, text []byte, sections ...SectionType) (*Policy, error) {
	p := &Policy{Name: name, sections: map[string]any{}}
	for i, s := range sections {
		taken := slices.ContainsFunc(fieldsOf(reflect.TypeFor[topLevel]()), func(f field) bool { return f.name == s.Name })
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
	top := place{line: 1, column: 1}
	if doc.root == nil {
		return Faults{faultOf(top, "", &Wrong{What: "the file is empty", Want: "at least branches"})}
	}
	if _, _, is, faults := doc.reference(); is {
		if len(faults) == 0 {
			list, _ := entries(doc.resolve(doc.root))
			faults = Faults{leadsOn(list[0].at)}
		}
		return faults
	}
	d := newDecoder(doc)
	values := map[string]reflect.Value{}
	extra := map[string]section{}
	for _, s := range sections {
		values[s.Name] = withDefaults(s.typ)
		extra[s.Name] = func(n ast.Node, path string, at place) { d.value(n, values[s.Name], path, at, 1) }
	}
	t := topLevel{}
	t.SetDefaults()
	d.structure(doc.resolve(doc.root), valueOf(&t), "", top, 0, extra)
	scheme, known := d.scheme(values, t.Branches)
	p.scheme = scheme
	for _, s := range sections {
		d.settle(values[s.Name], s.Name, t.Timezone)
		d.complain(inScheme(values[s.Name], p.scheme, func(key string) bool { _, is := d.places[join(s.Name, key)]; return is }), s.Name, top)
		v := values[s.Name].Interface()
		d.complain(v.(Validator).Validate(), s.Name, top)
		_, follows := values[s.Name].Addr().Interface().(Schemed)
		if g, ok := v.(GovernedValidator); ok && !d.touchesBroken("branches") && (known || !follows) {
			d.complain(g.ValidateBranches(t.Branches), s.Name, top)
		}
		if n, ok := v.(Noter); ok {
			p.Notes = append(p.Notes, n.Notes()...)
		}
		p.sections[s.Name] = v
	}
	if known && !d.touchesBroken("branches") {
		for _, path := range slices.Sorted(maps.Keys(d.teams)) {
			if err := NeedsNumbers(string(d.teams[path]), t.Branches, p.scheme); err != nil {
				d.wrong(d.places[path], path, err)
			}
		}
	}
	d.milestones(p.sections, sections)
	p.single(d, t.Repositories, sections)
	p.modeNotes(t.Branches, sections)
	for _, b := range t.Branches {
		p.Branches = append(p.Branches, string(b))
	}
	p.ReleaseManagers = t.ReleaseManagers.Written()
	p.FailsByDesign = t.FailsByDesign
	p.Timezone, p.Proposals = t.Timezone, t.Proposals
	p.places = map[string]place{}
	for path, at := range d.places {
		section, _, _ := strings.Cut(path, ".")
		_, deployed := p.sections[section].(DeployedValidator)
		if within(path, managersKey) || deployed {
			p.places[path] = at
		}
	}
	return d.faults
}

// milestones checks the names of milestones once every section is read: those
// that have them may stand below those that name them.
func (d *decoder) milestones(values map[string]any, sections []SectionType) {
	var known [][]release.Milestone
	for _, s := range sections {
		if m, ok := values[s.Name].(MilestoneSource); ok {
			if d.touchesBroken(s.Name) {
				return // nobody knows what else it has
			}
			known = append(known, m.Milestones()...)
		}
	}
	for _, s := range sections {
		if m, ok := values[s.Name].(MilestoneValidator); ok {
			d.complain(m.ValidateMilestones(known), s.Name, place{line: 1, column: 1})
		}
	}
}

// managersKey is the key of Policy.ReleaseManagers.
const managersKey = "release_managers"

// ManagersFault makes a fault of what GitHub says about an entry of
// ReleaseManagers, such as that there is no such team.
func (p *Policy) ManagersFault(i int, w *Wrong) Fault {
	teams := 0
	for teams < len(p.ReleaseManagers) && github.IsTeam(p.ReleaseManagers[teams]) {
		teams++
	}
	paths := []string{fmt.Sprintf("%s[%d]", managersKey, i), fmt.Sprintf("%s.teams[%d]", managersKey, i), managersKey}
	if i >= teams {
		paths = []string{fmt.Sprintf("%s.users[%d]", managersKey, i-teams), managersKey}
	}
	for _, path := range paths {
		if at, ok := p.places[path]; ok {
			return faultOf(at, path, w)
		}
	}
	return faultOf(place{line: 1, column: 1}, managersKey, w)
}

// valueOf is what a pointer leads to, for a decoder to fill.
func valueOf(pointer any) reflect.Value { return reflect.ValueOf(pointer).Elem() }

// complain places what a value's own checks found. What already has a fault is
// not complained about again: it was not read.
func (d *decoder) complain(found error, path string, at place) {
	for _, err := range leafErrors(found) {
		var f *fieldError
		full := path
		if errors.As(err, &f) {
			full = join(path, f.path)
			err = f.err
		}
		if d.touchesBroken(full) {
			continue
		}
		d.faults = append(d.faults, faultOf(d.nearest(full, at), full, err))
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

// ManagerTeams returns who manages a branch, as github.ReadWho reads them. A team
// named by the branch's numbers is left out when the branch has none: nobody
// is a release manager by accident.
func (p *Policy) ManagerTeams(b release.Branch) []string {
	if p == nil {
		return nil
	}
	var teams []string
	for _, team := range p.ReleaseManagers {
		if slug, ok := TeamSlug(team).For(b, p.scheme); ok {
			teams = append(teams, slug)
		}
	}
	return teams
}

// Scheme is how versions, their tags and the branches of releases are called; as usual without a policy.
func (p *Policy) Scheme() release.Scheme {
	if p == nil {
		return release.Scheme{}
	}
	return p.scheme
}

// Zone is the zone in which times are shown; UTC without a policy.
func (p *Policy) Zone() Zone {
	if p == nil {
		return Zone{}
	}
	return p.Timezone
}
