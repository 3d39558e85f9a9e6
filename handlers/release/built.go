package release

import (
	"context"

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
	commit, b, err := h.buildCommit(ctx, s, branch, v)
	if err != nil || commit == "" {
		return b, err
	}
	r, err := h.reported(ctx, s, s.Settings.Triggers.builder(s.Key.Repo), commit, Build)
	switch r.outcome() {
	case failed:
		b = BuildFailed
	case unheard, running:
		b = Unfinished
	}
	return b, err
}

// buildCommit finds the commit that started the newest build of a version on a
// branch; "" when there is none, or nobody can tell.
func (h *Handler) buildCommit(ctx context.Context, s *Snapshot, branch release.Branch, v release.Version) (commit string, b Built, err error) {
	texts, whole, err := h.GitHub.FileHistory(ctx, s.Settings.Triggers.builder(s.Key.Repo), branch, string(s.Settings.Triggers.Build), builtWithin)
	if err != nil {
		return "", NotBuilt, err
	}
	for _, one := range texts {
		if is, err := ReadTrigger(one.Text); err == nil && is == v {
			return one.Commit, WasBuilt, nil
		}
	}
	if !whole {
		return "", Unsure, nil
	}
	return "", NotBuilt, nil
}
