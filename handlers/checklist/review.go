package checklist

import (
	"context"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// pull is a pull request that was reviewed.
type pull struct {
	number int
	base   release.Branch
}

func parseReview(n int, rest string) (pull, bool) { return pull{n, release.Branch(rest)}, true }

// reviewFacts is whether a release counts what was reviewed.
type reviewFacts struct {
	Home    github.Repo
	Counted bool
}

// observeReview reads the reviews of a pull request that a release counts, so that
// they are remembered as they are now. It is a request for each review, and none
// for a look at all of the release.
func (h *Handler) observeReview(ctx context.Context, repo github.Repo, pr pull) (s reviewFacts, err error) {
	_, set, err := h.policy(ctx, repo)
	switch {
	case err != nil:
		return s, err
	case set.Home == "":
		return s, nowhere
	case !slices.ContainsFunc(set.Repositories, func(n config.RepoName) bool { return strings.EqualFold(string(n), repo.Name) }):
		return s, nil
	}
	s.Home = set.homeOf(repo)
	trackers, _, err := h.trackers(ctx, s.Home)
	if err != nil {
		return s, err
	}
	s.Counted = slices.ContainsFunc(trackers, func(t Tracker) bool {
		return t.Issue.State == github.Open && set.branchOf(t.Version) == pr.base
	})
	if s.Counted {
		_, err = h.GitHub.Reviews(ctx, repo, pr.number)
	}
	return s, err
}

// reviewed passes on that a pull request waits for something else now.
func reviewed(s reviewFacts) reconcile.Plan {
	if !s.Counted {
		return reconcile.Plan{Why: "no release counts what was reviewed"}
	}
	return reconcile.Plan{Why: "what was reviewed may wait for something else now", Then: []reconcile.Key{key(s.Home, theTrackers)}}
}
