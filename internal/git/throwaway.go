package git

import (
	"context"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// PushThrowaway brings a commit with all that it holds to GitHub under the throwaway ref of
// a branch, wherever an earlier try has left that. A refusal is a *Rejected.
func (r *Repository) PushThrowaway(ctx context.Context, commit string, of release.Branch) error {
	ref := effect.Throwaway(of)
	if r.access == nil {
		return fmt.Errorf("push to %s: this repository has no remote", ref)
	}
	if _, err := release.ParseBranch(of.String()); err != nil {
		return fmt.Errorf("%q is not a branch name: %w", of, err)
	}
	if !isID(commit) {
		return fmt.Errorf("push %q: not a commit id", commit)
	}
	return r.pushRef(ctx, commit, ref, release.Branch(ref), "--force")
}

// FetchMade fetches commits that GitHub has made of trees that are here, by the last one,
// and so much below them as every fetch does: a commit that is cut off can't be pushed.
func (r *Repository) FetchMade(ctx context.Context, commit string, commits int) error {
	if !isID(commit) {
		return fmt.Errorf("fetch %q: not a commit id", commit)
	}
	one, err := acquire(ctx, r.fetchLock, true)
	if err != nil {
		return err
	}
	defer one.release()
	if err := r.fetch(ctx, specsOf([]string{commit}), nil, fmt.Sprintf("--depth=%d", commits+2)); err != nil {
		return err
	}
	return r.copyShallow()
}
