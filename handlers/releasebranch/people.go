package releasebranch

import (
	"context"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// observePeople reads who owns the files, and who manages releases.
func (h *Handler) observePeople(ctx context.Context, f *facts) error {
	if f.Settings.CodeOwners {
		file, err := h.GitHub.CodeOwners(ctx, f.Repo, f.Source)
		f.Owners = readOwners(file)
		if err = f.trouble("The code owners couldn't be read", err); err != nil {
			return err
		}
	}
	areas := f.areas()
	f.Managers = f.Policy.ManagerTeams(f.Base)
	teams := slices.Clone(f.Managers)
	for _, a := range areas {
		teams = append(teams, a.Teams...)
	}
	for _, slug := range teams {
		if _, known := f.Teams[slug]; known {
			continue
		}
		team, err := h.GitHub.TeamMembers(ctx, f.Repo, slug)
		if err = f.trouble("The members of "+effect.Code(slug)+" couldn't be read", err); err != nil {
			return err
		}
		f.Teams[slug] = team
	}
	return h.observeWriters(ctx, f, areas)
}

// observeWriters finds out which reviewers who are owners by their login may
// push: on GitHub itself nobody else is an owner, and a login that was given up
// can be taken over by anybody.
func (h *Handler) observeWriters(ctx context.Context, f *facts, areas []area) error {
	reviews := slices.Clone(f.Reviews)
	for _, o := range f.Origins {
		reviews = append(reviews, o.Reviews...)
	}
	for _, r := range reviews {
		named := slices.ContainsFunc(areas, func(a area) bool {
			return slices.ContainsFunc(a.Users, func(login string) bool { return strings.EqualFold(login, r.Author.Login) })
		})
		if _, known := f.Writers[r.Author.ID]; known || !named {
			continue
		}
		may, err := h.GitHub.Writes(ctx, f.Repo, r.Author)
		if err = f.trouble("Whether "+effect.Code(r.Author.Login)+" may push couldn't be found out", err); err != nil {
			return err
		}
		f.Writers[r.Author.ID] = may
	}
	return nil
}

// manages reports whether somebody manages the branch's releases.
func (f facts) manages(who github.User) bool {
	return slices.ContainsFunc(f.Managers, func(slug string) bool { return f.inTeam(slug, who) })
}

func (f facts) inTeam(slug string, who github.User) bool {
	return slices.ContainsFunc(f.Teams[slug].Members, func(m github.User) bool { return m.ID == who.ID })
}
