package releasebranch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// area is what one group of experts owns of a change.
type area struct {
	Name      string      // Markdown
	Teams     []string    // slugs, of the repository's organisation, and whom the policy names otherwise
	Users     []string    // logins
	Mute      []string    // those of both who are gone or may not push: GitHub takes them for no owners
	Lost      []string    // owners whom nobody can be matched with: addresses, others' teams
	Managers  bool        // the release managers are its experts
	Ownerless bool        // a line says that nobody owns it
	Faulty    *ownersRule // the line that would say who, if it had no fault
	Approvals int
	Paths     []string // of the change, a renamed file's both
}

// touches reports whether one of the paths is the area's.
func (a area) touches(paths []string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return slices.Contains(a.Paths, p) })
}

// mute notes, if so, that an owner has no say.
func (a *area) mute(so bool, owner string) {
	if so {
		a.Mute = append(a.Mute, owner)
	}
}

// names reports whether somebody is one of the area's owners by their login.
func (a area) names(who github.User) bool { return containsFold(a.Users, who.Login) }

// scope is what areas are found by.
type scope struct {
	settings Settings
	owners   owners
	org      string // whose teams are meant; empty: anybody's
	branch   release.Branch
	labels   []string
}

func (f known) scope() scope {
	return scope{f.Settings, f.Owners, f.Repo.Owner, f.Base, f.labels()}
}

// labels are the pull request's, and those of all that it is a faithful pick of.
func (f known) labels() []string {
	labels := slices.Clone(f.PR.Labels)
	if s := f.stands(); s.Faithful {
		for _, pr := range slices.Concat(s.Sources...) {
			labels = append(labels, pr.Labels...)
		}
	}
	return labels
}

// areas are those of the whole change, and of what it leaves out of its sources.
func (f known) areas() []area { return f.scope().of(touched(f.Found)) }

// touched are the files of a change, and those where it isn't what its sources are.
func touched(found provenance.Finding) []provenance.FileChange {
	list := slices.Clone(found.Files)
	for _, d := range found.Beyond {
		list = append(list, provenance.FileChange{Path: d.Path, Was: d.Was, Generated: d.Generated})
	}
	return list
}

// spared reports a path that needs no expert and whose lines don't count.
func (s Settings) spared(path string) bool {
	return fits(s.Generated, path) || fits(s.Tests, path) || fits(s.Notes, path)
}

// weighty are the paths of a file that need an expert. That a file is generated
// by its attributes says nothing of what it was before a rename.
func (s Settings) weighty(path, was string, generated bool) []string {
	var paths []string
	if !generated && !s.spared(path) {
		paths = append(paths, path)
	}
	if was != "" && !s.spared(was) {
		paths = append(paths, was)
	}
	return paths
}

// of finds the areas of files, in the order of their first paths. Where nothing
// in the policy says who experts are, there are none.
func (s scope) of(files []provenance.FileChange) []area {
	if !s.settings.CodeOwners && len(s.settings.Areas) == 0 {
		return nil
	}
	var list []area
	add := func(a area, path string) {
		i := slices.IndexFunc(list, func(have area) bool { return have.Name == a.Name })
		if i < 0 {
			list = append(list, a)
			i = len(list) - 1
		}
		if !slices.Contains(list[i].Paths, path) {
			list[i].Paths = append(list[i].Paths, path)
		}
	}
	for _, f := range files {
		for _, path := range s.settings.weighty(f.Path, f.Was, f.Generated) {
			for _, a := range s.at(path) {
				add(a, path)
			}
		}
	}
	return list
}

// at are the areas of a path.
func (s scope) at(path string) []area {
	var list []area
	placed := false
	for _, a := range s.settings.Areas {
		here := fits(a.Paths, path)
		_, labelled := has(a.Labels, s.labels)
		if placed = placed || here; here || labelled {
			list = append(list, s.named(a))
		}
	}
	switch {
	case placed:
	case s.settings.CodeOwners:
		list = append(list, s.owned(path))
	case len(list) == 0:
		list = append(list, area{Name: "everything else", Managers: true, Approvals: 1})
	}
	return list
}

// named is an area of the policy.
func (s scope) named(a Area) area {
	out := area{Name: effect.Inert(a.Name, 80), Approvals: a.Approvals}
	for _, t := range a.Teams {
		if slug, ok := t.For(s.branch, s.settings.Scheme); ok {
			out.Teams = append(out.Teams, slug)
		} else {
			out.Lost = append(out.Lost, string(t))
		}
	}
	others := config.People{Users: a.Users, Permission: a.Permission}
	out.Teams = append(out.Teams, others.Who(s.branch, s.settings.Scheme)...)
	return out
}

// owned is the area of a path by CODEOWNERS: that of its owners. The last line
// that fits counts, and one without owners says that there are none.
// See https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
func (s scope) owned(path string) area {
	if s.owners.Fault != "" {
		return area{Name: "files whose owners are unknown", Ownerless: true, Approvals: 1}
	}
	rule := s.owners.about(path)
	switch {
	case rule == nil:
		return area{Name: "files that no line of `CODEOWNERS` is about", Ownerless: true, Approvals: 1}
	case rule.Fault != "":
		return area{Name: fmt.Sprintf("files of line %d of `CODEOWNERS`, which has a fault", rule.Line), Ownerless: true, Approvals: 1, Faulty: rule}
	case len(rule.Owners) == 0:
		return area{Name: fmt.Sprintf("files of line %d of `CODEOWNERS`, which has no owner", rule.Line), Ownerless: true, Approvals: 1}
	}
	a := area{Approvals: 1}
	var names []string
	for _, o := range rule.Owners {
		name, at := strings.CutPrefix(o, "@")
		names = append(names, name)
		org, slug, team := strings.Cut(name, "/")
		mute := containsFold(s.owners.Unknown, o)
		switch {
		case at && team && (s.org == "" || strings.EqualFold(org, s.org)):
			a.Teams = append(a.Teams, strings.ToLower(slug))
			a.mute(mute, strings.ToLower(slug))
		case at && !team:
			a.Users = append(a.Users, name)
			a.mute(mute, name)
		default:
			a.Lost = append(a.Lost, name)
		}
	}
	a.Name = "files of " + effect.Codes(names)
	return a
}
