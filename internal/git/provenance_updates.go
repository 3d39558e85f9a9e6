package git

import (
	"context"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// updates are the commits of a pull request that merge its target and come to
// what git merges by itself: whoever made them has written none of it. One that
// can't be read is none.
func (r *Repository) updates(ctx context.Context, q provenance.Question) ([]string, error) {
	if q.MergeBase == "" {
		return nil, nil
	}
	out, err := r.local(ctx, nil, "rev-list", "--min-parents=2", "--max-parents=2", "-"+strconv.Itoa(maxWalk), q.Head, "^"+q.MergeBase)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, id := range strings.Fields(string(out)) {
		pure, err := r.update(ctx, id, q.MergeBase)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && pure {
			found = append(found, id)
		}
	}
	return found, nil
}

func (r *Repository) update(ctx context.Context, id, mergeBase string) (bool, error) {
	c, err := r.Commit(ctx, id)
	if err != nil {
		return false, err
	}
	if c.Parents[1] != mergeBase {
		if ok, err := r.ancestor(ctx, c.Parents[1], mergeBase); err != nil || !ok {
			return false, err
		}
	}
	m, err := r.mergeCommits(ctx, c.Parents[0], c.Parents[1])
	return err == nil && len(m.conflicts) == 0 && m.tree == c.Tree, err
}
