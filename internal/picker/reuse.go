package picker

import (
	"context"
	"errors"
	"slices"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/git"
)

// reuse has a pick in conflict follow the first resolution of the same change that has something
// of the same conflict; like is zero if none has. A resolution that GitHub doesn't give out any
// more, or that is too large, resolves nothing.
func reuse(ctx context.Context, r *git.Repository, p git.Pick, c effect.Change) (git.Pick, effect.Resolved, []git.Reused, error) {
	for _, one := range c.Resolved {
		now, reused, err := r.Reuse(ctx, p, c.Target.String(), git.Resolved{Branch: one.Branch.String(), Onto: one.Onto, Commit: one.Commit})
		var large *git.TooLargeError
		switch {
		case errors.Is(err, git.ErrNoCommit), errors.As(err, &large):
		case err != nil:
			return p, effect.Resolved{}, nil, err
		case len(reused) > 0:
			return now, one, reused, nil
		}
	}
	return p, effect.Resolved{}, nil, nil
}

// noteFor is what the message of a commit says that follows a resolution: what is left of the
// conflict, too.
func noteFor(c effect.Change, like effect.Resolved, p git.Pick, reused []git.Reused) string {
	whole := len(reused) == len(p.Conflicts) && !slices.ContainsFunc(reused, func(one git.Reused) bool { return one.Left > 0 })
	if whole {
		return like.Note
	}
	return c.Note + "\n" + like.Note
}

func (m made) reusedAt(path string) effect.Reused {
	for _, one := range m.reused {
		if one.Path == path {
			return effect.Reused{Places: one.Places, Left: one.Left, Diff: one.Diff}
		}
	}
	return effect.Reused{}
}
