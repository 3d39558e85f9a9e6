package checklist

import (
	"context"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// UnderWay lists the releases whose tracking issues aren't closed, the newest first,
// and the repository that those stand in: of the policy that holds for a repository.
// Where it names no such repository, home is zero.
func (h *Handler) UnderWay(ctx context.Context, repo github.Repo) (home github.Repo, list []release.Tracking, err error) {
	_, s, err := h.policy(ctx, repo)
	if err != nil || s.Home == "" {
		return github.Repo{}, nil, err
	}
	home = s.homeOf(repo)
	all, _, err := h.trackers(ctx, home)
	if err != nil {
		return home, nil, err
	}
	for _, t := range all {
		if one := t.tracking(s); !one.Closed {
			list = append(list, one)
		}
	}
	return home, list, nil
}

// tracking is what other capabilities know of a tracking issue.
func (t Tracker) tracking(s Settings) release.Tracking {
	return release.Tracking{
		Version: t.Version, Branch: s.branchOf(t.Version), Number: t.Issue.Number, URL: t.Issue.URL,
		Closed: t.End != nil || t.Issue.State != github.Open,
	}
}
