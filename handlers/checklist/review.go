package checklist

import (
	"context"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// observeReview reads the reviews of a pull request that a release counts, so that
// they are remembered as they are now. It is a request for each review, and none
// for a look at all of the release.
func (h *Handler) observeReview(ctx context.Context, s *Snapshot) error {
	named := func(n config.RepoName) bool { return strings.EqualFold(string(n), s.Key.Repo.Name) }
	if s.Settings.Home == "" || !slices.ContainsFunc(s.Settings.Repositories, named) {
		return nil
	}
	trackers, _, err := h.trackers(ctx, s.Settings.homeOf(s.Key.Repo))
	if err != nil {
		return err
	}
	s.Counted = slices.ContainsFunc(trackers, func(t Tracker) bool {
		return t.Issue.State == github.Open && s.Settings.branchOf(t.Version) == s.Subject.base
	})
	if s.Counted {
		_, err = h.GitHub.Reviews(ctx, s.Key.Repo, s.Subject.number)
	}
	return err
}

// reviewed passes on that a pull request waits for something else now.
func reviewed(s Snapshot) reconcile.Plan {
	if !s.Counted {
		return reconcile.Plan{Why: "no release counts what was reviewed"}
	}
	return reconcile.Plan{Why: "what was reviewed may wait for something else now", Then: []reconcile.Key{key(s.Settings.homeOf(s.Key.Repo), theTrackers)}}
}
