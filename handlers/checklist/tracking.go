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

// Blockers are the open blockers of a tracking issue's release, each as people
// read it.
func (h *Handler) Blockers(ctx context.Context, repo github.Repo, number int) (open []string, err error) {
	t, s, err := h.tracker(ctx, repo, number)
	if err != nil || t == nil || s.Blockers.Label == "" {
		return nil, err
	}
	list, err := h.blockers(ctx, s, *t)
	for _, l := range list {
		open = append(open, fmt.Sprintf("#%d %s", l.Number, effect.Inert(l.Title, maxTitle)))
	}
	return open, err
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
