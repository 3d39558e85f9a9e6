package build

import (
	"context"
	"slices"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// builtWithin is how many texts of the build's file are looked through. It
// bounds what somebody's pull request can cost.
const builtWithin = 40

// built looks for the build of a version, and how it came out: the newest of those
// that the build's file has named on the branch. reported reads what is reported on a
// commit.
func (h *Handler) built(ctx context.Context, p place, branch release.Branch, v release.Version, reported func(commit string) ([]github.StatusCheck, error)) (Built, error) {
	one, whole, err := h.startOf(ctx, p, Build, branch, v)
	switch {
	case err != nil:
		return NotBuilt, err
	case one == nil && !whole:
		return Unsure, nil
	case one == nil:
		return NotBuilt, nil
	}
	list, err := reported(one.Commit)
	if err != nil {
		return NotBuilt, err
	}
	return p.sorted(list, Build).built(), nil
}

// publishingOn reports whether a version that was published on a branch is under way
// still, as far as it has been heard of lately.
func (h *Handler) publishingOn(ctx context.Context, p place, branch release.Branch, v release.Version) (bool, error) {
	one, _, err := h.startOf(ctx, p, Publish, branch, v)
	if err != nil || one == nil {
		return false, err
	}
	err = h.observeReports(ctx, p, one)
	return one.underWay(p.Now, time.Duration(p.Settings.Triggers.Silence)), err
}

// startOf finds the newest build or publish of a version on a branch, and whose merge
// it was; nil when there is none. whole says that all texts that the branch has had of its own
// were looked through: it has no more, or the oldest of them names a version of another branch,
// so it is from before the branch was cut.
func (h *Handler) startOf(ctx context.Context, p place, purpose Purpose, branch release.Branch, v release.Version) (one *started, whole bool, err error) {
	texts, whole, err := h.GitHub.FileHistory(ctx, p.builder(), branch, p.Settings.Triggers.path(purpose), builtWithin)
	if err != nil {
		return nil, false, err
	}
	for _, text := range texts {
		if is, err := p.Settings.Triggers.read(text.Text); err == nil && is == v {
			one := &started{Purpose: purpose, Version: v, Branch: branch, Commit: text.Commit, At: text.At}
			return one, whole, h.observeMerge(ctx, p, one)
		}
	}
	return nil, whole || p.Settings.Triggers.cutBefore(texts, branch), nil
}

// cutBefore reports that the oldest of some texts, the newest first, that names a version names one of another branch.
func (t Triggers) cutBefore(texts []github.FileText, branch release.Branch) bool {
	for _, text := range slices.Backward(texts) {
		if v, err := t.read(text.Text); err == nil {
			belongs, numbered := v.Of(branch)
			return numbered && !belongs
		}
	}
	return false
}
