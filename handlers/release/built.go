package release

import (
	"context"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// builtWithin is how many texts of the build's file are looked through. It
// bounds what somebody's pull request can cost.
const builtWithin = 40

// built looks for the build of a version, and how it came out: the newest of those
// that the build's file has named on the branch.
func (h *Handler) built(ctx context.Context, s *Snapshot, branch release.Branch, text string) (Built, error) {
	v, err := ReadTrigger(text)
	if err != nil {
		return NotBuilt, nil // it is refused anyway
	}
	one, whole, err := h.startOf(ctx, s, Build, branch, v)
	switch {
	case err != nil:
		return NotBuilt, err
	case one == nil && !whole:
		return Unsure, nil
	case one == nil:
		return NotBuilt, nil
	}
	return one.built(), nil
}

// publishingOn reports whether a version that was published on a branch is under way
// still, as far as it has been heard of lately.
func (h *Handler) publishingOn(ctx context.Context, s *Snapshot, branch release.Branch, v release.Version, now time.Time) (bool, error) {
	one, _, err := h.startOf(ctx, s, Publish, branch, v)
	return one != nil && one.underWay(now, time.Duration(s.Settings.Triggers.Silence)), err
}

// startOf finds the newest build or publish of a version on a branch, and what is
// reported on it; nil when there is none. whole says that there are no more texts than
// were looked through.
func (h *Handler) startOf(ctx context.Context, s *Snapshot, p Purpose, branch release.Branch, v release.Version) (one *started, whole bool, err error) {
	builder := s.Settings.Triggers.builder(s.Key.Repo)
	texts, whole, err := h.GitHub.FileHistory(ctx, builder, branch, s.Settings.Triggers.path(p), builtWithin)
	if err != nil {
		return nil, false, err
	}
	for _, text := range texts {
		if is, err := ReadTrigger(text.Text); err == nil && is == v {
			one := &started{Purpose: p, Version: v, Branch: branch, Commit: text.Commit, At: text.At}
			return one, whole, h.observeStarted(ctx, s, one)
		}
	}
	return nil, whole, nil
}
