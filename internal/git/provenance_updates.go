package git

import (
	"context"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// updates are the commits of a pull request that merge its target and come to
// what git merges by itself: whoever made them has written none of it. One that
// can't be read is none.
func (r *Repository) updates(ctx context.Context, q provenance.Question) ([]string, error) {
	if q.MergeBase == "" {
		return nil, nil
	}
	w, err := r.walk(ctx, q.Head, q.MergeBase)
	if err != nil {
		return nil, err
	}
	merges := slices.DeleteFunc(w.own, func(c Commit) bool { return len(w.parents(c)) != 2 })
	var found []string
	for _, c := range merges[:min(len(merges), maxWalk)] {
		pure, err := r.update(ctx, c, q.MergeBase)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && pure {
			found = append(found, c.ID)
		}
	}
	return found, nil
}

func (r *Repository) update(ctx context.Context, c Commit, mergeBase string) (bool, error) {
	if c.Parents[1] != mergeBase {
		if ok, err := r.ancestor(ctx, c.Parents[1], mergeBase); err != nil || !ok {
			return false, err
		}
	}
	m, err := r.mergeCommits(ctx, c.Parents[0], c.Parents[1])
	return err == nil && len(m.conflicts) == 0 && m.tree == c.Tree, err
}
