package releasebranch

import (
	"slices"

	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// readPeople reads who owns the files, and who manages releases.
func (f *known) readPeople(l *facts.Look) error {
	if f.Settings.CodeOwners {
		file, err := facts.CodeOwners.Of(l, f.Source)
		if err != nil {
			return err
		}
		f.Owners = readOwners(file)
	}
	areas := f.areas()
	// Only CODEOWNERS names people to whom GitHub may give no right.
	if f.Settings.CodeOwners && slices.ContainsFunc(areas, func(a area) bool { return len(a.Teams)+len(a.Users) > 0 }) {
		unknown, err := facts.UnknownOwners.Of(l, f.Source)
		if err != nil {
			return err
		}
		f.Owners.Unknown = unknown
		areas = f.areas()
	}
	f.Managers = f.Policy.ManagerTeams(f.Base)
	teams := slices.Clone(f.Managers)
	for _, a := range areas {
		teams = append(teams, a.Teams...)
	}
	for _, slug := range teams {
		if _, known := f.Teams[slug]; known {
			continue
		}
		if !github.IsTeam(slug) {
			f.Teams[slug] = github.Team{Exists: true}
			continue
		}
		team, err := facts.Team.Of(l, slug)
		if err != nil {
			return err
		}
		f.Teams[slug] = team
	}
	return f.readWriters(l, areas)
}

// readWriters finds out what reviewers may do here who are owners by their login, or whom the policy
// names by it or by a permission: on GitHub itself nobody else is an owner, and a login that was given up
// can be taken over by anybody.
func (f *known) readWriters(l *facts.Look, areas []area) error {
	reviews := slices.Clone(f.Reviews)
	for _, o := range f.Origins {
		reviews = append(reviews, o.Reviews...)
	}
	for _, r := range reviews {
		could := func(who string) bool { return github.MayBe(who, r.Author) }
		named := slices.ContainsFunc(f.Managers, could) || slices.ContainsFunc(areas, func(a area) bool { return a.names(r.Author) || slices.ContainsFunc(a.Teams, could) })
		if _, known := f.Writers[r.Author.ID]; known || !named {
			continue
		}
		may, err := facts.Permission.Of(l, r.Author)
		if err != nil {
			return err
		}
		f.Writers[r.Author.ID] = may
	}
	return nil
}

// manages reports whether somebody manages the branch's releases.
func (f known) manages(who github.User) bool {
	return slices.ContainsFunc(f.Managers, func(slug string) bool { return f.inTeam(slug, who) })
}

// inTeam reports whether somebody is of a team, or whom the policy names otherwise (github.ReadWho).
func (f known) inTeam(slug string, who github.User) bool {
	if !github.IsTeam(slug) {
		return github.Is(slug, who, f.Writers[who.ID])
	}
	return slices.ContainsFunc(f.Teams[slug].Members, func(m github.User) bool { return m.ID == who.ID })
}
