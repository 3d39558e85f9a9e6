package checklist

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Tracking is what a tracking issue is about; found is false for another issue.
func (h *Handler) Tracking(ctx context.Context, repo github.Repo, number int) (one release.Tracking, found bool, err error) {
	t, s, err := h.tracker(ctx, repo, number)
	if err != nil || t == nil {
		return one, false, err
	}
	return t.tracking(s), true, nil
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

// tracker finds a tracking issue, nil for none.
func (h *Handler) tracker(ctx context.Context, repo github.Repo, number int) (*Tracker, Settings, error) {
	_, s, err := h.policy(ctx, repo)
	if err != nil || !s.homeIs(repo) {
		return nil, s, err
	}
	all, _, err := h.trackers(ctx, repo)
	for i := range all {
		if all[i].Issue.Number == number {
			return &all[i], s, err
		}
	}
	return nil, s, err
}
