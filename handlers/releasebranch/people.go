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
	reviews := slices.Clone(f.Reviews)
	for _, o := range f.Origins {
		reviews = append(reviews, o.Reviews...)
	}
	for _, r := range reviews {
		if err := f.readWriter(l, r.Author, areas); err != nil {
			return err
		}
	}
	return nil
}

// readWriter finds out what somebody may do here who is an owner by their login, or whom the policy
// names by it or by a permission: on GitHub itself nobody else is an owner, and a login that was given up
// can be taken over by anybody.
func (f *known) readWriter(l *facts.Look, who github.User, areas []area) (err error) {
	could := func(named string) bool { return github.MayBe(named, who) }
	named := slices.ContainsFunc(f.Managers, could) || slices.ContainsFunc(areas, func(a area) bool { return a.names(who) || slices.ContainsFunc(a.Teams, could) })
	if _, known := f.Writers[who.ID]; known || !named {
		return nil
	}
	f.Writers[who.ID], err = facts.Permission.Of(l, who)
	return err
}

// readLifters finds out the same of those who dismissed an objection: a manager's word lifts it.
func (f *known) readLifters(l *facts.Look, s submission) error {
	for _, r := range s.Reviews {
		if _, dismissed := s.Past.Objects(r); dismissed.ID != 0 {
			if err := f.readWriter(l, dismissed, nil); err != nil {
				return err
			}
		}
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
