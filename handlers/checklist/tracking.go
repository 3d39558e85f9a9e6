package checklist

import (
	"context"
	"errors"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Tracking is what a tracking issue is about; found is false for another issue.
func (h *Handler) Tracking(ctx context.Context, repo github.Repo, number int) (one release.Tracking, found bool, err error) {
	t, err := h.tracked(ctx, repo, number)
	switch {
	case errors.As(err, new(reconcile.Nothing)):
		return one, false, nil
	case err != nil:
		return one, false, err
	}
	return t.Tracker.tracking(t.Settings), true, nil
}

// Home is the repository with the tracking issues, of the owner of a repository;
// found is false when the policy names none.
func (h *Handler) Home(ctx context.Context, repo github.Repo) (home github.Repo, found bool, err error) {
	_, s, err := h.policy(ctx, repo)
	return s.homeOf(repo), err == nil && s.Home != "", err
}

// Blockers are the open blockers of a version's release, by the policy of a
// repository: with none in it, there are none. Only a limit is an error; anything
// else that keeps them from being counted makes them unknown.
func (h *Handler) Blockers(ctx context.Context, repo github.Repo, v release.Version) (b release.Blockers, err error) {
	_, s, err := h.policy(ctx, repo)
	if err != nil || s.Home == "" || s.Blockers.Label == "" {
		return b, err
	}
	tracker := 0
	trackers, _, err := h.trackers(ctx, s.homeOf(repo))
	for _, t := range trackers {
		if t.Version == v.Final() {
			tracker = t.Issue.Number
		}
	}
	var list []github.Labelled
	if err == nil {
		list, err = h.blockers(ctx, s, s.homeOf(repo), v.Final(), tracker)
	}
	if err != nil && limited(err) {
		return b, err
	}
	b.Unknown = err != nil
	for _, l := range list {
		b.Open = append(b.Open, fmt.Sprintf("[#%d](%s) %s", l.Number, l.URL, effect.Inert(l.Title, maxTitle)))
	}
	return b, nil
}

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
