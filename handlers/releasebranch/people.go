package releasebranch

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// maxReviewers bounds how many reviewers are looked up, the newest first.
const maxReviewers = 30

// observePeople reads who owns the files, and who among the reviewers manages
// releases.
func (h *Handler) observePeople(ctx context.Context, f *facts) error {
	if f.Settings.CodeOwners {
		file, err := h.GitHub.CodeOwners(ctx, f.Repo, f.Source)
		f.Owners = readOwners(file)
		if err = f.trouble("The code owners couldn't be read", err); err != nil {
			return err
		}
	}
	for _, a := range f.areas() {
		for _, slug := range a.Teams {
			if _, known := f.Teams[slug]; known {
				continue
			}
			team, err := h.GitHub.TeamMembers(ctx, f.Repo, slug)
			if err = f.trouble("The members of "+effect.Code(slug)+" couldn't be read", err); err != nil {
				return err
			}
			f.Teams[slug] = team
		}
	}
	return h.observeManagers(ctx, f)
}

func (h *Handler) observeManagers(ctx context.Context, f *facts) error {
	f.Managers = managing{IDs: map[int64]bool{}, Teams: f.Policy.ManagerTeams(f.Base)}
	for i := len(f.Reviews) - 1; i >= max(0, len(f.Reviews)-maxReviewers); i-- {
		r := f.Reviews[i]
		if r.State == github.Dismissed {
			continue
		}
		standing, err := h.Roles.Manages(ctx, f.Repo, f.Base, r.Author)
		if err = f.trouble("Who manages releases couldn't be found out", err); err != nil {
			return err
		}
		f.Managers.IDs[r.Author.ID] = standing.Holds
		f.Managers.Missing, f.Managers.Unclear = standing.Missing, standing.Unclear
	}
	return nil
}
