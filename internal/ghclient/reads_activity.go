package ghclient

import (
	"context"
	"errors"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// HeadMoves lists the moves by which a branch came to a commit, back to the making of
// the branch, the newest first. The branch may be a fork's; it is asked for as the
// installation that reaches repo, so a fork that isn't public has none to show. whole
// says that these are all, and that it is known whose each is.
func (c *Client) HeadMoves(ctx context.Context, repo, head github.Repo, branch release.Branch, commit string) (moves []github.HeadMove, whole bool, err error) {
	got, err := movesMemo.read(ctx, c, github.MovesCacheKey(repo, head, branch, commit), func() (knownMoves, error) {
		k, err := c.readMoves(ctx, repo, head, branch, commit)
		var refused *reconcile.RefusedError
		if errors.Is(err, ErrNotFound) || errors.As(err, &refused) {
			err = nil
		}
		return k, err
	})
	return got.Moves, got.Whole, err
}

// knownMoves is what is remembered of a branch's moves. Only the whole of it is used.
type knownMoves struct {
	Moves []github.HeadMove
	Whole bool
}

func (c *Client) readMoves(ctx context.Context, repo, head github.Repo, branch release.Branch, commit string) (k knownMoves, err error) {
	reached, known := false, true
	_, err = c.activity(ctx, repo, head, branch, func(m github.BranchMove) bool {
		if reached = reached || m.After == commit; !reached {
			return false // what came later
		}
		known = known && m.By.ID != 0 // it may be somebody's who is gone
		k.Moves = append(k.Moves, github.HeadMove{Before: m.Before, After: m.After, By: m.By})
		k.Whole = known && m.Before == "" // back to the making of the branch
		return m.Before == ""
	})
	return k, err
}
